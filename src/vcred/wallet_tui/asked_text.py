# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A request in words, for a screen or for plain text: who asks, what for, what for is lacking.

Every line is sanitised. What the asker wrote stands in quotation marks; whether the ledger knows them
stands first, and is the wallet's own sentence (threats: WAL-09, CLI-06).
"""

from datetime import UTC, datetime, tzinfo

from vcred.text.words import Words
from vcred.verifier.asking import AskedRequest, Standing
from vcred.wallet.answering import Answerable, OfferedUnit
from vcred.wallet.sentences import asker_name, is_name_deceptive, say_authority, say_purpose
from vcred.wallet_tui.widgets.text import foreign


def say_asker(asked: AskedRequest, words: Words) -> tuple[str, ...]:
    """Who asks. Of somebody unknown, loudly that they are."""
    did = foreign(asked.request.audience)
    if asked.standing is not Standing.REGISTERED:
        return (
            words.gettext("⚠ UNKNOWN: the ledger does not say who asks. Share nothing if you are not sure."),
            words.gettext("The asker calls itself %(did)s.") % {"did": did},
            *_unproved(asked, words),
        )
    lines = [words.gettext("“%(name)s” asks.") % {"name": asker_name(asked, words)}]
    if is_name_deceptive(asked, words):
        lines.append(words.gettext("⚠ This name mixes letters of several scripts: look twice."))
    return (*lines, say_authority(asked, words))


def say_request(asked: AskedRequest, words: Words, zone: tzinfo) -> tuple[str, ...]:
    """What for, until when it can be answered, and as of when the ledger is known that says so.

    Spec: docs/spec/requests.md section 5.
    """
    ends = datetime.fromtimestamp(asked.request.expires_at, UTC)
    until = words.gettext("It can be answered until %(time)s.") % {"time": words.time(ends, zone)}
    if asked.trust_as_of is None:
        return say_purpose(asked, words), until
    as_of = words.datetime(datetime.fromtimestamp(asked.trust_as_of, UTC), zone)
    known = words.gettext("The ledger is known here as of %(time)s.") % {"time": as_of}
    return say_purpose(asked, words), until, known


def say_lacking(answerable: Answerable, words: Words) -> tuple[str, ...]:
    """What was asked and will not be in the answer."""
    lines = []
    if answerable.missing:
        claims = words.list([foreign(label) for label in answerable.missing])
        lines.append(
            words.gettext("⚠ Asked, and not in this credential: %(claims)s. Nothing is ticked beforehand.")
            % {"claims": claims}
        )
    if answerable.together:
        claims = words.list([foreign(label) for label in answerable.together])
        lines.append(
            words.gettext("⚠ Asked, and here only together with more, which is not shown: %(claims)s.")
            % {"claims": claims}
        )
    return tuple(lines)


def say_excess(one: OfferedUnit, asked: AskedRequest, words: Words) -> tuple[str, ...]:
    """That something is asked for beyond what the asker is registered for; no line where it is not."""
    # Of somebody unknown everything is: that is said once, above.
    if not one.is_excess or asked.standing is not Standing.REGISTERED:
        return ()
    return (words.gettext("⚠ The asker is not registered to ask for this."),)


def _unproved(asked: AskedRequest, words: Words) -> tuple[str, ...]:
    if asked.is_signature_verified:
        return ()
    return (words.gettext("Anybody may have written this request: its signature cannot be checked."),)
