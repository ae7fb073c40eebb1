# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A sealed box opens whole, or not at all. WAL-03, WAL-14."""

import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from vcred.codec.base64url import decode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, LimitExceededError, StoreError, UnsupportedAlgorithmError, VcredError
from vcred.keys.argon2id import DEFAULT_COST, LEAST_COST, derive_key
from vcred.keys.custody import Passphrase
from vcred.keys.passphrase_box import is_box, open_box, seal_box
from vcred.limits import MAX_BOX_BYTES, MAX_BOX_PLAINTEXT_BYTES

KIND = "vcred-wallet-backup-1"
CONTENT = b"canary in the cage"
PASSPHRASE = Passphrase(b"correct horse", LEAST_COST)
BOX = seal_box(CONTENT, PASSPHRASE, media_type=KIND)
FORM, HEADER, BODY = BOX.split(b"\n", 2)


def opened(box: bytes) -> bytes:
    return open_box(box, PASSPHRASE, media_type=KIND)


def with_header(change: JsonObject) -> bytes:
    return b"\n".join((FORM, encode_jcs({**decode_json_object(HEADER), **change}), BODY))


def resealed(change: Callable[[JsonObject], bytes]) -> bytes:
    """A box with another header line, encrypted by who knows the passphrase."""
    header = decode_json_object(HEADER)
    salt, nonce = (decode_base64url(str(header[name])) for name in ("salt", "iv"))
    front = b"\n".join((FORM, change(header), b""))
    key = derive_key(b"correct horse", salt=salt, cost=LEAST_COST)
    return front + AESGCM(key).encrypt(nonce, CONTENT, front)


@pytest.mark.parametrize("content", [b"", b"x", b"\n", bytes(range(256)) * 1000], ids=len)
def test_what_goes_in_comes_out(content: bytes) -> None:
    box = seal_box(content, PASSPHRASE, media_type=KIND)
    assert is_box(box)
    assert open_box(box, PASSPHRASE, media_type=KIND) == content


def test_its_form_is_the_specified_one() -> None:
    """docs/spec/keys-at-rest.md section 3, followed by hand."""
    header = decode_json_object(HEADER)
    assert FORM == b"vcred-box-1"
    assert header.keys() == {"enc", "iv", "kdf", "m", "p", "salt", "t", "typ"}
    assert (header["enc"], header["kdf"], header["typ"]) == ("A256GCM", "argon2id", KIND)
    assert (header["t"], header["m"], header["p"]) == (2, 19_456, 1)
    assert resealed(encode_jcs) == BOX
    assert CONTENT not in BOX


def test_two_boxes_have_nothing_secret_in_common() -> None:
    other = seal_box(CONTENT, PASSPHRASE, media_type=KIND).split(b"\n", 2)
    ours, theirs = decode_json_object(HEADER), decode_json_object(other[1])
    assert ours["salt"] != theirs["salt"]
    assert ours["iv"] != theirs["iv"]
    assert other[2] != BODY


def test_the_cost_is_that_of_a_keyring() -> None:
    header = decode_json_object(seal_box(b"", Passphrase(b"correct horse"), media_type=KIND).split(b"\n")[1])
    assert (header["t"], header["m"], header["p"]) == (
        DEFAULT_COST.passes,
        DEFAULT_COST.memory_kib,
        DEFAULT_COST.lanes,
    )


def test_both_ways_of_typing_open_it() -> None:
    forms = [unicodedata.normalize(form, "pässwort").encode() for form in ("NFC", "NFD")]
    for sealing in forms:
        box = seal_box(CONTENT, Passphrase(sealing, LEAST_COST), media_type=KIND)
        for typed in forms:
            assert open_box(box, Passphrase(typed), media_type=KIND) == CONTENT


def test_another_passphrase_and_a_changed_body_hear_the_same_words() -> None:
    assert opened(BOX) == CONTENT
    heard = set()
    for box, secret in ((BOX, b"correct hors"), (BOX, b"x" * 1024), (BOX[:-1] + b"\0", b"correct horse")):
        with pytest.raises(StoreError) as caught:
            open_box(box, Passphrase(secret), media_type=KIND)
        heard.add((str(caught.value), caught.value.hint))
    assert heard == {
        ("the sealed box does not open", "the passphrase is another one, or the file is damaged")
    }


@pytest.mark.parametrize("index", range(len(BOX)))
def test_every_changed_byte_is_noticed(index: int) -> None:
    bad = bytearray(BOX)
    bad[index] ^= 0x01
    with pytest.raises((DecodeError, StoreError, UnsupportedAlgorithmError)) as caught:
        opened(bytes(bad))
    assert b"canary" not in str(caught.value).encode()


def test_every_shorter_and_every_longer_box_is_noticed() -> None:
    assert opened(BOX) == CONTENT
    # Where not even a tag is left, the damage is seen without the passphrase.
    visible = len(BOX) - len(BODY) + 16
    for size in range(len(BOX)):
        with pytest.raises(DecodeError if size < visible else StoreError):
            opened(BOX[:size])
    for more in (b"\0", b"\n", BODY, BOX):
        with pytest.raises(StoreError):
            opened(BOX + more)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"typ": "vcred-folder-key-1"}, DecodeError, id="something else"),
        pytest.param({"more": 1}, DecodeError, id="an unknown member"),
        pytest.param({"iv": "AAAA"}, DecodeError, id="a short nonce"),
        pytest.param({"iv": 1}, DecodeError, id="no nonce"),
        pytest.param({"enc": "A128GCM"}, UnsupportedAlgorithmError, id="other encryption"),
        pytest.param({"kdf": "scrypt"}, UnsupportedAlgorithmError, id="another derivation"),
        pytest.param({"t": 1}, UnsupportedAlgorithmError, id="one pass"),
        pytest.param({"m": 2**40}, UnsupportedAlgorithmError, id="memory without end"),
        pytest.param({"t": 16, "m": 2**20}, UnsupportedAlgorithmError, id="too much work"),
        pytest.param({"p": 2**24}, UnsupportedAlgorithmError, id="too many lanes"),
        pytest.param({"salt": "AAAA"}, UnsupportedAlgorithmError, id="a short salt"),
        pytest.param({"typ": "x" * 1024}, DecodeError, id="a long header"),
    ],
)
def test_a_header_is_judged_before_any_work(change: JsonObject, error: type[VcredError]) -> None:
    assert opened(with_header({})) == CONTENT
    start = time.process_time()
    with pytest.raises(error) as caught:
        opened(with_header(change))
    assert type(caught.value) is error
    assert time.process_time() - start < 0.02


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(lambda header: encode_jcs(header).replace(b":", b": "), id="white space"),
        pytest.param(lambda header: encode_jcs(header).replace(b'"t":2', b'"t":2,"t":2'), id="twice"),
        pytest.param(lambda header: encode_jcs(header).replace(b"19456", b"19456.0"), id="a float"),
        pytest.param(lambda header: encode_jcs(header).replace(b"vcred", b"\\u0076cred"), id="an escape"),
    ],
)
def test_a_header_has_one_spelling(spelling: Callable[[JsonObject], bytes]) -> None:
    """Even from who knows the passphrase: two readers never differ about a box."""
    assert opened(resealed(encode_jcs)) == CONTENT
    with pytest.raises(DecodeError):
        opened(resealed(spelling))


def test_a_later_form_is_told_from_what_is_no_box() -> None:
    assert opened(BOX) == CONTENT
    with pytest.raises(DecodeError, match="not known here") as caught:
        opened(BOX.replace(b"vcred-box-1", b"vcred-box-2", 1))
    assert caught.value.hint == "use a newer vcred"
    for other in (b"", b"PK\x03\x04", b"VCRED-BOX-1\n" + BOX[12:], b"\xef\xbb\xbf" + BOX):
        assert not is_box(other)
        with pytest.raises(DecodeError, match="not a sealed box"):
            opened(other)


@settings(deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: FORM + b"\n" + rest))
def test_any_bytes_are_a_box_or_a_typed_error(data: bytes) -> None:
    with suppress(DecodeError, StoreError, UnsupportedAlgorithmError):
        opened(data)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(BOX) - 1), st.binary(max_size=3), st.integers(0, 5))
def test_any_cut_and_any_paste_is_a_typed_error(at: int, pasted: bytes, removed: int) -> None:
    changed = BOX[:at] + pasted + BOX[at + removed :]
    if changed != BOX:
        with pytest.raises((DecodeError, StoreError, UnsupportedAlgorithmError)):
            opened(changed)


def test_64_mib_and_not_a_byte_more() -> None:
    largest = bytes(MAX_BOX_PLAINTEXT_BYTES)
    start = time.process_time()
    box = seal_box(largest, PASSPHRASE, media_type=KIND)
    assert len(box) <= MAX_BOX_BYTES
    assert open_box(box, PASSPHRASE, media_type=KIND) == largest
    assert time.process_time() - start < 5
    with pytest.raises(LimitExceededError):
        seal_box(largest + b"\0", PASSPHRASE, media_type=KIND)
    with pytest.raises(LimitExceededError):
        opened(box + bytes(MAX_BOX_BYTES))
