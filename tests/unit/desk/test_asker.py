# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A verifier at its desk: its keys are made late, and it asks only what its ledger lets somebody answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.organisation import sign_operation
from tests.world import World, make_world
from vcred.codec.jcs import encode_jcs
from vcred.credential.type_definition import parse_type_definition, shipped_type
from vcred.desk.asker import Asked, Asker
from vcred.desk.did_plan import UpdateRequest
from vcred.desk.engines.late_keys import give_keys, has_keys
from vcred.desk.party import Party
from vcred.did.operations import Purpose
from vcred.errors import RefusedError, StoreError, UsageError
from vcred.home import Home, Role, open_home
from vcred.keys.custody import KeyRole, Passphrase
from vcred.ledger.entries import Kind
from vcred.ledger.network_file import encode_network_file
from vcred.reasons import Reason
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import TrustStore
from vcred.verifier import Decision, Verifier
from vcred.verifier.asking import Standing

PURPOSE = "Entry to the hospital"


@dataclass(kw_only=True)
class Hospital:
    """A verifier's home in Macao, in a world whose ledger has its DID."""

    world: World
    path: Path
    did: str = ""

    @property
    def home(self) -> Home:
        return open_home(self.path, Role.VERIFIER)

    def clock(self) -> datetime:
        return self.world.now

    def join(self) -> None:
        """Make its DID, and let the ledger have it."""
        give_keys(self.home, None)
        with Party.open(self.home, clock=self.clock) as party:
            create = party.create_did(
                name={"en": "Hospital Conde"},
                status_base=None,
                network=self.world.state.require_network().id,
                sponsor=self.world.mo.did,
            )
            self.did = party.did
        sponsor = self.world.mo.signer(Purpose.STATEMENT)
        self.world.append(sign_operation(create, sponsor, self.world.now))

    def register(self, vct: str | None = None, *claims: str) -> None:
        self.world.say(
            self.world.mo,
            Kind.VERIFIER_REGISTER,
            verifier=self.did,
            type=vct or self.world.vct,
            claims=list(claims or ("match",)),
            purpose={"en": PURPOSE},
        )

    def learn(self) -> None:
        with TrustStore.open(self.home, clock=self.clock) as store:
            store.import_bundle(encode_bundle(self.world.bundle()))

    @contextmanager
    def asking(self) -> Iterator[Asker]:
        with Asker.open(self.home, clock=self.clock) as asker:
            yield asker

    def ask(self, *claims: str, type_: str = "health-code", **more: object) -> Asked:
        with self.asking() as asker:
            return asker.ask(type_, claims or ("match",), purpose=PURPOSE, **more)  # type: ignore[arg-type]


@pytest.fixture
def bare(tmp_path: Path) -> Hospital:
    """A home as `vcred init verifier` makes it, with a bundle."""
    hospital = Hospital(world=make_world(), path=tmp_path / "gate")
    network_file = encode_network_file(hospital.world.network_file())
    Verifier.create(hospital.path, jurisdiction="MO", network_file=network_file)
    hospital.learn()
    return hospital


@pytest.fixture
def hospital(bare: Hospital) -> Hospital:
    """One that has a DID and is registered for match."""
    bare.join()
    bare.register()
    bare.learn()
    return bare


def test_asked_and_answered(hospital: Hospital) -> None:
    world = hospital.world
    asked = hospital.ask()
    assert asked.text.startswith("VQ1:")
    assert (asked.read.standing, asked.read.name) == (Standing.REGISTERED, {"en": "Hospital Conde"})
    request = asked.request
    assert (request.audience, request.type, request.claims) == (hospital.did, world.vct, ("match",))
    assert request.expires_at - request.issued_at == 300
    answer = world.present(world.issue(), "match", audience=request.audience, nonce=request.nonce)
    with Verifier.open(hospital.path, clock=hospital.clock) as gate:
        assert gate.evaluate(answer).decision is Decision.ACCEPTED
        assert gate.evaluate(answer).reasons == (Reason.REPLAYED,)


def test_every_request_has_its_own_nonce(hospital: Hospital) -> None:
    with hospital.asking() as asker:
        nonces = {asker.ask("health-code", ["match"], purpose=PURPOSE).request.nonce for _ in range(20)}
    assert len(nonces) == 20
    assert all(len(nonce) == 22 for nonce in nonces)


def test_nothing_is_shown_that_is_not_remembered(hospital: Hospital) -> None:
    assert hospital.ask()
    (hospital.path / "asked.sqlite").write_bytes(b"no database, no database")
    with pytest.raises(StoreError):
        hospital.ask()


def test_keys_are_made_when_a_did_is_wanted_and_not_before(bare: Hospital) -> None:
    assert not has_keys(bare.home)
    for door in (Party, Asker):
        with pytest.raises(UsageError, match="no DID yet"):
            door.open(bare.home, clock=bare.clock)
    give_keys(bare.home, None)
    assert has_keys(bare.home)
    with pytest.raises(UsageError, match="no DID yet"):
        Asker.open(bare.home, clock=bare.clock)
    bare.join()
    with Party.open(bare.path, clock=bare.clock) as party:
        held = party.keys()
    assert {key.role for key in held} == {KeyRole.CONTROL, KeyRole.AUTHENTICATION}
    methods = [method.purpose for method in bare.world.state.organisations[bare.did].methods]
    assert methods == [Purpose.AUTHENTICATION]


def test_keys_under_a_passphrase(bare: Hospital) -> None:
    secret = Passphrase(b"correct horse")
    give_keys(bare.home, secret)
    give_keys(bare.home, secret)
    with pytest.raises(StoreError):
        Party.open(bare.home, clock=bare.clock)
    with Party.open(bare.home, unlock=secret, clock=bare.clock) as party:
        assert party.keys() == ()


def test_a_did_that_the_ledger_does_not_have_yet(bare: Hospital) -> None:
    bare.join()
    with pytest.raises(UsageError, match="not on the ledger"):
        bare.ask()
    bare.learn()
    assert bare.ask().read.standing is Standing.UNKNOWN


def test_a_home_that_has_lost_its_keys(hospital: Hospital) -> None:
    """It has a DID, and the ledger has keys for it: none of them is here."""
    assert hospital.ask()
    for key in (hospital.path / "keys").glob("authentication*"):
        key.unlink()
    with pytest.raises(UsageError, match="no authentication key"):
        hospital.ask()


def test_after_its_did_has_ended(hospital: Hospital) -> None:
    assert hospital.ask()
    hospital.world.later(seconds=1)
    with Party.open(hospital.home, clock=hospital.clock) as party:
        hospital.world.append(party.update_did(UpdateRequest(deactivate=True), state=hospital.world.state))
    hospital.learn()
    with pytest.raises(UsageError, match="no authentication key"):
        hospital.ask()


@pytest.mark.parametrize("seconds", [1, 300, 0, 301, -1])
def test_how_long(hospital: Hospital, seconds: int) -> None:
    if 1 <= seconds <= 300:
        request = hospital.ask(valid=timedelta(seconds=seconds)).request
        assert request.expires_at - request.issued_at == seconds
    else:
        with pytest.raises(UsageError, match="1 to 300 seconds"):
            hospital.ask(valid=timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        (("nothing",), "no such claim"),
        (("Match",), "not a claim path"),
        (("identity.*",), "not a claim path"),
        (("match.name",), "only together"),
        (("identity.name.first",), "no such claim"),
    ],
)
def test_what_nobody_can_show(hospital: Hospital, claims: tuple[str, ...], words: str) -> None:
    assert hospital.ask("identity.name", "colour", "test").read.excess == ("identity.name", "test")
    with pytest.raises(UsageError, match=words):
        hospital.ask(*claims)


def test_a_purpose_that_no_wallet_reads(hospital: Hospital) -> None:
    with hospital.asking() as asker:
        assert asker.ask("health-code", ["match"], purpose="進入醫院")
        for purpose in ("", "two\nlines", "x" * 201):
            with pytest.raises(RefusedError) as caught:
                asker.ask("health-code", ["match"], purpose=purpose)
            assert caught.value.reason is Reason.REQUEST_INVALID


def test_a_name_means_the_version_that_is_registered(hospital: Hospital) -> None:
    world = hospital.world
    document = shipped_type("health-code").document
    second = world.publish_type(parse_type_definition(encode_jcs({**document, "version": 2})), world.gd)
    hospital.learn()
    assert hospital.ask().request.type == world.vct
    assert hospital.ask(type_=second).read.standing is Standing.UNKNOWN
    hospital.register(second)
    hospital.learn()
    assert hospital.ask().request.type == second


def test_a_name_of_several_publishers(hospital: Hospital) -> None:
    world = hospital.world
    other = world.publish_type(world.type_definition, world.mo)
    hospital.learn()
    # Registered for one of them: that is meant.
    assert hospital.ask().request.type == world.vct
    hospital.register(other)
    hospital.learn()
    with pytest.raises(UsageError, match="several publishers"):
        hospital.ask()
    with pytest.raises(UsageError, match="no type of that name"):
        hospital.ask(type_="another-code")


def test_what_is_kept_names_nobody(hospital: Hospital) -> None:
    asked = hospital.ask()
    world, request = hospital.world, asked.request
    answer = world.present(world.issue(), "match", audience=request.audience, nonce=request.nonce)
    with Verifier.open(hospital.path, clock=hospital.clock) as gate:
        gate.verify(answer)
    kept = b"".join(file.read_bytes() for file in hospital.path.glob("*.sqlite*") if "trust" not in file.name)
    assert asked.read.text.encode() in kept
    assert "陳大文".encode() not in kept
    assert json.loads((hospital.path / "party.json").read_text())["did"] == hospital.did
