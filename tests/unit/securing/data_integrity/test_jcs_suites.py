# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Data Integrity proofs over JCS, against the W3C's own vectors. DI-01, DI-02, DI-03, DI-10."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.published_vectors import published
from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.multibase import decode_base58btc, encode_base58btc
from vcred.codec.strict_json import decode_json_object
from vcred.errors import RefusedError
from vcred.keys.algorithms import ALGORITHMS, EDDSA, ES256, Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.limits import MAX_PROOFS
from vcred.reasons import Reason
from vcred.securing.data_integrity.jcs_suites import (
    add_proof,
    did_key_url,
    unsecured,
    verify_proof,
    verify_proofs,
)

PURPOSE = "capabilityInvocation"
CREATED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OPERATION: JsonObject = {"kind": "did.create", "n": [1, "二", True, None]}
SIGNER = SoftwareSigner.generate(ES256)
OTHER = SoftwareSigner.generate(EDDSA)
SIGNED = add_proof(OPERATION, SIGNER, created=CREATED)
BOTH = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda row: row.jose)


def proof_of(document: JsonObject, index: int = 0) -> JsonObject:
    proofs = document["proof"]
    assert isinstance(proofs, list)
    proof = proofs[index]
    assert isinstance(proof, dict)
    return proof


def with_proof(change: JsonObject, *, without: str = "") -> JsonObject:
    proof = {name: value for name, value in proof_of(SIGNED).items() if name != without}
    return {**OPERATION, "proof": [{**proof, **change}]}


def signed_with(change: JsonObject) -> JsonObject:
    """Sign anew with other options: the defect lies inside what is signed."""
    options: JsonObject = {**proof_of(SIGNED), **change}
    del options["proofValue"]
    hashed = hashlib.sha256(encode_jcs(options)).digest() + hashlib.sha256(encode_jcs(OPERATION)).digest()
    return {**OPERATION, "proof": [{**options, "proofValue": encode_base58btc(SIGNER.sign(hashed))}]}


def refusal(document: JsonObject, *, purpose: str = PURPOSE) -> Reason:
    with pytest.raises(RefusedError) as caught:
        verify_proofs(document, purpose=purpose)
    return caught.value.reason


@BOTH
def test_a_signed_document_verifies_under_its_key(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    document = add_proof(OPERATION, signer, created=CREATED)
    assert verify_proofs(document, purpose=PURPOSE) == [signer.public_key]
    assert unsecured(document) == OPERATION
    proof = proof_of(document)
    assert proof["verificationMethod"] == did_key_url(signer.public_key)
    assert proof["created"] == "2026-11-20T09:00:00Z"


def test_a_set_holds_proofs_that_do_not_know_of_each_other() -> None:
    document = add_proof(SIGNED, OTHER, created=CREATED)
    assert verify_proofs(document, purpose=PURPOSE) == [SIGNER.public_key, OTHER.public_key]
    first, second = proof_of(document, 0), proof_of(document, 1)
    assert verify_proofs({**OPERATION, "proof": [second, first]}, purpose=PURPOSE) == [
        OTHER.public_key,
        SIGNER.public_key,
    ]
    assert verify_proofs({**OPERATION, "proof": [second]}, purpose=PURPOSE) == [OTHER.public_key]


def test_a_key_that_signs_twice_counts_once() -> None:
    document = add_proof(SIGNED, SIGNER, created=CREATED + timedelta(seconds=1))
    assert len(document["proof"]) == 2  # type: ignore[arg-type]
    assert verify_proofs(document, purpose=PURPOSE) == [SIGNER.public_key]


def test_one_bad_proof_spoils_the_set() -> None:
    document = add_proof(SIGNED, OTHER, created=CREATED)
    verify_proofs(document, purpose=PURPOSE)
    bad = {**proof_of(document, 1), "created": "2026-11-20T09:00:01Z"}
    assert refusal({**OPERATION, "proof": [proof_of(document), bad]}) is Reason.SIGNATURE_INVALID


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_any_document_verifies_also_after_the_wire(document: JsonObject) -> None:
    document.pop("proof", None)
    signed = add_proof(document, OTHER, created=CREATED)
    received = decode_json_object(json.dumps(signed))
    assert verify_proofs(received, purpose=PURPOSE) == [OTHER.public_key]


# DI-01.
@pytest.mark.parametrize(
    "change", [{"kind": "did.update"}, {"n": [1, "二", True]}, {"more": 1}, {"n": {"0": 1}}], ids=json.dumps
)
def test_a_changed_document_is_refused(change: JsonObject) -> None:
    verify_proofs(SIGNED, purpose=PURPOSE)
    assert refusal({**SIGNED, **change}) is Reason.SIGNATURE_INVALID


VALUE = str(proof_of(SIGNED)["proofValue"])
RAW = decode_base58btc(VALUE)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(encode_base58btc(RAW[:-1]), Reason.SIGNATURE_INVALID, id="truncated"),
        pytest.param(encode_base58btc(RAW + b"\0"), Reason.SIGNATURE_INVALID, id="a byte more"),
        pytest.param(encode_base58btc(bytes(64)), Reason.SIGNATURE_INVALID, id="all zero"),
        pytest.param("z", Reason.SIGNATURE_INVALID, id="empty"),
        pytest.param("u" + encode_base64url(RAW), Reason.MALFORMED, id="other multibase"),
        pytest.param(VALUE + " ", Reason.MALFORMED, id="space"),
        pytest.param(VALUE + "0", Reason.MALFORMED, id="outside the alphabet"),
        pytest.param("z" * 10_000, Reason.MALFORMED, id="long"),
        pytest.param("", Reason.MALFORMED, id="nothing"),
        pytest.param(7, Reason.MALFORMED, id="a number"),
    ],
)
def test_a_changed_signature_is_refused(value: JsonValue, reason: Reason) -> None:
    verify_proofs(with_proof({"proofValue": VALUE}), purpose=PURPOSE)
    assert refusal(with_proof({"proofValue": value})) is reason


# DI-02.
@pytest.mark.parametrize(
    "change",
    [
        {"type": "Ed25519Signature2020"},
        {"cryptosuite": "eddsa-jcs-2022"},
        {"cryptosuite": "ecdsa-rdfc-2019"},
        {"cryptosuite": "bbs-2023"},
        {"cryptosuite": "none"},
        {"cryptosuite": ""},
    ],
    ids=json.dumps,
)
def test_another_type_or_suite_is_refused(change: JsonObject) -> None:
    verify_proofs(signed_with({}), purpose=PURPOSE)
    assert refusal(signed_with(change)) is Reason.ALGORITHM_NOT_ALLOWED


# DI-03.
@pytest.mark.parametrize(
    "change", [{"created": "2026-11-20T09:00:01Z"}, {"verificationMethod": did_key_url(OTHER.public_key)}]
)
def test_an_option_changed_after_signing_is_refused(change: JsonObject) -> None:
    reason = Reason.ALGORITHM_NOT_ALLOWED if "verificationMethod" in change else Reason.SIGNATURE_INVALID
    assert refusal(with_proof(change)) is reason
    same_kind: JsonObject = {"verificationMethod": did_key_url(SoftwareSigner.generate(ES256).public_key)}
    assert refusal(with_proof(same_kind)) is Reason.SIGNATURE_INVALID


# DI-10.
def test_a_proof_for_another_purpose_is_refused() -> None:
    document = add_proof(OPERATION, SIGNER, created=CREATED, purpose="assertionMethod")
    assert verify_proofs(document, purpose="assertionMethod") == [SIGNER.public_key]
    assert refusal(document) is Reason.PROOF_PURPOSE_WRONG
    assert refusal(with_proof({"proofPurpose": "assertionMethod"}), purpose="assertionMethod") is (
        Reason.SIGNATURE_INVALID
    )


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "2027-01-01T00:00:00Z"},
        {"domain": "gate"},
        {"challenge": "1"},
        {"previousProof": "urn:uuid:1"},
        {"nonce": "1"},
        {"id": "urn:uuid:1"},
        {"created": "2026-11-20"},
        {"created": "2026-11-20T09:00:00"},
        {"created": 1},
    ],
    ids=json.dumps,
)
def test_options_nobody_obeys_are_refused_even_when_signed(change: JsonObject) -> None:
    verify_proofs(signed_with({}), purpose=PURPOSE)
    assert refusal(signed_with(change)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "missing", ["type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"]
)
def test_a_missing_option_is_malformed(missing: str) -> None:
    assert refusal(with_proof({}, without=missing)) is Reason.MALFORMED


KEY = SIGNER.public_key.to_multikey()
X25519 = encode_base58btc(b"\xec\x01" + OTHER.public_key.raw)
SMALL_ORDER = encode_base58btc(b"\xed\x01" + b"\x01" + bytes(31))


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        pytest.param(f"did:key:{KEY}", Reason.KEY_NOT_AUTHORISED, id="no fragment"),
        pytest.param(f"did:key:{KEY}#", Reason.KEY_NOT_AUTHORISED, id="empty fragment"),
        pytest.param(
            f"did:key:{KEY}#{OTHER.public_key.to_multikey()}", Reason.KEY_NOT_AUTHORISED, id="other key"
        ),
        pytest.param(f"did:key:{KEY}#0", Reason.KEY_NOT_AUTHORISED, id="other fragment"),
        pytest.param(f"did:vcred:{KEY}#{KEY}", Reason.KEY_NOT_AUTHORISED, id="other method"),
        pytest.param(f"https://{KEY}#{KEY}", Reason.KEY_NOT_AUTHORISED, id="address"),
        pytest.param(KEY, Reason.KEY_NOT_AUTHORISED, id="bare key"),
        pytest.param(f"did:key:{X25519}#{X25519}", Reason.KEY_UNUSABLE, id="X25519"),
        pytest.param(f"did:key:{SMALL_ORDER}#{SMALL_ORDER}", Reason.KEY_UNUSABLE, id="small order"),
    ],
)
def test_a_method_that_is_not_the_key_itself_is_refused(method: str, reason: Reason) -> None:
    verify_proofs(signed_with({"verificationMethod": f"did:key:{KEY}#{KEY}"}), purpose=PURPOSE)
    assert refusal(signed_with({"verificationMethod": method})) is reason


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        pytest.param([], Reason.MALFORMED, id="empty set"),
        pytest.param(proof_of(SIGNED), Reason.MALFORMED, id="an object"),
        pytest.param(None, Reason.MALFORMED, id="null"),
        pytest.param(["x"], Reason.MALFORMED, id="a text in it"),
        pytest.param([{}], Reason.MALFORMED, id="an empty proof"),
        pytest.param([proof_of(SIGNED)] * (MAX_PROOFS + 1), Reason.LIMIT_EXCEEDED, id="too many"),
    ],
)
def test_a_set_of_another_shape_is_refused(proof: JsonValue, reason: Reason) -> None:
    assert refusal({**OPERATION, "proof": proof}) is reason


def test_no_proof_is_malformed() -> None:
    assert refusal(OPERATION) is Reason.MALFORMED


def test_the_contexts_of_proof_and_document_are_one() -> None:
    document = add_proof({**OPERATION, "@context": ["https://a.example"]}, SIGNER, created=CREATED)
    assert verify_proofs(document, purpose=PURPOSE) == [SIGNER.public_key]
    others: list[JsonValue] = [[], ["https://b.example"], ["https://a.example", "https://b.example"], None]
    for contexts in others:
        assert refusal({**document, "@context": contexts}) is Reason.CONTEXT_REFUSED
    assert refusal(with_proof({"@context": ["https://a.example"]})) is Reason.CONTEXT_REFUSED


def test_the_callers_mistakes_are_not_signed() -> None:
    with pytest.raises(ValueError, match="verification_method"):
        add_proof(OPERATION, SIGNER, created=CREATED, verification_method=did_key_url(OTHER.public_key))
    with pytest.raises(ValueError, match="list"):
        add_proof({**OPERATION, "proof": proof_of(SIGNED)}, SIGNER, created=CREATED)
    with pytest.raises(ValueError, match="zone"):
        add_proof(OPERATION, SIGNER, created=CREATED.replace(tzinfo=None))
    hong_kong = CREATED.astimezone(timezone(timedelta(hours=8)))
    assert proof_of(add_proof(OPERATION, SIGNER, created=hong_kong))["created"] == "2026-11-20T09:00:00Z"


@given(st.dictionaries(st.sampled_from([*sorted(proof_of(SIGNED)), "@context", "x"]), JSON))
def test_any_proof_is_verified_or_refused(change: JsonObject) -> None:
    try:
        verify_proofs(with_proof(change), purpose=PURPOSE)
    except RefusedError:
        return
    assert all(proof_of(SIGNED)[name] == value for name, value in change.items())


@dataclass(frozen=True)
class Published:
    """One W3C example: its folder, the suffix of its files, its algorithm."""

    folder: str
    suffix: str
    algorithm: Algorithm

    def read(self, name: str, kind: str) -> str:
        return (published(self.folder) / f"{name}{self.suffix}.{kind}").read_text(encoding="utf-8").strip()


W3C = pytest.mark.parametrize(
    "vector",
    [
        Published("w3c/vc-di-eddsa/eddsa-jcs-2022", "JCS", EDDSA),
        Published("w3c/vc-di-ecdsa/ecdsa-jcs-2019-p256", "JCSECDSAP256", ES256),
    ],
    ids=lambda vector: vector.algorithm.jose,
)


@W3C
def test_the_published_document_verifies_and_its_every_change_does_not(vector: Published) -> None:
    document = json.loads(vector.read("signed", "json"))
    proof = document["proof"]
    assert proof["proofValue"] == vector.read("sigBTC58", "txt")
    key = verify_proof(document, proof, purpose="assertionMethod")
    assert did_key_url(key) == proof["verificationMethod"]
    assert key.algorithm == vector.algorithm
    listed = {**document, "proof": [proof]}
    assert verify_proofs(listed, purpose="assertionMethod") == [key]
    for name in set(document) - {"proof"}:
        expected = Reason.CONTEXT_REFUSED if name == "@context" else Reason.SIGNATURE_INVALID
        assert refusal({**listed, name: "changed"}, purpose="assertionMethod") is expected


@W3C
def test_every_published_intermediate_is_reached(vector: Published) -> None:
    document = unsecured(json.loads(vector.read("signed", "json")))
    config = json.loads(vector.read("proofConfig", "json"))
    assert encode_jcs(document).decode() == vector.read("canonDoc", "txt")
    assert encode_jcs(config).decode() == vector.read("proofCanon", "txt")
    document_hash = hashlib.sha256(encode_jcs(document)).hexdigest()
    config_hash = hashlib.sha256(encode_jcs(config)).hexdigest()
    assert document_hash == vector.read("docHash", "txt")
    assert config_hash == vector.read("proofHash", "txt")
    assert config_hash + document_hash == vector.read("combinedHash", "txt")


def test_our_own_proof_is_the_published_one_byte_for_byte() -> None:
    folder: Path = published("w3c/vc-di-eddsa")
    pair = json.loads((folder / "keyPair.json").read_text(encoding="utf-8"))
    secret = decode_base58btc(pair["privateKeyMultibase"])[2:]
    public = PublicKey.from_multikey(pair["publicKeyMultibase"])
    signer = SoftwareSigner.from_private_jwk({**public.to_jwk(), "d": encode_base64url(secret)})
    expected = json.loads((folder / "eddsa-jcs-2022" / "signedJCS.json").read_text(encoding="utf-8"))
    made = add_proof(
        unsecured(expected),
        signer,
        created=datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC),
        purpose="assertionMethod",
    )
    assert made == {**expected, "proof": [expected["proof"]]}


def test_a_published_p384_proof_is_off_the_list() -> None:
    folder = published("w3c/vc-di-ecdsa/ecdsa-jcs-2019-p384")
    document = json.loads((folder / "signedJCSECDSAP384.json").read_text(encoding="utf-8"))
    with pytest.raises(RefusedError) as caught:
        verify_proof(document, document["proof"], purpose="assertionMethod")
    assert caught.value.reason is Reason.KEY_UNUSABLE
