# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever logs offer it, in whatever order: the heads that a witness has cosigned are one chain."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ledger.samples import fresh_world
from tests.unit.witness.test_witness import fork_of
from tests.unit.witness.watching import Post, extension
from tests.world import World
from vcred.errors import DecodeError
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.witness import WitnessRefusedError

WORLDS: tuple[World, ...] = (
    fresh_world(),
    *(fork_of(fresh_world(), after=after) for after in (2, 5, 7)),
)
Offer: TypeAlias = tuple[int, int, int | None, int | None, bool]
# None is what an honest log does: ask from the recorded size, and show the entries that it has signed.
OFFERS = st.lists(
    st.tuples(
        st.integers(0, len(WORLDS) - 1),
        st.integers(1, 8),
        st.sampled_from((None, None, None, 0, 3, 5)),
        st.sampled_from((None, None, None, *range(len(WORLDS)))),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(OFFERS)
def test_the_cosigned_heads_are_one_chain(offers: list[Offer]) -> None:
    """Each offer: a head of which log, how large, from where, which entries are shown, a restart."""
    cosigned: list[tuple[int, bytes]] = []
    with TemporaryDirectory() as folder:
        post = Post(Path(folder), WORLDS[0])
        witness = post.open()
        for log, size, old, shown, restarts in offers:
            if restarts:
                witness.close()
                witness = post.open()
            post.world = WORLDS[log if shown is None else shown]
            start = witness.known_size() if old is None else old
            try:
                witness.add_checkpoint(extension(WORLDS[log], start, size))
            except (WitnessRefusedError, DecodeError):
                continue
            cosigned.append((size, MemoryTree(WORLDS[log].leaves).root(size)))
        witness.close()
    assert cosigned == sorted(cosigned)
    trees = [MemoryTree(world.leaves) for world in WORLDS]
    # One log has them all: no two are of a fork.
    assert any(all(tree.root(size) == root for size, root in cosigned) for tree in trees)
