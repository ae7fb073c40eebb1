# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet add`: credentials come in, each verified in full before it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.credential_inputs import Found, read_credentials
from vcred.cli.exits import DONE, REJECTED
from vcred.cli.holding_words import Reader, holding_json, tell_holding
from vcred.cli.output import print_json, say
from vcred.cli.wallets import OpenWallet, open_wallet, wallet_options
from vcred.codec.json_types import JsonObject
from vcred.errors import StoreError, UsageError, VcredError
from vcred.text.reasons import explain_reason
from vcred.text.words import Words
from vcred.wallet.engines.credentials import Received


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What became of one credential: kept, or refused."""

    place: str
    received: Received | None = None
    error: VcredError | None = None


@command(
    "add",
    example="vcred wallet add HC0000001.sdjwt --home holder-1\n"
    "vcred wallet add code.png sealed.jwe copies.jsonl --home holder-1\n"
    "vcred wallet add - --name travel --home holder-1 --json < credential.txt",
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("--name", metavar="NAME", help="What to call it; else it is called after its type.")
@wallet_options
def add(
    context: click.Context, *, inputs: tuple[str, ...], name: str | None, as_json: bool, **opening: Any
) -> int:
    """Verify credentials and keep them

    INPUT is a file with a credential as text, one that is sealed to this wallet, several of them one a
    line or as "vcred issue" writes them (.jsonl), or a PNG or JPEG picture of a code that holds one; "-" is
    stdin. Each is judged as a gate would, on the trust bundle of this wallet, and kept only then. All
    are tried; the exit code is 1 if one of them was refused.
    """
    found = read_credentials(inputs)
    if name is not None and len(found) > 1:
        raise UsageError(
            "a name is for one credential",
            hint='add them without --name, then "vcred wallet rename NAME NEW"',
        )
    with open_wallet(context, **opening) as opened:
        tried = [_try(opened, one, name) for one in found]
        if len(tried) == 1 and tried[0].error is not None:
            raise tried[0].error
        # What was kept first may be one of several copies by now.
        tried = [_as_kept(opened, one) for one in tried]
        if as_json:
            print_json(_as_json(tried))
        else:
            _tell(tried, Reader(words=opened.words, belief=opened.belief()))
    return REJECTED if any(one.error is not None for one in tried) else DONE


def _try(opened: OpenWallet, found: Found, name: str | None) -> _Tried:
    """Keep one credential, or say why not. What the system refuses ends the command."""
    if found.error is not None:
        return _Tried(place=found.place, error=found.error)
    try:
        received = opened.wallet.credentials.receive(found.text, name=name)
    except StoreError:
        raise
    except VcredError as error:
        return _Tried(place=found.place, error=error)
    return _Tried(place=found.place, received=received)


def _as_kept(opened: OpenWallet, tried: _Tried) -> _Tried:
    if tried.received is None:
        return tried
    holding = opened.wallet.credentials.holding(tried.received.holding.name)
    return _Tried(place=tried.place, received=Received(holding=holding, is_new=tried.received.is_new))


def _as_json(tried: Sequence[_Tried]) -> JsonObject:
    return {
        "stored": [
            {"input": one.place, "is_new": one.received.is_new, **holding_json(one.received.holding)}
            for one in tried
            if one.received is not None
        ],
        "refused": [
            {"input": one.place, "code": _code(one.error), "message": str(one.error)}
            for one in tried
            if one.error is not None
        ],
    }


def _tell(tried: Sequence[_Tried], reader: Reader) -> None:
    """Show each name that something was kept under, once; then what was refused, and the numbers."""
    words = reader.words
    kept = {one.received.holding.name: one.received.holding for one in tried if one.received is not None}
    for holding in kept.values():
        tell_holding(holding, reader)
    for one in tried:
        if one.error is not None:
            say(
                words.gettext("%(input)s: not kept: %(why)s")
                % {"input": one.place, "why": _why(one.error, words)}
            )
        elif one.received is not None and not one.received.is_new:
            say(words.gettext("%(input)s: the wallet holds it already") % {"input": one.place})
    new = sum(one.received is not None and one.received.is_new for one in tried)
    say(
        words.ngettext("%(number)s credential kept", "%(number)s credentials kept", new)
        % {"number": words.number(new)}
    )


def _why(error: VcredError, words: Words) -> str:
    reason = getattr(error, "reason", None)
    if reason is None or words.language == "en":
        return f"{error} ({_code(error)})"
    sentence, _ = explain_reason(reason, words.language)
    return f"{sentence} ({reason})"


def _code(error: VcredError) -> str:
    return str(getattr(error, "reason", None) or error.code)
