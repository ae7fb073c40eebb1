# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Sealed texts: what opens, and every header, point and shape that does not. JOS-14, 19, 29, 30."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.errors import (
    DecodeError,
    KeyMaterialError,
    LimitExceededError,
    RefusedError,
    UnsupportedAlgorithmError,
    VcredError,
)
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.software import SoftwareSigner
from vcred.limits import MAX_PRESENTATION_BYTES, MAX_SEALED_CHARACTERS
from vcred.reasons import Reason
from vcred.securing.jwe import can_receive, is_sealed, open_sealed, seal_to

HOLDER = SoftwareSigner.generate(ES256)
OTHER = SoftwareSigner.generate(ES256)
TYPE = "dc+sd-jwt"
TEXT = b"eyJ.eyJ.c2ln~d2l0aCBjbGFpbXM~"
GOOD = seal_to(TEXT, HOLDER.public_key, content_type=TYPE)


def unseal(text: str, holder: SoftwareSigner = HOLDER, content_type: str = TYPE) -> bytes:
    return open_sealed(text, holder.to_private_jwk(), content_type=content_type)


def with_header(**changes: Any) -> str:
    """The good text with another header; what is changed to None is left out."""
    first, _, rest = GOOD.partition(".")
    header = {**json.loads(decode_base64url(first)), **changes}
    kept = {name: value for name, value in header.items() if value is not None}
    return f"{encode_base64url(json.dumps(kept).encode())}.{rest}"


def seal_otherwise(**changes: str) -> str:
    """A text that the library seals and opens, and that is not sealed our way."""
    header = json.loads(decode_base64url(GOOD.partition(".")[0]))
    del header["epk"]
    envelope = JWE(TEXT, protected=json.dumps({**header, **changes}))
    envelope.add_recipient(JWK(**HOLDER.public_key.to_jwk()))
    text: str = envelope.serialize(compact=True)
    return text


def test_the_holder_opens_it_and_nobody_else() -> None:
    assert unseal(GOOD) == TEXT
    assert is_sealed(GOOD) and not is_sealed(TEXT.decode()) and not is_sealed("a.b.c")
    assert b"eyJ.eyJ" not in GOOD.encode()
    with pytest.raises(KeyMaterialError, match="another key"):
        unseal(GOOD, OTHER)
    relabelled = with_header(kid=OTHER.public_key.thumbprint())
    with pytest.raises(KeyMaterialError, match="does not open"):
        unseal(relabelled, OTHER)


def test_two_seals_of_one_text_have_nothing_in_common() -> None:
    again = seal_to(TEXT, HOLDER.public_key, content_type=TYPE)
    assert not set(again.split(".")[1:]) & set(GOOD.split(".")[1:])


def test_another_implementation_opens_it() -> None:
    envelope = JWE()
    envelope.deserialize(GOOD, JWK(**HOLDER.to_private_jwk()))
    assert envelope.plaintext == TEXT
    assert json.loads(envelope.objects["protected"])["cty"] == TYPE
    assert unseal(seal_otherwise()) == TEXT


def test_an_ed25519_key_receives_nothing() -> None:
    assert can_receive(HOLDER.public_key)
    signer = SoftwareSigner.generate(EDDSA)
    assert not can_receive(signer.public_key)
    with pytest.raises(KeyMaterialError):
        seal_to(TEXT, signer.public_key, content_type=TYPE)
    with pytest.raises(KeyMaterialError):
        unseal(GOOD, signer)


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "ECDH-ES"},
        {"alg": "ECDH-ES+A128KW"},
        {"enc": "A128GCM"},
        {"enc": "A256CBC-HS512"},
    ],
)
def test_what_the_library_would_open_is_refused(changes: dict[str, str]) -> None:
    """JOS-30. `enc` not offered."""
    sealed = seal_otherwise(**changes)
    with pytest.raises((RefusedError, DecodeError)) as caught:
        unseal(sealed)
    if isinstance(caught.value, RefusedError):
        assert caught.value.reason is Reason.ALGORITHM_NOT_ALLOWED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"alg": "RSA1_5"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": "dir"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": "none"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"alg": None}, Reason.ALGORITHM_NOT_ALLOWED),
        # JOS-29. A work factor that a stranger asks for is never paid.
        ({"alg": "PBES2-HS512+A256KW", "p2c": 10**9, "p2s": "AAAA"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"enc": None}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"enc": ["A256GCM"]}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"zip": "DEF"}, Reason.HEADER_NOT_ALLOWED),
        ({"crit": []}, Reason.HEADER_NOT_ALLOWED),
        ({"apu": "AAAA"}, Reason.HEADER_NOT_ALLOWED),
        ({"p2c": 1}, Reason.HEADER_NOT_ALLOWED),
        ({"jwk": {}}, Reason.KEY_NOT_AUTHORISED),
        ({"jku": "http://127.0.0.1/"}, Reason.KEY_NOT_AUTHORISED),
        ({"x5c": []}, Reason.KEY_NOT_AUTHORISED),
        ({"typ": None}, Reason.MEDIA_TYPE_WRONG),
        ({"typ": "JOSE"}, Reason.MEDIA_TYPE_WRONG),
        ({"cty": None}, Reason.MEDIA_TYPE_WRONG),
        ({"cty": "kb+jwt"}, Reason.MEDIA_TYPE_WRONG),
    ],
)
def test_a_header_that_is_not_ours(changes: dict[str, Any], reason: Reason) -> None:
    assert unseal(GOOD) == TEXT
    with pytest.raises(RefusedError) as caught:
        unseal(with_header(**changes))
    assert caught.value.reason is reason


def epk(**changes: Any) -> dict[str, Any]:
    point: dict[str, Any] = {**OTHER.public_key.to_jwk(), **changes}
    return {name: value for name, value in point.items() if value is not None}


@pytest.mark.parametrize(
    "point",
    [
        epk(y=epk()["x"]),
        epk(x=encode_base64url(bytes(32)), y=encode_base64url(bytes(32))),
        epk(x=encode_base64url(bytes(31))),
        epk(y=None),
        epk(crv="P-384"),
        epk(crv="P-521"),
        SoftwareSigner.generate(EDDSA).public_key.to_jwk(),
        {"kty": "OKP", "crv": "X25519", "x": encode_base64url(bytes(32))},
        {"kty": "oct", "k": "AAAA"},
        OTHER.to_private_jwk(),
        epk(kid="x"),
        epk(x5u="http://127.0.0.1/"),
        {},
    ],
)
def test_a_point_that_is_none_of_the_curve(point: dict[str, Any]) -> None:
    """JOS-30. Each answer to such a point would give away some bits of the private key."""
    with pytest.raises(KeyMaterialError):
        unseal(with_header(epk=point))


@pytest.mark.parametrize("value", [None, [], "x"])
def test_no_point_or_no_name_of_a_key(value: object) -> None:
    with pytest.raises(DecodeError):
        unseal(with_header(epk=value))
    with pytest.raises((DecodeError, KeyMaterialError)):
        unseal(with_header(kid=value))


def test_another_good_point_or_any_other_change_does_not_open() -> None:
    with pytest.raises(KeyMaterialError, match="does not open"):
        unseal(with_header(epk=epk()))
    parts = GOOD.split(".")
    for place in range(1, 5):
        first = "B" if parts[place][0] == "A" else "A"
        changed = [*parts[:place], first + parts[place][1:], *parts[place + 1 :]]
        with pytest.raises(KeyMaterialError, match="does not open"):
            unseal(".".join(changed))


@pytest.mark.parametrize("place", range(5))
def test_each_part_has_one_spelling_and_its_length(place: int) -> None:
    """JOS-14."""
    parts = GOOD.split(".")
    for spelling in ("", parts[place] + "=", " " + parts[place], parts[place] + "AAAA", parts[place][:-4]):
        changed = ".".join([*parts[:place], spelling, *parts[place + 1 :]])
        with pytest.raises((DecodeError, KeyMaterialError)) as caught:
            unseal(changed)
        # Only what is encrypted may be of any length.
        assert place == 3 or isinstance(caught.value, DecodeError)


def test_shapes_that_are_none() -> None:
    envelope = JWE()
    envelope.deserialize(GOOD, JWK(**HOLDER.to_private_jwk()))
    twice = encode_base64url(b'{"alg":"ECDH-ES+A256KW","alg":"ECDH-ES+A256KW"}')
    for text in ("", "....", GOOD + ".", GOOD.rpartition(".")[0], "é" * 5, envelope.serialize()):
        with pytest.raises(DecodeError):
            unseal(text)
    with pytest.raises(DecodeError, match="two members of one name"):
        unseal(f"{twice}.{GOOD.partition('.')[2]}")


def test_sizes_are_asked_before_anything_is_done() -> None:
    """JOS-31."""
    largest = seal_to(bytes(MAX_PRESENTATION_BYTES), HOLDER.public_key, content_type=TYPE)
    assert len(unseal(largest)) == MAX_PRESENTATION_BYTES
    with pytest.raises(LimitExceededError):
        seal_to(bytes(MAX_PRESENTATION_BYTES + 1), HOLDER.public_key, content_type=TYPE)
    with pytest.raises(LimitExceededError):
        unseal("A" * (MAX_SEALED_CHARACTERS + 1))


def test_a_key_that_is_no_private_key() -> None:
    for jwk in (HOLDER.public_key.to_jwk(), {**HOLDER.to_private_jwk(), "d": OTHER.to_private_jwk()["d"]}):
        with pytest.raises(KeyMaterialError):
            open_sealed(GOOD, jwk, content_type=TYPE)
    with pytest.raises(UnsupportedAlgorithmError):
        open_sealed(GOOD, {**HOLDER.to_private_jwk(), "crv": "P-384"}, content_type=TYPE)


@given(st.binary(max_size=2000))
def test_what_is_sealed_comes_out(data: bytes) -> None:
    assert unseal(seal_to(data or b"x", HOLDER.public_key, content_type=TYPE)) == (data or b"x")


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(st.binary(max_size=60).map(encode_base64url), min_size=4, max_size=6).map(".".join),
        st.integers(0, len(GOOD) - 1).flatmap(
            lambda place: st.characters().map(lambda c: GOOD[:place] + c + GOOD[place + 1 :])
        ),
        st.dictionaries(st.sampled_from(["alg", "enc", "epk", "kid", "typ", "zip"]), st.text(max_size=9)).map(
            lambda changes: with_header(**changes)
        ),
    )
)
def test_fuzz(text: str) -> None:
    try:
        assert unseal(text) == TEXT
    except VcredError as error:
        assert isinstance(error, DecodeError | RefusedError | KeyMaterialError)


def test_a_presentation_with_as_many_dots_is_not_sealed() -> None:
    assert not is_sealed("a.b.c~ZGlzY2xvc3VyZQ~d.e.f")


@pytest.mark.parametrize(
    ("point", "why"),
    [
        (epk(kid="x"), "epk has members"),
        (OTHER.to_private_jwk(), "epk has members"),
        (SoftwareSigner.generate(EDDSA).public_key.to_jwk(), "epk is of another curve"),
    ],
)
def test_a_point_is_refused_before_anything_is_computed_with_it(point: dict[str, Any], why: str) -> None:
    """JOS-30."""
    assert unseal(GOOD) == TEXT
    with pytest.raises(KeyMaterialError, match=why):
        unseal(with_header(epk=point))


def test_an_ed25519_key_opens_nothing_whatever_the_header_says() -> None:
    own = SoftwareSigner.generate(EDDSA)
    with pytest.raises(KeyMaterialError, match="nothing can be sealed to an Ed25519 key"):
        unseal(with_header(kid=own.public_key.thumbprint()), own)


def test_nothing_is_inside() -> None:
    header = json.loads(decode_base64url(GOOD.partition(".")[0]))
    del header["epk"]
    for inside in (b"x", b""):
        envelope = JWE(inside, protected=json.dumps(header))
        envelope.add_recipient(JWK(**HOLDER.public_key.to_jwk()))
        text = envelope.serialize(compact=True)
        if inside:
            assert unseal(text) == inside
        else:
            with pytest.raises(DecodeError, match="nothing is inside"):
                unseal(text)
