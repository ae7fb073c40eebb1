# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A party at its own desk: its DID is made once, whatever interrupts it, and it signs on what is there."""

from pathlib import Path

import pytest

from tests.unit.ledger.homes import Network, TestClock
from tests.unit.ledger.samples import without_proof
from vcred.codec.json_types import JsonObject
from vcred.desk.engines import party_file
from vcred.desk.engines.key_maker import KeyMaker
from vcred.desk.engines.party_file import FILE_NAME
from vcred.desk.engines.witness_desk import witness_name
from vcred.desk.founder import Founder
from vcred.desk.party import Party
from vcred.did.methods.vcred import did_of
from vcred.errors import DecodeError, StoreError, UsageError, VcredError
from vcred.home import Role
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.keyring import KeyRole
from vcred.ledger.entries import Kind
from vcred.securing.data_integrity.jcs_suites import verify_proofs

CODE: JsonObject = {"en": "Macao", "zh-Hant": "澳門"}
NAME: JsonObject = {"en": "Health Bureau"}
NETWORK, SPONSOR = "9" * 44, "did:vcred:" + "8" * 44
CLOCK = TestClock()


def open_party(home: Path) -> Party:
    return Party.open(home, clock=CLOCK)


def found(home: Path) -> Founder:
    with open_party(home) as party:
        return party.found(jurisdiction="MO", jurisdiction_name=CODE, name=NAME)


def create(home: Path, *, network: str = NETWORK, sponsor: str = SPONSOR) -> JsonObject:
    with open_party(home) as party:
        return party.create_did(
            name=NAME, status_base="https://status.example/mo/", network=network, sponsor=sponsor
        )


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return Party.create(tmp_path / "authority", Role.AUTHORITY).path


@pytest.fixture
def issuer(tmp_path: Path) -> Path:
    return Party.create(tmp_path / "issuer", Role.ISSUER).path


def signers(operation: JsonObject) -> int:
    return len(verify_proofs(operation, purpose="capabilityInvocation"))


# Its DID.


def test_a_founder_is_made_once(authority: Path) -> None:
    founder = found(authority)
    assert found(authority) == founder
    with open_party(authority) as party:
        assert party.did == did_of(founder.create)
    assert founder.witness["name"] == witness_name(did_of(founder.create))
    assert signers(founder.create) == 1
    assert Founder.from_json(founder.to_json()) == founder


def test_an_issuer_is_made_once(issuer: Path) -> None:
    operation = create(issuer)
    assert create(issuer) == operation
    with open_party(issuer) as party:
        assert party.did == did_of(operation)
    purposes = [method["purposes"] for method in operation["document"]["methods"]]  # type: ignore[index,call-overload]
    assert purposes == [["assertionMethod"], ["statusAssertion"], ["capabilityInvocation"]]


def test_a_did_is_not_made_again_otherwise(issuer: Path, authority: Path) -> None:
    operation = create(issuer)
    for changes in ({"network": "8" * 44}, {"sponsor": "did:vcred:" + "7" * 44}):
        with pytest.raises(UsageError):
            create(issuer, **changes)
    found(authority)
    with pytest.raises((UsageError, StoreError)):
        create(authority)
    assert create(issuer) == operation


def test_before_it_has_a_did_it_says_so(authority: Path) -> None:
    with open_party(authority) as party:
        with pytest.raises(UsageError):
            _ = party.did
        with pytest.raises(UsageError):
            party.witness(lambda start, end: [])


def test_a_home_of_another_role_is_refused(network: Network) -> None:
    with pytest.raises(UsageError):
        open_party(network.folder / "ledger")
    with pytest.raises(StoreError):
        Party.create(network.folder / "gd", Role.AUTHORITY)


def test_a_damaged_file_is_an_error(authority: Path) -> None:
    found(authority)
    (authority / FILE_NAME).write_bytes(b'{"did":')
    with pytest.raises(VcredError):
        open_party(authority)


class Interruption(BaseException):
    """What a signal does, at a place of the test's choosing."""


INTERRUPTED = range(6)


@pytest.mark.parametrize("after", INTERRUPTED)
@pytest.mark.parametrize("role", [Role.AUTHORITY, Role.ISSUER])
def test_what_was_interrupted_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: Role, after: int
) -> None:
    """After any number of keys, or before the last file: the next attempt makes one DID and keeps it."""
    home = Party.create(tmp_path / role, role).path
    make = found if role is Role.AUTHORITY else create
    steps = 0

    def step() -> None:
        nonlocal steps
        if steps == after:
            raise Interruption
        steps += 1

    real_key, real_write = KeyMaker.key, party_file.write_atomic
    with monkeypatch.context() as patched:
        patched.setattr(KeyMaker, "key", lambda self, *args: (step(), real_key(self, *args))[1])
        patched.setattr(party_file, "write_atomic", lambda *args, **kw: (step(), real_write(*args, **kw))[1])
        try:
            make(home)
        except Interruption:
            assert not (home / FILE_NAME).exists()
    made = make(home)
    assert make(home) == made
    with open_party(home) as party:
        assert len(party._keyring.names()) == (4 if role is Role.AUTHORITY else 5)
        assert party.did == did_of(made.create if isinstance(made, Founder) else made)


def test_keys_that_are_there_are_used(authority: Path) -> None:
    with open_party(authority) as party:
        control = party._keyring.create("control-1", ES256, role=KeyRole.CONTROL).public_key
    founder = found(authority)
    assert founder.create["control"] == {"threshold": 1, "keys": [control.to_multikey()]}


@pytest.mark.parametrize("missing", ["jurisdiction", "jurisdiction_name", "create", "witness"])
def test_a_founders_file_is_whole_or_refused(authority: Path, missing: str) -> None:
    value = found(authority).to_json()
    del value[missing]
    with pytest.raises(DecodeError):
        Founder.from_json(value)


# What it signs.


def test_endorsing_again_adds_no_other_meaning(network: Network) -> None:
    """The hash leaves proofs out: on the ledger it is one entry."""
    with network.ledger() as ledger, network.party("gd") as party:
        issuer = Party.create(network.folder / "issuer", Role.ISSUER).path
        operation = create(issuer, network=ledger.state.require_network().id, sponsor=party.did)
        once = party.endorse(operation)
        twice = party.endorse(once)
        assert without_proof(twice) == without_proof(operation)
        assert (signers(operation), signers(once), signers(twice)) == (1, 2, 2)
        first = ledger.append(twice)
        assert (first.index, first.is_new) == (1, True)
        assert ledger.append(once).index == 1
        assert ledger.state.organisations[did_of(operation)].index == 1


def test_the_same_statement_on_the_same_ledger_is_one_entry(network: Network) -> None:
    """A statement that was signed, and lost on the way, may be signed again."""
    with network.ledger() as ledger:
        first = network.statement("gd", 1, ledger=ledger)
        network.clock.later(seconds=30)
        again = network.statement("gd", 1, ledger=ledger)
        assert first != again
        assert without_proof(first) == without_proof(again)
        assert ledger.append(again).index == ledger.append(first).index == 1
        # On top of it, the next one.
        following = network.statement("gd", 2, ledger=ledger)
        assert following["previous"] != first["previous"]
        assert ledger.append(following).index == 2


def test_a_party_that_is_not_on_the_ledger_states_nothing(network: Network) -> None:
    stranger = Party.create(network.folder / "stranger", Role.AUTHORITY).path
    found(stranger)
    with network.ledger() as ledger, open_party(stranger) as party, pytest.raises(UsageError):
        party.state_that(Kind.TYPE_PUBLISH, {}, state=ledger.state)


def test_its_witness_is_the_one_it_handed_over(network: Network) -> None:
    with network.ledger() as ledger, network.party("mo") as party:
        known = ledger.state.require_network().witnesses[1]
        assert known.name == witness_name(party.did)
        assert party._keyring.signer("witness").public_key == known.key
        assert known.key.algorithm == EDDSA
