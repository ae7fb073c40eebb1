# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Proof of possession: the holder shows an issuer that the key of their did:key is theirs.

    header    alg, kid = the did:key's own DID URL, typ = openid4vci-proof+jwt
    payload   aud = the issuer's DID, iat, nonce = the enrolment code

The key is the one that the `kid` itself spells: nothing is carried along, nothing looked up.
"""

from dataclasses import dataclass
from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.keys.signer import Signer
from vcred.securing.jws import sign_jws

PROOF_TYPE: Final = "openid4vci-proof+jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a holder hands to an issuer: the did:key of a new key, and the proof that it is theirs."""

    did: str
    proof: str


def make_possession_proof(signer: Signer, *, audience: str, nonce: str, issued_at: int) -> str:
    """Sign the proof for one application to one issuer.

    Args:
        signer: The new holder key, used for no other credential.
        audience: The issuer's DID.
        nonce: The enrolment code that the issuer gave the applicant.
        issued_at: Epoch seconds.

    Raises:
        ValueError: An empty audience or nonce: the proof could then be used anywhere.

    Spec: OpenID4VCI appendix F.1.
    """
    if not audience or not nonce:
        raise ValueError("a proof names its issuer and answers an enrolment code")
    key = signer.public_key
    header: JsonObject = {"kid": f"{key.did_key()}#{key.to_multikey()}", "typ": PROOF_TYPE}
    return sign_jws(header, {"aud": audience, "iat": issued_at, "nonce": nonce}, signer)
