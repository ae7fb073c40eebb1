# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a wallet holds, in words and as JSON: what it is, who issued it, who trusts them, until when.

All names come from the ledger or from the credential, and pass the sanitiser before they are
measured or printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from vcred.cli.output import print_line
from vcred.cli.times import time_text
from vcred.codec.json_types import JsonObject
from vcred.text.columns import pad, width
from vcred.text.sanitise import sanitise
from vcred.text.scripts import is_mixed_script
from vcred.text.states import describe_state, say_state
from vcred.text.words import Words
from vcred.trust.belief import Belief
from vcred.wallet.detail import type_label as named
from vcred.wallet.holding import Holding
from vcred.wallet.parties import organisation_name, place_name

_MAX_NAME_COLUMNS = 30
_STATE_COLUMNS = 10
_GAP = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """To whom it is told: in which words, with the names of which belief (None: of none)."""

    words: Words
    belief: Belief | None


def holding_json(holding: Holding) -> JsonObject:
    """One name of a wallet as commands print it; its times are texts."""
    copies: JsonObject | None = {"total": holding.copies, "left": holding.left} if holding.copies else None
    return {
        "name": holding.name,
        "type": holding.type,
        "issuer": holding.issuer,
        "state": str(holding.standing.state),
        "as_of": time_text(holding.standing.as_of),
        "expires_at": time_text(holding.expires_at),
        "received_at": time_text(holding.received_at),
        "copies": copies,
    }


def tell_list(holdings: Sequence[Holding], reader: Reader) -> None:
    """Print one line for each name, in columns."""
    words = reader.words
    rows = [
        (
            words.gettext("Name"),
            words.gettext("State"),
            words.gettext("Until"),
            words.gettext("Known as of"),
            words.gettext("Issuer"),
        )
    ]
    rows += [_row(holding, reader) for holding in holdings]
    widths = [
        min(_MAX_NAME_COLUMNS, max(width(cell) for cell in column)) for column in zip(*rows, strict=True)
    ]
    for *cells, last in rows:
        columns = [pad(cell, columns) for cell, columns in zip(cells, widths, strict=False)]
        print_line(_GAP.join([*columns, last]))


def tell_holding(holding: Holding, reader: Reader) -> None:
    """Print what one name is, a line for each thing that is said of it."""
    words = reader.words
    lines = [
        (words.gettext("Type"), type_label(holding, reader)),
        (words.gettext("Issuer"), organisation_label(holding.issuer, reader)),
        (words.gettext("Trusted by"), trusted_by(holding, reader)),
        (words.gettext("State"), _state_sentence(holding, words)),
        (words.gettext("Until"), _until(holding, words)),
        (words.gettext("Received"), moment(holding.received_at, words)),
    ]
    if holding.copies:
        lines.append((words.gettext("Copies"), _copies(holding, words)))
    widest = max(width(label) for label, _ in lines)
    print_line(sanitise(holding.name))
    for label, text in lines:
        print_line(_GAP + pad(label, widest) + _GAP + text)


def type_label(holding: Holding, reader: Reader) -> str:
    """The name of a type in the language; its own name where no bundle is held."""
    return sanitise(named(reader.belief, holding.type, holding.type_name, reader.words.language))


def organisation_label(did: str, reader: Reader) -> str:
    """The name of an organisation as the ledger has it; its DID where the ledger has none.

    Letters of several scripts in one name are said so: they may not be what they look like (CLI-07).
    """
    name = organisation_name(reader.belief, did, reader.words.language) or did
    if not is_mixed_script(name):
        return sanitise(name)
    return reader.words.gettext("%(name)s (mixes scripts: letters may not be what they look like)") % {
        "name": sanitise(name)
    }


def trusted_by(holding: Holding, reader: Reader) -> str:
    """By whose word the issuer counts for this type, and where."""
    belief, words = reader.belief, reader.words
    found = () if belief is None else belief.accreditations(holding.issuer, holding.type)
    if belief is None or not found:
        return words.gettext("nobody that is known here")
    told = [
        words.gettext("%(authority)s, %(place)s")
        % {
            "authority": organisation_label(item.author, reader),
            "place": sanitise(place_name(belief, item.jurisdiction, words.language)),
        }
        for item in found
        if not item.void
    ]
    return words.list(dict.fromkeys(told)) if told else words.gettext("nobody that is known here")


# Lists have one time of knowing for all, and one end for many.
@lru_cache(maxsize=1024)
def moment(seconds: int, words: Words) -> str:
    """A NumericDate as the holder reads it, by the clock of this machine."""
    at = datetime.fromtimestamp(seconds, UTC)
    return words.datetime(at, at.astimezone().tzinfo or UTC)


def _row(holding: Holding, reader: Reader) -> tuple[str, str, str, str, str]:
    words = reader.words
    as_of = holding.standing.as_of
    issuer = organisation_label(holding.issuer, reader)
    return (
        sanitise(holding.name),
        pad(say_state(str(holding.standing.state), words), _STATE_COLUMNS),
        _until(holding, words),
        words.gettext("never") if as_of is None else moment(as_of, words),
        f"{issuer}{_GAP}{_copies(holding, words)}" if holding.copies else issuer,
    )


def _state_sentence(holding: Holding, words: Words) -> str:
    state = describe_state(str(holding.standing.state), words)
    if holding.standing.as_of is None:
        return state
    return words.gettext("%(state)s (as of %(time)s)") % {
        "state": state,
        "time": moment(holding.standing.as_of, words),
    }


def _until(holding: Holding, words: Words) -> str:
    if holding.expires_at is None:
        return words.gettext("no end")
    return moment(holding.expires_at, words)


def _copies(holding: Holding, words: Words) -> str:
    return words.ngettext(
        "%(left)s of %(total)s copy left", "%(left)s of %(total)s copies left", holding.copies
    ) % {
        "left": words.number(holding.left),
        "total": words.number(holding.copies),
    }
