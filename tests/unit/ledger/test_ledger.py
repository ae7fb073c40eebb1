# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door: append by the rules, publish under a quorum, prove, and notice damage.

LED-11, LED-13, LED-14, LED-18, LED-21, LED-23.
"""

import sqlite3
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.ledger.homes import ORIGIN, Network, TestClock, found_network, pass_for_original
from tests.unit.ledger.samples import changed
from tests.world import START
from vcred.codec.json_types import JsonObject
from vcred.desk.engines.witness_desk import MARK_FILE
from vcred.desk.party import Party
from vcred.errors import InclusionError, InconsistencyError, LedgerError, QuorumError, StoreError, UsageError
from vcred.home import Role
from vcred.keys.home_keys import KEYS_FOLDER
from vcred.ledger import Ledger as Exported
from vcred.ledger.entries import parse_leaf
from vcred.ledger.ledger import Ledger
from vcred.reasons import Reason
from vcred.tlog.checkpoint import open_checkpoint
from vcred.tlog.note import parse_note
from vcred.tlog.proofs import verify_consistency, verify_inclusion
from vcred.tlog.quorum import cosignature_times, verify_quorum
from vcred.tlog.tree import Frontier, leaf_hash, root_of

NOW = int(START.timestamp())


def force(network: Network, statement: str, *values: object) -> None:
    """Change the file as a failing disk would: past the triggers."""
    database = sqlite3.connect(network.database)
    with database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        assert database.execute(statement, values).rowcount == 1
    database.close()


# Append.


def test_the_door_of_the_room() -> None:
    assert Exported is Ledger


def test_an_entry_has_an_index_and_a_date(network: Network) -> None:
    network.clock.later(seconds=5)
    with network.ledger() as ledger:
        appended = network.say(ledger, 1)
        assert (appended.index, appended.logged_at, appended.is_new) == (1, NOW + 5, True)
        assert ledger.state.size == 2
        entry = parse_leaf(ledger.leaves(1, 2)[0])
        assert (entry.logged_at, entry.kind) == (NOW + 5, "type.publish")
    with network.ledger() as ledger:
        assert ledger.state.size == 2


def test_led_11_the_same_operation_again_keeps_its_index(network: Network) -> None:
    with network.ledger() as ledger:
        operation = network.statement("gd", 1, ledger=ledger)
        first = ledger.append(operation)
        network.clock.later(hours=1)
        again = ledger.append(operation)
        assert (again.index, again.logged_at, again.is_new) == (first.index, first.logged_at, False)
        assert ledger.state.size == 2
    with network.ledger() as ledger:
        # Also with other proofs: they do not make it another operation.
        with network.party("gd") as party:
            other = party.endorse({name: value for name, value in operation.items() if name != "proof"})
        assert ledger.append(other).index == first.index


def test_what_the_rules_refuse_is_not_appended(network: Network) -> None:
    with network.ledger() as ledger:
        operation = network.statement("gd", 1, ledger=ledger)
        for wrong, reason in (
            (changed(operation, "size", 2), Reason.SIGNATURE_INVALID),
            (changed(operation, "previous", "1" * 32), Reason.SIGNATURE_INVALID),
            (changed(operation, "kind", 7), Reason.MALFORMED),
            (changed(operation, "network", "x"), Reason.NOT_AUTHORISED),
            (changed(operation, "note", "x" * 7_500), Reason.LIMIT_EXCEEDED),
            (changed(operation, "note", "x" * 70_000), Reason.LIMIT_EXCEEDED),
            ({}, Reason.MALFORMED),
        ):
            with pytest.raises(LedgerError) as caught:
                ledger.append(wrong)
            assert caught.value.reason is reason
        assert ledger.state.size == 1
        assert ledger.append(operation).index == 1


@pytest.mark.parametrize("ignorable", [None, False, True])
def test_a_log_takes_nothing_that_it_cannot_judge(network: Network, ignorable: bool | None) -> None:
    """Else anybody could stop every decision with one unsigned entry."""
    operation: JsonObject = {"kind": "did.merge", "version": 1}
    if ignorable is not None:
        operation["ignorable"] = ignorable
    with network.ledger() as ledger:
        for value in (operation, {**operation, "kind": "recognise", "version": 2}):
            with pytest.raises(LedgerError) as caught:
                ledger.append(value)
            assert caught.value.reason is Reason.VERSION_UNSUPPORTED
        assert (ledger.state.size, ledger.state.unsupported) == (1, False)


def test_led_23_a_clock_that_was_set_back_does_not_set_back_the_log(network: Network) -> None:
    network.clock.later(hours=1)
    with network.ledger() as ledger:
        network.say(ledger, 1)
        network.clock.later(hours=-2)
        assert network.say(ledger, 2).logged_at == NOW + 3600
        network.clock.later(hours=2)
        assert network.say(ledger, 3).logged_at == NOW + 3600


def test_genesis_names_this_logs_key(network: Network, tmp_path: Path) -> None:
    with network.ledger() as ledger:
        genesis = parse_leaf(ledger.leaves(0, 1)[0]).operation
    home = Ledger.create(tmp_path / "other")
    with Ledger.open(home) as other:
        with pytest.raises(LedgerError) as caught:
            other.append(genesis)
        assert caught.value.reason is Reason.NOT_AUTHORISED
        assert (other.state.size, other.leaves(0, 1)) == (0, ())


def test_nothing_comes_before_genesis(network: Network, tmp_path: Path) -> None:
    with network.ledger() as ledger:
        statement = network.statement("gd", 1, ledger=ledger)
    with Ledger.open(Ledger.create(tmp_path / "other")) as other:
        with pytest.raises(LedgerError) as caught:
            other.append(statement)
        assert caught.value.reason is Reason.MALFORMED
        with pytest.raises(StoreError):
            other.publish([])
        assert other.published() is None


def test_a_home_of_another_role_is_no_ledger(network: Network) -> None:
    with pytest.raises(UsageError):
        Ledger.open(network.folder / "gd")
    with pytest.raises(StoreError):
        Ledger.open(network.folder / "nowhere")
    with pytest.raises(StoreError):
        Ledger.create(network.folder / "ledger")


# Publish.


def test_a_head_is_published_under_the_quorum(network: Network) -> None:
    network.grow(3)
    published = network.publish()
    with network.ledger() as ledger:
        known = ledger.state.require_network()
        assert ledger.published() == published
        assert published.root == ledger.root(4) == root_of(map(leaf_hash, ledger.leaves(0, 4)))
    checkpoint, note = open_checkpoint(published.note, origin=ORIGIN, keys=[known.log_key])
    assert (checkpoint.size, checkpoint.root) == (4, published.root)
    assert set(cosignature_times(note, known.witnesses)) == {witness.name for witness in known.witnesses}
    assert verify_quorum(note, known.quorum, known.witnesses, not_after=NOW) == NOW


@pytest.mark.parametrize("names", [("gd",), ("mo",), ("gd", "gd")])
def test_led_18_without_the_quorum_nothing_is_published(network: Network, names: tuple[str, ...]) -> None:
    before = network.publish()
    network.grow(1)
    with pytest.raises(QuorumError):
        network.publish(*names)
    with network.ledger() as ledger:
        assert ledger.published() == before
    assert network.publish().size == 2


def test_nobody_was_asked(network: Network) -> None:
    with network.ledger() as ledger:
        with pytest.raises(QuorumError):
            ledger.publish([])
        assert ledger.published() is None


def test_a_witness_that_is_out_does_not_stop_the_others(network: Network) -> None:
    """Its file is damaged: it says so, and the quorum decides."""
    network.publish()
    network.grow(1)
    with ExitStack() as stack:
        ledger = stack.enter_context(network.ledger())
        gd, mo = (network.witness(name, stack, ledger) for name in ("gd", "mo"))
        broken = network.witness("gd", stack, ledger)
        broken.close()
        with pytest.raises(QuorumError):
            ledger.publish([broken, mo])
        assert ledger.publish([broken, mo, gd]).size == 2


def test_led_18_a_witness_whose_clock_is_ahead_does_not_count(network: Network) -> None:
    with ExitStack() as stack:
        ledger = stack.enter_context(network.ledger())
        gd = network.witness("gd", stack, ledger)
        later = Network(network.folder, TestClock(network.clock.now.replace(hour=23)))
        ahead = later.witness("mo", stack, ledger)
        with pytest.raises(QuorumError):
            ledger.publish([gd, ahead])
        assert ledger.published() is None


def test_publishing_the_same_head_again_dates_it_anew(network: Network) -> None:
    first = network.publish()
    network.clock.later(hours=1)
    second = network.publish()
    assert (first.size, first.root) == (second.size, second.root)
    with network.ledger() as ledger:
        known = ledger.state.require_network()
    note = parse_note(second.note)
    assert verify_quorum(note, known.quorum, known.witnesses, not_after=NOW + 3600) == NOW + 3600


def test_a_ledger_that_was_set_back_publishes_nothing(network: Network, tmp_path: Path) -> None:
    """Restored from an old copy, it would fork: its witnesses have seen more."""
    backup = network.copy_to(tmp_path / "backup")
    network.grow(2)
    published = network.publish()
    restored = Network(backup.folder)
    for name in ("gd", "mo"):
        for file in network.folder.joinpath(name).glob("witness.sqlite*"):
            restored.folder.joinpath(name, file.name).write_bytes(file.read_bytes())
        mark = Path(KEYS_FOLDER, MARK_FILE)
        restored.folder.joinpath(name, mark).write_bytes(network.folder.joinpath(name, mark).read_bytes())
        pass_for_original(restored.witness_database(name))
    with pytest.raises(QuorumError, match="3 entries, 1 are here"):
        restored.publish()
    # And when it has grown to the size that they know, with other entries, it is a fork.
    restored.clock.later(seconds=1)
    restored.grow(2)
    with pytest.raises(InconsistencyError):
        restored.publish()
    with restored.ledger() as ledger:
        assert ledger.published() is None
    with ExitStack() as stack:
        ledger = stack.enter_context(restored.ledger())
        kept = restored.witness("gd", stack, ledger).evidence()
    assert len(kept) == 2
    origins = {open_checkpoint(note, origin=ORIGIN, keys=[network.ledger().log_key])[0].root for note in kept}
    assert len(origins) == 2 and published.root in origins


# Proofs.


def test_led_13_an_entry_is_proved_to_be_in_the_published_tree(network: Network) -> None:
    network.grow(6)
    published = network.publish()
    with network.ledger() as ledger:
        for index in range(published.size):
            path = ledger.prove_inclusion(index, size=published.size)
            leaf = leaf_hash(ledger.leaves(index, index + 1)[0])
            verify_inclusion(index=index, size=published.size, leaf=leaf, path=path, root=published.root)
            for wrong in (path[:-1], [*path, bytes(32)], path[::-1] if len(path) > 1 else []):
                with pytest.raises(InclusionError):
                    verify_inclusion(
                        index=index, size=published.size, leaf=leaf, path=wrong, root=published.root
                    )
            with pytest.raises(InclusionError):
                verify_inclusion(
                    index=(index + 1) % 7, size=published.size, leaf=leaf, path=path, root=published.root
                )
        with pytest.raises(ValueError):
            ledger.prove_inclusion(7, size=7)


def test_led_14_an_old_head_is_proved_to_be_a_prefix(network: Network) -> None:
    heads = [network.publish()]
    for _ in range(3):
        network.grow(2)
        heads.append(network.publish())
    with network.ledger() as ledger:
        for old in heads:
            for new in heads:
                if old.size > new.size:
                    with pytest.raises(ValueError):
                        ledger.prove_consistency(old.size, new.size)
                    continue
                path = ledger.prove_consistency(old.size, new.size)
                sizes = {"old_size": old.size, "new_size": new.size}
                verify_consistency(**sizes, old_root=old.root, new_root=new.root, path=path)
                with pytest.raises(InconsistencyError):
                    verify_consistency(**sizes, old_root=bytes(32), new_root=new.root, path=path)


# Damage.


def test_fsck_finds_a_sound_ledger_sound(network: Network) -> None:
    network.grow(6)
    published = network.publish()
    with network.ledger() as ledger:
        soundness = ledger.fsck()
    assert (soundness.size, soundness.root, soundness.void) == (7, published.root, 0)


def test_fsck_of_an_empty_ledger(tmp_path: Path) -> None:
    with Ledger.open(Ledger.create(tmp_path / "ledger")) as ledger:
        assert (ledger.fsck().size, ledger.fsck().void) == (0, 0)


def flipped(data: bytes, bit: int) -> bytes:
    position = bit % (len(data) * 8)
    changed_byte = data[position // 8] ^ 1 << position % 8
    return data[: position // 8] + bytes([changed_byte]) + data[position // 8 + 1 :]


@pytest.mark.parametrize("bit", [0, 7, 1001, 4003])
@pytest.mark.parametrize("index", range(8))
def test_led_21_a_flipped_bit_in_any_entry_is_noticed(network: Network, index: int, bit: int) -> None:
    network.grow(7)
    with network.ledger() as ledger:
        leaf = ledger.leaves(index, index + 1)[0]
    with network.ledger() as ledger:
        force(network, "UPDATE leaf SET bytes = ? WHERE idx = ?", flipped(leaf, bit), index)
        asked = AskedWitness()
        for look in (ledger.fsck, lambda: ledger.publish([asked])):
            with pytest.raises(StoreError):
                look()
        assert not asked.was_asked
    with pytest.raises(StoreError):
        network.ledger()


def nodes(network: Network) -> list[tuple[int, int, bytes]]:
    database = sqlite3.connect(network.database)
    rows = database.execute("SELECT level, idx, hash FROM node").fetchall()
    database.close()
    return rows


@pytest.mark.parametrize("number", range(11))
def test_led_21_a_flipped_bit_in_any_node_is_noticed_and_nothing_is_signed(
    network: Network, number: int
) -> None:
    """Also in a node that the root is not made of: proofs are."""
    before = network.publish()
    network.grow(6)
    stored = nodes(network)
    assert len(stored) == 11
    level, index, value = stored[number]
    asked = AskedWitness()
    with network.ledger() as ledger:
        force(
            network,
            "UPDATE node SET hash = ? WHERE level = ? AND idx = ?",
            flipped(value, 37 * number),
            level,
            index,
        )
        for look in (ledger.fsck, lambda: ledger.publish([asked])):
            with pytest.raises(StoreError):
                look()
        assert ledger.published() == before
    assert not asked.was_asked
    with pytest.raises(StoreError):
        network.ledger()


class AskedWitness:
    """A witness to which nothing signed may come."""

    was_asked = False
    name = "witness/asked"

    def known_size(self) -> int:
        self.was_asked = True
        return 0

    def cosign(self, note: bytes, **offered: object) -> object:
        raise AssertionError("a checkpoint was signed")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM node WHERE level = 1 AND idx = 0",
        "INSERT INTO node VALUES (9, 9, x'00')",
        "DELETE FROM leaf WHERE idx = 2",
    ],
)
def test_what_is_missing_or_extra_is_noticed(network: Network, statement: str) -> None:
    network.grow(4)
    with network.ledger() as ledger:
        force(network, statement)
        with pytest.raises(StoreError):
            ledger.fsck()
    with pytest.raises(StoreError):
        network.ledger()


def test_led_21_entries_without_the_published_root_are_not_opened(network: Network) -> None:
    network.grow(4)
    network.publish()
    with network.ledger() as ledger:
        leaf = ledger.leaves(3, 4)[0]
        leaves = [*ledger.leaves(0, 3), flipped(leaf, 800), *ledger.leaves(4, 5)]
    # With the nodes that belong to it: a whole other history, but for what was signed.
    force(network, "UPDATE leaf SET bytes = ? WHERE idx = 3", leaves[3])
    for level, index, value in Frontier().grow(map(leaf_hash, leaves))[1]:
        force(network, "UPDATE node SET hash = ? WHERE level = ? AND idx = ?", value, level, index)
    with pytest.raises(StoreError, match="published root"):
        network.ledger()


def test_a_published_size_beyond_the_entries_is_not_opened(network: Network) -> None:
    network.grow(2)
    network.publish()
    force(network, "DELETE FROM leaf WHERE idx = 2")
    with pytest.raises(StoreError):
        network.ledger()


def test_fsck_looks_at_the_file_itself(network: Network) -> None:
    """The entries read well, and a page of the database is lost: the next append may not."""
    network.grow(2)
    data = bytearray(network.database.read_bytes())
    # The number of free pages, in the header of the file.
    data[36:40] = (9).to_bytes(4, "big")
    network.database.write_bytes(data)
    with network.ledger() as ledger, pytest.raises(StoreError, match="damaged"):
        ledger.fsck()


def test_led_21_a_ledger_that_was_exchanged_while_open_is_not_signed(network: Network) -> None:
    """Entries and nodes fit each other, and not what was published."""
    network.grow(3)
    network.publish()
    with network.ledger() as ledger:
        leaves = list(ledger.leaves(0, 4))
        leaves[2] = flipped(leaves[2], 800)
        _, other = Frontier().grow(map(leaf_hash, leaves))
        force(network, "UPDATE leaf SET bytes = ? WHERE idx = 2", leaves[2])
        for level, index, value in other:
            force(network, "UPDATE node SET hash = ? WHERE level = ? AND idx = ?", value, level, index)
        asked = AskedWitness()
        with pytest.raises(StoreError, match="published root"):
            ledger.publish([asked])
        assert not asked.was_asked


@pytest.mark.parametrize("number", range(40))
def test_a_flipped_bit_in_the_published_note_is_noticed(network: Network, number: int) -> None:
    note = network.publish().note
    force(network, "UPDATE published SET note = ?", flipped(note, number * len(note) * 8 // 40 + number % 8))
    with pytest.raises(StoreError), network.ledger() as ledger:
        ledger.fsck()


def test_a_published_size_that_is_not_the_notes_is_damage(network: Network) -> None:
    network.publish()
    force(network, "UPDATE published SET size = 2")
    with pytest.raises(StoreError):
        network.ledger()


def test_bytes_that_became_text_are_damage(network: Network) -> None:
    """What a flipped bit in the header of a record does."""
    network.grow(2)
    database = sqlite3.connect(network.database)
    database.execute("PRAGMA writable_schema=ON")
    database.execute("DROP TRIGGER leaf_UPDATE")
    database.execute("UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'leaf'")
    database.commit()
    database.close()
    database = sqlite3.connect(network.database)
    database.execute("UPDATE leaf SET bytes = CAST(bytes AS TEXT) WHERE idx = 1")
    database.commit()
    database.close()
    with pytest.raises(StoreError, match="damaged"):
        network.ledger()


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_byte_of_the_file_changes_nothing_or_is_an_error_of_the_store(
    network: Network, seed: int
) -> None:
    """FI-07, a sample: whatever the disk does, no bug shows and no other ledger either."""
    network.grow(3)
    published = network.publish()
    with network.ledger() as ledger:
        good = (ledger.state, ledger.root(4), published)
    data = bytearray(network.database.read_bytes())
    position = (seed * 2_654_435_761) % len(data)
    data[position] ^= 1 << seed % 8
    network.database.write_bytes(data)
    try:
        with network.ledger() as ledger:
            ledger.fsck()
            assert (ledger.state, ledger.root(4), ledger.published()) == good
    except (StoreError, LedgerError):
        pass


def test_two_networks_have_two_names(network: Network, tmp_path: Path) -> None:
    other = found_network(tmp_path / "other")
    with network.ledger() as one, other.ledger() as two:
        assert one.state.require_network().id != two.state.require_network().id
        with pytest.raises(LedgerError) as caught:
            two.append(network.statement("gd", 1, ledger=one))
        assert caught.value.reason is Reason.NOT_AUTHORISED


def test_a_party_of_another_role_has_no_did(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Party.create(tmp_path / "verifier", Role.VERIFIER)


# An older copy in its place.


def test_what_was_published_is_put_back(network: Network, tmp_path: Path) -> None:
    network.grow(2)
    network.publish()
    older = network.copy_to(tmp_path / "older")
    network.grow(3)
    head = network.publish()
    with network.ledger() as ledger:
        leaves = ledger.leaves(0, head.size)
    with older.ledger() as restored:
        for wrong in (leaves[:-1], (*leaves[:-1], leaves[-2]), (leaves[1], *leaves[1:])):
            with pytest.raises(StoreError):
                restored.put_back(wrong, head.note)
            assert restored.state.size == 3
        with pytest.raises(StoreError):
            restored.put_back(leaves, head.note.replace(b"vcred/witness", b"vcred/nobody!"))
        assert restored.put_back(leaves, head.note) == head
        assert restored.fsck().root == head.root
    with older.ledger() as again, network.ledger() as ledger:
        assert again.state == ledger.state
        assert again.published() == head


def test_entries_of_another_history_are_not_covered(network: Network, tmp_path: Path) -> None:
    older = network.copy_to(tmp_path / "older")
    older.grow(1)
    network.clock.later(hours=1)
    network.grow(2)
    head = network.publish()
    with network.ledger() as ledger:
        leaves = ledger.leaves(0, head.size)
    with older.ledger() as restored:
        with pytest.raises(StoreError, match="not the beginning"):
            restored.put_back(leaves, head.note)
        assert restored.state.size == 2
