# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What will be shown, and to whom, in plain sentences that a holder reads before agreeing.

Names, labels and purposes are other people's: each is made `quotable` here and stands in quotation
marks or behind a colon, so that none can pass for a sentence of the wallet (threats: CLI-03, CLI-06,
H15).
"""

from collections.abc import Mapping
from typing import Final

from vcred.text.sanitise import sanitise
from vcred.text.scripts import is_mixed_script
from vcred.text.words import Words
from vcred.trust.belief import Belief
from vcred.verifier.asking import AskedRequest, Standing
from vcred.wallet.choosing import Disclosure, Portion
from vcred.wallet.parties import choose_name
from vcred.wallet.preview import Preview

_MAX_NAME: Final = 120
_MAX_LABEL: Final = 200
_MAX_PURPOSE: Final = 400


def quotable(text: str, *, max_characters: int = _MAX_LABEL) -> str:
    """Sanitise what others wrote, to stand within a sentence: runs of spaces become one.

    Else text that is padded to the edge of a terminal goes on where a line of ours would begin.
    """
    return " ".join(sanitise(text, max_characters=max_characters).split())


def name_in(names: Mapping[str, object], language: str) -> str:
    """As `choose_name`, quotable; "" where there is none."""
    return quotable(choose_name(names, language) or "", max_characters=_MAX_NAME)


def say_network(belief: Belief | None, network_id: str, words: Words) -> str:
    """Name a network for a person: by its jurisdictions; by its id where no bundle is held."""
    if belief is None:
        return sanitise(network_id)
    places = belief.ledger_network.jurisdictions
    return words.list([name_in(names, words.language) or sanitise(code) for code, names in places.items()])


def say_to_gates(disclosure: Disclosure, words: Words, *, network: str) -> str:
    """Say what a live code shows. `network` is from `say_network`."""
    claims = say_shown(disclosure, words)
    if not claims:
        return words.gettext(
            "You will show any gate of the network of %(network)s that you hold this credential, "
            "and none of its claims."
        ) % {"network": network}
    return words.gettext("You will show to any gate of the network of %(network)s: %(claims)s.") % {
        "network": network,
        "claims": claims,
    }


def say_to_asker(disclosure: Disclosure, words: Words, *, asked: AskedRequest) -> str:
    """Say what an answer shows, and to whom."""
    claims = say_shown(disclosure, words) or words.gettext("only that you hold this credential")
    name = asker_name(asked, words)
    if name is None:
        return words.gettext("You will show to somebody whom the wallet does not know: %(claims)s.") % {
            "claims": claims
        }
    return words.gettext("You will show to “%(name)s”: %(claims)s.") % {"name": name, "claims": claims}


def say_size(preview: Preview, words: Words) -> str:
    """Say how large the code is; or that none holds the choice, and what to leave out."""
    size = preview.size
    if size.symbol is not None and size.size_bytes is not None:
        return words.gettext("%(bytes)s bytes, QR version %(version)s-%(level)s") % {
            "bytes": words.number(size.size_bytes),
            "version": words.number(size.symbol.version),
            "level": str(size.symbol.level),
        }
    if not preview.to_drop:
        return words.gettext("This is too much for any code.")
    claims = words.list([quotable(label) for label in preview.to_drop])
    return words.gettext("This is too much for one code. Leave out: %(claims)s.") % {"claims": claims}


def say_shown(disclosure: Disclosure, words: Words) -> str:
    """Enumerate what is shown, what is always shown first; empty for nothing."""
    always = [quotable(label) for label in disclosure.always]
    return words.list([*always, *[_say_portion(one, words) for one in disclosure.shown]])


def say_withheld(disclosure: Disclosure, words: Words) -> str:
    """Say what is kept back."""
    if not disclosure.withheld:
        return words.gettext("Nothing is kept back.")
    claims = words.list([_say_portion(one, words) for one in disclosure.withheld])
    return words.gettext("Kept back: %(claims)s.") % {"claims": claims}


def asker_name(asked: AskedRequest, words: Words) -> str | None:
    """The asker's name from the ledger, in the holder's language; None for whom it does not name."""
    if asked.standing is not Standing.REGISTERED:
        return None
    # A name is never the request's own: anybody can write one there (threats: VP-14, WAL-09).
    return name_in(asked.name, words.language) or sanitise(asked.request.audience)


def is_name_deceptive(asked: AskedRequest, words: Words) -> bool:
    """Whether letters of another script play Latin ones in the asker's name (threats: CLI-07)."""
    return is_mixed_script(asker_name(asked, words) or "")


def say_authority(asked: AskedRequest, words: Words) -> str:
    """Say who vouches for the asker; empty for one who is unknown."""
    found = asked.registration
    if found is None:
        return ""
    return words.gettext("Registered by “%(authority)s” (%(place)s).") % {
        "authority": name_in(found.authority_name, words.language) or sanitise(found.authority),
        "place": name_in(found.jurisdiction_name, words.language) or sanitise(found.jurisdiction),
    }


def say_purpose(asked: AskedRequest, words: Words) -> str:
    """Say what for: in the words of the registration where it is the purpose registered there."""
    found = asked.registration
    own = quotable(asked.request.purpose, max_characters=_MAX_PURPOSE)
    if found is None:
        return words.gettext("The asker says what for, and nobody vouches for it: “%(purpose)s”.") % {
            "purpose": own
        }
    registered = quotable(choose_name(found.purpose, words.language) or "", max_characters=_MAX_PURPOSE)
    if asked.is_purpose_registered:
        return words.gettext("What for: “%(purpose)s”.") % {"purpose": registered}
    return words.gettext(
        "The asker says what for: “%(purpose)s”. Registered is another purpose: “%(registered)s”."
    ) % {"purpose": own, "registered": registered}


def _say_portion(portion: Portion, words: Words) -> str:
    label = quotable(portion.label)
    if not portion.claims:
        return label
    claims = words.list([quotable(claim) for claim in portion.claims])
    return words.gettext("%(group)s (%(claims)s)") % {"group": label, "claims": claims}
