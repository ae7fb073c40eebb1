# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An authority and its own witness: what it hands over must come to stand on the ledger."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.ledger.homes import AUTHORITIES, Network
from vcred.codec.fields import get_object
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.desk.engines.party_file import FILE_NAME
from vcred.desk.engines.witness_desk import witness_json, witness_name
from vcred.desk.party import Party
from vcred.did.methods.vcred import did_of, hash_text, operation_hash
from vcred.errors import QuorumError, StoreError, UsageError
from vcred.home import Role, adopt_network, read_home
from vcred.ledger.drafts import draft_change
from vcred.ledger.network_file import NetworkFile, encode_network_file
from vcred.ledger.published import Published

DELAY = 86_400


def nothing(start: int, end: int) -> Sequence[bytes]:
    return ()


def handed(network: Network, name: str) -> list[str]:
    with network.party(name) as party:
        return [item.hash for item in party.witness_desk.handed()]


def hash_of(operation: JsonObject) -> str:
    return hash_text(operation_hash(operation))


# Handing over.


def test_a_statement_is_handed_over_before_it_leaves(network: Network) -> None:
    with network.ledger() as ledger:
        statement = network.statement("gd", 1, ledger=ledger)
    with network.party("gd") as party:
        (item,) = party.witness_desk.handed()
    assert (item.hash, item.handed_at) == (hash_of(statement), int(network.clock().timestamp()))
    assert decode_json_object(item.operation) == statement
    assert handed(network, "mo") == []


def test_signed_again_it_keeps_its_time(network: Network) -> None:
    with network.ledger() as ledger:
        network.statement("gd", 1, ledger=ledger)
        first = int(network.clock().timestamp())
        network.clock.later(hours=1)
        network.statement("gd", 1, ledger=ledger)
    with network.party("gd") as party:
        (item,) = party.witness_desk.handed()
    assert item.handed_at == first


def test_what_is_under_a_cosigned_head_is_forgotten(network: Network) -> None:
    network.grow(2)
    assert len(handed(network, "gd")) == 2
    network.publish()
    assert handed(network, "gd") == []
    # And what is logged already is not handed over again.
    with network.ledger() as ledger, network.party("gd") as party:
        leaf = decode_json_object(ledger.leaves(1, 2)[0])
        party.hand(get_object(leaf, "operation"), state=ledger.state)
    assert handed(network, "gd") == []


def test_what_the_rules_refuse_is_not_handed_over(network: Network) -> None:
    """A log that does not take it keeps nothing back."""
    with network.ledger() as ledger:
        state = ledger.state
        statement = network.statement("gd", 1, ledger=ledger)
    with network.party("mo") as party:
        party.hand({**statement, "proof": []}, state=state)
        assert party.witness_desk.handed() == ()
        party.hand(statement, state=state)
        assert len(party.witness_desk.handed()) == 1


def test_an_endorsement_of_another_operation_is_not_watched_for(network: Network) -> None:
    """Whoever asked for it brings it to the ledger, or does not."""
    issuer = Party.create(network.folder / "issuer", Role.ISSUER)
    with network.ledger() as ledger, network.party("gd") as gd, Party.open(issuer) as party:
        create = party.create_did(
            name={"en": "Issuer"}, status_base=None, network=ledger.state.require_network().id, sponsor=gd.did
        )
        gd.endorse(create, state=ledger.state)
        assert gd.witness_desk.handed() == ()


def test_a_change_of_the_network_is_watched_for_by_who_completes_it(network: Network) -> None:
    with network.ledger() as ledger, network.party("gd") as gd, network.party("mo") as mo:
        known = ledger.state.require_network()
        parts: JsonObject = {"limits": {"entry_bytes": 5000, "max_merge_delay": DELAY}}
        draft = draft_change(network=known.id, prev=known.last_change, parts=parts)
        half = gd.endorse(draft, state=ledger.state)
        assert gd.witness_desk.handed() == ()
        whole = mo.endorse(half, state=ledger.state)
        assert [item.hash for item in mo.witness_desk.handed()] == [hash_of(whole)]
        assert ledger.append(whole).is_new


def test_it_is_taken_back_by_its_hash(network: Network) -> None:
    with network.ledger() as ledger:
        statement = network.statement("gd", 1, ledger=ledger)
    with network.party("gd") as party:
        with pytest.raises(UsageError):
            party.witness_desk.drop([hash_text(bytes(32))])
        with pytest.raises(UsageError):
            party.witness_desk.drop([hash_of(statement), hash_text(bytes(32))])
        assert len(party.witness_desk.handed()) == 1
        party.witness_desk.drop([hash_of(statement)])
        assert party.witness_desk.handed() == ()
        with pytest.raises(UsageError):
            party.witness_desk.drop([hash_of(statement)])


# An operator who hides an operation.


@pytest.fixture
def hiding(network: Network) -> Network:
    """Guangdong has signed a statement; the operator logs others, and not that one."""
    network.publish()
    with network.ledger() as ledger:
        network.statement("gd", 1, ledger=ledger)
        network.say(ledger, 2, name="mo")
    return network


def test_an_operator_who_hides_an_operation_gets_no_fresh_head(hiding: Network) -> None:
    hiding.clock.later(seconds=DELAY)
    published = hiding.publish()
    assert published.size == 2
    hiding.clock.later(seconds=1)
    (missing,) = handed(hiding, "gd")
    with pytest.raises(QuorumError):
        hiding.publish()
    with hiding.ledger() as ledger, ExitStack() as stack:
        with pytest.raises(QuorumError, match=f"missing for too long: {missing}") as caught:
            ledger.publish([hiding.witness("gd", stack, ledger)])
        assert caught.value is not None
        assert ledger.published() == published


def test_it_has_fresh_heads_again_once_it_logs_it(hiding: Network) -> None:
    hiding.clock.later(seconds=DELAY + 1)
    with pytest.raises(QuorumError):
        hiding.publish()
    with hiding.party("gd") as party, hiding.ledger() as ledger:
        (item,) = party.witness_desk.handed()
        ledger.append(decode_json_object(item.operation))
    assert hiding.publish().size == 3
    assert handed(hiding, "gd") == []


def test_the_authority_may_take_it_back(hiding: Network) -> None:
    hiding.clock.later(seconds=DELAY + 1)
    with hiding.party("gd") as party:
        party.witness_desk.drop(handed(hiding, "gd"))
    assert hiding.publish().size == 2


def test_another_statement_in_its_place_does_not_excuse_it(hiding: Network) -> None:
    """The operator takes the next one, which the authority has signed without knowing."""
    with hiding.ledger() as ledger:
        hiding.say(ledger, 3)
    hiding.clock.later(seconds=DELAY + 1)
    with pytest.raises(QuorumError):
        hiding.publish()
    assert len(handed(hiding, "gd")) == 2


# Which network.


def network_file(published: Published, network: Network) -> bytes:
    with network.ledger() as ledger:
        known = ledger.state.require_network()
    return encode_network_file(
        NetworkFile(network_id=known.id, floor_size=published.size, floor_root=published.root, floor_date=1)
    )


def forget(network: Network, name: str, member: str) -> None:
    path = network.folder / name / FILE_NAME
    known = decode_json_object(path.read_bytes())
    del known[member]
    path.write_bytes(encode_jcs(known))


def test_a_founder_cosigns_the_network_that_it_has_endorsed(network: Network) -> None:
    assert network.publish().size == 1
    with network.party("gd") as party:
        party.endorse({"kind": "network.genesis", "version": 1})
        with pytest.raises(StoreError, match="another network"):
            party.witness(nothing)


def test_another_network_than_the_endorsed_one_gets_nothing(network: Network) -> None:
    with network.party("gd") as party:
        party.endorse({"kind": "network.genesis", "version": 1})
    with pytest.raises(QuorumError, match="of another log"):
        network.publish("gd")


def test_without_genesis_and_network_file_there_is_no_witness(network: Network) -> None:
    for name in AUTHORITIES:
        forget(network, name, "genesis")
    with network.party("gd") as party, pytest.raises(UsageError, match="no network"):
        party.witness(nothing)


def test_the_network_file_says_which_network_and_where_it_begins(network: Network) -> None:
    network.grow(2)
    file = network_file(network.publish("gd", "mo"), network)
    for name in AUTHORITIES:
        forget(network, name, "genesis")
        adopt_network(read_home(network.folder / name), file)
    network.grow(1)
    assert network.publish().size == 4


def test_a_network_file_of_another_network(network: Network) -> None:
    published = network.publish()
    file = decode_json_object(network_file(published, network).strip())
    file["network"] = hash_text(bytes(32))
    adopt_network(read_home(network.folder / "gd"), encode_jcs(file))
    with network.party("gd") as party, pytest.raises(StoreError, match="another network"):
        party.witness(nothing)


def test_what_was_endorsed_is_remembered_and_nothing_else_changes(network: Network) -> None:
    path = network.folder / "gd" / FILE_NAME
    before = decode_json_object(path.read_bytes())
    with network.party("gd") as party:
        genesis: JsonObject = {"kind": "network.genesis", "version": 1}
        party.endorse(genesis)
        assert decode_json_object(path.read_bytes()) == before | {"genesis": hash_of(genesis)}
        assert party.found(jurisdiction="x", jurisdiction_name={}, name={}).jurisdiction == "CN-44"
    assert path.stat().st_mode & 0o777 == 0o600


# Keys.


def test_a_new_key_is_the_same_until_it_has_cosigned(network: Network) -> None:
    with network.party("gd") as party:
        assert party.witness_desk.make_key().name == witness_name(party.did)
        assert len(party.witness_desk.signers()) == 1
    network.publish()
    with network.party("gd") as party:
        made = party.witness_desk.make_key()
        again = party.witness_desk.make_key()
        assert made.name == again.name == f"{witness_name(party.did)}/2"
        assert made.signer.public_key == again.signer.public_key
        assert party.witness_desk.names() == (witness_name(party.did), made.name)


def test_an_authority_that_is_no_founder_makes_its_first_key(network: Network) -> None:
    path = Party.create(network.folder / "third", Role.AUTHORITY)
    with network.ledger() as ledger, network.party("gd") as gd, Party.open(path) as party:
        assert party.jurisdiction is None
        create = party.create_did(
            name={"en": "Third"}, status_base=None, network=ledger.state.require_network().id, sponsor=gd.did
        )
        with pytest.raises(UsageError):
            party.witness(nothing)
        made = party.witness_desk.make_key()
        assert made.name == witness_name(did_of(create))


def test_a_new_key_comes_into_force_by_a_change_of_the_network(network: Network) -> None:
    network.publish()
    with network.ledger() as ledger, network.party("gd") as gd, network.party("mo") as mo:
        made = gd.witness_desk.make_key()
        known = ledger.state.require_network()
        entry = witness_json(made.name, made.signer.public_key, jurisdiction="CN-44")
        parts: JsonObject = {"witnesses": {"add": [entry], "remove": [witness_name(gd.did)]}}
        change = draft_change(network=known.id, prev=known.last_change, parts=parts)
        for party in (gd, mo):
            change = party.endorse(change, state=ledger.state)
        ledger.append(change)
    assert network.publish().size == 2
    with network.party("gd") as gd:
        assert gd.witness_desk.make_key().name == f"{witness_name(gd.did)}/3"


def test_after_a_loss_a_new_key_is_made_at_once(network: Network, tmp_path: Path) -> None:
    network.publish()
    for path in network.folder.glob("gd/witness.sqlite*"):
        path.unlink()
    with pytest.raises(QuorumError, match="retired for ever: its record was lost"):
        network.publish("gd")
    with network.party("gd") as party:
        assert party.witness_desk.make_key().name == f"{witness_name(party.did)}/2"
