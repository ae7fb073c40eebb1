# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: the signed tree head of a log.

    example.com/log            origin
    3                          tree size
    <base64 of 32 bytes>       root hash

A checkpoint proves what its log said; that other people were told the same is what
cosignatures prove.

Spec: C2SP tlog-checkpoint v1.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from vcred.errors import DecodeError, SignatureError
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.limits import MAX_LOG_SIZE
from vcred.tlog.note import (
    ED25519_NOTE,
    Note,
    NoteSignature,
    decode_base64,
    encode_base64,
    is_key_name,
    note_key_id,
    parse_note,
)
from vcred.tlog.tree import HASH_BYTES

_FIXED_LINES: Final = 3
_MAX_SIZE_DIGITS: Final = len(str(MAX_LOG_SIZE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree head.

    Attributes:
        origin: The log's unique name, one non-empty line.
        size: Number of leaves.
        root: Root hash, 32 bytes.
        extensions: Further non-empty lines, opaque; our logs write none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def encode_checkpoint_text(checkpoint: Checkpoint) -> str:
    """Return the note text, with its last newline.

    Raises:
        ValueError: Not a checkpoint that `parse_checkpoint_text` reads back.
    """
    lines = (checkpoint.origin, str(checkpoint.size), encode_base64(checkpoint.root), *checkpoint.extensions)
    text = "".join(f"{line}\n" for line in lines)
    try:
        readable = parse_checkpoint_text(text) == checkpoint
    except DecodeError as error:
        raise ValueError(f"not a checkpoint: {error}") from error
    if not readable:
        raise ValueError("not a checkpoint: it would read as another one")
    return text


def parse_checkpoint_text(text: str) -> Checkpoint:
    """Read the text of a checkpoint note; it is as trustworthy as the note was.

    Raises:
        DecodeError: Fewer than three lines, an empty line, a size with a sign, a leading
            zero or above 2**53 - 1, or a root that is not 32 bytes.
    """
    if not text.endswith("\n"):
        raise DecodeError("a checkpoint without its last newline")
    lines = text[:-1].split("\n")
    if len(lines) < _FIXED_LINES or not all(lines):
        raise DecodeError("a checkpoint is at least three lines, none of them empty")
    root = decode_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise DecodeError("the root hash of a checkpoint is 32 bytes")
    return Checkpoint(
        origin=lines[0], size=parse_size(lines[1]), root=root, extensions=tuple(lines[_FIXED_LINES:])
    )


def parse_size(digits: str) -> int:
    """Read a tree size: ASCII digits, no leading zero, at most 2**53 - 1."""
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _MAX_SIZE_DIGITS
    if not plain or (digits[0] == "0" and digits != "0") or int(digits) > MAX_LOG_SIZE:
        raise DecodeError("not a tree size")
    return int(digits)


def sign_checkpoint(checkpoint: Checkpoint, name: str, signer: Signer) -> NoteSignature:
    """Sign as the log. The caller has made sure that it extends all it signed before.

    Args:
        checkpoint: What the log states.
        name: Key name; use the origin.
        signer: An Ed25519 key.

    Raises:
        ValueError: Not a key name, or not a checkpoint.
        UnsupportedAlgorithmError: The key is not Ed25519.
    """
    if not is_key_name(name):
        raise ValueError("a key name is not empty and holds no space and no plus")
    key_id = note_key_id(name, signer.public_key, ED25519_NOTE)
    signature = signer.sign(encode_checkpoint_text(checkpoint).encode())
    return NoteSignature(name=name, key_id=key_id, signature=signature)


def verify_log_signature(note: Note, name: str, key: PublicKey) -> None:
    """Prove that the log's key signed the note's text.

    Raises:
        SignatureError: No line of this name and key, or one that does not verify.
        UnsupportedAlgorithmError: The key is not Ed25519.

    Spec: C2SP signed-note v1, Signatures.
    """
    lines = note.by_key(name, note_key_id(name, key, ED25519_NOTE))
    if not lines:
        raise SignatureError("the note bears no signature of the log")
    # Every line that claims a known key is verified: one good line does not excuse a bad one.
    for line in lines:
        key.verify(line.signature, note.text.encode())


def open_checkpoint(data: bytes, *, origin: str, keys: Collection[PublicKey]) -> tuple[Checkpoint, Note]:
    """Read a checkpoint note that one of the log's keys signed under its origin as name.

    Args:
        data: The whole note.
        origin: The log that is meant; another log's checkpoint is no checkpoint here.
        keys: The log's keys, at least one; several during a rotation.

    Raises:
        DecodeError: Not a note, or its text not a checkpoint.
        SignatureError: Another origin, or signed by none of the keys.

    Spec: C2SP tlog-checkpoint v1, Signatures.
    """
    if not keys:
        raise ValueError("a log without keys")
    note = parse_note(data)
    checkpoint = parse_checkpoint_text(note.text)
    if checkpoint.origin != origin:
        raise SignatureError("the checkpoint is of another log")
    known = [key for key in keys if note.by_key(origin, note_key_id(origin, key, ED25519_NOTE))]
    if not known:
        raise SignatureError("the note bears no signature of the log")
    for key in known:
        verify_log_signature(note, origin, key)
    return checkpoint, note
