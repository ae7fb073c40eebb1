# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""JWS: what is accepted, and every header and shape that is not. JOS-01..03, 05..07, 09..11, 13, 14."""

import hashlib
import hmac
import itertools
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.keys.published import ED25519_JWK, ED25519_JWS, ES256_JWK, ES256_JWS
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import (
    DecodeError,
    LimitExceededError,
    RefusedError,
    SignatureError,
    UnsupportedAlgorithmError,
)
from vcred.keys.algorithms import ALGORITHMS, EDDSA, ES256, Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.reasons import Reason
from vcred.securing.jws import Jws, check_header, key_id, parse_jws, sign_jws, verify_jws

SLOTS = (
    "dc+sd-jwt",
    "kb+jwt",
    "statuslist+jwt",
    "oauth-authz-req+jwt",
    "openid4vci-proof+jwt",
    "dpop+jwt",
    "vcred-bundle+jwt",
)
TYP = SLOTS[0]
KID = "did:vcred:abc#key"
PAYLOAD: JsonObject = {"colour": "green", "iat": 1}
SIGNER = SoftwareSigner.generate(ES256)
GOOD = sign_jws({"typ": TYP, "kid": KID}, PAYLOAD, SIGNER)


def sign_anyhow(header: JsonObject, signer: Signer = SIGNER) -> str:
    """Sign a header that `sign_jws` would not write: the defect lies inside the signed part."""
    first = f"{encode_base64url(json.dumps(header).encode())}.{encode_base64url(encode_jcs(PAYLOAD))}"
    return f"{first}.{encode_base64url(signer.sign(first.encode()))}"


def accept(text: str, *, key: PublicKey = SIGNER.public_key, typ: str = TYP) -> Jws:
    jws = parse_jws(text)
    check_header(jws, typ=typ, allowed=ALGORITHMS)
    verify_jws(jws, key)
    return jws


def refusal(text: str, *, key: PublicKey = SIGNER.public_key, typ: str = TYP) -> Reason:
    with pytest.raises(RefusedError) as caught:
        accept(text, key=key, typ=typ)
    return caught.value.reason


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda row: row.jose)
def test_what_is_signed_is_read_back(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    jws = accept(sign_jws({"typ": TYP, "kid": KID}, PAYLOAD, signer), key=signer.public_key)
    assert jws.header == {"alg": algorithm.jose, "kid": KID, "typ": TYP}
    assert jws.payload == encode_jcs(PAYLOAD)
    assert key_id(jws) == KID


@pytest.mark.parametrize(
    ("text", "jwk"),
    [(ES256_JWS, ES256_JWK), (ED25519_JWS, ED25519_JWK)],
    ids=["RFC 7515 A.3", "RFC 8037 A.4"],
)
def test_published_signatures_verify(text: str, jwk: JsonObject) -> None:
    key = PublicKey.from_jwk(jwk)
    verify_jws(parse_jws(text), key)
    header, _, signature = text.split(".")
    with pytest.raises(SignatureError):
        verify_jws(parse_jws(f"{header}.e30.{signature}"), key)


def test_the_fully_specified_name_of_eddsa_is_understood() -> None:
    signer = SoftwareSigner.generate(EDDSA)
    accept(sign_anyhow({"alg": "Ed25519", "typ": TYP}, signer), key=signer.public_key)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(-9, 9), max_size=4))
def test_any_payload_is_read_back(payload: JsonObject) -> None:
    assert accept(sign_jws({"typ": TYP}, payload, SIGNER)).payload == encode_jcs(payload)


def test_a_changed_payload_or_header_or_key_does_not_verify() -> None:
    accept(GOOD)
    header, payload, signature = GOOD.split(".")
    other = encode_base64url(encode_jcs({**PAYLOAD, "colour": "red"}))
    renamed = encode_base64url(encode_jcs({"alg": "ES256", "kid": "did:vcred:abc#other", "typ": TYP}))
    for text in (f"{header}.{other}.{signature}", f"{renamed}.{payload}.{signature}"):
        with pytest.raises(SignatureError):
            accept(text)
    with pytest.raises(SignatureError):
        accept(GOOD, key=SoftwareSigner.generate(ES256).public_key)


# JOS-01.
@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("typ", SLOTS)
def test_unsigned_is_refused_in_every_slot(name: str, typ: str) -> None:
    accept(sign_jws({"typ": typ}, PAYLOAD, SIGNER), typ=typ)
    signed = sign_anyhow({"alg": name, "typ": typ})
    assert refusal(signed, typ=typ) is Reason.ALGORITHM_NOT_ALLOWED
    assert refusal(signed.rpartition(".")[0] + ".", typ=typ) is Reason.ALGORITHM_NOT_ALLOWED


def public_key_forms() -> dict[str, bytes]:
    jwk = SIGNER.public_key.to_jwk()
    x, y = decode_base64url(str(jwk["x"])), decode_base64url(str(jwk["y"]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), SIGNER.public_key.raw)
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return {
        "PEM": key.public_bytes(serialization.Encoding.PEM, spki),
        "DER": key.public_bytes(serialization.Encoding.DER, spki),
        "point": b"\x04" + x + y,
        "compressed point": SIGNER.public_key.raw,
        "JWK": json.dumps(jwk).encode(),
        "JWKS": json.dumps({"keys": [jwk]}).encode(),
    }


# JOS-02.
@pytest.mark.parametrize("bits", [256, 384, 512])
@pytest.mark.parametrize("secret", public_key_forms().values(), ids=public_key_forms())
def test_the_public_key_is_no_shared_secret(bits: int, secret: bytes) -> None:
    header = encode_base64url(encode_jcs({"alg": f"HS{bits}", "typ": TYP}))
    first = f"{header}.{encode_base64url(encode_jcs(PAYLOAD))}"
    tag = hmac.new(secret, first.encode(), getattr(hashlib, f"sha{bits}")).digest()
    assert refusal(f"{first}.{encode_base64url(tag)}") is Reason.ALGORITHM_NOT_ALLOWED
    with pytest.raises(RefusedError) as caught:
        verify_jws(parse_jws(f"{first}.{encode_base64url(tag)}"), SIGNER.public_key)
    assert caught.value.reason is Reason.ALGORITHM_NOT_ALLOWED


# JOS-03.
@pytest.mark.parametrize(
    "name", ["EdDSA", "Ed25519", "ES256K", "ES384", "RS256", "PS256", "es256", "ES256 ", ""]
)
def test_the_header_cannot_choose_another_algorithm_than_the_keys(name: str) -> None:
    text = sign_anyhow({"alg": name, "typ": TYP})
    assert refusal(text) is Reason.ALGORITHM_NOT_ALLOWED
    with pytest.raises(RefusedError) as caught:
        verify_jws(parse_jws(text), SIGNER.public_key)
    assert caught.value.reason is Reason.ALGORITHM_NOT_ALLOWED


def test_a_p384_key_never_becomes_a_key() -> None:
    numbers = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()
    x, y = (encode_base64url(number.to_bytes(48, "big")) for number in (numbers.x, numbers.y))
    with pytest.raises(UnsupportedAlgorithmError):
        PublicKey.from_jwk({"kty": "EC", "crv": "P-384", "x": x, "y": y})


def test_an_algorithm_off_the_callers_list_is_refused() -> None:
    jws = parse_jws(GOOD)
    check_header(jws, typ=TYP, allowed=[ES256])
    with pytest.raises(RefusedError) as caught:
        check_header(jws, typ=TYP, allowed=[EDDSA])
    assert caught.value.reason is Reason.ALGORITHM_NOT_ALLOWED
    with pytest.raises(ValueError, match="empty"):
        check_header(jws, typ=TYP, allowed=[])


# JOS-05, JOS-06. The test suite has no sockets: following one of these would fail otherwise.
@pytest.mark.parametrize(
    "brought",
    [
        {"jwk": SoftwareSigner.generate(ES256).public_key.to_jwk()},
        {"jwk": None},
        {"jku": "https://attacker.example/keys"},
        {"jku": "file:///etc/passwd"},
        {"x5u": "http://127.0.0.1/"},
        {"x5c": ["MIIB"]},
        {"x5t": "AA"},
        {"x5t#S256": "AA"},
    ],
    ids=lambda brought: next(iter(brought)),
)
def test_a_key_brought_along_is_refused(brought: JsonObject) -> None:
    assert refusal(sign_anyhow({"alg": "ES256", "typ": TYP, **brought})) is Reason.KEY_NOT_AUTHORISED


# JOS-07. "../../x" and another issuer's kid are names like any other: no look-up finds them.
@pytest.mark.parametrize(
    "kid", ["' OR 1=1", "", " ", "a\nb", "a\x7f", "a\x1b[2J", "ключ", "x" * 513, "x" * 10_000, 7, None]
)
def test_a_kid_that_no_key_has_is_refused(kid: str | int | None) -> None:
    assert refusal(sign_anyhow({"alg": "ES256", "typ": TYP, "kid": kid})) is Reason.KEY_NOT_AUTHORISED


def test_nul_in_a_kid_is_refused_as_in_any_text() -> None:
    with pytest.raises(DecodeError):
        parse_jws(sign_anyhow({"alg": "ES256", "typ": TYP, "kid": "a\0b"}))


def test_a_kid_is_a_name_and_may_be_missing() -> None:
    assert key_id(accept(sign_jws({"typ": TYP}, PAYLOAD, SIGNER))) is None
    assert key_id(accept(sign_jws({"typ": TYP, "kid": "../../x"}, PAYLOAD, SIGNER))) == "../../x"


# JOS-09, JOS-10.
@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": ["exp", "exp"], "exp": 1},
        {"crit": ["exp"]},
        {"crit": ["alg"]},
        {"crit": "alg"},
        {"b64": False},
        {"b64": False, "crit": ["b64"]},
        {"b64": True},
        {"cty": "JWT"},
        {"zip": "DEF"},
        {"iss": "did:vcred:abc"},
    ],
    ids=json.dumps,
)
def test_extensions_are_refused(extra: JsonObject) -> None:
    assert refusal(sign_anyhow({"alg": "ES256", "typ": TYP, **extra})) is Reason.HEADER_NOT_ALLOWED


# JOS-11.
@pytest.mark.parametrize(("made_for", "found_in"), list(itertools.permutations(SLOTS, 2)))
def test_one_slots_object_does_not_fit_another(made_for: str, found_in: str) -> None:
    text = sign_jws({"typ": made_for}, PAYLOAD, SIGNER)
    accept(text, typ=made_for)
    assert refusal(text, typ=found_in) is Reason.MEDIA_TYPE_WRONG


@pytest.mark.parametrize(
    "typ", ["DC+SD-JWT", "application/dc+sd-jwt", "vc+sd-jwt", "JWT", "", 1, None, ["dc+sd-jwt"]]
)
def test_the_media_type_is_compared_exactly(typ: JsonValue) -> None:
    assert refusal(sign_anyhow({"alg": "ES256", "typ": typ})) is Reason.MEDIA_TYPE_WRONG


def test_a_missing_media_type_is_the_wrong_one() -> None:
    assert refusal(sign_anyhow({"alg": "ES256"})) is Reason.MEDIA_TYPE_WRONG


HEADER, BODY, SIGNATURE = GOOD.split(".")


# JOS-13.
@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"payload": BODY, "signatures": []}),
        json.dumps({"payload": BODY, "signatures": [{"protected": HEADER, "signature": SIGNATURE}] * 2}),
        json.dumps({"payload": BODY, "header": {"alg": "ES256"}, "signature": SIGNATURE}),
        json.dumps({"payload": BODY, "protected": HEADER, "signature": SIGNATURE}),
    ],
)
def test_the_json_serialisations_are_malformed(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_jws(text)


def spoilt(part: str) -> dict[str, str]:
    """Return what other decoders read as the same bytes, or as none."""
    return {
        "unused bits set": part[:-1] + chr(ord(part[-1]) + 1),
        "padded": part + "=",
        "plus": "+" + part[1:],
        "slash": "/" + part[1:],
        "space before": " " + part,
        "space after": part + " ",
        "newline": part[:4] + "\n" + part[4:],
        "not ASCII": part[:-1] + "é",
        "empty": "",
    }


# JOS-14. Each part is made to end in a character with unused bits.
@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("defect", spoilt("AAAA"))
def test_base64url_has_one_spelling(position: int, defect: str) -> None:
    parts = sign_jws({"typ": TYP, "kid": KID}, {"a": "bb"}, SIGNER).split(".")
    assert len(decode_base64url(parts[position])) % 3 != 0
    accept(".".join(parts))
    parts[position] = spoilt(parts[position])[defect]
    with pytest.raises(DecodeError) as caught:
        parse_jws(".".join(parts))
    assert caught.value.code == "malformed"


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", GOOD + ".", "." + GOOD, f"{HEADER}.{BODY}", GOOD + "~"]
)
def test_another_number_of_parts_is_malformed(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_jws(text)


@pytest.mark.parametrize(
    "header", ["[]", "1", '"ES256"', "{}", '{"alg":null}', '{"alg":["none"]}', "{", '{"alg":1}']
)
def test_a_header_without_a_text_alg_is_malformed(header: str) -> None:
    with pytest.raises(DecodeError):
        parse_jws(f"{encode_base64url(header.encode())}.{BODY}.{SIGNATURE}")


def test_what_is_remembered_of_a_header_is_nobodys_to_change() -> None:
    parse_jws(GOOD).header["alg"] = "none"
    assert accept(GOOD).header == {"alg": "ES256", "typ": TYP, "kid": KID}


def test_a_header_too_long_to_be_remembered_is_read_alike() -> None:
    long = sign_anyhow({"alg": "ES256", "typ": TYP, "extra": "x" * 2000})
    for _ in range(2):
        assert len(parse_jws(long).header["extra"]) == 2000  # type: ignore[arg-type]
        assert refusal(long) is Reason.HEADER_NOT_ALLOWED


def test_headers_that_python_takes_for_equal_are_written_apart() -> None:
    numbers: list[JsonValue] = [1, True, 1.0, "1"]
    headers = [parse_jws(sign_jws({"typ": TYP, "n": number}, PAYLOAD, SIGNER)).header for number in numbers]
    assert [type(header["n"]) for header in headers] == [int, bool, int, str]


def test_two_algs_in_one_header_are_malformed() -> None:
    header = encode_base64url(b'{"alg":"ES256","alg":"none"}')
    with pytest.raises(DecodeError):
        parse_jws(f"{header}.{BODY}.{SIGNATURE}")


def test_the_length_is_limited_before_anything_is_decoded() -> None:
    with pytest.raises(LimitExceededError):
        parse_jws("A" * (MAX_PRESENTATION_BYTES + 1))
    long = sign_jws({"typ": TYP}, {"long": "x" * MAX_PRESENTATION_BYTES}, SIGNER)
    with pytest.raises(LimitExceededError):
        parse_jws(long)
    verify_jws(parse_jws(long, max_bytes=2 * MAX_PRESENTATION_BYTES), SIGNER.public_key)


def test_alg_comes_from_the_key() -> None:
    with pytest.raises(ValueError, match="alg"):
        sign_jws({"alg": "ES256", "typ": TYP}, PAYLOAD, SIGNER)


PARTS = st.sampled_from([HEADER, BODY, SIGNATURE, "", "e30", "W10"]) | st.text("AZaz09-_=. ", max_size=20)


@given(st.text(max_size=100) | st.lists(PARTS, min_size=1, max_size=4).map(".".join))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        jws = parse_jws(text)
    except (DecodeError, RefusedError):
        return
    assert jws.signing_input.decode() + "." + encode_base64url(jws.signature) == text


@given(
    st.dictionaries(
        st.sampled_from(["alg", "typ", "kid", "crit", "jwk", "x"]), st.none() | st.text() | st.integers()
    )
)
def test_any_header_is_accepted_or_refused(header: JsonObject) -> None:
    try:
        accept(sign_anyhow(header))
    except (DecodeError, RefusedError):
        return
    assert (header["alg"], header["typ"]) == ("ES256", TYP)
