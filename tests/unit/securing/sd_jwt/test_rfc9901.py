# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The complete examples of RFC 9901, as published: signatures, disclosures and key bindings."""

import json

import pytest

from tests.published_vectors import published
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.errors import SignatureError
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.securing.jws import parse_jws, verify_jws
from vcred.securing.sd_jwt.combined import join_sd_jwt, split_sd_jwt
from vcred.securing.sd_jwt.disclosure import CONTROL_NAMES, parse_disclosure
from vcred.securing.sd_jwt.key_binding import parse_key_binding, verify_key_binding
from vcred.securing.sd_jwt.process import Processed, process

COUNT = 8
WITH_KEY_BINDING = {1, 5, 7}


def vectors() -> JsonObject:
    value: JsonObject = json.loads((published("sd_jwt") / "rfc9901_examples.json").read_bytes())
    return value


def example(index: int) -> str:
    texts = vectors()["sd_jwts"]
    assert isinstance(texts, list)
    text = texts[index]
    assert isinstance(text, str)
    return text


def issuer_key() -> PublicKey:
    jwk = vectors()["issuer_key"]
    assert isinstance(jwk, dict)
    return PublicKey.from_jwk(jwk)


def processed(index: int) -> Processed:
    parts = split_sd_jwt(example(index))
    jws = parse_jws(parts.issuer_jwt)
    verify_jws(jws, issuer_key())
    return process(decode_json_object(jws.payload), [parse_disclosure(text) for text in parts.disclosures])


def has_control_names(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return not CONTROL_NAMES.isdisjoint(value) or any(map(has_control_names, value.values()))
    return isinstance(value, list) and any(map(has_control_names, value))


def test_there_are_as_many_as_are_read() -> None:
    texts = vectors()["sd_jwts"]
    assert isinstance(texts, list)
    assert len(texts) == COUNT


@pytest.mark.parametrize("index", range(COUNT))
def test_signature_and_disclosures(index: int) -> None:
    parts = split_sd_jwt(example(index))
    assert join_sd_jwt(parts) == example(index)
    done = processed(index)
    assert not has_control_names(done.claims)
    assert len(done.places) == len(parts.disclosures)


@pytest.mark.parametrize("index", range(COUNT))
def test_key_binding(index: int) -> None:
    parts = split_sd_jwt(example(index))
    assert (parts.key_binding is not None) == (index in WITH_KEY_BINDING)
    if parts.key_binding is None:
        return
    confirmation = processed(index).claims["cnf"]
    assert isinstance(confirmation, dict)
    assert isinstance(confirmation["jwk"], dict)
    binding = parse_key_binding(parts.key_binding)
    verify_key_binding(binding, parts, key=PublicKey.from_jwk(confirmation["jwk"]), allowed=(ES256,))
    assert binding.audience == "https://verifier.example.org"
    assert binding.nonce == "1234567890"


def test_the_presentation_of_section_5() -> None:
    """RFC 9901 section 5.2: what the verifier ends up with."""
    claims = processed(1).claims
    assert {name: claims[name] for name in ("given_name", "family_name", "address", "nationalities")} == {
        "given_name": "John",
        "family_name": "Doe",
        "address": {
            "street_address": "123 Main St",
            "locality": "Anytown",
            "region": "Anystate",
            "country": "US",
        },
        "nationalities": ["US"],
    }
    assert "email" not in claims


def test_recursive_disclosures_and_elements() -> None:
    """RFC 9901 appendix A.2: a disclosed element whose members are disclosed in turn."""
    claims = processed(3).claims["verified_claims"]
    assert isinstance(claims, dict)
    assert isinstance(claims["verification"], dict)
    assert claims["verification"]["evidence"] == [{"method": "pipp"}]


def test_another_key_verifies_none() -> None:
    parts = split_sd_jwt(example(1))
    assert parts.key_binding is not None
    with pytest.raises(SignatureError):
        verify_jws(parse_jws(parts.key_binding), issuer_key())
