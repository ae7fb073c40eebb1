# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Cosignatures: a witness's dated word that a checkpoint extends all it saw before.

Version 1, Ed25519. The message does not commit to the witness's name, so a key serves
one witness only.

Spec: C2SP tlog-cosignature v1, Ed25519 signed message.
"""

from typing import Final

from vcred.errors import SignatureError
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.tlog.note import ED25519_COSIGNATURE, Note, NoteSignature, is_key_name, note_key_id

MAX_TIMESTAMP: Final = 2**63 - 1
_TIMESTAMP_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64


def cosign(text: str, name: str, signer: Signer, *, timestamp: int) -> NoteSignature:
    """Cosign a checkpoint. The caller has decided so by `witness.decide_cosign` and stored it.

    Args:
        text: The checkpoint's note text, with its last newline.
        name: The witness's key name.
        signer: Its Ed25519 key.
        timestamp: POSIX seconds.

    Raises:
        ValueError: Not a key name, or not a time from 0 to 2**63 - 1.
        UnsupportedAlgorithmError: The key is not Ed25519.
    """
    if not is_key_name(name) or not 0 <= timestamp <= MAX_TIMESTAMP:
        raise ValueError("not a key name, or not a POSIX time")
    key_id = note_key_id(name, signer.public_key, ED25519_COSIGNATURE)
    signature = signer.sign(cosigned_message(text, timestamp))
    dated = timestamp.to_bytes(_TIMESTAMP_BYTES, "big") + signature
    return NoteSignature(name=name, key_id=key_id, signature=dated)


def cosigned_message(text: str, timestamp: int) -> bytes:
    """Return the bytes a witness signs; the first line keeps them apart from log signatures."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def verify_cosignature(note: Note, name: str, key: PublicKey) -> int | None:
    """Return when the witness cosigned the note, in POSIX seconds, or None if it did not.

    Proves nothing about now: whether the time is credible is `quorum_time`'s question.

    Raises:
        SignatureError: A line of this name and key that is not 8 bytes of time and a
            signature over them and the text.
        UnsupportedAlgorithmError: The key is not Ed25519.
    """
    times = [
        _verify_line(note.text, line, key)
        for line in note.by_key(name, note_key_id(name, key, ED25519_COSIGNATURE))
    ]
    return max(times, default=None)


def _verify_line(text: str, line: NoteSignature, key: PublicKey) -> int:
    if len(line.signature) != _TIMESTAMP_BYTES + _SIGNATURE_BYTES:
        raise SignatureError("a cosignature is 8 bytes of time and 64 bytes of signature")
    timestamp = int.from_bytes(line.signature[:_TIMESTAMP_BYTES], "big")
    if timestamp > MAX_TIMESTAMP:
        raise SignatureError("the time of a cosignature is out of range")
    key.verify(line.signature[_TIMESTAMP_BYTES:], cosigned_message(text, timestamp))
    return timestamp
