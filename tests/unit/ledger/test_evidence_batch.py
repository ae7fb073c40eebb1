# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Batches: every leaf proves, no other does, and nobody can tell how many there are."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcred.errors import InclusionError
from vcred.ledger.evidence import batch as evidence_batch
from vcred.ledger.evidence.batch import EvidenceBatch, make_batch, path_of
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.proofs import verify_inclusion
from vcred.tlog.tree import HASH_BYTES, leaf_hash, root_of


def row(batch: EvidenceBatch) -> list[bytes]:
    """The hashes at the foot of the tree."""
    return [batch.hashes[HASH_BYTES * place :][:HASH_BYTES] for place in range(batch.size)]


def proves(batch: EvidenceBatch, leaf: bytes, place: int, *, by: int | None = None) -> bool:
    """Whether a leaf is at a place, by the path of that place or of another."""
    try:
        verify_inclusion(
            index=place,
            size=batch.size,
            leaf=leaf_hash(leaf),
            path=path_of(batch.hashes, index=place if by is None else by, size=batch.size),
            root=batch.root,
        )
    except InclusionError:
        return False
    return True


@pytest.mark.parametrize("count", [*range(1, 70), 127, 128, 129, 1000])
def test_every_leaf_of_a_batch_proves(count: int) -> None:
    leaves = [secrets.token_bytes(20) for _ in range(count)]
    batch = make_batch(leaves)
    assert batch.size == max(16, 1 << (count - 1).bit_length())
    assert batch.root == root_of(row(batch))
    assert len(set(batch.places)) == count
    assert all(proves(batch, leaf, place) for leaf, place in zip(leaves, batch.places, strict=True))


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 32])
def test_no_other_leaf_proves(count: int) -> None:
    leaves = [secrets.token_bytes(20) for _ in range(count)]
    batch = make_batch(leaves)
    found = {
        (number, place)
        for number, leaf in enumerate((*leaves, b"", b"stranger"))
        for place in range(batch.size)
        if proves(batch, leaf, place)
    }
    assert found == set(enumerate(batch.places))


@settings(max_examples=30)
@given(st.integers(1, 64), st.data())
def test_a_leaf_proves_only_by_its_own_path(count: int, data: st.DataObject) -> None:
    leaves = [secrets.token_bytes(20) for _ in range(count)]
    batch = make_batch(leaves)
    number = data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, batch.size - 1))
    place = batch.places[number]
    assert proves(batch, leaves[number], place)
    assert proves(batch, leaves[number], other) == (other == place)
    assert proves(batch, leaves[number], place, by=other) == (other == place)


def test_an_interior_node_is_no_leaf() -> None:
    """The attack that the two prefixes of RFC 6962 are for."""
    batch = make_batch([secrets.token_bytes(20) for _ in range(32)])
    node = row(batch)[6] + row(batch)[7]
    path = path_of(batch.hashes, index=6, size=32)
    with pytest.raises(InclusionError):
        verify_inclusion(index=3, size=16, leaf=leaf_hash(node), path=path[1:], root=batch.root)


def test_order_and_decoys_are_drawn_anew() -> None:
    leaves = [secrets.token_bytes(20) for _ in range(12)]
    made = [make_batch(leaves) for _ in range(20)]
    assert len({batch.places for batch in made}) == 20
    assert len({batch.root for batch in made}) == 20
    decoys = [item for batch in made for item in row(batch)]
    assert len(set(decoys)) == 20 * 4 + 12


def test_places_are_spread_evenly() -> None:
    """Of 4,000 draws each of 16 places gets 250, give or take: six deviations are 92."""
    drawn = [make_batch([b"leaf"]).places[0] for _ in range(4000)]
    assert all(abs(drawn.count(place) - 250) < 92 for place in range(16))


def test_paths_are_those_of_the_whole_tree() -> None:
    leaves = [secrets.token_bytes(20) for _ in range(64)]
    batch = make_batch(leaves)
    tree = MemoryTree(leaf for _, leaf in sorted(zip(batch.places, leaves, strict=True)))
    assert tree.root() == batch.root
    for index in range(64):
        assert list(path_of(batch.hashes, index=index, size=64)) == tree.inclusion_proof(index)


def test_a_batch_is_neither_empty_nor_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="1 to"):
        make_batch([])
    monkeypatch.setattr(evidence_batch, "MAX_BATCH_SIZE", 32)
    assert make_batch([b"leaf"] * 32).size == 32
    with pytest.raises(ValueError, match="1 to 32"):
        make_batch([b"leaf"] * 33)
