# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to what a home believes: open it, import a bundle, ask for the belief."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from types import TracebackType
from typing import Self

from vcred.clock import Clock, system_clock
from vcred.codec.jcs import encode_jcs
from vcred.errors import StoreError, TrustBundleError
from vcred.files import read_capped
from vcred.home import Home
from vcred.ledger.network_file import NetworkFile, parse_network_file
from vcred.limits import MAX_NETWORK_FILE_BYTES
from vcred.trust.belief import Belief, belief_of
from vcred.trust.engines.sqlite import SqliteTrust
from vcred.trust.gossip import Comparison, GossipLine, compare, gossip_of
from vcred.trust.held import Held, HeldFloor
from vcred.trust.soundness import is_sound

FILE_NAME = "trust.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import changed: sizes of the ledger before and after, newer lists, pending operations."""

    size_before: int
    size: int
    statuses: int
    pending: int
    changed: bool


class TrustStore:
    """What a home holds and believes. Use it as a context manager."""

    def __init__(self, engine: SqliteTrust, network_file: NetworkFile, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self.network_file = network_file
        self._refreshing = Lock()
        self._revision = engine.revision()
        self.held: Held = self._sound(engine.load())

    @classmethod
    def open(cls, home: Home, *, clock: Clock = system_clock) -> Self:
        """Open the trust store of a home.

        Raises:
            StoreError: The home names no network file, or the store is damaged.
            DecodeError: The network file is malformed.
        """
        path = home.settings.network
        if path is None:
            raise StoreError(
                "this home has no network file",
                hint='make the home with "vcred init ROLE --network FILE"; the authorities publish FILE',
            )
        network_file = parse_network_file(read_capped(path, max_bytes=MAX_NETWORK_FILE_BYTES))
        engine = SqliteTrust(home.path / FILE_NAME)
        try:
            return cls(engine, network_file, clock)
        except BaseException:
            engine.__exit__(None, None, None)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.__exit__(kind, error, trace)

    def refresh(self) -> bool:
        """Take in what another process has imported; returns whether there was anything.

        Raises:
            StoreError: The store is damaged, or the system refuses.
        """
        with self._refreshing:
            revision = self._engine.revision()
            if revision == self._revision:
                return False
            self.held = self._sound(self._engine.load())
            self._revision = revision
        return True

    def import_bundle(self, data: bytes) -> Imported:
        """Import a bundle: all of it, or nothing.

        Raises:
            TrustBundleError: It may not replace what is held. Of a fork, both heads are kept.
            DecodeError: It cannot be read.
            StoreError: The store refuses.
        """
        # Here, because a gate that decides needs nothing of what imports.
        from vcred.trust.bundle import parse_bundle
        from vcred.trust.update import decide_update

        now = int(self._clock().timestamp())
        try:
            addition = decide_update(self.held, parse_bundle(data), self.network_file, now=now)
        except TrustBundleError as error:
            if error.evidence:
                self._engine.keep_evidence(error.evidence)
            raise
        before = len(self.held.leaves)
        if not addition.is_empty:
            try:
                self._engine.add(addition, expected_size=before)
            except StoreError:
                # Another import came between: the next attempt builds on it.
                self.held = self._engine.load()
                raise
            self.held = self.held.with_update(addition)
        return Imported(
            size_before=before,
            size=len(self.held.leaves),
            statuses=len(addition.statuses),
            pending=len(addition.pending),
            changed=not addition.is_empty,
        )

    def belief(self, *, at: datetime | None = None) -> Belief:
        """What is believed now, or what was known at an earlier time.

        Raises:
            StoreError: No bundle has been imported (or none as old as `at`).
        """
        belief = belief_of(self.held, at=None if at is None else int(at.timestamp()))
        if belief is None:
            when = "" if at is None else " that was known at that time"
            raise StoreError(
                f"no trust bundle{when} is held", hint='import one with "vcred trust import FILE"'
            )
        return belief

    def export_bundle(self, *, since: int = 0) -> bytes:
        """A bundle of what is held, for another post: full, or for one that holds `since` entries.

        Raises:
            StoreError: Nothing is held, or not as much as `since`.
        """
        from vcred.trust.build import since_size
        from vcred.trust.bundle import Bundle, encode_bundle
        from vcred.trust.update import pending_for_others, tokens_for_others

        checkpoint = self.held.newest_checkpoint()
        if checkpoint is None:
            raise _nothing_held()
        if not 0 <= since <= checkpoint.size:
            raise StoreError(f"{checkpoint.size} entries are held, not {since}")
        bundle = Bundle(
            checkpoint=checkpoint.note,
            first=0,
            leaves=self.held.leaves[: checkpoint.size],
            pending=tuple(encode_jcs(item.operation) for item in pending_for_others(self.held)),
            status_tokens=tokens_for_others(self.held),
            types=self.held.types,
        )
        return encode_bundle(since_size(bundle, self.held, since=since))

    def evidence(self) -> tuple[bytes, ...]:
        """Signed heads that contradict what is held."""
        return self._engine.evidence()

    def gossip(self) -> GossipLine:
        """One printable line by which two posts compare what they hold.

        Raises:
            StoreError: Nothing is held.
        """
        line = gossip_of(self.held)
        if line is None:
            raise _nothing_held()
        return line

    def compare(self, theirs: GossipLine) -> Comparison:
        """Hold another post's line against what is held here; of a fork, both are kept as evidence.

        Raises:
            StoreError: Nothing is held, or the store refuses.
        """
        comparison = compare(self.held, self.gossip(), theirs)
        newest = self.held.newest_checkpoint()
        if comparison is Comparison.FORK and newest is not None:
            self._engine.keep_evidence((newest.note, f"gossip {theirs}\n".encode()))
        return comparison

    def enter_floor(self, theirs: GossipLine) -> None:
        """Believe nothing that is less than what another post holds: after a backup was restored here.

        Raises:
            StoreError: What is held here contradicts it, or the store refuses.
        """
        if theirs.size <= len(self.held.leaves) and self.held.root_of(theirs.size) != theirs.root:
            raise StoreError(
                "a floor cannot contradict what is held", hint='a fork: see "vcred trust compare"'
            )
        self._engine.enter_floor(HeldFloor(size=theirs.size, root=theirs.root))
        self.held = self._sound(self._engine.load())

    def _sound(self, held: Held) -> Held:
        if not is_sound(held):
            raise StoreError(
                "the trust store is damaged",
                hint=f"move {FILE_NAME} away and import a full bundle, none older than the last one",
            )
        network = held.state.network
        if network is not None and network.id != self.network_file.network_id:
            raise StoreError(
                "the trust store is of another network than the network file of this home",
                hint=f"put the right network file back, or move {FILE_NAME} away",
            )
        return held


def _nothing_held() -> StoreError:
    return StoreError("no trust bundle is held", hint='import one with "vcred trust import FILE"')
