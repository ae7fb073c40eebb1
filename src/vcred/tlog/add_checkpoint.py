# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The body of a witness's add-checkpoint request.

    old 20852014
    <base64 of one hash of the consistency proof, a line each>

    <the signed checkpoint>

Spec: C2SP tlog-witness, add-checkpoint.
"""

from dataclasses import dataclass
from typing import Final

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_NOTE_BYTES
from vcred.tlog.checkpoint import parse_size
from vcred.tlog.note import decode_base64, encode_base64
from vcred.tlog.tree import HASH_BYTES

MAX_PROOF_LINES: Final = 63
_MAX_HEAD_BYTES: Final = 4096
MAX_ADD_CHECKPOINT_BYTES: Final = _MAX_HEAD_BYTES + MAX_NOTE_BYTES

SIZE_MEDIA_TYPE: Final = "text/x.tlog.size"
"""Of the answer 409: the size that the witness has cosigned last, and a newline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """What a log asks of a witness; nothing of it is verified.

    Attributes:
        old_size: The tree size the log believes the witness has.
        proof: Consistency proof from there, at most 63 hashes of 32 bytes.
        note: The signed checkpoint, not parsed.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes


def encode_add_checkpoint(request: AddCheckpoint) -> bytes:
    """Return the request body."""
    lines = (f"old {request.old_size}", *map(encode_base64, request.proof), "")
    return "".join(f"{line}\n" for line in lines).encode() + request.note


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Read the request body.

    Raises:
        LimitExceededError: Over 68 KiB, or over 63 proof lines.
        DecodeError: Not of the form above.
    """
    if len(body) > MAX_ADD_CHECKPOINT_BYTES:
        raise LimitExceededError("the request is too long")
    head, blank, note = body.partition(b"\n\n")
    if not blank or not head.isascii():
        raise DecodeError("the request has no blank line before its checkpoint")
    old, *proof = head.decode().split("\n")
    if not old.startswith("old "):
        raise DecodeError("the request does not begin with the old size")
    if len(proof) > MAX_PROOF_LINES:
        raise LimitExceededError(f"more than {MAX_PROOF_LINES} lines of proof")
    hashes = tuple(map(decode_base64, proof))
    if any(len(item) != HASH_BYTES for item in hashes):
        raise DecodeError("a hash of the proof is not 32 bytes long")
    return AddCheckpoint(old_size=parse_size(old.removeprefix("old ")), proof=hashes, note=note)


def encode_size(size: int) -> bytes:
    """Return the body of an answer 409."""
    return f"{size}\n".encode()


def parse_size_answer(body: bytes) -> int:
    """Read the body of an answer 409.

    Raises:
        DecodeError: Not one size and a newline.
    """
    if not body.endswith(b"\n") or not body.isascii():
        raise DecodeError("not a tree size and a newline")
    return parse_size(body[:-1].decode())
