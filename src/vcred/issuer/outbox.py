# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What leaves: signed texts, with what a receipt says of them, sealed while they wait in the store.

Between signing and the moment when the output is durable, the store keeps a chunk of texts
encrypted under a key of the home's keyring: whoever copies the store alone has no credential
(threats PRV-05). A run that was stopped opens the chunk and writes the same bytes again.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json
from vcred.credential.status_reference import StatusReference
from vcred.errors import DecodeError, StoreError
from vcred.issuer.journal import JournalEntry
from vcred.issuer.possession import Possession
from vcred.securing.jwe import is_sealed

# Authenticated with each chunk: a key of the keyring seals for one purpose.
_LABEL: Final = b"vcred outbox 1"
_NONCE_BYTES: Final = 12


class OutboxItem(NamedTuple):
    """One credential on its way out. A tuple: millions are made, at a quarter of the price.

    Attributes:
        generation: How often the row was issued anew.
        copy: Of the copies of the row, from 0.
        issued_at: As the credential says, seconds since 1970.
        text: The SD-JWT, or the JWE that it is sealed in; ASCII.
    """

    row_id: str
    credential_id: str
    vct: str
    generation: int
    copy: int
    possession: Possession
    issued_at: int
    status: StatusReference
    text: str

    @property
    def is_sealed(self) -> bool:
        """Whether only the holder can open it."""
        return is_sealed(self.text)


def outbox_items(signed: Iterable[tuple[JournalEntry, str]]) -> list[OutboxItem]:
    """Join entries of the journal with their signed texts."""
    return [
        OutboxItem(
            row_id=entry.row_id,
            credential_id=entry.credential_id,
            vct=entry.vct,
            generation=entry.generation,
            copy=entry.copy,
            possession=entry.possession,
            issued_at=entry.issued_at,
            status=entry.status,
            text=text,
        )
        for entry, text in signed
    ]


class OutboxSeal:
    """Seals and opens chunks of the outbox.

    Args:
        key: 32 bytes, `Keyring.secret("outbox")` of the home.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, items: Sequence[OutboxItem]) -> bytes:
        """Encrypt a chunk: a nonce of 12 bytes, then AES-256-GCM."""
        # Random: one key seals far fewer than 2**32 chunks.
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, encode_items(items), _LABEL)

    def open(self, sealed: bytes) -> list[OutboxItem]:
        """Decrypt a chunk.

        Raises:
            StoreError: Sealed by another home, or damaged.
        """
        nonce, encrypted = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return decode_items(self._cipher.decrypt(nonce, encrypted, _LABEL))
        except (InvalidTag, ValueError, DecodeError):
            # `from None`: signed texts stay out of tracebacks.
            raise StoreError(
                "credentials that wait in the issuer's store do not open with the keys of this home",
                hint="if several homes share the store: run the command in the home that issued them",
            ) from None


def encode_items(items: Sequence[OutboxItem]) -> bytes:
    """Write a chunk: a line of JSON, an array for each credential, then the texts, a line each."""
    rows = [
        (
            item.row_id,
            item.credential_id,
            item.vct,
            item.generation,
            item.copy,
            item.possession,
            item.issued_at,
            item.status.uri,
            item.status.index,
        )
        for item in items
    ]
    head = json.dumps(rows, separators=(",", ":"))
    return "\n".join([head, *(item.text for item in items)]).encode("ascii")


def decode_items(data: bytes) -> list[OutboxItem]:
    """Read what `encode_items` wrote.

    Raises:
        DecodeError: Anything else.
    """
    head, *lines = data.split(b"\n")
    rows = decode_json(head, max_bytes=len(head))
    if type(rows) is not list or len(rows) != len(lines):
        raise DecodeError("outbox: not an array of as many items as texts")
    return [_decode_item(row, line) for row, line in zip(rows, lines, strict=True)]


def _decode_item(row: JsonValue, line: bytes) -> OutboxItem:
    match row:
        case [
            str(row_id),
            str(credential_id),
            str(vct),
            int(generation),
            int(copy),
            str(possession),
            int(issued_at),
            str(uri),
            int(index),
        ] if possession in tuple(Possession) and line.isascii():
            return OutboxItem(
                row_id=row_id,
                credential_id=credential_id,
                vct=vct,
                generation=generation,
                copy=copy,
                possession=Possession(possession),
                issued_at=issued_at,
                status=StatusReference(uri=uri, index=index),
                text=line.decode("ascii"),
            )
    raise DecodeError("outbox: an item is not of its form")
