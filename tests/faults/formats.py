# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The format of a log, read a second time: tree, signed note, keys, leaf. Shares no code with vcred.

Spec: RFC 6962 section 2.1; C2SP signed-note, tlog-checkpoint, tlog-cosignature; docs/spec/ledger-entries.md.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_MULTICODEC = bytes((0xED, 0x01))
_LOG_SIGNATURE, _COSIGNATURE = b"\x01", b"\x04"


@dataclass(frozen=True)
class Head:
    """What a signed note says: `size` leaves have `root` (32 bytes)."""

    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True)
class Founding:
    """What entry 0 says about who signs heads: keys are raw, 32 bytes."""

    origin: str
    log_key: bytes
    witnesses: dict[str, tuple[str, bytes]]
    quorum: dict[str, int]


class Tree:
    """The Merkle tree over leaves, by the recursive definition."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.size = len(leaves)

        @cache
        def root(start: int, end: int) -> bytes:
            if end - start == 1:
                return hashlib.sha256(b"\x00" + leaves[start]).digest()
            # The largest power of two smaller than the number of leaves.
            middle = start + (1 << (end - start - 1).bit_length() - 1)
            return hashlib.sha256(b"\x01" + root(start, middle) + root(middle, end)).digest()

        self._root = root

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return self._root(0, size) if size else hashlib.sha256(b"").digest()

    def nodes(self) -> dict[tuple[int, int], bytes]:
        """The hash of every full subtree by level and index."""
        return {
            (level, index): self._root(index << level, (index + 1) << level)
            for level in range(self.size.bit_length())
            for index in range(self.size >> level)
        }


def digest_of(operation: Any) -> str:
    """What tells one operation from another."""
    return hashlib.sha256(json.dumps(operation, sort_keys=True).encode()).hexdigest()


def head_of(note: bytes) -> Head:
    """What a note says, signed or not."""
    _, size, root = note.decode().split("\n")[:3]
    return Head(int(size), base64.b64decode(root), note)


def founding_of(leaf: bytes) -> Founding:
    """Read genesis."""
    genesis = json.loads(leaf)["operation"]
    return Founding(
        origin=genesis["log"]["origin"],
        log_key=_raw_key(genesis["log"]["key"]["public"]),
        witnesses={
            item["name"]: (item["jurisdiction"], _raw_key(item["key"]["public"]))
            for item in genesis["witnesses"]
        },
        quorum=genesis["quorum"],
    )


def is_signed(note: bytes, founding: Founding) -> bool:
    """Whether the log has signed it under its own origin."""
    text, lines = _split(note)
    identifier = _key_id(founding.origin, _LOG_SIGNATURE, founding.log_key)
    return text.startswith(f"{founding.origin}\n".encode()) and any(
        name == founding.origin and blob[:4] == identifier and _verifies(founding.log_key, blob[4:], text)
        for name, blob in lines
    )


def has_quorum(note: bytes, founding: Founding) -> bool:
    """Whether enough witnesses of every jurisdiction have cosigned it."""
    text, lines = _split(note)
    found = {
        name: founding.witnesses[name][0]
        for name, blob in lines
        if name in founding.witnesses and _is_cosigned(text, name, blob, founding.witnesses[name][1])
    }
    return all(list(found.values()).count(code) >= needed for code, needed in founding.quorum.items())


def _is_cosigned(text: bytes, name: str, blob: bytes, key: bytes) -> bool:
    if blob[:4] != _key_id(name, _COSIGNATURE, key):
        return False
    time = int.from_bytes(blob[4:12], "big")
    return _verifies(key, blob[12:], b"cosignature/v1\ntime %d\n" % time + text)


def _split(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    text, _, signatures = note.rpartition(b"\n\n")
    lines = [line.split(" ") for line in signatures.decode().splitlines()]
    return text + b"\n", [(name, base64.b64decode(blob)) for _, name, blob in lines]


def _key_id(name: str, kind: bytes, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + key).digest()[:4]


def _verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _raw_key(multikey: str) -> bytes:
    number = 0
    for char in multikey.removeprefix("z"):
        number = number * 58 + _ALPHABET.index(char)
    data = number.to_bytes(34, "big")
    assert data[:2] == _ED25519_MULTICODEC
    return data[2:]
