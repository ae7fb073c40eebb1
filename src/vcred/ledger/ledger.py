# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door: one ledger, opened from its home.

The rules decide, the engine stores. A checkpoint without its quorum is never published bare: it waits.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.clock import Clock, system_clock
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, HeadMovedError, LedgerError, StoreError
from vcred.home import Home, Role, Settings, create_home, open_home
from vcred.keys.algorithms import EDDSA
from vcred.keys.home_keys import create_home_keyring, open_home_keyring
from vcred.keys.keyring import KeyRole, Unlock
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.ledger.engines.cosigners import Witness, gather_quorum
from vcred.ledger.engines.log import LogEngine
from vcred.ledger.engines.opening import make_log, open_log
from vcred.ledger.entries import Entry, encode_leaf, parse_leaf
from vcred.ledger.outcomes import Appended, Soundness
from vcred.ledger.published import Published, open_published, require_published
from vcred.ledger.recomputed import damaged, recompute_all, recompute_since
from vcred.ledger.rules import Judged, apply_all, as_ledger_error, is_known, replay
from vcred.ledger.state import State
from vcred.limits import DEFAULT_CLOCK_SKEW
from vcred.reasons import Reason
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.note import Note, encode_note
from vcred.tlog.tree import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    read_consistency_proof,
    read_inclusion_proof,
    root_at,
)

LOG_KEY: Final = "log"
# Of so many writers at one head, one is let through each time.
_MAX_ATTEMPTS: Final = 32


class Ledger:
    """One ledger. Use it as a context manager."""

    def __init__(self, engine: LogEngine, log_keys: Mapping[PublicKey, Signer], clock: Clock) -> None:
        self._engine = engine
        self._log_keys = log_keys
        self._clock = clock
        leaves, nodes = engine.everything()
        self._frontier: Frontier = recompute_all(leaves, nodes)
        self.state: State = self._replayed(leaves)

    @staticmethod
    def create(path: Path | str, *, settings: Settings | None = None, unlock: Unlock | None = None) -> Home:
        """Make the home of a ledger, with its log key; the ledger begins when genesis is appended.

        Raises:
            StoreError: The folder is a home already, or cannot be made.
        """
        home = create_home(Path(path), Role.LEDGER, settings or Settings())
        with create_home_keyring(home, unlock) as keyring:
            keyring.create(LOG_KEY, EDDSA, role=KeyRole.LOG)
        make_log(home)
        return home

    @classmethod
    def open(
        cls, home: Home | Path | str, *, unlock: Unlock | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open the ledger of a home, recomputing state and tree from the raw entries.

        Signatures below the published root, which shows that nothing has changed, are not verified again.

        Raises:
            StoreError: No ledger is there, it is damaged, or its keys do not open.
            UsageError: The home is of another role.
            LedgerError: Entry 0 is no valid genesis.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.LEDGER)
        with open_home_keyring(opened, unlock) as keyring:
            log_keys = {signer.public_key: signer for signer in keyring.signers(KeyRole.LOG).values()}
        engine = open_log(opened)
        try:
            return cls(engine, log_keys, clock)
        except BaseException:
            engine.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.close()

    @property
    def log_key(self) -> PublicKey:
        """The key that the network names as the log's, or before genesis the one that it must name."""
        known = self.state.network
        return next(iter(self._log_keys)) if known is None else known.log_key

    def append(self, operation: JsonObject) -> Appended:
        """Append an operation if the rules allow it; an operation already here keeps its index.

        Raises:
            LedgerError: The rules refuse it.
            StoreError: The store refuses.
        """
        return self.append_many((operation,))[0]

    def append_many(self, operations: Sequence[JsonObject]) -> list[Appended]:
        """Append operations in order, all or none. Errors as `append`."""
        for _ in range(_MAX_ATTEMPTS):
            self._catch_up()
            try:
                return self._append(operations)
            except HeadMovedError:
                # Judged by a state that is no longer the last: judge again.
                continue
        raise HeadMovedError("other writers append all the time", hint="try again")

    def publish(self, witnesses: Sequence[Witness]) -> Published:
        """Sign the head, have it cosigned, and publish it if the quorum has.

        Raises:
            QuorumError: Too few witnesses cosign: the checkpoint waits.
            InconsistencyError: A witness knows another root of that size.
            StoreError: What is stored is damaged: nothing is signed.
        """
        self._catch_up()
        network = self.state.require_network()
        signer = self._log_keys.get(network.log_key)
        if signer is None:
            raise StoreError(
                "this home does not have the log key that the network names",
                hint='a network.change names the key that "vcred ledger log-key" makes in this home',
            )
        # Nothing is signed that a power cut could still take away.
        self._engine.settle()
        self._require_unchanged()
        size = self.state.size
        checkpoint = Checkpoint(origin=network.origin, size=size, root=self._frontier.root())
        text = encode_checkpoint_text(checkpoint)
        signed = Note(text=text, signatures=(sign_checkpoint(checkpoint, network.origin, signer),))
        cosigned = gather_quorum(
            signed,
            witnesses,
            network,
            size=size,
            prove=lambda old: self.prove_consistency(old, size),
            # As a gate has it: a witness whose clock is a little ahead counts.
            not_after=int((self._clock() + DEFAULT_CLOCK_SKEW).timestamp()),
        )
        note = encode_note(cosigned)
        self._engine.publish(size, note)
        return Published(size=size, root=checkpoint.root, note=note)

    def put_back(self, leaves: Sequence[bytes], note: bytes) -> Published:
        """Put back published entries, dates included, after an older copy was restored.

        Args:
            leaves: All entries below the published head.
            note: That head, with its cosignatures.

        Raises:
            StoreError: They do not continue what is here, or the head is not this log's, cosigned.
        """
        self._catch_up()
        size = self.state.size
        if self._engine.leaves(0, size) != list(leaves[:size]):
            raise damaged("what is here is not the beginning of what was published")
        missing = leaves[size:]
        state = replay(missing, state=self.state)
        require_published((len(leaves), note), leaves, state, self._log_keys)
        frontier, nodes = self._frontier.grow(map(leaf_hash, missing))
        self._engine.append(missing, nodes, expected_size=size)
        self._engine.publish(len(leaves), note)
        self.state, self._frontier = state, frontier
        return open_published((len(leaves), note), state)

    def published(self) -> Published | None:
        """The newest published checkpoint.

        Raises:
            StoreError: It is damaged.
        """
        row = self._engine.published()
        self._catch_up()
        return None if row is None else open_published(row, self.state)

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        """The leaves `start <= index < end`."""
        return tuple(self._engine.leaves(start, end))

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree, 32 bytes (a `NodeSource`). Raises StoreError."""
        return self._engine.node(level, index)

    def nodes(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """The hashes of full subtrees (level, index), in their order. Raises StoreError."""
        return self._engine.nodes(places)

    def prove_inclusion(self, index: int, *, size: int) -> list[bytes]:
        """Sibling hashes from leaf `index` to the root of `size` leaves."""
        return read_inclusion_proof(self._engine.nodes, index=index, size=size)

    def prove_consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """Hashes that show the first `old_size` leaves to be a prefix of the first `new_size`."""
        return read_consistency_proof(self._engine.nodes, old_size=old_size, new_size=new_size)

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves, 32 bytes."""
        return root_at(self._engine.node, size)

    def fsck(self) -> Soundness:
        """Recompute everything from the raw entries, signatures too, and hold it against the store.

        Raises:
            StoreError: The store, a stored node or the published head is not what the entries give.
        """
        self._engine.check()
        leaves, nodes = self._engine.everything()
        frontier = recompute_all(leaves, nodes)
        state = replay(leaves)
        require_published(self._engine.published(), leaves, state, self._log_keys)
        return Soundness(size=len(leaves), root=frontier.root(), void=len(state.void))

    def _append(self, operations: Sequence[JsonObject]) -> list[Appended]:
        logged_at = max(int(self._clock().timestamp()), self.state.logged_at)
        leaves = [encode_leaf(operation, logged_at=logged_at) for operation in operations]
        entries = [_parsed(leaf) for leaf in leaves]
        # LED-11. The same operation again, also twice in one call, is one leaf.
        fresh = {
            entry.hash: (entry, leaf)
            for entry, leaf in zip(entries, leaves, strict=True)
            if entry.hash not in self.state.indices
        }
        size = self.state.size
        if len(fresh) < len(entries):
            # What somebody else has put there is acknowledged here: it has to be durable.
            self._engine.settle()
        if fresh:
            self._store([entry for entry, _ in fresh.values()], [leaf for _, leaf in fresh.values()])
        return [self._place(entry, since=size) for entry in entries]

    def _store(self, entries: Sequence[Entry], leaves: Sequence[bytes]) -> None:
        if not all(map(is_known, entries)):
            # A verifier that cannot judge an entry stops; and who may write it, this log cannot tell.
            raise LedgerError(Reason.VERSION_UNSUPPORTED, "no rule for this kind and version of entry")
        state = apply_all(self.state, entries)
        if state.require_network().log_key not in self._log_keys:
            raise LedgerError(Reason.NOT_AUTHORISED, "the network would name a log key that is not here")
        frontier, nodes = self._frontier.grow(map(leaf_hash, leaves))
        self._engine.append(leaves, nodes, expected_size=self.state.size)
        self.state, self._frontier = state, frontier

    def _place(self, entry: Entry, *, since: int) -> Appended:
        index = self.state.indices[entry.hash]
        there = entry if index >= since else parse_leaf(self._engine.leaves(index, index + 1)[0])
        return Appended(index=index, logged_at=there.logged_at, is_new=index >= since)

    def _catch_up(self) -> None:
        """Another process may have appended."""
        size = self._engine.size()
        if size > self.state.size:
            new = self._engine.leaves(self.state.size, size)
            self.state = replay(new, state=self.state)
            self._frontier, _ = self._frontier.grow(map(leaf_hash, new))

    def _replayed(self, leaves: Sequence[bytes]) -> State:
        row = self._engine.published()
        state = replay(leaves, judged=None if row is None else Judged(size=row[0]))
        require_published(row, leaves, state, self._log_keys)
        return state

    def _require_unchanged(self) -> None:
        """LED-21. Nothing is signed over what a flipped bit may have changed since it was stored."""
        published = self.published()
        size, root = (0, EMPTY_ROOT) if published is None else (published.size, published.root)
        new_leaves = self._engine.leaves(size, self.state.size)
        frontier = recompute_since(
            size=size, root=root, new_leaves=new_leaves, node=self._engine.node, nodes=self._engine.nodes
        )
        if frontier != self._frontier:
            raise damaged("the stored entries are not those that were appended")


def _parsed(leaf: bytes) -> Entry:
    try:
        return parse_leaf(leaf)
    except DecodeError as error:
        raise as_ledger_error(error) from error
