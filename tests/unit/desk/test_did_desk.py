# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A party at its own desk: which keys it makes and uses for its DID, and what no interruption loses."""

import json
from pathlib import Path

import pytest

from tests.kill import kill_at_every_write, python_module, require_strace
from tests.unit.desk.rotator import NAME, REQUEST, keep_leaves, rotate
from tests.unit.ledger.homes import Network
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.desk.did_plan import UpdateRequest
from vcred.desk.engines.pending_update import FILE_NAME, read_pending
from vcred.did.methods.vcred import commitment
from vcred.did.operations import Purpose
from vcred.errors import LedgerError, StoreError, UsageError
from vcred.keys.algorithms import ES256
from vcred.keys.custody import KeyRole
from vcred.keys.software import SoftwareSigner
from vcred.ledger.ledger import Ledger
from vcred.ledger.state import Organisation
from vcred.reasons import Reason

ONLY_CONTROL = UpdateRequest()


def update(network: Network, request: UpdateRequest = ONLY_CONTROL, name: str = NAME) -> JsonObject:
    with network.ledger() as ledger, network.party(name) as party:
        return party.did_desk.update(party.did, request, state=ledger.state)


def record(network: Network, ledger: Ledger, name: str = NAME) -> Organisation:
    with network.party(name) as party:
        return ledger.state.organisations[party.did]


def names(network: Network, name: str = NAME) -> tuple[str, ...]:
    with network.party(name) as party:
        return party._keyring.names()


# Which keys.


def test_control_moves_from_key_to_key_as_the_ledger_says(network: Network) -> None:
    for number in range(3, 6):
        network.clock.later(seconds=1)
        operation = update(network)
        with network.ledger() as ledger:
            assert ledger.append(operation).is_new
            committed = record(network, ledger).next_keys
        assert committed is not None
        with network.party(NAME) as party:
            held = party._keyring.signers(KeyRole.CONTROL)
        assert committed.hashes == (commitment(held[f"control-{number}"].public_key),)
        assert operation["control"] == {"keys": [held[f"control-{number - 1}"].public_key.to_multikey()]}


def test_the_statement_key_in_force_signs_whatever_else_is_there(network: Network) -> None:
    network.clock.later(seconds=1)
    operation = update(network, REQUEST)
    assert "statement-2" in names(network)
    with network.ledger() as ledger, network.party(NAME) as party:
        before = party.did_desk.statement_signer(party.did, ledger.state).public_key
        network.say(ledger, 1)
        ledger.append(operation)
        after = party.did_desk.statement_signer(party.did, ledger.state).public_key
        assert (before, after) == tuple(
            party._keyring.signer(name).public_key for name in ("statement", "statement-2")
        )
        # A log whose clock runs a little ahead does not leave the desk without a key.
        network.clock.later(seconds=-30)
        assert party.did_desk.statement_signer(party.did, ledger.state).public_key == after
        assert network.say(ledger, 2).is_new
        with pytest.raises(UsageError, match="not known here"):
            party.did_desk.statement_signer(party.did, None)


def test_a_home_without_the_committed_key_changes_nothing(network: Network) -> None:
    """LED-02: all current keys together can do nothing."""
    assert update(network)
    (network.folder / NAME / FILE_NAME).unlink()
    (network.folder / NAME / "keys" / "control-2.key.jwe").unlink()
    with pytest.raises(UsageError, match="none of the control keys"):
        update(network)


def test_a_stolen_copy_of_all_current_keys_makes_an_operation_that_the_log_refuses(network: Network) -> None:
    operation = update(network)
    with network.party(NAME) as party:
        current = party._keyring.signer("control-1").public_key
    stolen = {name: value for name, value in operation.items() if name != "proof"}
    stolen |= {"control": {"keys": [current.to_multikey()]}}
    with network.party(NAME) as party:
        signed = party.did_desk.sign(stolen)
    with network.ledger() as ledger:
        with pytest.raises(LedgerError) as caught:
            ledger.append(signed)
        assert caught.value.reason is Reason.DID_INVALID
        assert ledger.append(operation).is_new


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (UpdateRequest(rotate=(Purpose.ASSERTION,)), "no key of the purpose"),
        (UpdateRequest(rotate=(Purpose.AUTHENTICATION,)), "no key of the purpose"),
        (UpdateRequest(next_threshold=2), "from 1 to 1"),
        (UpdateRequest(next_hashes=("x",)), "--next-key"),
        (UpdateRequest(control_keys=(SoftwareSigner.generate(ES256).public_key,)), "not one that"),
    ],
)
def test_what_cannot_be_said_makes_no_key(network: Network, request_: UpdateRequest, words: str) -> None:
    before = names(network)
    with pytest.raises(UsageError, match=words):
        update(network, request_)
    assert names(network) == before
    assert read_pending(network.folder / NAME) is None


def test_what_the_ledger_would_refuse_is_not_signed(network: Network) -> None:
    with pytest.raises(UsageError, match="https"):
        update(network, UpdateRequest(sites=("http://plain.example",)))
    assert read_pending(network.folder / NAME) is None


# On its way.


def test_until_the_ledger_has_it_the_same_request_gives_the_same_operation(network: Network) -> None:
    first = update(network, REQUEST)
    network.clock.later(hours=1)
    assert encode_jcs(update(network, REQUEST)) == encode_jcs(first)
    with pytest.raises(UsageError, match="on its way"):
        update(network)
    with network.ledger() as ledger:
        ledger.append(first)
    second = update(network)
    assert second["prev"] != first["prev"]
    with network.ledger() as ledger:
        assert ledger.append(second).is_new


def test_an_update_that_another_hand_overtook_is_forgotten(network: Network) -> None:
    """LED-10. The one that was first counts; the other can never be logged, and another may be made."""
    backup = network.copy_to(network.folder.parent / "backup")
    mine, theirs = update(network), update(backup, REQUEST)
    assert mine["prev"] == theirs["prev"]
    with network.ledger() as ledger, network.party(NAME) as party:
        assert party.did_desk.pending(ledger.state) is not None
        ledger.append(theirs)
        with pytest.raises(LedgerError) as caught:
            ledger.append(mine)
        assert caught.value.reason is Reason.REPLAYED
        assert party.did_desk.pending(ledger.state) is None


def test_an_older_state_forgets_nothing(network: Network) -> None:
    with network.ledger() as ledger:
        older = ledger.state
    with network.ledger() as ledger:
        ledger.append(update(network))
    operation = update(network, REQUEST)
    with network.party(NAME) as party:
        pending = party.did_desk.pending(older)
        assert pending is not None
        assert pending.operation == operation
        assert party.did_desk.update(party.did, REQUEST, state=older) == operation


def test_a_damaged_file_of_what_is_on_its_way_is_told(network: Network) -> None:
    path = network.folder / NAME / FILE_NAME
    update(network)
    assert path.stat().st_mode & 0o077 == 0
    for content in (b"", b"{}", path.read_bytes()[:-10], b'{"operation":{},"request":{}}'):
        path.write_bytes(content)
        with pytest.raises(StoreError, match="damaged"):
            read_pending(network.folder / NAME)


def test_a_home_that_dies_at_any_write_gives_the_same_operation_and_loses_no_key(
    network: Network, tmp_path: Path
) -> None:
    """FI-01, of `did rotate`."""
    require_strace()
    keep_leaves(network)

    def copy(name: str) -> Path:
        return network.copy_to(tmp_path / name).folder

    kept = 0
    points = list(kill_at_every_write(copy, lambda place: python_module("tests.unit.desk.rotator", place)))
    for point, place, printed in points:
        pending = read_pending(place / NAME)
        first = rotate(place)
        # What has left the desk, or was kept for it, is what it says ever after.
        assert printed.strip() in ("", first), point
        if pending is not None:
            assert encode_jcs(pending.operation).decode() == first, point
            kept += 1
        assert rotate(place) == first, point
        here = Network(place)
        # One control key and one statement key more, no matter how often it was tried.
        assert set(names(here)) - set(names(network)) == {"control-3", "statement-2"}, point
        with here.ledger() as ledger:
            assert ledger.append(json.loads(first)).is_new, point
            network_key = record(here, ledger).methods[-1].key
        with here.party(NAME) as party:
            assert party._keyring.signer("statement-2").public_key == network_key, point
    assert 0 < kept < len(points)


# For the DIDs of others.


def test_spare_keys_stay_apart_from_the_own_ones(network: Network) -> None:
    with network.party(NAME) as party:
        desk = party.did_desk
        (first,) = desk.spare_keys()
        assert (first.name, first.commitment) == ("spare-1", commitment(first.key))
        assert desk.spare_keys() == (first,)
        assert [key.name for key in desk.spare_keys(new=True)] == ["spare-1", "spare-2"]
    operation = update(network)
    following = operation["next"]
    assert isinstance(following, dict)
    assert first.commitment not in str(following)


def test_only_what_reveals_its_control_keys_is_signed(network: Network) -> None:
    operation = update(network)
    with network.party("mo") as other, pytest.raises(UsageError, match="none of this home's"):
        other.did_desk.sign(operation)
    with network.party(NAME) as party:
        assert party.did_desk.sign(operation) == operation
        with pytest.raises(UsageError, match="only a did"):
            party.did_desk.sign({"kind": "recognise", "version": 1})
