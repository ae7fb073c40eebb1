# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tree against published roots and paths, and against its definition."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tlog.published import ENTRIES
from vcred.errors import DecodeError
from vcred.limits import MAX_LOG_SIZE
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.proofs import verify_consistency, verify_inclusion
from vcred.tlog.tree import (
    Frontier,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    read_consistency_proof,
    read_frontier,
    read_inclusion_proof,
    root_of,
)

ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_OF_0_IN_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
FROM_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
FROM_2_TO_5 = [
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
]
WRONG = b"\xff" * 32


def _defined_root(entries: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word and slow."""
    if not entries:
        return sha256().digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    half = 1
    while half * 2 < len(entries):
        half *= 2
    return sha256(b"\x01" + _defined_root(entries[:half]) + _defined_root(entries[half:])).digest()


def _entries(size: int) -> list[bytes]:
    return [b"entry %d" % index for index in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES[:size]]
    assert root_of(leaves).hex() == ROOTS[size]
    assert MemoryTree(ENTRIES).root(size).hex() == ROOTS[size]


def test_published_proofs() -> None:
    tree = MemoryTree(ENTRIES)
    assert [item.hex() for item in tree.inclusion_proof(0)] == PATH_OF_0_IN_8
    assert [item.hex() for item in tree.consistency_proof(6)] == FROM_6_TO_8
    assert [item.hex() for item in tree.consistency_proof(2, new_size=5)] == FROM_2_TO_5
    assert tree.consistency_proof(0) == tree.consistency_proof(8) == []


@pytest.mark.parametrize("size", range(1, 34))
def test_every_proof_of_small_trees(size: int) -> None:
    tree = MemoryTree(_entries(size))
    root = tree.root()
    assert root == _defined_root(_entries(size))
    for index in range(size):
        path = tree.inclusion_proof(index)
        leaf = leaf_hash(b"entry %d" % index)
        verify_inclusion(index=index, size=size, leaf=leaf, path=path, root=root)
    for old_size in range(size + 1):
        path = tree.consistency_proof(old_size)
        old_root = tree.root(old_size)
        verify_consistency(old_size=old_size, old_root=old_root, new_size=size, new_root=root, path=path)


@given(st.lists(st.binary(max_size=8), max_size=80), st.data())
def test_growing_in_steps_equals_growing_at_once(entries: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(entries)))
    leaves = [leaf_hash(entry) for entry in entries]
    first, _ = Frontier().grow(leaves[:cut])
    stored = Frontier(size=first.size, hashes=first.hashes)
    grown, _ = stored.grow(leaves[cut:])
    assert grown == Frontier().grow(leaves)[0] == frontier_at(MemoryTree(entries).node, len(entries))
    assert grown.root() == _defined_root(entries)


def test_stored_nodes_serve_every_proof() -> None:
    store: dict[tuple[int, int], bytes] = {}
    frontier = Frontier()
    for entry in _entries(21):
        frontier, nodes = frontier.grow([leaf_hash(entry)])
        store.update({(level, index): node for level, index, node in nodes})
    tree = MemoryTree(_entries(21))

    def node(level: int, index: int) -> bytes:
        return store[level, index]

    assert frontier.root() == tree.root()
    assert inclusion_proof(node, index=17, size=20) == tree.inclusion_proof(17, size=20)
    assert consistency_proof(node, old_size=6, new_size=21) == tree.consistency_proof(6)


def test_a_proof_reads_few_nodes() -> None:
    tree, read = MemoryTree(_entries(1000)), list[tuple[int, int]]()

    def node(level: int, index: int) -> bytes:
        read.append((level, index))
        return tree.node(level, index)

    inclusion_proof(node, index=700, size=1000)
    assert len(read) <= 20


@given(st.integers(1, 200), st.data())
def test_what_is_read_in_one_round_trip_is_the_same(size: int, data: st.DataObject) -> None:
    tree, trips = MemoryTree(_entries(size)), list[int]()

    def nodes(places: Sequence[tuple[int, int]]) -> list[bytes]:
        trips.append(len(places))
        return [tree.node(level, index) for level, index in places]

    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert read_inclusion_proof(nodes, index=index, size=size) == tree.inclusion_proof(index, size=size)
    assert read_consistency_proof(nodes, old_size=old_size, new_size=size) == tree.consistency_proof(old_size)
    assert read_frontier(nodes, size) == tree.frontier
    assert len(trips) == 3


def test_what_is_not_in_the_tree_is_not_read() -> None:
    def nodes(places: Sequence[tuple[int, int]]) -> list[bytes]:
        raise AssertionError("nothing is read")

    with pytest.raises(ValueError, match="index"):
        read_inclusion_proof(nodes, index=3, size=3)
    with pytest.raises(ValueError, match="old tree"):
        read_consistency_proof(nodes, old_size=4, new_size=3)


def test_append_gives_the_index() -> None:
    tree = MemoryTree()
    assert [tree.append(entry) for entry in ENTRIES] == list(range(8))
    assert tree.frontier.append(leaf_hash(b"x")).size == 9


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_provers_refuse_what_is_not_in_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="index"):
        inclusion_proof(MemoryTree(ENTRIES).node, index=index, size=size)


def test_provers_refuse_sizes_the_tree_never_had() -> None:
    tree = MemoryTree(ENTRIES)
    with pytest.raises(ValueError, match="old tree"):
        consistency_proof(tree.node, old_size=5, new_size=4)
    with pytest.raises(ValueError, match="size"):
        tree.root(9)


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(1, ()), (2, (WRONG, WRONG)), (-1, ()), (1, (b"short",)), (MAX_LOG_SIZE + 1, (WRONG,))],
)
def test_a_damaged_frontier_is_refused(size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(DecodeError):
        Frontier(size=size, hashes=hashes)
