# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status list tokens: what is signed comes back, what is wrong has one reason (STA-01 to STA-14)."""

import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.software import SoftwareSigner
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.securing.jws import sign_jws
from vcred.status.bits import StatusList, compress_list
from vcred.status.snapshot import StatusSnapshot
from vcred.status.token_status_list import encode_status_token, parse_status_token, verify_status_token

LIST = StatusList.empty(bits=2, size=MIN_STATUS_LIST_SIZE).changed({77: 1, 78: 2, 79: 3})
URI = "https://issuer.example/status/3"
KID = "did:example:issuer#key"
SIGNER = SoftwareSigner.generate(ES256)
BOTH = (ES256, EDDSA)
HEADER: JsonObject = {"typ": "statuslist+jwt", "kid": KID}
PAYLOAD: JsonObject = {
    "sub": URI,
    "iat": 1000,
    "exp": 2000,
    "ttl": 60,
    "status_list": {"bits": 2, "lst": compress_list(LIST)},
}


def _open(
    text: str, signer: SoftwareSigner = SIGNER, allowed: tuple[Algorithm, ...] = BOTH
) -> StatusSnapshot:
    return verify_status_token(parse_status_token(text), key=signer.public_key, allowed=allowed)


def _token(**change: JsonValue) -> str:
    return sign_jws(HEADER, {**PAYLOAD, **change}, SIGNER)


def _without(name: str) -> str:
    return sign_jws(HEADER, {key: value for key, value in PAYLOAD.items() if key != name}, SIGNER)


def _refused(text: str) -> None:
    assert _open(_token()).lookup(77) == 1
    with pytest.raises(RefusedError) as caught:
        _open(text)
    assert caught.value.reason is Reason.STATUS_INVALID


@pytest.mark.parametrize("algorithm", BOTH)
def test_what_is_signed_comes_back(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    text = encode_status_token(LIST, uri=URI, issued_at=1000, expires_at=2000, ttl=60, kid=KID, signer=signer)
    token = parse_status_token(text)
    assert (token.key_id, token.issuer, token.uri) == (KID, None, URI)
    snapshot = _open(text, signer)
    assert (snapshot.uri, snapshot.issued_at, snapshot.expires_at, snapshot.ttl) == (URI, 1000, 2000, 60)
    assert [snapshot.lookup(index) for index in (76, 77, 78, 79)] == [0, 1, 2, 3]
    assert snapshot.token_digest == sha256(text.rpartition(".")[0].encode()).digest()


def test_the_issuers_token_is_in_the_published_form() -> None:
    text = encode_status_token(LIST, uri=URI, issued_at=1000, expires_at=2000, ttl=60, kid=KID, signer=SIGNER)
    header, payload, _ = text.split(".")
    assert decode_json_object(decode_base64url(header)) == {"alg": "ES256", **HEADER}
    assert decode_json_object(decode_base64url(payload)) == PAYLOAD


def test_members_not_required_and_members_not_known() -> None:
    assert _open(_without("ttl")).ttl is None
    assert _open(_without("exp")).expires_at is None
    assert parse_status_token(_token(iss="did:example:issuer")).issuer == "did:example:issuer"
    listed: JsonObject = {
        "bits": 2,
        "lst": compress_list(LIST),
        "aggregation_uri": "https://issuer.example/all",
    }
    assert _open(_token(status_list=listed, jti="x")).lookup(77) == 1


@pytest.mark.parametrize(
    ("size", "times"), [(1000, (1000, 2000, 60)), (MIN_STATUS_LIST_SIZE, (2000, 2000, 60))]
)
def test_sta_13_the_issuer_makes_no_small_list_and_no_impossible_times(
    size: int, times: tuple[int, int, int]
) -> None:
    issued_at, expires_at, ttl = times
    with pytest.raises(ValueError, match="status list"):
        encode_status_token(
            StatusList.empty(bits=1, size=size),
            uri=URI,
            issued_at=issued_at,
            expires_at=expires_at,
            ttl=ttl,
            kid=KID,
            signer=SIGNER,
        )


def test_sta_02_another_key_or_a_broken_signature() -> None:
    text = _token()
    with pytest.raises(RefusedError) as caught:
        _open(text, SoftwareSigner.generate(ES256))
    assert caught.value.reason is Reason.STATUS_INVALID
    head, _, signature = text.rpartition(".")
    _refused(f"{head}.{encode_base64url(bytes(64))}")
    _refused(f"{head}.{encode_base64url(decode_base64url(signature)[:-1])}")
    other = _token(iat=1001).rpartition(".")[0]
    _refused(f"{other}.{signature}")


def _with_header(header: bytes) -> str:
    return f"{encode_base64url(header)}.{_token().split('.', 1)[1]}"


@pytest.mark.parametrize(
    "text",
    [
        _with_header(b'{"alg":"none","kid":"did:example:issuer#key","typ":"statuslist+jwt"}'),
        _with_header(b'{"alg":"HS256","kid":"did:example:issuer#key","typ":"statuslist+jwt"}'),
        _with_header(b'{"alg":"EdDSA","kid":"did:example:issuer#key","typ":"statuslist+jwt"}'),
        sign_jws({**HEADER, "typ": "dc+sd-jwt"}, PAYLOAD, SIGNER),
        sign_jws({**HEADER, "typ": "application/statuslist+jwt"}, PAYLOAD, SIGNER),
        sign_jws({"kid": KID}, PAYLOAD, SIGNER),
        sign_jws({**HEADER, "jwk": SIGNER.public_key.to_jwk()}, PAYLOAD, SIGNER),
        sign_jws({**HEADER, "crit": []}, PAYLOAD, SIGNER),
        sign_jws({**HEADER, "kid": 5}, PAYLOAD, SIGNER),
    ],
)
def test_sta_03_header(text: str) -> None:
    _refused(text)


def test_sta_03_an_algorithm_the_policy_does_not_list() -> None:
    assert _open(_token(), allowed=(ES256,)).lookup(77) == 1
    with pytest.raises(RefusedError) as caught:
        _open(_token(), allowed=(EDDSA,))
    assert caught.value.reason is Reason.STATUS_INVALID


def _listed(**change: JsonValue) -> str:
    status_list: JsonObject = {"bits": 2, "lst": compress_list(LIST)}
    return _token(status_list={**status_list, **change})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "a.b.c",
        "{}",
        _token() + ".",
        _token() + "=",
        *map(_without, ("sub", "iat", "status_list")),
        _token(sub=""),
        _token(sub="x" * 2049),
        _token(sub=5),
        _token(iat="1000"),
        _token(iat=1000.5),
        _token(iat=-1),
        _token(iat=True),
        _token(exp=1000),
        _token(exp=999),
        _token(exp="2000"),
        _token(ttl=0),
        _token(ttl=-5),
        _token(ttl="60"),
        _token(iss=5),
        _token(status_list=[]),
        _token(status_list={}),
        _listed(lst=5),
    ],
)
def test_sta_02_what_is_not_a_token(text: str) -> None:
    _refused(text)


@pytest.mark.parametrize("bits", [0, 3, 16, -1, "2", 2.5, True, None])
def test_sta_06_bits(bits: JsonValue) -> None:
    _refused(_listed(bits=bits))


def test_sta_14_a_bomb_is_cheap_until_it_is_looked_at_and_then_refused() -> None:
    bomb = encode_base64url(zlib.compress(bytes(32 * 1024 * 1024)))
    snapshot = _open(_listed(lst=bomb))
    with pytest.raises(LimitExceededError):
        snapshot.lookup(0)


def test_sta_14_a_token_over_the_limit() -> None:
    with pytest.raises(LimitExceededError):
        parse_status_token(_listed(lst="A" * (4 * 1024 * 1024)))


def test_a_full_list_of_ten_million_entries_fits() -> None:
    revoked = dict.fromkeys(range(0, 10_000_000, 101), 1)
    status_list = StatusList.empty(bits=1, size=10_000_000).changed(revoked)
    text = encode_status_token(
        status_list, uri=URI, issued_at=1000, expires_at=2000, ttl=60, kid=KID, signer=SIGNER
    )
    snapshot = _open(text)
    assert (snapshot.lookup(101), snapshot.lookup(102)) == (1, 0)


_PARTS = st.binary(max_size=80).map(encode_base64url) | st.text(max_size=40)


@given(st.text(max_size=200) | st.lists(_PARTS, min_size=3, max_size=3).map(".".join))
def test_a_token_or_a_refusal(text: str) -> None:
    try:
        parse_status_token(text)
    except (RefusedError, DecodeError) as error:
        assert isinstance(error, LimitExceededError) or error.reason is Reason.STATUS_INVALID  # type: ignore[union-attr]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(["sub", "iat", "exp", "ttl", "status_list", "iss"]), _JSON)
def test_any_value_in_any_place(name: str, value: JsonValue) -> None:
    try:
        token = parse_status_token(_token(**{name: value}))
    except RefusedError as error:
        assert error.reason is Reason.STATUS_INVALID
        return
    assert token.bits == 2
