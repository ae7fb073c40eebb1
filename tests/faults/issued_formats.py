# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer writes, read a second time: credential, receipts, ids, decks. Shares no code with vcred.

Spec: RFC 7515 section 3; RFC 7518 section 3.4; RFC 9901 section 4; docs/spec/ledger-entries.md.
"""

import base64
import csv
import hashlib
import hmac
import json
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256

_P256_MULTICODEC = bytes((0x80, 0x24))
_ID_BLOCK = struct.Struct(">II8s")
_COORDINATE = 32


@dataclass(frozen=True)
class Written:
    """One credential as it stands in an output; `credential_id` is missing where a file holds it alone."""

    row_id: str
    credential_id: str | None
    text: str


@dataclass(frozen=True)
class Entry:
    """One row of the journal. `deck_index`: what the deck of the list holds at the place that was dealt."""

    credential_id: str
    row_id: str
    uri: str
    index: int
    deck_index: int
    is_dealt: bool
    waits: bool


def read_written(out: Path) -> Iterator[Written]:
    """Everything that stands in a folder, or in a file of lines, in any order; nothing where none is."""
    if not out.exists():
        return
    if out.suffix == ".jsonl":
        with out.open(encoding="ascii") as lines:
            for line in lines:
                # Whoever was killed has left a part of the last line, which is no credential.
                if not line.endswith("\n"):
                    break
                told = json.loads(line)
                yield Written(told["row_id"], told["credential_id"], told["credential"])
        return
    for file in out.glob("*.sdjwt"):
        # The file has a newline behind the text.
        yield Written(file.name.removesuffix(".sdjwt"), None, file.read_text("ascii").removesuffix("\n"))


def read_receipts(out: Path) -> list[dict[str, str]]:
    """The table of receipts that belongs to an output."""
    table = out.with_name(f"{out.stem}.receipts.csv") if out.suffix == ".jsonl" else out / "receipts.csv"
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def payload_of(text: str) -> dict[str, Any]:
    """What a credential says in the open; nothing is checked."""
    payload: dict[str, Any] = json.loads(base64url(text.split("~", 1)[0].split(".")[1]))
    return payload


def disclosed(text: str) -> dict[str, Any]:
    """Every claim that can be disclosed, by its name."""
    disclosures = [json.loads(base64url(part)) for part in text.split("~")[1:-1]]
    return {item[1]: item[2] for item in disclosures}


def is_signed_by(text: str, key: EllipticCurvePublicKey) -> bool:
    """Whether the issuer's signature (ES256) holds, and each disclosure is one that it covers."""
    jwt, *disclosures, end = text.split("~")
    signed, _, signature = jwt.rpartition(".")
    raw = base64url(signature)
    pair = (int.from_bytes(raw[:_COORDINATE], "big"), int.from_bytes(raw[_COORDINATE:], "big"))
    try:
        key.verify(encode_dss_signature(*pair), signed.encode("ascii"), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    covered = json.dumps([payload_of(text), [json.loads(base64url(item)) for item in disclosures]])
    digests = [hashlib.sha256(item.encode("ascii")).digest() for item in disclosures]
    return end == "" and all(_base64url_text(digest) in covered for digest in digests)


def issuing_key(ledger_file: Path, issuer: str) -> EllipticCurvePublicKey:
    """The key under which the ledger lets an issuer issue, as its DID was created."""
    with closing(sqlite3.connect(ledger_file)) as database:
        entries = [json.loads(leaf)["operation"] for (leaf,) in database.execute("SELECT bytes FROM leaf")]
    (methods,) = (
        entry["document"]["methods"]
        for entry in entries
        if entry["kind"] == "did.create" and entry["document"]["name"]["en"] == issuer
    )
    (key,) = (method["key"] for method in methods if method["purposes"] == ["assertionMethod"])
    data = base58.b58decode(key.removeprefix("z"))
    assert data[:2] == _P256_MULTICODEC
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), data[2:])


def read_journal(store_file: Path) -> tuple[list[Entry], int]:
    """All entries of the journal, and how many chunks wait in the outbox."""
    with closing(sqlite3.connect(store_file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        # Whoever died while it made the file has issued nothing.
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal'").fetchone() is None:
            return [], 0
        lists = {number: rest for number, *rest in database.execute("SELECT number, uri, dealt FROM list")}
        decks: dict[int, bytes] = {}
        for number, indices in database.execute("SELECT list, indices FROM hand ORDER BY list, number"):
            decks[number] = decks.get(number, b"") + indices
        rows = database.execute("SELECT id, row_id, idx, chunk FROM journal").fetchall()
        outbox = {chunk for (chunk,) in database.execute("SELECT id FROM outbox")}
        # A store that has dealt nothing may have no secret yet.
        secret = database.execute("SELECT value FROM secret").fetchone()
    entries = []
    for number, row_id, index, chunk in rows:
        listed, deal = number >> 32, number & 0xFFFF_FFFF
        uri, dealt = lists[listed]
        entries.append(
            Entry(
                credential_id=_credential_id(secret[0], listed, deal),
                row_id=row_id,
                uri=uri,
                index=index,
                deck_index=int.from_bytes(decks[listed][4 * deal : 4 * deal + 4], "little"),
                is_dealt=deal < dealt,
                waits=chunk in outbox,
            )
        )
    return entries, len(outbox)


def _credential_id(secret: bytes, listed: int, deal: int) -> str:
    key = hmac.digest(secret, b"vcred issuer credential id", "sha256")[:16]
    block = _ID_BLOCK.pack(listed, deal, bytes(8))
    return Cipher(AES128(key), ECB()).encryptor().update(block).hex()


def base64url(text: str) -> bytes:
    """Decode without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64url_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
