# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: the published example, the letter of the format, the signature."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError, SignatureError, UnsupportedAlgorithmError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.software import SoftwareSigner
from vcred.tlog.checkpoint import (
    Checkpoint,
    encode_checkpoint_text,
    open_checkpoint,
    parse_checkpoint_text,
    sign_checkpoint,
    verify_log_signature,
)
from vcred.tlog.note import Note, encode_note, parse_note

EXAMPLE = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()
ORIGIN = "log.example/1"
SIGNER = SoftwareSigner.generate(EDDSA)
OTHER = SoftwareSigner.generate(EDDSA)
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=bytes(range(32)))


def _signed(checkpoint: Checkpoint = CHECKPOINT, name: str = ORIGIN, *signers: SoftwareSigner) -> bytes:
    lines = tuple(sign_checkpoint(checkpoint, name, signer) for signer in signers or (SIGNER,))
    return encode_note(Note(text=encode_checkpoint_text(checkpoint), signatures=lines))


def test_the_published_example_is_read() -> None:
    note = parse_note(EXAMPLE)
    checkpoint = parse_checkpoint_text(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert encode_checkpoint_text(checkpoint) == note.text
    # 4 bytes of key id and an Ed25519 signature.
    assert len(note.signatures[0].signature) == 64


TEXT = encode_checkpoint_text(CHECKPOINT)
ROOT = base64.b64encode(CHECKPOINT.root).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        "\n" + TEXT,
        TEXT.replace("\n7\n", "\n07\n"),
        TEXT.replace("\n7\n", "\n00\n"),
        TEXT.replace("\n7\n", "\n+7\n"),
        TEXT.replace("\n7\n", "\n-7\n"),
        TEXT.replace("\n7\n", "\n7 \n"),
        TEXT.replace("\n7\n", "\n７\n"),
        TEXT.replace("\n7\n", "\n7_0\n"),
        TEXT.replace("\n7\n", "\n\n"),
        TEXT.replace("\n7\n", f"\n{2**53}\n"),
        TEXT.replace("\n7\n", "\n" + "9" * 5000 + "\n"),
        TEXT.replace(ROOT, ROOT[:-4]),
        TEXT.replace(ROOT, ROOT.rstrip("=")),
        f"{ORIGIN}\n7\n",
    ],
)
def test_led_17_what_is_not_a_checkpoint(text: str) -> None:
    assert parse_checkpoint_text(TEXT) == CHECKPOINT
    with pytest.raises(DecodeError):
        parse_checkpoint_text(text)


def test_the_empty_tree_and_extension_lines() -> None:
    empty = Checkpoint(origin=ORIGIN, size=0, root=bytes(32), extensions=("one", "two"))
    assert parse_checkpoint_text(encode_checkpoint_text(empty)) == empty


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint(origin="", size=0, root=bytes(32)),
        Checkpoint(origin="a\nb", size=0, root=bytes(32)),
        Checkpoint(origin="a", size=-1, root=bytes(32)),
        Checkpoint(origin="a", size=0, root=bytes(31)),
        Checkpoint(origin="a", size=0, root=bytes(32), extensions=("",)),
    ],
)
def test_encoding_refuses_what_would_not_be_read_back(checkpoint: Checkpoint) -> None:
    with pytest.raises(ValueError, match="not a checkpoint"):
        encode_checkpoint_text(checkpoint)


def test_opening_a_signed_checkpoint() -> None:
    checkpoint, note = open_checkpoint(_signed(), origin=ORIGIN, keys=[SIGNER.public_key])
    assert checkpoint == CHECKPOINT
    verify_log_signature(note, ORIGIN, SIGNER.public_key)
    rotating = _signed(CHECKPOINT, ORIGIN, SIGNER, OTHER)
    for keys in ([SIGNER.public_key], [OTHER.public_key], [SIGNER.public_key, OTHER.public_key]):
        assert open_checkpoint(rotating, origin=ORIGIN, keys=keys)[0] == CHECKPOINT


def test_what_the_log_did_not_sign_is_refused() -> None:
    keys = [SIGNER.public_key]
    assert open_checkpoint(_signed(), origin=ORIGIN, keys=keys)
    with pytest.raises(SignatureError, match="another log"):
        open_checkpoint(_signed(), origin="log.example/2", keys=keys)
    with pytest.raises(SignatureError, match="no signature"):
        open_checkpoint(_signed(CHECKPOINT, ORIGIN, OTHER), origin=ORIGIN, keys=keys)
    with pytest.raises(SignatureError, match="no signature"):
        open_checkpoint(_signed(CHECKPOINT, "log.example/2"), origin=ORIGIN, keys=keys)
    with pytest.raises(SignatureError, match="does not verify"):
        open_checkpoint(_signed().replace(b"\n7\n", b"\n8\n"), origin=ORIGIN, keys=keys)
    with pytest.raises(DecodeError):
        open_checkpoint(_signed().replace(b"\n7\n", b"\n08\n"), origin=ORIGIN, keys=keys)
    with pytest.raises(ValueError, match="without keys"):
        open_checkpoint(_signed(), origin=ORIGIN, keys=[])


def test_one_good_line_does_not_excuse_a_bad_one() -> None:
    other = Checkpoint(origin=ORIGIN, size=8, root=CHECKPOINT.root)
    lines = (sign_checkpoint(CHECKPOINT, ORIGIN, SIGNER), sign_checkpoint(other, ORIGIN, SIGNER))
    note = Note(text=TEXT, signatures=lines)
    with pytest.raises(SignatureError):
        verify_log_signature(note, ORIGIN, SIGNER.public_key)


def test_logs_sign_with_ed25519_under_a_key_name() -> None:
    with pytest.raises(UnsupportedAlgorithmError):
        sign_checkpoint(CHECKPOINT, ORIGIN, SoftwareSigner.generate(ES256))
    with pytest.raises(ValueError, match="key name"):
        sign_checkpoint(CHECKPOINT, "a b", SIGNER)


@given(st.text(max_size=200))
def test_a_checkpoint_or_a_decode_error(text: str) -> None:
    for candidate in (text, f"{text}\n", f"origin\n{text}\n{ROOT}\n"):
        try:
            checkpoint = parse_checkpoint_text(candidate)
        except DecodeError:
            continue
        assert encode_checkpoint_text(checkpoint) == candidate
