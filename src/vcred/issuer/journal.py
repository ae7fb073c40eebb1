# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the issuer remembers of each credential, and in which order it becomes durable.

    (nothing) -> ALLOTTED -> SIGNED -> DELIVERED

    ALLOTTED   its status index is taken, for ever; nothing is signed
    SIGNED     the signed text is in the journal, and nowhere else
    DELIVERED  the text is with the holder's side, durable there, and wiped here

A stop at any point loses nothing and doubles nothing: what is ALLOTTED is signed anew with
the same index, what is SIGNED is written out again, byte for byte, what is DELIVERED is
skipped. So no credential is out whose status cannot be changed (INV-5), no index is given
twice (INV-4), and one row is issued once (threats ISS-17): with other content it is refused,
unless nothing was signed for it yet.

The journal keeps no claims and no keys. A row's content, and the key it was issued to, are
known again by digests under a key of this store.
"""

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.credential.status_reference import StatusReference
from vcred.issuer.possession import HolderKey, Possession

CONTENT_DIGEST_BYTES: Final = 32


class Refusal(StrEnum):
    """Why a row gets no place in the journal."""

    NONCE_USED = "nonce_used"
    OTHER_CONTENT = "other_content"


class EntryState(StrEnum):
    """How far a credential has come."""

    ALLOTTED = "allotted"
    SIGNED = "signed"
    DELIVERED = "delivered"


class StatusValue(StrEnum):
    """What a status list says of a credential."""

    VALID = "valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKey:
    """Which credential: a row of a type with one content, and which of its copies, from 0."""

    vct: str
    row_id: str
    content: bytes
    copy: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One credential in the journal.

    Attributes:
        holder: Digest of the key it is bound to; empty for paper, None as long as nothing is
            signed, or if it was issued before the journal kept one.
        output: The signed text, only while SIGNED.
    """

    credential_id: str
    key: EntryKey
    status: StatusReference
    possession: Possession
    issued_at: int
    state: EntryState
    holder: bytes | None = None
    output: str | None = None


def content_digest(claims: JsonObject, *, secret: bytes) -> bytes:
    """Compute by what a row's content is known again.

    Keyed, because the claims are few and guessable: without the store nobody can test a
    guess against the digest (threats PRV-02).

    Args:
        claims: All claims of the credential.
        secret: The store's own key, 32 bytes.
    """
    return hmac.new(secret, encode_jcs(claims), hashlib.sha256).digest()


def holder_digest(holder: HolderKey | None, *, secret: bytes) -> bytes:
    """Compute by what a holder's key is known again; empty for paper.

    Keyed, because keys are public: without the store nobody can find the rows of a key in it.

    Args:
        holder: Whom the credential is bound to, or None.
        secret: The store's own key, 32 bytes.
    """
    if holder is None:
        return b""
    return hmac.new(secret, b"holder\0" + holder.key.thumbprint().encode("ascii"), hashlib.sha256).digest()


def may_become(before: StatusValue, after: StatusValue) -> bool:
    """Say whether a status may change so. What is revoked stays revoked (threats STA-18)."""
    return before is not StatusValue.REVOKED or after is StatusValue.REVOKED
