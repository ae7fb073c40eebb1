# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Signed notes: a text, a blank line, one or more signature lines.

Parsing is strict and verifies nothing. A signature line is matched to a known key by
name *and* key id; lines of unknown keys are ignored, as the specification has it.

Spec: C2SP signed-note v1.
"""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from vcred.errors import DecodeError, LimitExceededError, UnsupportedAlgorithmError
from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.limits import MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES

KEY_ID_BYTES: Final = 4
ED25519_NOTE: Final = 0x01
ED25519_COSIGNATURE: Final = 0x04
_DASH: Final = "— "


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line.

    Attributes:
        name: Key name; no spaces, no plus.
        key_id: 4 bytes.
        signature: What follows the key id, at least one byte; its shape is the algorithm's.
    """

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A parsed note; nothing of it is verified.

    Attributes:
        text: The signed text, with its last newline.
        signatures: All lines in their order, 1 to 16.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def by_key(self, name: str, key_id: bytes) -> tuple[NoteSignature, ...]:
        """Return the lines of this name and key id."""
        return tuple(item for item in self.signatures if item.name == name and item.key_id == key_id)


def is_key_name(name: str) -> bool:
    """Tell whether a key may bear this name in a note."""
    return bool(name) and "+" not in name and not any(char.isspace() or char < " " for char in name)


def note_key_id(name: str, key: PublicKey, signature_type: int) -> bytes:
    """Return the 4 bytes that identify an Ed25519 key under a name and a signature type.

    Raises:
        UnsupportedAlgorithmError: Not an Ed25519 key; notes have no other kind here.
    """
    if key.algorithm != EDDSA:
        raise UnsupportedAlgorithmError("notes are signed with Ed25519 keys only")
    digest = sha256(name.encode() + b"\n" + bytes([signature_type]) + key.raw)
    return digest.digest()[:KEY_ID_BYTES]


def encode_signature_line(signature: NoteSignature) -> str:
    """Return the signature line with its newline."""
    return f"{_DASH}{signature.name} {encode_base64(signature.key_id + signature.signature)}\n"


def encode_note(note: Note) -> bytes:
    """Return the note's bytes; what it encodes, `parse_note` reads back.

    Raises:
        ValueError: Not a text, or not signatures, that a note can hold.
    """
    data = (note.text + "\n" + "".join(map(encode_signature_line, note.signatures))).encode()
    try:
        readable = parse_note(data) == note
    except DecodeError as error:
        raise ValueError(f"not a note: {error}") from error
    if not readable:
        raise ValueError("not a note: its text would read as signatures")
    return data


def parse_note(data: bytes) -> Note:
    """Read a note.

    Raises:
        LimitExceededError: Over 64 KiB or over 16 signatures.
        DecodeError: Not UTF-8, a control character, no blank line, no signature, or a
            line that is not a signature line to the letter.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise LimitExceededError(f"a note of more than {MAX_NOTE_BYTES} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError("the note is not UTF-8") from error
    if any(char < " " and char != "\n" for char in whole):
        raise DecodeError("the note holds a control character")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise DecodeError("the note has no blank line before its signatures, or no newline at its end")
    return Note(text=text + "\n", signatures=parse_signature_lines(lines))


def parse_signature_lines(lines: str) -> tuple[NoteSignature, ...]:
    """Read signature lines, each with its newline: the end of a note, or a witness's answer.

    Raises:
        LimitExceededError: Over 16 lines.
        DecodeError: None, or not signature lines to the letter.
    """
    if not lines.endswith("\n"):
        raise DecodeError("a signature line without its newline")
    split = lines[:-1].split("\n")
    if len(split) > MAX_NOTE_SIGNATURES:
        raise LimitExceededError(f"more than {MAX_NOTE_SIGNATURES} signatures on a note")
    return tuple(_parse_line(line) for line in split)


def _parse_line(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_key_name(name):
        raise DecodeError("not a signature line of a note")
    blob = decode_base64(encoded)
    if len(blob) <= KEY_ID_BYTES:
        raise DecodeError("a signature line without a signature")
    return NoteSignature(name=name, key_id=blob[:KEY_ID_BYTES], signature=blob[KEY_ID_BYTES:])


def encode_base64(data: bytes) -> str:
    """Return standard Base 64 with padding, as notes use it (RFC 4648 section 4)."""
    return base64.b64encode(data).decode()


def decode_base64(text: str) -> bytes:
    """Read standard Base 64; only the one canonical form of each value is accepted."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DecodeError("not standard Base 64") from error
    # Unused bits would let one signature be written in several ways.
    if encode_base64(data) != text:
        raise DecodeError("not canonical Base 64")
    return data
