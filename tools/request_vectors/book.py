# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The network in which verifiers ask, and the vectors as they are gathered."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.seeded_keys import SeededKeys
from tests.world import HOUR, Organisation, World, make_world
from tests.world import START as FOUNDED

from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.signer import Signer
from vcred.ledger.entries import Kind
from vcred.ledger.network_file import encode_network_file
from vcred.qr.request_text import encode_request
from vcred.securing.jws import sign_jws
from vcred.trust.bundle import encode_bundle
from vcred.verifier.request_token import MEDIA_TYPE

KEYS = SeededKeys("requests/1")
SPEC = "docs/spec/requests.md section "
NOW = FOUNDED + 2 * HOUR
ENTRY, PARKING = "Entry to the hospital", "Parking"


@dataclass(frozen=True, kw_only=True)
class Town:
    """Who is on the ledger, as of NOW.

    `hospital` may ask for `match` and `test` for entry, and `colour` for parking; the registration of
    `former` was withdrawn; `nobody` is registered for nothing; `stranger` is not on the ledger.
    `old_key` was the hospital's until an hour ago, `stolen` one that it has declared void.
    """

    world: World
    hospital: Organisation
    former: Organisation
    nobody: Organisation
    stranger: Organisation
    old_key: Signer
    stolen: Signer
    network_file: bytes
    bundle: bytes


def make_town() -> Town:
    """Found the network, and let everything happen that the scenarios need."""
    world = make_world(KEYS)
    asks, asks_and_issues = (
        {Purpose.AUTHENTICATION: ES256},
        {
            Purpose.AUTHENTICATION: EDDSA,
            Purpose.ASSERTION: ES256,
            Purpose.STATEMENT: EDDSA,
        },
    )
    hospital = world.join("Hospital Conde", asks_and_issues, sponsor=world.mo)
    former = world.join("Former Clinic", asks, sponsor=world.mo)
    nobody = world.join("Parking House", asks, sponsor=world.mo)
    until = int((NOW + timedelta(days=1)).timestamp())
    purposes = {"purpose": {"en": ENTRY, "zh-Hant": "進入醫院"}, "until": until}
    world.register(world.mo, hospital, world.vct, claims=("match", "test"), **purposes)
    world.register(
        world.mo, hospital, world.vct, claims=("colour", "identity.region"), purpose={"en": PARKING}
    )
    ended = world.register(world.mo, former, world.vct, claims=("match",), purpose={"en": ENTRY})
    old_key = hospital.signer(Purpose.AUTHENTICATION)
    world.later(hours=1)
    hospital = world.update_did(hospital, add={Purpose.AUTHENTICATION: EDDSA})
    stolen = hospital.signer(Purpose.AUTHENTICATION)
    world.distrust(hospital, hospital.key_id(Purpose.AUTHENTICATION))
    world.withdraw(world.mo, Kind.VERIFIER_WITHDRAW, ended, "cease")
    world.later(hours=1)
    hospital = world.update_did(hospital, rotate=(Purpose.AUTHENTICATION,))
    stranger = world.fork().join("Stranger", asks, sponsor=world.mo)
    return Town(
        world=world,
        hospital=hospital,
        former=former,
        nobody=nobody,
        stranger=stranger,
        old_key=old_key,
        stolen=stolen,
        network_file=encode_network_file(world.network_file()),
        bundle=encode_bundle(world.bundle()),
    )


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A request that is good, to be changed in one thing."""

    town: Town
    by: Organisation
    payload: JsonObject
    header: JsonObject
    signer: Signer

    def text(self) -> str:
        """Sign it, and write it as a code."""
        return encode_request(sign_jws(self.header, self.payload, self.signer))


def draft(town: Town, by: Organisation | None = None, **changes: object) -> Draft:
    """What the hospital asks at NOW for entry, with members changed; None takes one away."""
    asker, at = by or town.hospital, int(NOW.timestamp())
    payload: dict[str, object] = {
        "iss": asker.did,
        "iat": at,
        "exp": at + 300,
        "nonce": "dGhlIG5vbmNlIG9mIHRoaXM",
        "network": town.world.state.require_network().id,
        "type": town.world.vct,
        "claims": ["match"],
        "purpose": ENTRY,
    }
    changed = {name: value for name, value in (payload | changes).items() if value is not None}
    return Draft(
        town=town,
        by=asker,
        payload=changed,  # type: ignore[arg-type]
        header={"typ": MEDIA_TYPE, "kid": asker.key_id(Purpose.AUTHENTICATION)},
        signer=asker.signer(Purpose.AUTHENTICATION),
    )


@dataclass
class Book:
    """All vectors so far, as JSON, by id."""

    town: Town
    vectors: dict[str, JsonObject] = field(default_factory=dict)

    def add(
        self,
        vector_id: str,
        comment: str,
        text: str,
        *,
        section: int,
        covers: str = "",
        now: datetime = NOW,
        **more: object,
    ) -> None:
        """Add one. `more` is what is expected: `standing` and the like, or `reason`."""
        kind = "invalid" if "reason" in more else "valid"
        values: dict[str, object] = {
            "id": f"requests/{kind}/{vector_id}",
            "comment": comment,
            "spec": f"{SPEC}{section}",
            "source": "vcred tools/make_vectors.py, test keys from public seeds",
            "covers": covers.split(),
            "now": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "text": text,
            "expect": "refused" if kind == "invalid" else "read",
        }
        if kind == "invalid":
            values["mutation_of"] = "requests/valid/registered"
        assert values["id"] not in self.vectors, vector_id
        self.vectors[f"{values['id']}"] = values | more  # type: ignore[assignment,operator]
