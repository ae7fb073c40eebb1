# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the wallet notes of a credential beside its text: enough for a line of the list, and no more.

    {"name": "health-code", "type": "did:vcred:.../types/health-code/1", "issuer": "did:vcred:...",
     "issued_at": 1795147200, "expires_at": 1795752000, "received_at": 1795150000,
     "status": {"uri": "...", "index": 7, "only": true}, "holder": "<thumbprint>",
     "content": "<hash>"}

Credentials of one issuer that say the same under different keys are *one-time copies* of each other:
they have one name, and each is shown once. What is one of several stays so, also when the others are
gone. A copy that may have been shown elsewhere, by a wallet that was restored or copied, is
*uncertain*, and not shown either.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from vcred.codec.base64url import encode_base64url
from vcred.codec.fields import (
    get_bool,
    get_int,
    get_text,
    optional_bool,
    optional_int,
    optional_object,
    optional_text,
    refuse_unknown,
)
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.credential.paths import RESERVED_NAMES
from vcred.credential.status_reference import StatusReference
from vcred.errors import UsageError
from vcred.formats.sd_jwt_vc.present import StoredCredential
from vcred.wallet.key_use import KeyUse
from vcred.wallet.record import credential_fingerprint

_MAX_NAME: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCredential:
    """One credential of the wallet, without its claims.

    Attributes:
        name: In this wallet; copies share one.
        type: `vct`.
        issuer: DID.
        issued_at, not_before, expires_at, received_at: NumericDates; None where it says nothing.
        status: Where its status is told, if anywhere.
        holder: Thumbprint of the key that it is bound to; None on paper.
        content: By what copies of each other are known: a hash of issuer, type and claims.
        one_time, shown_at, is_uncertain: What is known of its key (`vcred.wallet.key_use`), which
            the store keeps apart.
    """

    name: str
    type: str
    issuer: str
    issued_at: int
    not_before: int | None
    expires_at: int | None
    received_at: int
    status: StatusReference | None
    holder: str | None
    content: str
    one_time: bool = False
    shown_at: int | None = None
    is_uncertain: bool = False

    @property
    def type_name(self) -> str:
        """The name in "<publisher>/types/<name>/<version>"; the whole where it has another form."""
        return type_name_of(self.type)

    @property
    def is_spent(self) -> bool:
        """Whether it must not be shown: it is one of several, and was shown, or may have been."""
        return self.one_time and (self.shown_at is not None or self.is_uncertain)

    def encode(self) -> bytes:
        """As JSON."""
        members: JsonObject = {
            "name": self.name,
            "type": self.type,
            "issuer": self.issuer,
            "issued_at": self.issued_at,
            "received_at": self.received_at,
            "content": self.content,
        }
        optional: JsonObject = {
            "not_before": self.not_before,
            "expires_at": self.expires_at,
            "holder": self.holder,
            "shown_at": self.shown_at,
            "one_time": self.one_time or None,
            "is_uncertain": self.is_uncertain or None,
            "status": _encode_status(self.status),
        }
        return encode_jcs(members | {name: value for name, value in optional.items() if value is not None})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read it back.

        Raises:
            DecodeError: Of another form.
        """
        document = decode_json_object(data)
        refuse_unknown(document, cls.__slots__)
        return cls(
            name=get_text(document, "name"),
            type=get_text(document, "type"),
            issuer=get_text(document, "issuer"),
            issued_at=get_int(document, "issued_at"),
            not_before=optional_int(document, "not_before"),
            expires_at=optional_int(document, "expires_at"),
            received_at=get_int(document, "received_at"),
            status=_decode_status(optional_object(document, "status")),
            holder=optional_text(document, "holder"),
            content=get_text(document, "content"),
            one_time=optional_bool(document, "one_time") or False,
            shown_at=optional_int(document, "shown_at"),
            is_uncertain=optional_bool(document, "is_uncertain") or False,
        )


def type_name_of(vct: str) -> str:
    """The name in "<publisher>/types/<name>/<version>"; the whole where it has another form."""
    place, _, _ = vct.rpartition("/")
    return place.rpartition("/types/")[2] or vct


def keep(stored: StoredCredential, *, name: str, received_at: int) -> KeptCredential:
    """Note what a credential is, as it is received."""
    presentation = stored.presentation
    key = presentation.holder_key
    return KeptCredential(
        name=name,
        type=presentation.vct or "",
        issuer=presentation.issuer,
        issued_at=presentation.issued_at or 0,
        not_before=presentation.not_before,
        expires_at=presentation.expires_at,
        received_at=received_at,
        status=presentation.status,
        holder=None if key is None else key.thumbprint(),
        content=content_of(stored),
    )


def content_of(stored: StoredCredential) -> str:
    """Hash what a credential says, its key left out: the same for the copies of one issuing.

    With the time of issue: what is issued anew, for a key that was lost, is no copy of the former.
    Stands in the encrypted store only: claims can be guessed from it.
    """
    claims = {name: value for name, value in stored.processed.claims.items() if name not in RESERVED_NAMES}
    what: JsonObject = {
        "issuer": stored.presentation.issuer,
        "type": stored.presentation.vct,
        "issued_at": stored.presentation.issued_at,
        "expires_at": stored.presentation.expires_at,
        "claims": claims,
    }
    return encode_base64url(hashlib.sha256(encode_jcs(what)).digest())


def fingerprint_of(stored: StoredCredential) -> str:
    """By what the store knows a credential: the hash of its issuer's JWT."""
    return credential_fingerprint(stored.presentation.sd_jwt.issuer_jwt)


def find_copies(new: KeptCredential, others: Iterable[KeptCredential]) -> tuple[KeptCredential, ...]:
    """Return those of the others that say the same under other keys: with the new one they are copies."""
    if new.holder is None:
        return ()
    return tuple([one for one in others if one.content == new.content and one.holder != new.holder])


def find_same(new: KeptCredential, others: Iterable[KeptCredential]) -> KeptCredential | None:
    """Return the one that says the same under the same key: the new one has another signature at most."""
    found = (one for one in others if one.content == new.content and one.holder == new.holder)
    return None if new.holder is None else next(found, None)


def as_used(kept: KeptCredential, use: KeyUse) -> KeptCredential:
    """A credential with what is known of its key."""
    return replace(kept, one_time=use.one_time, shown_at=use.shown_at, is_uncertain=use.is_uncertain)


def free_name(type_name: str, taken: Iterable[str]) -> str:
    """Choose a name that no other credential has: "health-code", "health-code-2"."""
    names, base = frozenset(taken), type_name
    number, name = 1, base
    while name in names:
        number += 1
        name = f"{base}-{number}"
    return name


def check_name(name: str, *, taken: Iterable[str]) -> None:
    """Refuse a name that a person could not type, or that another credential has.

    Raises:
        UsageError: It is such a name.
    """
    if not 0 < len(name) <= _MAX_NAME or name != name.strip() or not name.isprintable():
        raise UsageError(f"a name has 1 to {_MAX_NAME} characters, all of which can be shown")
    # Else "vcred present NAME" could mean a file.
    if any(mark in name for mark in "/\\") or name.startswith(("-", ".")):
        raise UsageError('a name has no "/", and does not begin with "-" or "."')
    if name in taken:
        raise UsageError("the wallet holds a credential of that name already", hint="choose another name")


def _encode_status(status: StatusReference | None) -> JsonObject | None:
    return None if status is None else {"uri": status.uri, "index": status.index, "only": status.is_only}


def _decode_status(document: JsonObject | None) -> StatusReference | None:
    if document is None:
        return None
    refuse_unknown(document, ("uri", "index", "only"))
    return StatusReference(
        uri=get_text(document, "uri"), index=get_int(document, "index"), is_only=get_bool(document, "only")
    )
