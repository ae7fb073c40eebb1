# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issuing and presenting one credential: 12 claims in 4 groups, 3 of them shown."""

import secrets
from collections.abc import Sequence

from tests.world import HEALTH_CLAIMS

from bench.network import ISSUED_AT, NOW, world
from bench.row import Row, Work
from vcred.codec.base64url import encode_base64url
from vcred.credential.draft import CredentialDraft
from vcred.credential.status_reference import StatusReference
from vcred.credential.validation import validate_claims
from vcred.did.operations import Purpose
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.present import open_credential, present

_SHOWN = ("match", "identity.name", "test")


def _draft() -> CredentialDraft:
    """Validate the claims: everything but the place in a status list, which a chunk is dealt at once."""
    network = world()
    definition, issuer = network.type_definition, network.issuer
    assert not validate_claims(HEALTH_CLAIMS, definition, NOW)
    return CredentialDraft(
        type_definition=definition,
        vct=network.vct,
        issuer=issuer.did,
        key_id=issuer.key_id(),
        claims=HEALTH_CLAIMS,
        holder_key=network.holder.public_key,
        issued_at=ISSUED_AT,
        expires_at=definition.expires_at(HEALTH_CLAIMS),
        status=StatusReference(uri=issuer.status_base + "0", index=83_922),
    )


def _issue() -> Sequence[Work]:
    signer = world().issuer.signer(Purpose.ASSERTION)
    return (lambda: issue_credential(_draft(), signer),)


def _sign() -> Sequence[Work]:
    draft, signer = _draft(), world().issuer.signer(Purpose.ASSERTION)
    return (lambda: issue_credential(draft, signer),)


def _present() -> Sequence[Work]:
    holder, audience = world().holder, world().mo_issuer.did
    stored = open_credential(issue_credential(_draft(), world().issuer.signer(Purpose.ASSERTION)))

    def show() -> str:
        nonce = encode_base64url(secrets.token_bytes(16))
        return present(stored, _SHOWN, signer=holder, audience=audience, nonce=nonce, issued_at=ISSUED_AT)

    return (show,)


ROWS = (
    Row(name="issue, 12 claims, from a validated draft", goal=0.9, prepare=_sign),
    Row(name="issue, 12 claims, validation in", goal=1.0, prepare=_issue),
    Row(name="present, 3 of 12, stored credential", goal=0.6, prepare=_present),
)
