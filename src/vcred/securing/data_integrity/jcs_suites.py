# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Data Integrity proofs over JCS: eddsa-jcs-2022, and ecdsa-jcs-2019 with P-256.

Every proof of a proof *set* signs the document without any proof, together with
its own options; the proofs do not know of each other. The verification method
is the signing key itself, as did:key: whether that key may sign is the caller's
question, and the keys that did are the answer given here.

The members of a proof are a closed set. `expires`, `domain`, `challenge` and
`previousProof` would have to be obeyed, so they are refused, not ignored.
"""

import hashlib
from datetime import datetime
from typing import Final

from vcred.codec.fields import get_list, get_objects, get_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.multibase import decode_base58btc, encode_base58btc
from vcred.codec.times import format_timestamp, parse_timestamp
from vcred.errors import DecodeError, KeyMaterialError, RefusedError, SignatureError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.limits import MAX_PROOFS
from vcred.reasons import Reason

_SUITES: Final = {EDDSA.jose: "eddsa-jcs-2022", ES256.jose: "ecdsa-jcs-2019"}
_MEMBERS: Final = frozenset(
    {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue", "@context"}
)


def unsecured(document: JsonObject) -> JsonObject:
    """Return the document without its proofs: what is hashed, and what every proof signs."""
    return {name: value for name, value in document.items() if name != "proof"}


def add_proof(
    document: JsonObject,
    signer: Signer,
    *,
    created: datetime,
    purpose: str = "capabilityInvocation",
    verification_method: str | None = None,
) -> JsonObject:
    """Return the document with one more proof in its `proof` list.

    Args:
        document: With or without proofs; those there are kept as they are.
        signer: Its key chooses the suite.
        created: Aware; written in UTC, whole seconds.
        purpose: The verification relationship it signs for.
        verification_method: The signer's key as did:key URL. None writes just that.

    Raises:
        ValueError: `proof` is not a list, the method is another key's, or `created` is naive.

    Spec: EdDSA Cryptosuites 1.0 section 3.3.1; ECDSA Cryptosuites 1.0 section 3.3.1.
    """
    key = signer.public_key
    method = did_key_url(key)
    if verification_method not in (None, method):
        raise ValueError("verification_method is not the did:key of the signer")
    proofs = document.get("proof", [])
    if not isinstance(proofs, list):
        raise ValueError("proof must be a list")
    options: JsonObject = {
        "type": "DataIntegrityProof",
        "cryptosuite": _SUITES[key.algorithm.jose],
        "created": format_timestamp(created),
        "verificationMethod": method,
        "proofPurpose": purpose,
    }
    body = unsecured(document)
    if "@context" in body:
        options["@context"] = body["@context"]
    signature = signer.sign(_hash_data(options, _digest(body)))
    return {**body, "proof": [*proofs, {**options, "proofValue": encode_base58btc(signature)}]}


def verify_proofs(document: JsonObject, *, purpose: str) -> list[PublicKey]:
    """Verify every proof of a document and return the distinct keys that signed it, in order.

    One bad proof spoils the set: what is half signed was changed by someone. A key that signed
    twice counts once.

    Args:
        document: With `proof`, a list of one to 32 proofs.
        purpose: What every proof must have been made for.

    Raises:
        RefusedError: MALFORMED, LIMIT_EXCEEDED, or as `verify_proof`.

    Spec: VC Data Integrity 1.0 section 4.5; EdDSA Cryptosuites 1.0 section 3.3.2.
    """
    try:
        proofs = get_list(document, "proof")
    except DecodeError as error:
        raise RefusedError(Reason.MALFORMED, f"proof set: {error}") from error
    if not proofs:
        raise RefusedError(Reason.MALFORMED, "proof set: it is empty")
    if len(proofs) > MAX_PROOFS:
        raise RefusedError(Reason.LIMIT_EXCEEDED, f"proof set: more than {MAX_PROOFS} proofs")
    body = unsecured(document)
    digest = _digest(body)
    keys: dict[PublicKey, None] = {}
    for proof in proofs:
        if not isinstance(proof, dict):
            raise RefusedError(Reason.MALFORMED, "proof set: a proof is not an object")
        keys[_verify(proof, body, digest, purpose)] = None
    return list(keys)


def unsafe_claimed_keys(document: JsonObject) -> list[PublicKey]:
    """Read which keys the proofs of a document name; nothing is verified.

    Only for a document whose proofs were verified before and that has not changed since.

    Raises:
        RefusedError: MALFORMED, KEY_NOT_AUTHORISED or KEY_UNUSABLE: no proof can be read.
    """
    try:
        methods = [get_text(proof, "verificationMethod") for proof in get_objects(document, "proof")]
    except DecodeError as error:
        raise RefusedError(Reason.MALFORMED, f"proof set: {error}") from error
    return list(dict.fromkeys(map(_method_key, methods)))


def verify_proof(document: JsonObject, proof: JsonObject, *, purpose: str) -> PublicKey:
    """Verify one proof over a document and return the key that signed.

    Proves that the holder of that key signed the document (whatever its `proof` member holds)
    for `purpose`. Not that the key may do so, nor that `created` is true.

    Raises:
        RefusedError: MALFORMED, ALGORITHM_NOT_ALLOWED (unknown type or suite, or the suite of
            another kind of key), PROOF_PURPOSE_WRONG, CONTEXT_REFUSED, KEY_NOT_AUTHORISED (the
            method is not a did:key), KEY_UNUSABLE, SIGNATURE_INVALID.

    Spec: EdDSA Cryptosuites 1.0 section 3.3.2; ECDSA Cryptosuites 1.0 section 3.3.2.
    """
    body = unsecured(document)
    return _verify(proof, body, _digest(body), purpose)


def did_key_url(key: PublicKey) -> str:
    """Return a key's did:key with itself as the fragment, as `verificationMethod` names it."""
    multikey = key.to_multikey()
    return f"did:key:{multikey}#{multikey}"


def _verify(proof: JsonObject, body: JsonObject, digest: bytes, purpose: str) -> PublicKey:
    try:
        refuse_unknown(proof, _MEMBERS)
        if get_text(proof, "type") != "DataIntegrityProof":
            raise RefusedError(Reason.ALGORITHM_NOT_ALLOWED, "proof: its type is not DataIntegrityProof")
        if get_text(proof, "proofPurpose") != purpose:
            raise RefusedError(Reason.PROOF_PURPOSE_WRONG, f"proof: its purpose is not {purpose}")
        parse_timestamp(get_text(proof, "created"))
        # Step 4, made strict: equal contexts, not a prefix of the document's.
        if proof.get("@context") != body.get("@context"):
            raise RefusedError(Reason.CONTEXT_REFUSED, "proof: its @context is not the document's")
        key = _method_key(get_text(proof, "verificationMethod"))
        if get_text(proof, "cryptosuite") != _SUITES[key.algorithm.jose]:
            raise RefusedError(Reason.ALGORITHM_NOT_ALLOWED, "proof: the suite is not that of the key")
        signature = decode_base58btc(get_text(proof, "proofValue"))
    except DecodeError as error:
        raise RefusedError(Reason.MALFORMED, f"proof: {error}") from error
    # Steps 5 to 8. Transformation, configuration and hashing.
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        key.verify(signature, _hash_data(options, digest))
    except SignatureError as error:
        raise RefusedError(Reason.SIGNATURE_INVALID, f"proof: {error}") from error
    return key


def _method_key(method: str) -> PublicKey:
    did, _, fragment = method.partition("#")
    # The method's own text is the key: nothing is resolved, so nothing can answer wrongly.
    if not fragment or did != f"did:key:{fragment}":
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "proof: the method is not a did:key naming itself")
    try:
        return PublicKey.from_multikey(fragment)
    except KeyMaterialError as error:
        raise RefusedError(Reason.KEY_UNUSABLE, f"proof: {error}") from error


def _digest(value: JsonObject) -> bytes:
    return hashlib.sha256(encode_jcs(value)).digest()


def _hash_data(options: JsonObject, digest: bytes) -> bytes:
    # Options first, then the document, as EdDSA Cryptosuites 1.0 section 3.3.4 has it.
    return _digest(options) + digest
