# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Parsing: SDJ-03, 34, 35; JOS-07, 19, 23, 25, 31. One mutation each, signed anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.formats.samples import (
    DID,
    HEADER,
    HIDDEN,
    HOLDER,
    ISSUED_AT,
    ISSUER,
    KEY_ID,
    PAYLOAD,
    STATUS,
    craft,
    draft,
    without,
)
from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.formats.sd_jwt_vc.present import open_credential, present
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.reasons import Reason
from vcred.securing.jws import sign_jws

WHOLE = issue_credential(draft(), ISSUER)
BOUND = present(
    open_credential(WHOLE),
    ["match", "identity.name"],
    signer=HOLDER,
    audience="net#live",
    nonce="n" * 22,
    issued_at=ISSUED_AT + 60,
)


def refusal(text: str) -> Reason:
    with pytest.raises(RefusedError) as caught:
        parse_presentation(text)
    return caught.value.reason


def malformed(text: str) -> str:
    with pytest.raises(DecodeError) as caught:
        parse_presentation(text)
    return caught.value.code


def raw(payload: bytes) -> str:
    """A credential with a payload of any bytes, signed."""
    head = sign_jws(HEADER, {}, ISSUER).split(".")[0]
    signing_input = f"{head}.{encode_base64url(payload)}"
    return f"{signing_input}.{encode_base64url(ISSUER.sign(signing_input.encode()))}~"


def test_what_a_credential_says() -> None:
    parsed = parse_presentation(craft(PAYLOAD, HIDDEN))
    assert (parsed.issuer, parsed.key_id, parsed.vct) == (DID, KEY_ID, f"{DID}/types/health-code/1")
    assert (parsed.issued_at, parsed.not_before, parsed.expires_at) == (
        ISSUED_AT,
        ISSUED_AT,
        ISSUED_AT + 86_400,
    )
    assert (parsed.holder_key, parsed.has_cnf, parsed.status) == (HOLDER.public_key, True, STATUS)
    assert parsed.disclosures == (HIDDEN,)
    assert (parsed.key_binding, parsed.key_binding_text) == (None, None)


def test_what_a_presentation_says() -> None:
    parsed = parse_presentation(BOUND)
    assert parsed.text == BOUND
    assert parsed.key_binding is not None
    assert parsed.key_binding.audience == "net#live"
    assert parsed.key_binding_text == BOUND.rpartition("~")[2]
    assert {item.name for item in parsed.disclosures} == {"match", "identity", "name"}


def test_what_may_be_missing() -> None:
    bare: JsonObject = {"iss": DID}
    parsed = parse_presentation(craft(bare, header={"typ": "dc+sd-jwt"}))
    assert (parsed.key_id, parsed.vct, parsed.status, parsed.holder_key) == (None, None, None, None)
    assert (parsed.issued_at, parsed.not_before, parsed.expires_at, parsed.has_cnf) == (
        None,
        None,
        None,
        False,
    )


@pytest.mark.parametrize("typ", [None, "vc+sd-jwt", "JWT", "DC+SD-JWT", "application/dc+sd-jwt", "kb+jwt", 1])
def test_another_media_type(typ: JsonValue) -> None:
    """SDJ-34."""
    header = without(HEADER, "typ") if typ is None else {**HEADER, "typ": typ}
    assert refusal(craft(header=header)) is Reason.MEDIA_TYPE_WRONG


@pytest.mark.parametrize("value", ["1795100280", True, None, 1.5, -1, [1], {"a": 1}])
@pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
def test_a_time_that_is_none(name: str, value: JsonValue) -> None:
    """JOS-25."""
    parse_presentation(craft())
    assert malformed(craft({**PAYLOAD, name: value})) == "malformed"


@pytest.mark.parametrize("digits", [b"1.0", b"1" + b"0" * 23, b"9" * 5000, b"1e400"])
def test_a_time_beyond_all_numbers(digits: bytes) -> None:
    """JOS-22, JOS-25."""
    payload = b'{"iss":"' + DID.encode() + b'","exp":%s}'
    parse_presentation(raw(payload % b"1"))
    assert malformed(raw(payload % digits)) == "malformed"


@pytest.mark.parametrize("vct", [None, ["x"], 1, "", "x" * 2049])
def test_a_type_that_is_no_text_is_no_type(vct: JsonValue) -> None:
    """SDJ-35: the policy then misses it."""
    assert parse_presentation(craft({**PAYLOAD, "vct": vct})).vct is None


def test_no_issuer() -> None:
    assert refusal(craft(without(PAYLOAD, "iss"))) is Reason.ISSUER_UNKNOWN
    for issuer in ("", 7, ["x"], "d" * 4097):
        assert malformed(craft({**PAYLOAD, "iss": issuer})) == "malformed"  # type: ignore[dict-item]


@pytest.mark.parametrize("kid", ["", "x" * 513, "x" * 10_000, "a\tb", "a b", "é", 7, None])
def test_a_kid_that_cannot_name_a_key(kid: JsonValue) -> None:
    """JOS-07."""
    assert refusal(craft(header={**HEADER, "kid": kid})) is Reason.KEY_NOT_AUTHORISED


@pytest.mark.parametrize("kid", ["../../x", "' OR 1=1", "did:vcred:other#key"])
def test_a_kid_is_only_a_name(kid: str) -> None:
    """JOS-07: nothing is opened or asked; whose key it is comes later."""
    if " " in kid:
        assert refusal(craft(header={**HEADER, "kid": kid})) is Reason.KEY_NOT_AUTHORISED
    else:
        assert parse_presentation(craft(header={**HEADER, "kid": kid})).key_id == kid


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {**HOLDER.public_key.to_jwk(), "d": "AA"},
        {"kty": "oct", "k": "AA"},
        {**HOLDER.public_key.to_jwk(), "y": HOLDER.public_key.to_jwk()["x"]},
    ],
    ids=["empty", "short", "private", "secret", "off the curve"],
)
def test_a_holder_key_that_cannot_be_used(jwk: JsonObject) -> None:
    """JOS-18."""
    assert refusal(craft({**PAYLOAD, "cnf": {"jwk": jwk}})) is Reason.KEY_UNUSABLE


def test_a_holder_key_given_in_another_way() -> None:
    """It is there, and it is not known: no key binding can hold."""
    for confirmation in ({"kid": "x"}, {"jku": "https://x.example"}, {}):
        parsed = parse_presentation(craft({**PAYLOAD, "cnf": confirmation}))  # type: ignore[dict-item]
        assert (parsed.holder_key, parsed.has_cnf) == (None, True)
    for confirmation in ("x", None, [], {"jwk": "x"}):
        assert malformed(craft({**PAYLOAD, "cnf": confirmation})) == "malformed"  # type: ignore[dict-item]


@pytest.mark.parametrize("status", ["x", None, 5, []], ids=repr)
def test_a_status_that_is_no_object(status: JsonValue) -> None:
    assert malformed(craft({**PAYLOAD, "status": status})) == "malformed"


@pytest.mark.parametrize(
    "status",
    [
        {"status_list": "x"},
        {"status_list": {"idx": 1}},
        {"status_list": {"uri": "https://x.example"}},
        {"status_list": {"idx": "1", "uri": "https://x.example"}},
        {"status_list": {"idx": True, "uri": "https://x.example"}},
        {"status_list": {"idx": -1, "uri": "https://x.example"}},
        {"status_list": {"idx": 1, "uri": ""}},
        {"status_list": {"idx": 1, "uri": "x" * 2049}},
    ],
    ids=repr,
)
def test_a_status_of_another_shape(status: JsonValue) -> None:
    """STA-05."""
    assert refusal(craft({**PAYLOAD, "status": status})) is Reason.STATUS_INVALID


def test_a_status_of_another_mechanism_is_not_no_status() -> None:
    assert refusal(craft({**PAYLOAD, "status": {"other": {}}})) is Reason.STATUS_INVALID


@pytest.mark.parametrize("cut", ["", "~", "~~"])
def test_the_last_tilde(cut: str) -> None:
    """SDJ-03."""
    good = craft(PAYLOAD, HIDDEN)
    parse_presentation(good)
    if cut != "~":
        assert malformed(good[:-1] + cut) == "malformed"
    assert malformed(sign_jws(HEADER, PAYLOAD, ISSUER)) == "malformed"


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b'"x"',
        b"{}}",
        b'{"iss":"a","iss":"b"}',
        b'\xef\xbb\xbf{"iss":"a"}',
        b'{"iss":"\\ud800"}',
        b"\xff",
    ],
)
def test_a_payload_that_is_no_strict_object(payload: bytes) -> None:
    """JOS-19, 23."""
    assert malformed(raw(payload)) == "malformed"


def test_nesting() -> None:
    """JOS-21."""
    with pytest.raises(LimitExceededError):
        parse_presentation(raw(b'{"iss":"a","x":' + b"[" * 33 + b"]" * 33 + b"}"))


def test_one_byte_too_long() -> None:
    """JOS-31."""
    with pytest.raises(LimitExceededError):
        parse_presentation(WHOLE + "A" * (MAX_PRESENTATION_BYTES + 1 - len(WHOLE)))
    with pytest.raises(LimitExceededError):
        parse_presentation(WHOLE + "A~" * 1001)


@pytest.mark.parametrize("text", ["", "~", "a.b.c~", "a~b~c", "VC1:ABC", "{}", WHOLE + "\n", " " + WHOLE])
def test_another_text(text: str) -> None:
    assert malformed(text) == "malformed"


@given(position=st.integers(0, len(BOUND) - 1), character=st.characters())
def test_any_changed_character_is_read_or_refused(position: int, character: str) -> None:
    changed = BOUND[:position] + character + BOUND[position + 1 :]
    try:
        parse_presentation(changed)
    except (DecodeError, RefusedError):
        return


@given(st.text() | st.text("eyJh.~-_AB", max_size=60))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises((DecodeError, RefusedError)):
        parse_presentation(text)
