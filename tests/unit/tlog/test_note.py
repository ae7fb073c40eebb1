# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Notes against the published example, and to the letter (LED-17)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError, LimitExceededError, SignatureError, UnsupportedAlgorithmError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.tlog.checkpoint import verify_log_signature
from vcred.tlog.note import (
    ED25519_NOTE,
    Note,
    NoteSignature,
    decode_base64,
    encode_note,
    encode_signature_line,
    note_key_id,
    parse_note,
    parse_signature_lines,
)

# The example of the specification, with its verifier key.
EXAMPLE_KEY = "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()


def _example_key() -> PublicKey:
    typed = base64.b64decode(EXAMPLE_KEY)
    assert typed[0] == ED25519_NOTE
    return PublicKey.from_raw(EDDSA, typed[1:])


def test_the_published_example_verifies() -> None:
    note, key = parse_note(EXAMPLE), _example_key()
    assert note.text == "This is an example message.\n"
    assert note_key_id("example.com/foo", key, ED25519_NOTE).hex() == "530d903a"
    assert note.signatures[0].key_id.hex() == "530d903a"
    verify_log_signature(note, "example.com/foo", key)
    assert encode_note(note) == EXAMPLE


def test_the_published_example_changed_does_not_verify() -> None:
    with pytest.raises(SignatureError, match="does not verify"):
        verify_log_signature(
            parse_note(EXAMPLE.replace(b"an example", b"no example")), "example.com/foo", _example_key()
        )
    with pytest.raises(SignatureError, match="no signature"):
        verify_log_signature(parse_note(EXAMPLE), "example.com/bar", _example_key())


def _line(name: str = "log.example", blob: bytes = b"1234signature") -> str:
    return f"— {name} {base64.b64encode(blob).decode()}\n"


def _note(lines: str = _line(), text: str = "text\n") -> bytes:
    return f"{text}\n{lines}".encode()


def test_text_with_blank_lines_and_dashes_is_kept_whole() -> None:
    text = "first\n\n— not a signature\n\nlast\n"
    note = parse_note(_note(text=text))
    assert note.text == text
    assert len(note.signatures) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        _note()[:-1],
        _note() + b"\n",
        _note().replace(b"\n\n", b"\n"),
        _note().replace(b"\n", b"\r\n"),
        _note(text="te\txt\n"),
        _note(text="te\x00xt\n"),
        b"\xff" + _note(),
        _note(_line("a+b")),
        _note(_line("a b")),
        _note(_line("a\u3000b")),
        _note(_line("a\u2028b")),
        _note(_line("")),
        _note(_line(blob=b"1234")),
        _note(_line(blob=b"")),
        _note(_line().replace("— ", "- ")),
        _note(_line().replace("— ", "—")),
        _note(_line().replace(" MTI", "  MTI")),
        _note(_line().rstrip("\n=") + "\n"),
        _note(_line(blob=b"123456").replace("\n", "") + "=\n"),
        _note("— log.example MTIzNHNpZ25hdHVyZR==\n"),
        _note("— log.example MTIz-HNp\n"),
        _note("— log.example\n"),
        _note("no signature\n"),
    ],
)
def test_led_17_what_is_not_a_note(data: bytes) -> None:
    assert parse_note(_note()).text == "text\n"
    with pytest.raises(DecodeError):
        parse_note(data)


def test_led_17_sixteen_signatures_and_no_more() -> None:
    assert len(parse_note(_note(_line() * 16)).signatures) == 16
    with pytest.raises(LimitExceededError):
        parse_note(_note(_line() * 17))


def test_a_note_has_a_greatest_length() -> None:
    with pytest.raises(LimitExceededError):
        parse_note(_note(text="x" * 65_536 + "\n"))


def test_encoding_refuses_what_would_not_be_read_back() -> None:
    signature = NoteSignature(name="log.example", key_id=b"1234", signature=b"s")
    assert parse_note(encode_note(Note(text="text\n", signatures=(signature,))))
    for text in ("text", "te\rxt\n", ""):
        with pytest.raises(ValueError, match="not a note"):
            encode_note(Note(text=text, signatures=(signature,)))
    with pytest.raises(ValueError, match="not a note"):
        encode_note(Note(text="text\n", signatures=()))
    spaced = NoteSignature(name="log example", key_id=b"1234", signature=b"s")
    with pytest.raises(ValueError, match="not a note"):
        encode_note(Note(text="text\n", signatures=(spaced,)))


def test_signature_lines_alone() -> None:
    signatures = parse_signature_lines(_line() + _line("second"))
    assert [item.name for item in signatures] == ["log.example", "second"]
    assert "".join(map(encode_signature_line, signatures)) == _line() + _line("second")
    with pytest.raises(DecodeError):
        parse_signature_lines("")


def test_key_ids_tell_name_type_and_key_apart() -> None:
    key = _example_key()
    ids = {
        note_key_id(name, each, kind)
        for name in ("a", "b")
        for kind in (1, 4)
        for each in (key, SoftwareSigner.generate(EDDSA).public_key)
    }
    assert len(ids) == 8
    with pytest.raises(UnsupportedAlgorithmError):
        note_key_id("a", SoftwareSigner.generate(ES256).public_key, 1)


_NAMES = st.text(min_size=1, max_size=20).filter(
    lambda name: "+" not in name and not any(char.isspace() or char < " " for char in name)
)
_SIGNATURES = st.builds(
    NoteSignature, name=_NAMES, key_id=st.binary(min_size=4, max_size=4), signature=st.binary(min_size=1)
)
_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=99)


@given(_TEXTS, st.lists(_SIGNATURES, min_size=1, max_size=16))
def test_round_trip(text: str, signatures: list[NoteSignature]) -> None:
    note = Note(text=text + "\n", signatures=tuple(signatures))
    assert parse_note(encode_note(note)) == note


@given(st.binary(max_size=300) | st.text(max_size=99).map(lambda text: _note(text)))
def test_a_note_or_a_decode_error(data: bytes) -> None:
    try:
        note = parse_note(data)
    except DecodeError:
        return
    assert encode_note(note) == data


@given(st.text(max_size=30))
def test_base64_has_one_form(text: str) -> None:
    try:
        data = decode_base64(text)
    except DecodeError:
        return
    assert base64.b64encode(data).decode() == text
