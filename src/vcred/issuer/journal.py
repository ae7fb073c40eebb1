# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the issuer remembers of each credential, and in which order it becomes durable.

    (nothing) -> SIGNED -> DELIVERED

    SIGNED     its entry is in the journal, its text sealed in the outbox, and nowhere else
    DELIVERED  the text is with the holder's side, durable there, and gone from the outbox

The place in a status list is dealt, and durable, before anything is signed. A stop before the
entry is in the journal burns the place: it is never dealt again, and the row gets another one.
So no credential is out whose status cannot be changed (INV-5), no place is dealt twice (INV-4),
and one row is issued once (threats ISS-17): with other content, or under another version of its
type, it is refused, unless the issuer says that it replaces the former one.

The journal keeps no claims and no keys. A row's content, and the key it was issued to, are
known again by digests under two secrets, one of this store and one of the home's keyring. What
there are millions of in a run are named tuples, which cost a third of a data class. A credential's
id is its place, enciphered: it tells nobody who was issued to before whom, and a mistyped one
stands for nothing.
"""

import hashlib
import hmac
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.credential.status_reference import StatusReference
from vcred.issuer.possession import Possession

DIGEST_BYTES: Final = 32
CREDENTIAL_ID_CHARACTERS: Final = 32

_ID_LABEL: Final = b"vcred issuer credential id"
_ID_KEY_BYTES: Final = 16
# List, deal, and 64 bits that must be 0: who guesses an id, or mistypes one, does not hit them.
_ID_BLOCK: Final = struct.Struct(">II8x")
_ID_ZEROS: Final = bytes(8)
_VERSIONED: Final = re.compile(r"(.+/types/[^/]+)/[1-9][0-9]*")


class Refusal(StrEnum):
    """Why a row gets no place in the journal."""

    NONCE_USED = "nonce_used"
    OTHER_CONTENT = "other_content"
    APPROVAL_REQUIRED = "approval_required"
    NO_FURTHER_COPY = "no_further_copy"
    SUSPENDED = "suspended"
    FORMER_KEY = "former_key"


class EntryState(StrEnum):
    """How far a credential has come."""

    SIGNED = "signed"
    DELIVERED = "delivered"


class DigestKeys(NamedTuple):
    """Under which content and holders are known again, 32 bytes each.

    Attributes:
        store: The store's own secret, which lies in it.
        home: Of the home's keyring: without it a stolen store confirms no guess.
    """

    store: bytes
    home: bytes

    def __repr__(self) -> str:
        return "DigestKeys(not shown)"


class StatusValue(StrEnum):
    """What a status list says of a credential."""

    VALID = "valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was dealt: nobody else has it, nor ever will.

    Attributes:
        number: Of the status list.
        deal: The how-many-eth of the list's deck, from 0.
        status: What the credential says of it: the list's URI, and an index in it that is random.
    """

    number: int
    deal: int
    status: StatusReference

    @property
    def index(self) -> int:
        """Zero-based, in the status list."""
        return self.status.index

    @property
    def uri(self) -> str:
        """Of the status list."""
        return self.status.uri


class JournalEntry(NamedTuple):
    """One credential in the journal.

    Attributes:
        generation: 0, and one more each time that the row was issued again in place of the former,
            under whatever version of its type.
        copy: Of the copies of a row, from 0.
        content: Digest of the claims; None if it was made by a vcred that kept another one; empty
            if it was forgotten, or lost, and taken over from its receipt.
        holder: Digest of the key it is bound to; empty for paper; None if it was issued before
            the journal kept one, was forgotten, or taken over.
        issued_at: As the credential says, seconds since 1970.
        value: Its status now.
    """

    credential_id: str
    vct: str
    row_id: str
    generation: int
    copy: int
    content: bytes | None
    holder: bytes | None
    possession: Possession
    issued_at: int
    status: StatusReference
    value: StatusValue
    state: EntryState


class SignedCopy(NamedTuple):
    """One signed text of a row. `holder`: digest of the key it is bound to; empty for paper."""

    copy: int
    place: Place
    holder: bytes
    possession: Possession
    text: str


class SignedRow(NamedTuple):
    """The signed texts of a row, at least one, to be kept until they are delivered.

    Attributes:
        content: Digest of the claims, 32 bytes (`content_digest`).
        nonce_digests: SHA-256 of the enrolment code that the holder of each of `copies` has
            answered, empty where there was none; or nothing at all.
        replaces: What was issued for this row before is revoked in the same step.
        beside: Digests of the keys of the copies that the row has already, as its holders of now
            have them.
    """

    row_id: str
    content: bytes
    copies: tuple[SignedCopy, ...]
    issued_at: int
    nonce_digests: tuple[bytes, ...] = ()
    replaces: bool = False
    beside: tuple[bytes, ...] = ()


def unversioned(vct: str) -> str:
    """Return publisher and name of a type without its version; a `vct` of another form as it is.

    Rows are known under it. Were they known under the whole `vct`, a new version would have every
    row issued once more, and what is revoked or suspended with them.

    Spec: docs/spec/types.md, The file.
    """
    found = _VERSIONED.fullmatch(vct)
    return vct if found is None else found[1]


def claims_hash(claims: JsonObject) -> bytes:
    """Return the SHA-256 of all claims of a credential, in canonical form.

    The claims are few and guessable: whoever sees this can test a guess. It goes from a worker
    to the store, and no further.
    """
    return hashlib.sha256(encode_jcs(claims)).digest()


def content_digest(claims_sha256: bytes, *, secret: DigestKeys) -> bytes:
    """Compute by what a row's content is known again.

    Keyed: with the store alone nobody can test a guess against the digest (threats PRV-02).

    Args:
        claims_sha256: As `claims_hash` gives it.
        secret: Of the store and of the home.
    """
    return _digest(b"content\0" + claims_sha256, secret)


def holder_digest(thumbprint: str, *, secret: DigestKeys) -> bytes:
    """Compute by what a holder's key is known again; empty for paper.

    Keyed, because keys are public: with the store alone nobody can find the rows of a key in it.

    Args:
        thumbprint: Of the key that the credential is bound to (RFC 7638), or empty.
        secret: Of the store and of the home.
    """
    if not thumbprint:
        return b""
    return _digest(b"holder\0" + thumbprint.encode("ascii"), secret)


def keyed_anew(digest: bytes, *, home: bytes) -> bytes:
    """Key a digest, made under the store's secret alone, by that of the home, too."""
    return hmac.digest(home, digest, "sha256")


def _digest(told: bytes, secret: DigestKeys) -> bytes:
    return keyed_anew(hmac.digest(secret.store, told, "sha256"), home=secret.home)


class CredentialIds:
    """Between places and credential ids, under a key of one store.

    One block cipher call, no table: an id looks random, and only the store can say what it
    stands for.

    Args:
        secret: The store's own key, 32 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        key = hmac.digest(secret, _ID_LABEL, "sha256")[:_ID_KEY_BYTES]
        # A single block, never two alike: what is wrong with ECB does not apply.
        self._cipher = Cipher(AES128(key), ECB())  # noqa: S305

    def encode(self, places: Iterable[tuple[int, int]]) -> list[str]:
        """Return the ids of places (number of the list, deal), 32 hex characters each."""
        blocks = b"".join([_ID_BLOCK.pack(number, deal) for number, deal in places])
        text = self._cipher.encryptor().update(blocks).hex()
        size = CREDENTIAL_ID_CHARACTERS
        return [text[start : start + size] for start in range(0, len(text), size)]

    def decode(self, credential_id: str) -> tuple[int, int] | None:
        """Return the place (number of the list, deal) of an id; None if it is none of this store."""
        try:
            block = bytes.fromhex(credential_id)
        except ValueError:
            return None
        # An id has one spelling, that of the receipts.
        if len(block) != _ID_BLOCK.size or block.hex() != credential_id:
            return None
        plain = self._cipher.decryptor().update(block)
        if not plain.endswith(_ID_ZEROS):
            return None
        number, deal = _ID_BLOCK.unpack(plain)
        return number, deal


def may_become(before: StatusValue, after: StatusValue) -> bool:
    """Say whether a status may change so. What is revoked stays revoked (threats STA-18)."""
    return before is not StatusValue.REVOKED or after is StatusValue.REVOKED
