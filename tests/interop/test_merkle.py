# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Every root and every proof of every tree of up to 300 leaves, hash by hash as `pymerkle` has it.

Each is also verified by both: by `vcred.tlog.proofs`, which shares no code with the prover, and by
pymerkle. LED-13 and LED-14: one mutation of a proof that both accept is refused by both.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.interop.peers import StandingPeer, merkle_peer
from vcred.codec.json_types import JsonValue
from vcred.errors import InclusionError, InconsistencyError
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.proofs import verify_consistency, verify_inclusion
from vcred.tlog.tree import EMPTY_ROOT, leaf_hash

pytestmark = pytest.mark.online

SIZES = range(1, 301)
# Around powers of two, where the shape of a tree changes, and one in the midst.
SAMPLE = (2, 3, 7, 8, 9, 64, 127, 128, 129, 200, 255, 256, 257, 300)
ENTRIES = [b"entry %d" % index for index in range(max(SIZES))]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
TREE = MemoryTree(ENTRIES)
WRONG = b"\xff" * 32

Path = list[bytes]


@pytest.fixture(scope="module")
def peer() -> Iterator[StandingPeer]:
    with merkle_peer() as standing:
        assert standing.ask("append", entries=_hex(ENTRIES)) == len(ENTRIES)
        yield standing


def test_roots(peer: StandingPeer) -> None:
    assert peer.ask("root", size=0) == EMPTY_ROOT.hex()
    for size in SIZES:
        assert peer.ask("root", size=size) == TREE.root(size).hex()


def test_every_inclusion_proof(peer: StandingPeer) -> None:
    for size in SIZES:
        root = TREE.root(size)
        paths = [TREE.inclusion_proof(index, size=size) for index in range(size)]
        assert peer.ask("inclusion", size=size) == [_hex(path) for path in paths]
        assert _they_include(peer, 0, size, LEAVES[:size], paths, root) == [True] * size
        for index, path in enumerate(paths):
            verify_inclusion(index=index, size=size, leaf=LEAVES[index], path=path, root=root)


def test_every_consistency_proof(peer: StandingPeer) -> None:
    roots = [TREE.root(size) for size in range(max(SIZES) + 1)]
    for size in SIZES:
        paths = [TREE.consistency_proof(old_size, new_size=size) for old_size in range(size + 1)]
        # pymerkle has no proof from the empty tree; RFC 6962 has the empty one.
        assert paths[0] == []
        assert peer.ask("consistency", size=size) == [_hex(path) for path in paths[1:]]
        assert _they_extend(peer, 1, size, roots[1 : size + 1], paths[1:], roots[size]) == [True] * size
        for old_size, path in enumerate(paths):
            verify_consistency(
                old_size=old_size,
                old_root=roots[old_size],
                new_size=size,
                new_root=roots[size],
                path=path,
            )


_INCLUSION_MUTATIONS: dict[str, Callable[[int, int, Path], tuple[int, int, Path]]] = {
    "index one more": lambda index, size, path: (index + 1, size, path),
    "index one less": lambda index, size, path: (index - 1, size, path),
    "hash missing at the leaf": lambda index, size, path: (index, size, path[1:]),
    "hash missing at the root": lambda index, size, path: (index, size, path[:-1]),
    "hash too many at the leaf": lambda index, size, path: (index, size, [WRONG, *path]),
    "hash too many at the root": lambda index, size, path: (index, size, [*path, WRONG]),
    "hash changed": lambda index, size, path: (index, size, [WRONG, *path[1:]]),
    "proof of the size before": lambda index, size, path: (index, size - 1, path),
}


@pytest.mark.parametrize("mutation", _INCLUSION_MUTATIONS)
def test_led_13_a_mutated_inclusion_proof(peer: StandingPeer, mutation: str) -> None:
    for size in SAMPLE:
        for index in range(size - 1):
            path = TREE.inclusion_proof(index, size=size)
            verify_inclusion(index=index, size=size, leaf=LEAVES[index], path=path, root=TREE.root(size))
            other_index, other_size, changed = _INCLUSION_MUTATIONS[mutation](index, size, path)
            # A checkpoint fixes size and root together: of another size is against that size's root.
            root = TREE.root(other_size)
            with pytest.raises(InclusionError):
                verify_inclusion(
                    index=other_index, size=other_size, leaf=LEAVES[index], path=changed, root=root
                )
            assert _they_include(peer, other_index, other_size, [LEAVES[index]], [changed], root) == [False]


def test_led_13_a_node_shown_as_a_leaf(peer: StandingPeer) -> None:
    """Without the prefixes 0x00 and 0x01 two leaves' hashes would pass for one entry of a smaller tree."""
    for size in (size for size in SAMPLE if size % 2 == 0):
        root = TREE.root(size)
        for index in range(0, size, 2):
            forged = leaf_hash(LEAVES[index] + LEAVES[index + 1])
            node, path = TREE.node(1, index // 2), TREE.inclusion_proof(index, size=size)[1:]
            # The same path does lead to the root, from the node that the forged leaf would be.
            verify_inclusion(index=index // 2, size=size // 2, leaf=node, path=path, root=root)
            with pytest.raises(InclusionError):
                verify_inclusion(index=index // 2, size=size // 2, leaf=forged, path=path, root=root)
            assert _they_include(peer, index // 2, size // 2, [forged], [path], root) == [False]


_CONSISTENCY_MUTATIONS: dict[str, Callable[[Path], Path]] = {
    "hash missing at the beginning": lambda path: path[1:],
    "hash missing at the end": lambda path: path[:-1],
    "hash too many at the beginning": lambda path: [WRONG, *path],
    "hash too many at the end": lambda path: [*path, WRONG],
    "hash changed at the beginning": lambda path: [WRONG, *path[1:]],
    "hash changed at the end": lambda path: [*path[:-1], WRONG],
}


@pytest.mark.parametrize("mutation", _CONSISTENCY_MUTATIONS)
def test_led_14_a_mutated_consistency_proof(peer: StandingPeer, mutation: str) -> None:
    for size in SAMPLE:
        for old_size in range(1, size):
            path, old_root = TREE.consistency_proof(old_size, new_size=size), TREE.root(old_size)
            _extends(old_size, old_root, size, path)
            changed = _CONSISTENCY_MUTATIONS[mutation](path)
            with pytest.raises(InconsistencyError):
                _extends(old_size, old_root, size, changed)
            assert _they_extend(peer, old_size, size, [old_root], [changed], TREE.root(size)) == [False]


def test_led_14_another_old_root(peer: StandingPeer) -> None:
    for size in SAMPLE:
        for old_size in range(1, size):
            path = TREE.consistency_proof(old_size, new_size=size)
            _extends(old_size, TREE.root(old_size), size, path)
            with pytest.raises(InconsistencyError):
                _extends(old_size, TREE.root(old_size - 1), size, path)
            assert _they_extend(peer, old_size, size, [TREE.root(old_size - 1)], [path], TREE.root(size)) == [
                False
            ]


def _extends(old_size: int, old_root: bytes, size: int, path: Path) -> None:
    verify_consistency(
        old_size=old_size, old_root=old_root, new_size=size, new_root=TREE.root(size), path=path
    )


def _they_include(
    peer: StandingPeer, index: int, size: int, leaves: list[bytes], paths: list[Path], root: bytes
) -> JsonValue:
    """Ask for verdicts on the proofs of `leaves`, the first of which stands at `index`."""
    return peer.ask(
        "verify_inclusion",
        index=index,
        size=size,
        leaves=_hex(leaves),
        paths=[_hex(path) for path in paths],
        root=root.hex(),
    )


def _they_extend(
    peer: StandingPeer, old_size: int, size: int, old_roots: list[bytes], paths: list[Path], root: bytes
) -> JsonValue:
    """Ask for verdicts on the proofs from `old_size` leaves, one more at each, to `size`."""
    return peer.ask(
        "verify_consistency",
        old_size=old_size,
        size=size,
        old_roots=_hex(old_roots),
        paths=[_hex(path) for path in paths],
        root=root.hex(),
    )


def _hex(values: list[bytes]) -> JsonValue:
    return [value.hex() for value in values]
