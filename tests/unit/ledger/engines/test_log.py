# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What every store of a log does: durable, append-only, one head. LED-10."""

from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest

from tests.unit.ledger.engines.conftest import sqlite_store
from tests.unit.ledger.engines.stores import LEAVES, Store, add, append_at
from vcred.errors import HeadMovedError, StoreError, VcredError
from vcred.ledger.engines.log import LogEngine
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.tree import Frontier, consistency_proof, inclusion_proof, leaf_hash, root_at


def test_what_was_appended_is_there_after_a_restart(log: LogEngine, store: Store) -> None:
    log.publish(7, b"note")
    log.close()
    with closing(store.open()) as again:
        assert again.size() == 7
        assert again.leaves(0, 7) == LEAVES
        assert again.leaves(2, 4) == LEAVES[2:4]
        assert again.leaves(5, 99) == LEAVES[5:]
        assert again.leaves(7, 9) == []
        assert root_at(again.node, 7) == MemoryTree(LEAVES).root()
        assert again.published() == (7, b"note")
        leaves, nodes = again.everything()
        assert leaves == LEAVES
        assert nodes == sorted(Frontier().grow(map(leaf_hash, LEAVES))[1])
        again.check()


def test_an_empty_log(store: Store) -> None:
    with closing(store.open()) as log:
        assert (log.size(), log.leaves(0, 9), log.published(), log.everything()) == (0, [], None, ([], []))
        assert log.nodes([]) == []
        log.check()
        log.settle()


@pytest.mark.parametrize("leaf", [b"", b"\x00\xff" * 9, "\u4e2d\u0000".encode(), bytes(7500)])
def test_a_leaf_comes_back_as_it_was(log: LogEngine, leaf: bytes) -> None:
    assert log.leaves(add(log, leaf), 8) == [leaf]


def test_it_grows_to_the_tree_of_its_leaves(store: Store) -> None:
    leaves: list[bytes] = []
    with closing(store.open()) as log:
        for number in (1, 2, 3, 5, 8, 13):
            more = [f"{len(leaves)}/{n}".encode() for n in range(number)]
            assert add(log, *more) == len(leaves)
            leaves += more
            assert root_at(log.node, len(leaves)) == MemoryTree(leaves).root()
        tree = MemoryTree(leaves)
        assert inclusion_proof(log.node, index=9, size=32) == tree.inclusion_proof(9)
        assert consistency_proof(log.node, old_size=6, new_size=32) == tree.consistency_proof(6)


def test_nodes_come_in_the_order_in_which_they_are_asked_for(log: LogEngine) -> None:
    places = [(level, index) for level, index, _ in log.everything()[1]]
    for asked in (places, places[::-1], [*places, *places]):
        assert log.nodes(asked) == [log.node(*place) for place in asked]


def test_very_many_nodes_can_be_asked_for(log: LogEngine) -> None:
    """After a night of issuing statements a checkpoint is recomputed over all of them."""
    assert log.nodes([(0, 0), (0, 1)] * 20_000) == [log.node(0, 0), log.node(0, 1)] * 20_000


@pytest.mark.parametrize("missing", [(5, 5), (0, 7), (3, 0)])
def test_a_missing_node_is_noticed(log: LogEngine, missing: tuple[int, int]) -> None:
    assert log.node(0, 6) == log.nodes([(0, 6)])[0]
    with pytest.raises(StoreError, match="node of the tree is missing"):
        log.node(*missing)
    with pytest.raises(StoreError, match="node of the tree is missing"):
        log.nodes([(0, 6), missing])


@pytest.mark.parametrize("table", ["leaf", "node", "published"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_store_is_append_only(log: LogEngine, store: Store, table: str, verb: str) -> None:
    log.publish(7, b"note")
    column = {"leaf": "idx", "node": "idx", "published": "size"}[table]
    statement = f"UPDATE {table} SET {column} = 99" if verb == "UPDATE" else f"DELETE FROM {table}"
    with pytest.raises(Exception, match="append-only"):
        store.execute(statement)
    assert log.leaves(0, 9) == LEAVES
    log.check()


def test_led_10_of_two_that_append_at_one_head_one_is_told(log: LogEngine, store: Store) -> None:
    with closing(store.open()) as other:
        assert (log.size(), other.size()) == (7, 7)
        append_at(log, 7, [b"mine"])
        with pytest.raises(HeadMovedError) as caught:
            append_at(other, 7, [b"theirs"])
        assert caught.value.hint == "try again"
        assert other.leaves(7, 9) == [b"mine"]
        assert add(other, b"theirs") == 8


def test_led_10_two_valid_updates_at_one_moment(log: LogEngine, store: Store) -> None:
    """Exactly one of each pair is taken."""
    with closing(store.open()) as other:
        for size in range(7, 27):
            told: dict[bytes, type[VcredError] | None] = {}
            ready = Barrier(2)

            def race(engine: LogEngine, leaf: bytes) -> None:
                ready.wait()  # noqa: B023 - the threads end within the turn
                try:
                    append_at(engine, size, [leaf])  # noqa: B023
                except VcredError as error:
                    told[leaf] = type(error)  # noqa: B023
                else:
                    told[leaf] = None  # noqa: B023

            threads = [Thread(target=race, args=pair) for pair in ((log, b"mine"), (other, b"theirs"))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(map(str, told.values())) == sorted(map(str, (None, HeadMovedError)))
            assert told[log.leaves(size, size + 1)[0]] is None
            assert log.size() == other.size() == size + 1


def test_a_store_that_has_become_shorter_is_no_head_that_moved(log: LogEngine) -> None:
    """Trying again would never end: it is an old copy, or a failover that has lost entries."""
    with pytest.raises(StoreError, match="an old copy") as caught:
        log.append([b"x"], [], expected_size=9)
    assert not isinstance(caught.value, HeadMovedError)
    assert log.size() == 7


def test_an_append_is_whole_or_not_at_all(log: LogEngine) -> None:
    """A node that is there already stops the leaves before it too."""
    with pytest.raises(StoreError):
        log.append([b"new"], [(0, 7, leaf_hash(b"new")), (0, 0, bytes(32))], expected_size=7)
    assert (log.size(), log.leaves(0, 9)) == (7, LEAVES)
    assert add(log, b"new") == 7


def test_a_checkpoint_that_comes_late_takes_back_nothing(log: LogEngine, store: Store) -> None:
    """From a process that is slow, when a faster one has published."""
    log.publish(5, b"five")
    log.publish(7, b"seven")
    with pytest.raises(HeadMovedError, match="larger checkpoint"):
        log.publish(6, b"late")
    assert log.published() == (7, b"seven")
    log.publish(7, b"seven, with another cosignature")
    with closing(store.open()) as other:
        assert other.published() == (7, b"seven, with another cosignature")


def test_what_is_read_can_be_made_durable_while_others_write(log: LogEngine, store: Store) -> None:
    with closing(store.open()) as other:
        add(other, b"x")
        log.settle()
        assert add(other, b"y") == 8
        assert log.leaves(7, 9) == [b"x", b"y"]


def test_threads_share_a_log(log: LogEngine) -> None:
    def grow() -> None:
        for _ in range(10):
            while True:
                try:
                    add(log, b"x")
                except HeadMovedError:
                    continue
                break

    threads = [Thread(target=grow) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.size() == 47
    assert root_at(log.node, 47) == MemoryTree([*LEAVES, *[b"x"] * 40]).root()


def test_a_closed_file_is_a_store_error(tmp_path: Path) -> None:
    log = sqlite_store(tmp_path / "log.sqlite").open()
    log.close()
    with pytest.raises(StoreError):
        log.size()


def test_a_closed_connection_comes_back(shared: Store) -> None:
    log = shared.open()
    add(log, *LEAVES)
    log.close()
    with closing(log):
        assert log.size() == len(LEAVES)


@pytest.mark.parametrize("version", [99])
def test_a_store_of_a_newer_vcred_is_left_alone(log: LogEngine, store: Store, version: int) -> None:
    log.close()
    shared = store.address.startswith("postgresql:")
    store.execute(f"INSERT INTO version VALUES ({version})" if shared else f"PRAGMA user_version={version}")
    with pytest.raises(StoreError, match="newer vcred") as caught:
        store.open()
    assert caught.value.hint == "upgrade vcred"


def test_two_may_make_a_store_at_once(store: Store) -> None:
    ready, problems = Barrier(4), []

    def make() -> None:
        ready.wait()
        try:
            with closing(store.open()) as log:
                assert log.size() == 0
        except VcredError as error:
            problems.append(error)

    threads = [Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
