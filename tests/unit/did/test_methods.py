# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""did:key and did:jwk: the identifier is the key, or nothing is. DID-13, DID-14, DID-15."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.keys.published import ED25519_JWK, ES256_D, ES256_JWK
from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.multibase import encode_base58btc
from vcred.did.document import CORE_RELATIONSHIPS
from vcred.did.methods.jwk import resolve_did_jwk
from vcred.did.methods.key import resolve_did_key
from vcred.errors import KeyMaterialError, RefusedError
from vcred.keys.algorithms import ALGORITHMS, Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason

BOTH = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda row: row.jose)
RAW = PublicKey.from_jwk(dict(ED25519_JWK)).raw
# Examples of the did:key method's own text.
PUBLISHED_ED25519 = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
PUBLISHED_P256 = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"


def did_jwk(jwk: JsonObject) -> str:
    return f"did:jwk:{encode_base64url(encode_jcs(jwk))}"


@BOTH
def test_a_did_key_is_its_key_for_every_relationship(algorithm: Algorithm) -> None:
    key = SoftwareSigner.generate(algorithm).public_key
    document = resolve_did_key(key.did_key())
    assert document.id == key.did_key()
    for relationship in CORE_RELATIONSHIPS:
        assert document.key_for(f"{key.did_key()}#{key.to_multikey()}", relationship) == key


@pytest.mark.parametrize("text", [PUBLISHED_ED25519, PUBLISHED_P256])
def test_published_did_keys_resolve(text: str) -> None:
    assert resolve_did_key(text).methods[0].key.did_key() == text


@BOTH
def test_a_did_jwk_is_its_key_under_fragment_0(algorithm: Algorithm) -> None:
    key = SoftwareSigner.generate(algorithm).public_key
    text = did_jwk(key.to_jwk())
    document = resolve_did_jwk(text)
    assert document.id == text
    for relationship in CORE_RELATIONSHIPS:
        assert document.key_for(f"{text}#0", relationship) == key


# DID-13, DID-14.
@pytest.mark.parametrize(
    "identifier",
    [
        pytest.param(encode_base58btc(b"\xec\x01" + RAW), id="X25519"),
        pytest.param(encode_base58btc(b"\xe7\x01" + b"\x02" + RAW), id="secp256k1"),
        pytest.param(encode_base58btc(b"\xed\x01" + RAW[:-1]), id="short"),
        pytest.param(encode_base58btc(b"\xed\x01" + RAW + b"\0"), id="long"),
        pytest.param("u" + encode_base64url(b"\xed\x01" + RAW), id="base64url"),
        pytest.param("f" + (b"\xed\x01" + RAW).hex(), id="hexadecimal"),
        pytest.param("Z" + encode_base58btc(b"\xed\x01" + RAW)[1:], id="base58flickr"),
        pytest.param("1.1:" + encode_base58btc(b"\xed\x01" + RAW), id="with a version"),
        pytest.param(encode_base58btc(b"\xed\x01" + b"\x01" + bytes(31)), id="identity"),
        pytest.param(encode_base58btc(b"\xed\x01" + bytes(32)), id="order 4"),
        pytest.param(
            encode_base58btc(b"\xed\x01" + b"\xee" + b"\xff" * 30 + b"\x7f"), id="identity, not canonical"
        ),
    ],
)
def test_unusable_did_keys_are_refused(identifier: str) -> None:
    resolve_did_key(f"did:key:{encode_base58btc(bytes((0xED, 1)) + RAW)}")
    with pytest.raises(KeyMaterialError) as caught:
        resolve_did_key(f"did:key:{identifier}")
    assert caught.value.code == "key_unusable"


# DID-15, JOS-18.
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"d": ES256_D}, id="private"),
        pytest.param({"use": "enc"}, id="for encryption"),
        pytest.param({"kty": "oct", "k": "AA"}, id="symmetric"),
        pytest.param({"y": ES256_JWK["x"]}, id="off the curve"),
        pytest.param({"kid": "x" * 4096}, id="too long"),
    ],
)
def test_unusable_did_jwks_are_refused(change: JsonObject) -> None:
    resolve_did_jwk(did_jwk(dict(ES256_JWK)))
    with pytest.raises(KeyMaterialError) as caught:
        resolve_did_jwk(did_jwk({**ES256_JWK, **change}))
    assert caught.value.code == "key_unusable"
    assert ES256_D not in str(caught.value)


def test_a_did_jwk_ends_at_4096_characters() -> None:
    text = did_jwk({**ES256_JWK, "kid": ""})
    fill = (4096 - len(text)) // 4 * 3
    longest = did_jwk({**ES256_JWK, "kid": "x" * fill})
    assert 4092 <= len(longest) <= 4096
    resolve_did_jwk(longest)
    start = time.process_time()
    with pytest.raises(KeyMaterialError, match="too long"):
        resolve_did_jwk("did:jwk:" + "A" * 4089)
    with pytest.raises(KeyMaterialError, match="too long"):
        resolve_did_jwk("did:jwk:" + "A" * 10_000_000)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    "identifier",
    [
        pytest.param(encode_base64url(b"not JSON"), id="not JSON"),
        pytest.param(encode_base64url(json.dumps([ES256_JWK]).encode()), id="a list"),
        pytest.param(
            encode_base64url(json.dumps(ES256_JWK).encode()[:-1] + b',"kty":"EC"}'), id="a member twice"
        ),
        pytest.param(encode_base64url(json.dumps(ES256_JWK).encode("utf-16")), id="UTF-16"),
        pytest.param("A", id="not base64url"),
    ],
)
def test_did_jwks_that_are_no_strict_json_are_refused(identifier: str) -> None:
    with pytest.raises(KeyMaterialError):
        resolve_did_jwk(f"did:jwk:{identifier}")


@pytest.mark.parametrize(
    "text", ["did:vcred:abc", "did:KEY:z6Mk", "z6Mk", "", "did:key:", f"{PUBLISHED_ED25519}#x"]
)
def test_other_dids_are_not_resolved(text: str) -> None:
    for resolve in (resolve_did_key, resolve_did_jwk):
        with pytest.raises(RefusedError) as caught:
            resolve(text)
        assert caught.value.reason is Reason.DID_INVALID


@given(st.text(max_size=80), st.sampled_from(["", "did:key:", "did:jwk:", "did:key:z", "did:jwk:ey"]))
def test_any_text_is_resolved_or_refused(text: str, prefix: str) -> None:
    for resolve in (resolve_did_key, resolve_did_jwk):
        with suppress(RefusedError, KeyMaterialError):
            assert resolve(prefix + text).id == prefix + text
