# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issue: a draft becomes a signed SD-JWT VC.

Always in the clear: issuer, times, holder's key, type, status and the claims that the type
always shows. Each group of the type is one digest at the top level, also where the person
has no such claim, so that the shape of a credential tells nothing about its holder.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from vcred.codec.jcs import encode_jcs_text
from vcred.credential.draft import CredentialDraft
from vcred.formats.sd_jwt_vc.claim_writer import ClaimTexts, claim_writer
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.keys.algorithms import Algorithm
from vcred.keys.signer import Signer
from vcred.securing.jws import sign_input, write_signing_input
from vcred.securing.sd_jwt.combined import SdJwt, join_sd_jwt
from vcred.securing.sd_jwt.conceal import Concealer, finish_all
from vcred.securing.sd_jwt.salts import draw_salts


class UnsignedCredential(NamedTuple):
    """A credential that is written and not signed yet.

    Attributes:
        algorithm: Of the key that is to sign.
        signing_input: Header and payload, as they are signed.
        disclosures: All of them, parents before children.
    """

    algorithm: Algorithm
    signing_input: str
    disclosures: tuple[str, ...]


def issue_credential(
    draft: CredentialDraft, signer: Signer, *, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> str:
    """Sign a draft, and return the credential with all its disclosures, "<jwt>~<d>~...~<d>~".

    The same draft twice gives two credentials that share no salt and no digest.

    Args:
        draft: Its claims validated against its type.
        signer: The issuer's key that `draft.key_id` names.
        random_bytes: For salts; another source than the default is for reproducible vectors.

    Raises:
        SchemaError: A claim that the type does not know, or an always shown one missing.
        RuntimeError: The source of random bytes is broken; nothing is issued.

    Spec: RFC 9901 sections 4.1, 4.2; SD-JWT VC, "SD-JWT VC Data Format".
    """
    texts = claim_writer(draft.type_definition).write(draft.claims)
    (unsigned,) = write_credentials([(draft, texts)], signer.public_key.algorithm, draw_salts(random_bytes))
    return sign_credential(unsigned, signer)


def write_credentials(
    drafts: Sequence[tuple[CredentialDraft, ClaimTexts]], algorithm: Algorithm, salts: Iterator[str]
) -> list[UnsignedCredential]:
    """Write credentials of drafts, for `sign_credential`: the first half of `issue_credential`.

    Args:
        drafts: Each with its claims, as the `claim_writer` of its type writes them.
        algorithm: Of the issuer's key that `draft.key_id` names.
        salts: As `draw_salts` draws them.

    Raises:
        SchemaError, RuntimeError: As `issue_credential`.
    """
    concealers = []
    for draft, texts in drafts:
        concealer = Concealer(salts)
        claim_writer(draft.type_definition).conceal(texts, concealer)
        concealers.append((concealer, _registered(draft) | texts.shown))
    return [
        UnsignedCredential(
            algorithm=algorithm,
            signing_input=write_signing_input(
                {"kid": draft.key_id, "typ": MEDIA_TYPE}, concealed.payload, algorithm
            ),
            disclosures=concealed.disclosures,
        )
        for (draft, _), concealed in zip(drafts, finish_all(concealers), strict=True)
    ]


def sign_credential(unsigned: UnsignedCredential, signer: Signer) -> str:
    """Sign a credential that was written, and return it with all its disclosures.

    Raises:
        ValueError: It was written for a key of another algorithm.
    """
    if signer.public_key.algorithm != unsigned.algorithm:
        raise ValueError("a credential was written for a key of another algorithm")
    issuer_jwt = sign_input(unsigned.signing_input, signer)
    return join_sd_jwt(SdJwt(issuer_jwt=issuer_jwt, disclosures=unsigned.disclosures))


def _registered(draft: CredentialDraft) -> dict[str, str]:
    """The claims that the format gives a meaning to, each in its JCS form."""
    claims = {
        "iss": encode_jcs_text(draft.issuer),
        "vct": encode_jcs_text(draft.vct),
        "iat": encode_jcs_text(draft.issued_at),
    }
    if draft.not_before is not None:
        claims["nbf"] = encode_jcs_text(draft.not_before)
    if draft.expires_at is not None:
        claims["exp"] = encode_jcs_text(draft.expires_at)
    if draft.holder_key is not None:
        claims["cnf"] = f'{{"jwk":{draft.holder_key.jwk_text()}}}'
    if draft.status is not None:
        claims["status"] = draft.status.to_text()
    return claims
