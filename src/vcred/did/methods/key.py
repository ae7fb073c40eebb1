# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""did:key: the identifier is the key. It never changes, rotates or ends.

Signature keys only. An Ed25519 key does not also become an X25519 key: one key,
one use.
"""

from typing import Final

from vcred.did.document import CORE_RELATIONSHIPS, DidDocument, VerificationMethod
from vcred.did.syntax import parse_did
from vcred.errors import RefusedError
from vcred.keys.public import PublicKey
from vcred.reasons import Reason

_PREFIX: Final = "did:key:"


def resolve_did_key(text: str) -> DidDocument:
    """Return the document that a did:key stands for.

    Raises:
        RefusedError: DID_INVALID: not a did:key.
        KeyMaterialError: Another multibase or multicodec, a wrong length, an unusable point.

    Spec: did:key method section 3.1.2.
    """
    key = read_did_key(text)
    return single_key_document(text, text.removeprefix(_PREFIX), key)


def read_did_key(text: str) -> PublicKey:
    """Return the key that a did:key is, without a document around it.

    Raises:
        RefusedError, KeyMaterialError: As `resolve_did_key`.
    """
    did = parse_did(text)
    if did.method != "key":
        raise RefusedError(Reason.DID_INVALID, "DID: not a did:key")
    return PublicKey.from_multikey(did.identifier)


def single_key_document(did: str, fragment: str, key: PublicKey) -> DidDocument:
    """Return the document of a DID with one key, which may do everything a signature key may."""
    method_id = f"{did}#{fragment}"
    return DidDocument(
        id=did,
        methods=(VerificationMethod(id=method_id, controller=did, key=key),),
        relationships=dict.fromkeys(CORE_RELATIONSHIPS, (method_id,)),
    )
