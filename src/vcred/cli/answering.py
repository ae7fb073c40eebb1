# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A request is answered only after its holder was told who asks for what, and agreed.

The name comes from the ledger and never from the request. Who is not registered there is unknown, and
what is asked beyond the registration is excess: for both the default is No (threats: WAL-09, VP-14), and
for a purpose that is not the registered one. What others wrote stands in quotation marks (CLI-06).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vcred.cli.holding_words import Reader, moment
from vcred.cli.output import say
from vcred.cli.questions import agree
from vcred.cli.secret_input import can_ask
from vcred.codec.json_types import JsonObject
from vcred.errors import UsageError
from vcred.text.words import Words
from vcred.verifier.asking import AskedRequest, Registered, Standing, excess_claims
from vcred.wallet.parties import choose_name
from vcred.wallet.sentences import asker_name, is_name_deceptive, name_in, quotable

_FLAG_HINT = "a script says so with --to-unknown"
_MAX_PURPOSE = 400


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
        """Whether the ledger has this asker registered for all that would be shown, and for this purpose.

        Spec: docs/spec/requests.md section 5.
        """
        asked = self.asked
        # Claims that are registered for one purpose do not count for another.
        return asked.standing is Standing.REGISTERED and asked.is_purpose_registered and not self.excess


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
        raise UsageError(_refusal(answer, words), hint=_FLAG_HINT)


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
    registration, name = asked.registration, asker_name(asked, words)
    if registration is None:
        say(words.gettext("Asked by somebody unknown: the ledger has nobody registered who asks like this"))
    else:
        say(
            words.gettext("Asked by “%(name)s”, registered in %(place)s")
            % {"name": name, "place": _place(registration, words)}
        )
    if is_name_deceptive(asked, words):
        say(words.gettext("⚠ This name mixes letters of several scripts: look twice."))
    purpose = _purpose(asked.request.purpose)
    say(words.gettext("For, in their own words: “%(purpose)s”") % {"purpose": purpose})
    if registration is not None and not asked.is_purpose_registered:
        known = _purpose(choose_name(registration.purpose, words.language) or "")
        say(words.gettext("Registered is another purpose: “%(purpose)s”") % {"purpose": known})
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
    """Ask with all that would be shown: what is always shown is not chosen, and shown all the same (H15)."""
    words = reader.words
    always = _paths(answer.always_shown) or words.gettext("what is always shown")
    claims = ", ".join([always, *map(quotable, answer.paths)])
    name = asker_name(answer.asked, words)
    if name is None:
        return words.gettext("Show %(claims)s to somebody unknown?") % {"claims": claims}
    return words.gettext("Show %(claims)s to “%(name)s”?") % {"claims": claims, "name": name}


def _refusal(answer: Answer, words: Words) -> str:
    asked = answer.asked
    if asked.standing is Standing.REGISTERED and not asked.is_purpose_registered and not answer.excess:
        return words.gettext(
            "the ledger does not have this asker registered for this purpose: nothing was shown"
        )
    return words.gettext("the ledger does not have this asker registered for these claims: nothing was shown")


def _paths(paths: Sequence[str]) -> str:
    return ", ".join(map(quotable, paths))


def _purpose(text: str) -> str:
    return quotable(text, max_characters=_MAX_PURPOSE)


def _place(registration: Registered, words: Words) -> str:
    known = name_in(registration.jurisdiction_name, words.language)
    return known or quotable(registration.jurisdiction)
