# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A request is answered only after its holder was told who asks for what, and agreed.

The name comes from the ledger and never from the request. Who is not registered there is unknown, and
what is asked beyond the registration is excess: for both the default is No (threats: WAL-09, VP-14).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vcred.cli.holding_words import Reader, moment
from vcred.cli.output import say
from vcred.cli.questions import agree
from vcred.cli.secret_input import can_ask
from vcred.codec.json_types import JsonObject
from vcred.errors import UsageError
from vcred.text.sanitise import sanitise
from vcred.text.words import Words
from vcred.verifier.asking import AskedRequest, Standing, excess_claims
from vcred.wallet.parties import choose_name

_FLAG_HINT = "a script says so with --to-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What would be answered: the request, the chosen paths, and the name of the type."""

    asked: AskedRequest
    paths: Sequence[str]
    always_shown: tuple[str, ...]

    @property
    def excess(self) -> tuple[str, ...]:
        """The chosen paths that the asker is not registered to ask for."""
        registration = self.asked.registration
        registered = () if registration is None else registration.claims
        return excess_claims(tuple(self.paths), registered, always_shown=self.always_shown)

    @property
    def is_expected(self) -> bool:
        """Whether the ledger has this asker registered for all that would be shown."""
        return self.asked.standing is Standing.REGISTERED and not self.excess


def require_agreement(answer: Answer, reader: Reader, *, to_unknown: bool) -> None:
    """Say who asks for what, and go on only if the holder agrees.

    At a terminal the holder is asked. Without one, what the ledger vouches for is agreed to by the
    choice of the claims; everything else must have been said on the command line.

    Raises:
        UsageError: The holder does not agree, or nobody has said that an unknown asker is answered.
    """
    words = reader.words
    _tell(answer, reader)
    if can_ask():
        if not agree(_question(answer, reader), words, hint=_FLAG_HINT):
            raise UsageError(words.gettext("nothing was shown"))
        return
    if not answer.is_expected and not to_unknown:
        raise UsageError(
            words.gettext(
                "the ledger does not have this asker registered for these claims: nothing was shown"
            ),
            hint=_FLAG_HINT,
        )


def asked_json(asked: AskedRequest) -> JsonObject:
    """Who asked, as the ledger has it."""
    return {
        "audience": asked.request.audience,
        "standing": str(asked.standing),
        "name": {**asked.name} or None,
        "claims": [*asked.request.claims],
        "excess": [*asked.excess],
        "purpose": asked.request.purpose,
        "purpose_registered": asked.is_purpose_registered,
    }


def _tell(answer: Answer, reader: Reader) -> None:
    words, asked = reader.words, answer.asked
    registration = asked.registration
    if registration is None:
        say(words.gettext("Asked by somebody unknown: the ledger has nobody registered who asks like this"))
    else:
        say(
            words.gettext("Asked by %(name)s, registered in %(place)s")
            % {"name": _name(asked, words), "place": _place(asked, words)}
        )
    purpose = sanitise(asked.request.purpose)
    say(words.gettext("For, in their own words: %(purpose)s") % {"purpose": purpose})
    if registration is not None and not asked.is_purpose_registered:
        known = sanitise(choose_name(registration.purpose, words.language) or "")
        say(words.gettext("This is not the purpose that is registered: %(purpose)s") % {"purpose": known})
    say(words.gettext("Asked for: %(claims)s") % {"claims": _paths(asked.request.claims)})
    if asked.excess:
        say(
            words.gettext("Beyond what they are registered for: %(claims)s")
            % {"claims": _paths(asked.excess)}
        )
    if asked.trust_as_of is not None:
        say(
            words.gettext("The ledger is known here as of %(time)s")
            % {"time": moment(asked.trust_as_of, words)}
        )


def _question(answer: Answer, reader: Reader) -> str:
    words = reader.words
    claims = _paths(answer.paths) or words.gettext("what is always shown")
    if answer.asked.registration is None:
        return words.gettext("Show %(claims)s to somebody unknown?") % {"claims": claims}
    name = _name(answer.asked, words)
    return words.gettext("Show %(claims)s to %(name)s?") % {"claims": claims, "name": name}


def _paths(paths: Sequence[str]) -> str:
    return ", ".join([sanitise(path) for path in paths])


def _name(asked: AskedRequest, words: Words) -> str:
    return sanitise(choose_name(asked.name, words.language) or asked.request.audience)


def _place(asked: AskedRequest, words: Words) -> str:
    if asked.registration is None:
        return ""
    known = asked.registration.jurisdiction_name
    return sanitise(choose_name(known, words.language) or asked.registration.jurisdiction)
