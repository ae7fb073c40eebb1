# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What may be a passphrase. WAL-02."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import UsageError
from vcred.keys.argon2id import DEFAULT_COST
from vcred.keys.custody import Passphrase
from vcred.keys.passphrases import normalised, read_new_passphrase, read_passphrase


def test_a_passphrase_costs_the_default_unless_another_is_given() -> None:
    assert read_passphrase(b"correct horse").cost == DEFAULT_COST


@pytest.mark.parametrize("size", [1, 1024])
def test_from_one_byte_to_1024(size: int) -> None:
    assert read_passphrase(b"x" * size).secret == b"x" * size


@pytest.mark.parametrize("size", [0, 1025, 1_000_000])
def test_no_byte_and_more_than_1024_are_refused_before_any_work(size: int) -> None:
    assert read_passphrase(b"canary" * 100).secret
    start = time.process_time()
    with pytest.raises(UsageError, match="1 to 1024 bytes") as caught:
        read_passphrase(b"canary" * size if size > 1 else b"")
    assert "canary" not in f"{caught.value}{caught.value.hint}"
    with pytest.raises(ValueError, match=r"empty|at most 1024"):
        Passphrase(b"x" * size)
    assert time.process_time() - start < 0.05


@given(st.text(min_size=1, max_size=200).filter(lambda text: text.isprintable()))
def test_the_same_characters_are_the_same_passphrase(text: str) -> None:
    composed = unicodedata.normalize("NFC", text).encode("utf-8")
    decomposed = unicodedata.normalize("NFD", text).encode("utf-8")
    typed = [
        Passphrase(secret) for secret in (composed, decomposed, text.encode("utf-8")) if len(secret) <= 1024
    ]
    assert {normalised(passphrase) for passphrase in typed} <= {composed}


def test_other_characters_stay_other_passphrases() -> None:
    """Not form KC: ½ and 1⁄2, ﬁ and fi, full width and half width are told apart."""
    assert normalised(Passphrase("é".encode())) == normalised(Passphrase("e\u0301".encode()))
    for one, other in (("½", "1⁄2"), ("ﬁ", "fi"), ("Ａ", "A"), ("陈", "陳"), ("a", "A")):
        assert normalised(Passphrase(one.encode())) != normalised(Passphrase(other.encode()))


@given(st.binary(min_size=1, max_size=1024))
def test_bytes_that_are_no_text_are_taken_as_they_are(secret: bytes) -> None:
    try:
        secret.decode("utf-8")
    except UnicodeDecodeError:
        assert normalised(Passphrase(secret)) == secret


@pytest.mark.parametrize("text", ["12345678", "correct horse", "清風明月不用一錢", "e\u0301" * 8])
def test_a_new_passphrase_of_8_characters(text: str) -> None:
    assert read_new_passphrase(text.encode()).secret == text.encode()


@pytest.mark.parametrize("text", ["1234567", "清風明月一錢買", "e\u0301" * 7])
def test_a_new_passphrase_of_fewer_characters_is_refused_and_an_existing_one_is_not(text: str) -> None:
    assert read_new_passphrase(f"{text}x".encode())
    with pytest.raises(UsageError, match="at least 8 characters") as caught:
        read_new_passphrase(text.encode())
    assert caught.value.hint is not None
    assert text not in f"{caught.value}{caught.value.hint}"
    assert read_passphrase(text.encode()).secret == text.encode()
