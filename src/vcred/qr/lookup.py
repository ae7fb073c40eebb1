# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Following the numbers of a packed presentation into the ledger, and what a number to nowhere means.

A number at or beyond the reader's tree size, or the ordinal of a key, a base or an
audience that the reader has not seen, may be news: REFERENCE_UNKNOWN, never a bad
signature. A number below it that names an entry of another kind is malformed, for the
ledger does not change.

Spec: docs/spec/qr.md section 4.
"""

import re
from collections.abc import Sequence
from typing import Final

from vcred.codec.cbor import CborValue
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import DecodeError, RefusedError
from vcred.keys.algorithms import Algorithm
from vcred.limits import MAX_LOG_SIZE
from vcred.qr.references import References
from vcred.reasons import Reason

_NETWORK_BYTES: Final = 8
# At most 15 digits: a longer number is beyond any list, and beyond MAX_LOG_SIZE.
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)


def check_network(network: CborValue, references: References) -> None:
    """Refuse a presentation that refers to another ledger.

    Raises:
        RefusedError: ISSUER_UNKNOWN.
        DecodeError: Not the short form of a network's id.
    """
    if type(network) is not bytes or len(network) != _NETWORK_BYTES:
        raise DecodeError("packed presentation: no network")
    if network != references.network:
        raise RefusedError(
            Reason.ISSUER_UNKNOWN,
            "the code refers to another network",
            hint="this verifier trusts one network file; the code was made for another",
        )


def find_did(index: CborValue, references: References) -> str:
    """Return the DID that the entry at `index` created.

    Raises:
        RefusedError: REFERENCE_UNKNOWN: beyond the entries known here.
        DecodeError: Not an index, or an entry of another kind.
    """
    did = references.did_at(checked := _index(index, references.size))
    if did is None or references.did_index(did) != checked:
        raise DecodeError("packed presentation: a reference to an entry that creates no DID")
    return did


def find_key(did: str, ordinal: CborValue, references: References) -> tuple[str, Algorithm]:
    """Return the DID URL and algorithm of a verification method of `did`.

    Raises:
        RefusedError: REFERENCE_UNKNOWN: the DID has had fewer methods, as far as is known here.
        DecodeError: Not an ordinal.
    """
    checked = _ordinal(ordinal)
    found = references.key_at(did, checked)
    if found is None:
        raise _unknown("a key of the issuer")
    if references.key_ordinal(did, found[0]) != checked:
        raise DecodeError("packed presentation: a key by another number than its first")
    return found


def find_type(index: CborValue, references: References) -> tuple[str, TypeDefinition]:
    """Return the `vct` that the entry at `index` published, and its definition.

    Raises:
        RefusedError: REFERENCE_UNKNOWN: beyond the entries known here. TYPE_UNKNOWN: the
            definition itself is not held here.
        DecodeError: Not an index, or an entry of another kind.
    """
    vct = references.type_at(checked := _index(index, references.size))
    if vct is None or references.type_index(vct) != checked:
        raise DecodeError("packed presentation: a reference to an entry that publishes no type")
    definition = references.type_definition(vct)
    if definition is None:
        raise RefusedError(
            Reason.TYPE_UNKNOWN,
            "the definition of the credential's type is not held here",
            hint="import a trust bundle that carries it",
        )
    return vct, definition


def find_status_list(did: str, base: CborValue, number: CborValue, references: References) -> str:
    """Return the URI of status list `number` under base `base` of `did`.

    Raises:
        RefusedError: REFERENCE_UNKNOWN: the DID has had fewer bases, as far as is known here.
        DecodeError: Not ordinals, or an earlier base gives the same URI.
    """
    checked, bases = _ordinal(base), references.status_bases(did)
    if checked >= len(bases):
        raise _unknown("a status service of the issuer")
    uri = f"{bases[checked]}{_ordinal(number)}"
    if checked and status_list_number(uri, bases[:checked]) is not None:
        raise DecodeError("packed presentation: a status list by another number than its first")
    return uri


def status_list_number(uri: str, bases: Sequence[str]) -> tuple[int, int] | None:
    """Return the first base that `uri` continues with a plain number, and that number; else None."""
    for ordinal, base in enumerate(bases):
        digits = uri.removeprefix(base)
        if uri.startswith(base) and _NUMBER.fullmatch(digits):
            return ordinal, int(digits)
    return None


def _index(number: CborValue, size: int) -> int:
    """Return an index of an entry that is known here."""
    checked = _ordinal(number)
    if checked >= size:
        raise _unknown("an entry of the ledger")
    return checked


def _ordinal(number: CborValue) -> int:
    if type(number) is not int or not 0 <= number <= MAX_LOG_SIZE:
        raise DecodeError("packed presentation: a number is missing or out of range")
    return number


def _unknown(what: str) -> RefusedError:
    return RefusedError(
        Reason.REFERENCE_UNKNOWN,
        f"the code refers to {what} that is not known here yet",
        hint="import a newer trust bundle",
    )
