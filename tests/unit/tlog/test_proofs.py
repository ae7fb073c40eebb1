# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""False proofs are refused (LED-13, LED-14), and nothing else is ever raised."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.tlog.published import ENTRIES
from vcred.errors import InclusionError, InconsistencyError
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.proofs import verify_consistency, verify_inclusion
from vcred.tlog.tree import EMPTY_ROOT, leaf_hash, node_hash

WRONG = b"\xff" * 32


def _entries(size: int) -> list[bytes]:
    return [b"entry %d" % index for index in range(size)]


# LED-13


def _inclusion(**change: object) -> dict[str, object]:
    tree = MemoryTree(ENTRIES)
    good: dict[str, object] = {
        "index": 5,
        "size": 7,
        "leaf": leaf_hash(ENTRIES[5]),
        "path": tree.inclusion_proof(5, size=7),
        "root": tree.root(7),
    }
    verify_inclusion(**good)  # type: ignore[arg-type]
    return {**good, **change}


_PATH = MemoryTree(ENTRIES).inclusion_proof(5, size=7)


@pytest.mark.parametrize(
    "change",
    [
        {"index": 4},
        {"index": 6},
        {"index": 7},
        {"index": -1},
        {"size": 5},
        {"size": 6},
        {"size": 2**54},
        {"path": [*_PATH, WRONG]},
        {"path": _PATH[:-1]},
        {"path": []},
        {"path": _PATH[::-1]},
        {"path": [_PATH[0][:31], *_PATH[1:]]},
        {"path": [WRONG] * 65},
        {"leaf": WRONG},
        {"leaf": ENTRIES[5]},
        {"root": MemoryTree(ENTRIES).root(8)},
        {"root": b""},
    ],
)
def test_led_13_a_false_inclusion_proof_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InclusionError):
        verify_inclusion(**_inclusion(**change))  # type: ignore[arg-type]


def test_led_13_some_wrong_sizes_have_the_same_path_shape_and_root_tells_them_apart() -> None:
    with pytest.raises(InclusionError, match="root"):
        verify_inclusion(**_inclusion(root=WRONG))  # type: ignore[arg-type]


def test_led_13_a_node_is_not_a_leaf() -> None:
    """Without the two prefixes, the inner node of two leaves would pass for one entry."""
    tree = MemoryTree(ENTRIES[:4])
    left, right = (node_hash(tree.node(0, 2 * half), tree.node(0, 2 * half + 1)) for half in (0, 1))
    assert node_hash(left, right) == tree.root()
    forged = tree.node(0, 0) + tree.node(0, 1)
    with pytest.raises(InclusionError):
        verify_inclusion(index=0, size=2, leaf=leaf_hash(forged), path=[right], root=tree.root())


# LED-14


def _consistency(**change: object) -> dict[str, object]:
    tree = MemoryTree(ENTRIES)
    good: dict[str, object] = {
        "old_size": 3,
        "old_root": tree.root(3),
        "new_size": 7,
        "new_root": tree.root(7),
        "path": tree.consistency_proof(3, new_size=7),
    }
    verify_consistency(**good)  # type: ignore[arg-type]
    return {**good, **change}


_GROWTH = MemoryTree(ENTRIES).consistency_proof(3, new_size=7)


@pytest.mark.parametrize(
    "change",
    [
        {"old_size": 8},
        {"old_size": -1},
        {"old_size": 2},
        {"old_size": 4},
        {"new_size": 2**54},
        {"new_size": 3},
        {"new_size": 4},
        {"path": []},
        {"path": _GROWTH[:-1]},
        {"path": [*_GROWTH, WRONG]},
        {"path": _GROWTH[::-1]},
        {"path": [WRONG] * 64},
        {"path": [_GROWTH[0], b"", *_GROWTH[2:]]},
        {"old_root": WRONG},
        {"new_root": WRONG},
        {"new_root": b""},
        {"old_size": 0, "old_root": EMPTY_ROOT},
        {"old_size": 0, "old_root": WRONG, "path": []},
        {"old_size": 0, "old_root": EMPTY_ROOT, "new_size": 0, "path": []},
    ],
)
def test_led_14_a_false_consistency_proof_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InconsistencyError):
        verify_consistency(**_consistency(**change))  # type: ignore[arg-type]


def test_led_14_equal_sizes_with_other_roots() -> None:
    root = MemoryTree(ENTRIES).root()
    verify_consistency(old_size=8, old_root=root, new_size=8, new_root=root, path=[])
    with pytest.raises(InconsistencyError) as caught:
        verify_consistency(old_size=8, old_root=root, new_size=8, new_root=WRONG, path=[])
    assert caught.value.code == "fork"
    assert root.hex() in str(caught.value)


def test_led_14_the_empty_tree_needs_no_proof_and_takes_none() -> None:
    root = MemoryTree(ENTRIES).root()
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=8, new_root=root, path=[])
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=0, new_root=EMPTY_ROOT, path=[])
    with pytest.raises(InconsistencyError):
        verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=8, new_root=root, path=[root])


_HASHES = st.lists(st.binary(min_size=31, max_size=33), max_size=70)


@given(
    st.integers(-2, 2**70), st.integers(-2, 2**70), st.binary(max_size=33), _HASHES, st.binary(max_size=33)
)
def test_strangers_never_cause_another_exception(
    index: int, size: int, leaf: bytes, path: list[bytes], root: bytes
) -> None:
    # A tree of one leaf, and two equal heads, need no path: with those the proof would be a good one.
    assume(leaf != root)
    with pytest.raises(InclusionError):
        verify_inclusion(index=index, size=size, leaf=leaf, path=path, root=root)
    with pytest.raises(InconsistencyError):
        verify_consistency(old_size=index, old_root=leaf, new_size=size, new_root=root, path=path)


@given(st.integers(1, 60), st.data())
def test_one_changed_byte_of_a_proof_is_refused(size: int, data: st.DataObject) -> None:
    tree = MemoryTree(_entries(size))
    index = data.draw(st.integers(0, size - 1))
    path = tree.inclusion_proof(index)
    leaf = leaf_hash(b"entry %d" % index)
    if not path:
        return
    place = data.draw(st.integers(0, len(path) * 32 - 1))
    changed = bytearray(b"".join(path))
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    forged = [bytes(changed[start : start + 32]) for start in range(0, len(changed), 32)]
    with pytest.raises(InclusionError):
        verify_inclusion(index=index, size=size, leaf=leaf, path=forged, root=tree.root())
