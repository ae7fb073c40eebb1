# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who issued a credential, and who vouches for that: names as the ledger has them, in a language.

A name is shown and never decided upon. It is somebody's text: not yet fit for a terminal, see
`vcred.text.sanitise`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vcred.trust.belief import Belief

# Whoever reads one way of writing Chinese reads the other more easily than English.
_NEAREST: Final = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans"}
_ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One accreditation that covers a credential.

    Attributes:
        authority: DID of the authority that accredited the issuer.
        authority_name: Its name; its DID where it has none.
        jurisdiction: Code of the place for which it did, such as "MO".
        jurisdiction_name: Its name; its code where it has none.
    """

    authority: str
    authority_name: str
    jurisdiction: str
    jurisdiction_name: str


def choose_name(names: Mapping[str, object], language: str) -> str | None:
    """Choose one of the names by language: this one's, the nearest, English, or any; None without one."""
    for wanted in (language, _NEAREST.get(language, _ENGLISH), _ENGLISH, *sorted(names)):
        name = names.get(wanted)
        if isinstance(name, str) and name:
            return name
    return None


def organisation_name(belief: Belief | None, did: str, language: str) -> str | None:
    """Name the organisation of a DID; None of a stranger, or where no bundle is held."""
    organisation = None if belief is None else belief.organisation(did)
    return None if organisation is None else choose_name(organisation.name, language)


def place_name(belief: Belief | None, code: str, language: str) -> str:
    """Name a jurisdiction; its code where the ledger has no name for it."""
    names = {} if belief is None else belief.ledger_network.jurisdictions.get(code, {})
    return choose_name(names, language) or code


def vouchers_of(
    belief: Belief | None, issuer: str, vct: str, *, issued_at: int, language: str
) -> tuple[Voucher, ...]:
    """List who accredited an issuer so that it covers a credential, in the order of the ledger.

    Args:
        belief: Of the wallet's bundle; None without one, and then nobody is known.
        issuer: DID.
        vct: Type of the credential.
        issued_at: Its `iat`, NumericDate.
        language: Of the names.

    Spec: docs/spec/ledger-entries.md, issuer.accredit.
    """
    if belief is None:
        return ()
    return tuple(
        [
            Voucher(
                authority=item.author,
                authority_name=organisation_name(belief, item.author, language) or item.author,
                jurisdiction=item.jurisdiction,
                jurisdiction_name=place_name(belief, item.jurisdiction, language),
            )
            for item in belief.accreditations(issuer, vct)
            if item.covers(issued_at)
        ]
    )
