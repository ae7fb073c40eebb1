# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Many credentials, by their ids: as bytes that are kept, and as the digest that is approved.

An id is 16 bytes, written as 32 hexadecimal characters. A set is its ids, sorted, one behind
another, without anything between.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

CREDENTIAL_ID_BYTES: Final = 16
_HEX: Final = frozenset("0123456789abcdef")


def credentials_digest(packed: bytes) -> bytes:
    """Compute by what a set of credentials is known: SHA-256 of their sorted ids, one behind another."""
    return sha256(packed).digest()


def pack_credentials(credential_ids: Iterable[str]) -> bytes:
    """Write credential ids as bytes, each once, sorted."""
    return b"".join(sorted({bytes.fromhex(credential_id) for credential_id in credential_ids}))


def unpack_credentials(packed: bytes) -> list[str]:
    """Read what `pack_credentials` wrote."""
    return [
        packed[start : start + CREDENTIAL_ID_BYTES].hex()
        for start in range(0, len(packed), CREDENTIAL_ID_BYTES)
    ]


def is_credential_id(text: str) -> bool:
    """Say whether a text has the form of a credential id: 32 hexadecimal characters, small letters."""
    return len(text) == 2 * CREDENTIAL_ID_BYTES and _HEX.issuperset(text)
