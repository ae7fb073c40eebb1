# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A holder with a health code, a gate that takes live codes, and an asker: homes on the disk, one clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.world import HEALTH_CLAIMS, START, Organisation, World, make_world
from vcred.codec.json_types import JsonObject
from vcred.credential.request import PresentationRequest
from vcred.did.methods.key import resolve_did_key
from vcred.did.operations import Purpose
from vcred.home import read_home
from vcred.keys.algorithms import ES256
from vcred.ledger.network_file import encode_network_file
from vcred.qr.request_text import encode_request
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import TrustStore
from vcred.verifier.request_token import sign_request
from vcred.verifier.verifier import Verifier
from vcred.wallet.wallet import Wallet

NAME = "health-code"
PURPOSE = {"en": "Entry to the hospital", "zh-Hant": "進入醫院", "pt": "Entrada no hospital"}
# Each claim that can be withheld, as text that is nowhere else.
CANARIES: JsonObject = {
    "colour": "green",
    "valid_until": HEALTH_CLAIMS["valid_until"],
    "match": {"name": "鵲橋仙客", "id_type": "macao_bir", "last_four": "7431"},
    "identity": {
        "name": "金絲雀二",
        "name_latin": "Canary Two",
        "region": "MO",
        "id_type": "macao_bir",
        "id_number": "5638888(1)",
        "birth_date": "1951-03-17",
    },
    "test": {
        "method": "NAAT",
        "result": "negative",
        "collected": "2026-11-19T03:14:15+08:00",
        "lab": "CANARY-LAB",
    },
    "vaccination": {"doses": 3, "last": "2025-08-09"},
}


@dataclass(kw_only=True)
class GateWorld:
    """Homes in one folder. `now` moves only when a test says so."""

    folder: Path
    world: World
    asker: Organisation
    now: datetime = START
    given: list[str] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    @property
    def home(self) -> Path:
        return self.folder / "holder"

    def wallet(self) -> Wallet:
        return Wallet.open(self.home, clock=self.clock)

    def gate(self) -> Verifier:
        return Verifier.open(self.folder / "gate", clock=self.clock)

    def request(self, *, text: bool = True, by: Organisation | None = None, **changes: Any) -> str:
        """What the asker shows: "VQ1:...", or the compact JWS."""
        asker, at = by or self.asker, int(self.now.timestamp())
        members: dict[str, Any] = {
            "audience": asker.did,
            "nonce": "dGhlIG5vbmNlIG9mIHRoaXM",
            "type": self.world.vct,
            "claims": ("match",),
            "purpose": PURPOSE["en"],
            "issued_at": at,
            "expires_at": at + 300,
        }
        jws = sign_request(
            PresentationRequest(**(members | changes)),
            network_id=self.world.state.require_network().id,
            key_id=asker.key_id(Purpose.AUTHENTICATION),
            signer=asker.signer(Purpose.AUTHENTICATION),
        )
        return encode_request(jws) if text else jws


def make_gate_world(
    folder: Path,
    *,
    claims: JsonObject = CANARIES,
    copies: int = 1,
    registered: Iterable[str] | None = ("match", "test"),
    name: str = "Hospital Conde",
    purpose: JsonObject | None = None,
) -> GateWorld:
    """Found it all.

    Args:
        folder: Where the homes go.
        claims: Of the credential.
        copies: More than one are one-time copies.
        registered: Claims that the asker may ask for; None leaves it unregistered.
        name, purpose: Of the asker, and in its registration.
    """
    world = make_world()
    asker = world.join(name, {Purpose.AUTHENTICATION: ES256}, sponsor=world.mo)
    if registered is not None:
        said = purpose or dict(PURPOSE)
        until = int(START.timestamp()) + 86_400
        world.register(world.mo, asker, world.vct, claims=registered, purpose=said, until=until)
    made = GateWorld(folder=folder, world=world, asker=asker)
    bundle = encode_bundle(world.bundle())
    network_file = encode_network_file(world.network_file())
    Verifier.create(folder / "gate", jurisdiction="MO", network_file=network_file)
    with TrustStore.open(read_home(folder / "gate"), clock=made.clock) as store:
        store.import_bundle(bundle)
    with Wallet.create(folder / "holder", network_file=network_file, clock=made.clock) as wallet:
        wallet.trust.import_bundle(bundle)
        applied = wallet.apply_for_copies(world.issuer.did, "enrolment", copies=copies)
        for number, application in enumerate(applied):
            key = resolve_did_key(application.did).methods[0].key
            text = world.issue(holder_key=key, claims=claims, index=40 + number)
            made.given.append(text)
            wallet.credentials.receive(text)
    return made
