# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The combined text: split, joined, and what is not one. SDJ-03, JOS-31."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_DISCLOSURES, MAX_PRESENTATION_BYTES
from vcred.securing.sd_jwt.combined import SdJwt, join_sd_jwt, split_sd_jwt
from vcred.securing.sd_jwt.disclosure import digest_of

PART = st.text("ABCxyz019-_.", min_size=1)


def test_the_three_shapes() -> None:
    assert split_sd_jwt("j~") == SdJwt(issuer_jwt="j", disclosures=())
    assert split_sd_jwt("j~a~b~") == SdJwt(issuer_jwt="j", disclosures=("a", "b"))
    assert split_sd_jwt("j~a~k") == SdJwt(issuer_jwt="j", disclosures=("a",), key_binding="k")


@given(issuer_jwt=PART, disclosures=st.lists(PART), key_binding=st.none() | PART)
def test_what_is_joined_is_split(issuer_jwt: str, disclosures: list[str], key_binding: str | None) -> None:
    parts = SdJwt(issuer_jwt=issuer_jwt, disclosures=tuple(disclosures), key_binding=key_binding)
    assert split_sd_jwt(join_sd_jwt(parts)) == parts


def test_the_key_binding_covers_all_before_it() -> None:
    text = "j~a~b~k"
    parts = split_sd_jwt(text)
    assert parts.sd_hash_input() == "j~a~b~"
    assert parts.sd_hash() == digest_of("j~a~b~")


@pytest.mark.parametrize("text", ["", "j", "~", "~~", "j~~", "j~~k", "~a~", "j~a~~b~", "j~é~", "j~a~\ud800"])
def test_another_shape_is_malformed(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        split_sd_jwt(text)
    assert caught.value.code == "malformed"


def test_one_byte_too_long() -> None:
    longest = "j" * (MAX_PRESENTATION_BYTES - 1) + "~"
    split_sd_jwt(longest)
    with pytest.raises(LimitExceededError):
        split_sd_jwt("j" + longest)


def test_one_disclosure_too_many() -> None:
    most = "j~" + "a~" * MAX_DISCLOSURES
    assert len(split_sd_jwt(most).disclosures) == MAX_DISCLOSURES
    with pytest.raises(LimitExceededError):
        split_sd_jwt(most + "a~")
    with pytest.raises(LimitExceededError):
        split_sd_jwt("j~" + "a~" * 1001)


@given(st.text())
def test_any_text_is_split_or_malformed(text: str) -> None:
    try:
        parts = split_sd_jwt(text)
    except DecodeError:
        return
    assert join_sd_jwt(parts) == text
