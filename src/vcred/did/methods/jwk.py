# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""did:jwk: the identifier is a public JWK, base64url over its JSON text.

One key has many did:jwk texts (member order, white space): compare keys, never
these DIDs.
"""

from vcred.codec.base64url import decode_base64url
from vcred.codec.strict_json import decode_json_object
from vcred.did.document import DidDocument
from vcred.did.methods.key import single_key_document
from vcred.did.syntax import parse_did
from vcred.errors import DecodeError, KeyMaterialError, RefusedError
from vcred.keys.public import PublicKey
from vcred.limits import MAX_DID_CHARACTERS
from vcred.reasons import Reason


def resolve_did_jwk(text: str) -> DidDocument:
    """Return the document that a did:jwk stands for. Its one method is `#0`.

    Raises:
        RefusedError: DID_INVALID: not a did:jwk.
        KeyMaterialError: Longer than 4096 characters, not strict JSON, a private member, `use`
            other than `sig`, an unusable point.

    Spec: did:jwk method, sections Read and DID Document.
    """
    # First of all: a long identifier is a key nobody has, and must cost nothing to refuse.
    if len(text) > MAX_DID_CHARACTERS:
        raise KeyMaterialError("did:jwk: too long for any key known here")
    did = parse_did(text)
    if did.method != "jwk":
        raise RefusedError(Reason.DID_INVALID, "DID: not a did:jwk")
    try:
        jwk = decode_json_object(decode_base64url(did.identifier))
    except DecodeError as error:
        raise KeyMaterialError(f"did:jwk: {error}") from error
    return single_key_document(text, "0", PublicKey.from_jwk(jwk))
