# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Cosignatures: format, time, and what is not one (LED-18)."""

import pytest

from vcred.errors import SignatureError, UnsupportedAlgorithmError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.software import SoftwareSigner
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.cosignature import MAX_TIMESTAMP, cosign, cosigned_message, verify_cosignature
from vcred.tlog.note import Note, NoteSignature, encode_note, note_key_id, parse_note

# The example of the specification; its keys are not published, its time is.
EXAMPLE = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/"
    "zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()
NAME = "witness.example/1"
WITNESS = SoftwareSigner.generate(EDDSA)
TEXT = encode_checkpoint_text(Checkpoint(origin="log.example", size=7, root=bytes(32)))
NOW = 1_800_000_000


def _note(*signatures: NoteSignature, text: str = TEXT) -> Note:
    note = Note(text=text, signatures=signatures)
    return parse_note(encode_note(note))


def test_the_published_example_has_time_and_signature() -> None:
    note = parse_note(EXAMPLE)
    blob = note.signatures[0].signature
    assert len(blob) == 72
    assert int.from_bytes(blob[:8], "big") == 1679315147
    assert cosigned_message(note.text, 1679315147).startswith(
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
    )


@pytest.mark.parametrize("timestamp", [0, NOW, MAX_TIMESTAMP])
def test_cosigning_and_verifying(timestamp: int) -> None:
    note = _note(cosign(TEXT, NAME, WITNESS, timestamp=timestamp))
    assert verify_cosignature(note, NAME, WITNESS.public_key) == timestamp


def test_no_line_of_the_witness_is_no_error() -> None:
    note = _note(cosign(TEXT, NAME, WITNESS, timestamp=NOW))
    assert verify_cosignature(note, NAME, WITNESS.public_key) == NOW
    assert verify_cosignature(note, "witness.example/2", WITNESS.public_key) is None
    assert verify_cosignature(note, NAME, SoftwareSigner.generate(EDDSA).public_key) is None


def test_the_latest_of_several_counts() -> None:
    times = (NOW, NOW + 5, NOW - 5)
    note = _note(*(cosign(TEXT, NAME, WITNESS, timestamp=each) for each in times))
    assert verify_cosignature(note, NAME, WITNESS.public_key) == NOW + 5


def _changed(line: NoteSignature, signature: bytes) -> NoteSignature:
    return NoteSignature(name=line.name, key_id=line.key_id, signature=signature)


def test_led_18_a_changed_cosignature_is_refused() -> None:
    good = cosign(TEXT, NAME, WITNESS, timestamp=NOW)
    assert verify_cosignature(_note(good), NAME, WITNESS.public_key) == NOW
    later = (NOW + 1).to_bytes(8, "big") + good.signature[8:]
    without_time = good.signature[8:]
    beyond = (MAX_TIMESTAMP + 1).to_bytes(8, "big") + WITNESS.sign(cosigned_message(TEXT, MAX_TIMESTAMP + 1))
    for signature in (later, without_time, beyond, good.signature + b"\x00"):
        with pytest.raises(SignatureError):
            verify_cosignature(_note(_changed(good, signature)), NAME, WITNESS.public_key)
    with pytest.raises(SignatureError):
        verify_cosignature(_note(good, text=TEXT.replace("7", "8")), NAME, WITNESS.public_key)


def test_led_18_a_log_signature_of_the_same_key_is_no_cosignature() -> None:
    checkpoint = Checkpoint(origin="log.example", size=7, root=bytes(32))
    plain = sign_checkpoint(checkpoint, NAME, WITNESS)
    assert verify_cosignature(_note(plain), NAME, WITNESS.public_key) is None
    posing = NoteSignature(
        name=NAME,
        key_id=note_key_id(NAME, WITNESS.public_key, 4),
        signature=NOW.to_bytes(8, "big") + plain.signature,
    )
    with pytest.raises(SignatureError):
        verify_cosignature(_note(posing), NAME, WITNESS.public_key)


def test_witnesses_sign_with_ed25519_under_a_key_name() -> None:
    with pytest.raises(UnsupportedAlgorithmError):
        cosign(TEXT, NAME, SoftwareSigner.generate(ES256), timestamp=NOW)
    for name, timestamp in (("a b", NOW), (NAME, -1), (NAME, MAX_TIMESTAMP + 1)):
        with pytest.raises(ValueError, match="key name"):
            cosign(TEXT, name, WITNESS, timestamp=timestamp)
