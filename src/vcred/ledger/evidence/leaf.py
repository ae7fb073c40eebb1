# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One event in the history of a certificate, and the salted leaf that commits to it.

The salt is what keeps a stranger out: certificate numbers are few and guessable, a leaf hash
over 128 random bits or more is not. A salt is used for one event, so that nothing links two
events of one certificate.

Spec: docs/spec/evidence.md, Leaf.
"""

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.fields import get_int, get_text, optional_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text, parse_hash_text
from vcred.errors import DecodeError

VERSION: Final = 1
MAX_CERTIFICATE_CHARACTERS: Final = 200
MAX_NOTE_CHARACTERS: Final = 500
MIN_SALT_BYTES: Final = 16
MAX_SALT_BYTES: Final = 32
# The last second of the year 9999: a later one has no RFC 3339 text.
MAX_EVENT_TIME: Final = 253_402_300_799
_EVENT_MEMBERS: Final = frozenset({"certificate", "event", "at", "credential", "note"})


class EventKind(StrEnum):
    """What happened to a certificate; AUDITED: how far the issuer's own audit log has come."""

    ISSUED = "issued"
    AMENDED = "amended"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    RENEWED = "renewed"
    REVOKED = "revoked"
    AUDITED = "audited"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateEvent:
    """What happened to which certificate, and when. Personal: it is not shown by `repr`.

    Attributes:
        certificate: What the issuer calls it, 1 to 200 characters.
        at: When it happened, NumericDate.
        credential: Text of `credential_hash`, if the event is about one credential.
        note: 1 to 500 characters.

    Raises:
        DecodeError: A value is out of its range.
    """

    certificate: str = field(repr=False)
    kind: EventKind
    at: int
    credential: str | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _check_text("certificate", self.certificate, MAX_CERTIFICATE_CHARACTERS)
        if not 0 <= self.at <= MAX_EVENT_TIME:
            raise DecodeError("at: out of range")
        if self.credential is not None:
            parse_hash_text(self.credential)
        if self.note is not None:
            _check_text("note", self.note, MAX_NOTE_CHARACTERS)

    def to_json(self) -> JsonObject:
        """The members of a leaf that tell the event."""
        value: JsonObject = {"certificate": self.certificate, "event": self.kind.value, "at": self.at}
        if self.credential is not None:
            value["credential"] = self.credential
        if self.note is not None:
            value["note"] = self.note
        return value

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Read those members; others are not looked at. Raises DecodeError."""
        kind = get_text(value, "event")
        if kind not in tuple(EventKind):
            raise DecodeError("event: none of " + ", ".join(EventKind))
        return cls(
            certificate=get_text(value, "certificate"),
            kind=EventKind(kind),
            at=get_int(value, "at"),
            credential=optional_text(value, "credential"),
            note=optional_text(value, "note"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLeaf:
    """An event and its salt of 16 to 32 bytes.

    Raises:
        DecodeError: The salt is shorter or longer.
    """

    event: CertificateEvent
    salt: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not MIN_SALT_BYTES <= len(self.salt) <= MAX_SALT_BYTES:
            # What can be guessed can be tested against a leaf hash without it.
            raise DecodeError(f"salt: {MIN_SALT_BYTES} to {MAX_SALT_BYTES} bytes are needed")

    def to_json(self) -> JsonObject:
        """As in a proof."""
        return self.event.to_json() | {"version": VERSION, "salt": encode_base64url(self.salt)}

    def encode(self) -> bytes:
        """The bytes that the tree commits to: the RFC 8785 form."""
        return encode_jcs(self.to_json())

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Read a leaf. Raises DecodeError."""
        refuse_unknown(value, _EVENT_MEMBERS | {"version", "salt"})
        if get_int(value, "version") != VERSION:
            raise DecodeError(f"version: only {VERSION} is known here")
        return cls(event=CertificateEvent.from_json(value), salt=decode_base64url(get_text(value, "salt")))


def credential_hash(issuer_jwt: str) -> str:
    """By which text a leaf names a credential: that of SHA-256 over the JWT that the issuer signed.

    The same for every presentation of the credential, whatever it discloses.

    Args:
        issuer_jwt: What stands before the first tilde of an SD-JWT.
    """
    return hash_text(sha256(issuer_jwt.encode("ascii")).digest())


def _check_text(name: str, text: str, max_characters: int) -> None:
    """Refuse what two people would not read as the same text, or what no file can hold."""
    if not 1 <= len(text) <= max_characters:
        raise DecodeError(f"{name}: 1 to {max_characters} characters are needed")
    if text != text.strip() or any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise DecodeError(f"{name}: a control character, or space around it")
