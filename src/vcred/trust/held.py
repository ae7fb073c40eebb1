# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a verifier holds: entries, the checkpoints and status lists it has accepted, types.

All of it was checked when it was imported (`trust.update`). History is kept so that an
audit question can be judged on what was known then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from vcred.codec.json_types import JsonObject
from vcred.ledger.rules import Judged, replay
from vcred.ledger.state import State
from vcred.ledger.subtract import subtract
from vcred.tlog.tree import Frontier, leaf_hash, root_of

if TYPE_CHECKING:
    from vcred.trust.update import Addition


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCheckpoint:
    """A cosigned checkpoint: `root` 32 bytes, `quorum_time` a NumericDate, `note` the signed note."""

    size: int
    root: bytes
    quorum_time: int
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStatus:
    """A status list token of `did` at `uri`, issued at `issued_at` (NumericDate)."""

    uri: str
    did: str
    issued_at: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPending:
    """An operation that only subtracts trust, validly signed, and perhaps kept off the log.

    `hash` is the text of its hash; it counts as of `as_of` (NumericDate), when it was signed.
    """

    hash: str
    operation: JsonObject
    as_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFloor:
    """The least that this post believes: a size and its root (32 bytes), as another post has told it."""

    size: int
    root: bytes


@dataclass(frozen=True, kw_only=True)
class Held:
    """Everything held; `time_floor` is the greatest quorum time ever accepted, 0 before the first.

    `checkpoints` stand in the order of their acceptance, `statuses` likewise; `types` maps a digest
    (SHA-256, 32 bytes) to a definition's bytes. `judged` spares the signatures of entries that were
    verified when they came in; `floor` is what an operator has entered.
    """

    leaves: tuple[bytes, ...] = ()
    checkpoints: tuple[HeldCheckpoint, ...] = ()
    statuses: tuple[HeldStatus, ...] = ()
    types: Mapping[bytes, bytes] = field(default_factory=dict)
    pending: tuple[HeldPending, ...] = ()
    time_floor: int = 0
    floor: HeldFloor | None = None
    judged: Judged | None = None

    @cached_property
    def state(self) -> State:
        """The ledger after all entries held."""
        return replay(self.leaves, judged=self.judged)

    def state_of(self, size: int) -> State:
        """The ledger after the first `size` entries."""
        return self.state if size == len(self.leaves) else replay(self.leaves[:size], judged=self.judged)

    def believed(self, size: int, *, at: int | None = None) -> State:
        """The ledger after the first `size` entries, less what pending operations take away.

        With `at`, only those that were signed by then.
        """
        known = [(p.operation, p.as_of) for p in self.pending if at is None or p.as_of <= at]
        return subtract(self.state_of(size), known)

    @cached_property
    def frontier(self) -> Frontier:
        """The tree of all entries held."""
        return Frontier().grow(map(leaf_hash, self.leaves))[0]

    def root_of(self, size: int) -> bytes:
        """The root of the first `size` entries, 32 bytes."""
        if size == len(self.leaves):
            return self.frontier.root()
        return root_of(leaf_hash(leaf) for leaf in self.leaves[:size])

    def newest_checkpoint(self, at: int | None = None) -> HeldCheckpoint | None:
        """The last one accepted; with `at`, among those whose quorum time is not after it."""
        known = [c for c in self.checkpoints if at is None or c.quorum_time <= at]
        return max(known, key=lambda c: (c.quorum_time, c.size), default=None)

    def newest_statuses(self, at: int | None = None) -> Mapping[str, HeldStatus]:
        """For each URI the newest list; with `at`, among those not issued after it."""
        newest: dict[str, HeldStatus] = {}
        for status in self.statuses:
            if (at is None or status.issued_at <= at) and (
                status.uri not in newest or newest[status.uri].issued_at < status.issued_at
            ):
                newest[status.uri] = status
        return newest

    def with_update(self, addition: "Addition") -> "Held":
        """All of this and what an import adds."""
        added = () if addition.checkpoint is None else (addition.checkpoint,)
        held = replace(
            self,
            leaves=self.leaves + addition.leaves,
            checkpoints=self.checkpoints + added,
            statuses=self.statuses + addition.statuses,
            types={**self.types, **addition.types},
            pending=self.pending + addition.pending,
            time_floor=max([self.time_floor, *(c.quorum_time for c in added)]),
            judged=addition.judged,
        )
        # What the import has replayed need not be replayed once more.
        vars(held)["state"] = addition.state
        return held
