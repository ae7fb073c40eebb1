# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A health code as the wallet has it, and requests for claims of it, read as a wallet reads them."""

from typing import Any

from tests.tui.gate_world import CANARIES
from tests.world import START, Organisation, World, make_world
from vcred.codec.json_types import JsonObject
from vcred.credential.request import PresentationRequest
from vcred.did.operations import Purpose
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.keys.algorithms import ES256
from vcred.verifier.asking import AskedRequest, read_request
from vcred.verifier.request_token import sign_request
from vcred.wallet.holding import HeldCredential, Holding
from vcred.wallet.states import CredentialState, Standing

AT = int(START.timestamp())


def make_asking_world(
    *, registered: tuple[str, ...] | None = ("match", "test")
) -> tuple[World, Organisation]:
    """A world with an asker; None leaves it unregistered."""
    world = make_world()
    asker = world.join("Hospital Conde", {Purpose.AUTHENTICATION: ES256}, sponsor=world.mo)
    if registered is not None:
        world.register(world.mo, asker, world.vct, claims=registered, until=AT + 86_400)
    return world, asker


def hold(world: World, *, is_known: bool = True, claims: JsonObject = CANARIES) -> HeldCredential:
    """A credential of the world; not known, it has no type definition."""
    stored = open_credential(world.issue(claims=claims))
    holding = make_holding(world.vct)
    return HeldCredential(
        holding=holding, stored=stored, definition=world.type_definition if is_known else None
    )


def make_holding(vct: str, *, name: str = "health-code", copies: int = 0, left: int = 0) -> Holding:
    return Holding(
        name=name,
        type=vct,
        type_name="health-code",
        issuer="did:vcred:issuer",
        standing=Standing(state=CredentialState.VALID),
        expires_at=None,
        received_at=AT,
        copies=copies,
        left=left,
    )


def ask(world: World, asker: Organisation, *claims: str, **changes: Any) -> AskedRequest:
    """A request, read by the world's belief."""
    members: dict[str, Any] = {
        "audience": asker.did,
        "nonce": "dGhlIG5vbmNlIG9mIHRoaXM",
        "type": world.vct,
        "claims": claims,
        "purpose": "Entry at a border",
        "issued_at": AT,
        "expires_at": AT + 300,
    }
    belief = world.belief()
    jws = sign_request(
        PresentationRequest(**(members | changes)),
        network_id=belief.network_id,
        key_id=asker.key_id(Purpose.AUTHENTICATION),
        signer=asker.signer(Purpose.AUTHENTICATION),
    )
    return read_request(jws, belief=belief, network_id=belief.network_id, now=START)
