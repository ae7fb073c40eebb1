# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to a ledger: append by the rules, publish under a quorum, prove.

The rules decide (`ledger.rules`), the engine stores. A checkpoint without its quorum waits:
it is never published bare.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from vcred.clock import Clock, system_clock
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, LedgerError, QuorumError, SignatureError, StoreError
from vcred.home import Home, Role, Settings, create_home, open_home
from vcred.keys.algorithms import EDDSA
from vcred.keys.home_keys import create_home_keyring, open_home_keyring
from vcred.keys.keyring import KeyRole, Unlock
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.ledger.engines.sqlite import SqliteLog
from vcred.ledger.engines.witness import Witness
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.ledger.rules import apply, as_ledger_error, is_known, replay
from vcred.ledger.state import Network, State
from vcred.reasons import Reason
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, open_checkpoint, sign_checkpoint
from vcred.tlog.cosignature import MAX_TIMESTAMP
from vcred.tlog.note import Note, NoteSignature, encode_note, parse_note
from vcred.tlog.quorum import verify_quorum
from vcred.tlog.tree import (
    Frontier,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    root_at,
    root_of,
)

FILE_NAME = "ledger.sqlite"
LOG_KEY = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Where an operation stands: `index` zero-based, `logged_at` a NumericDate."""

    index: int
    logged_at: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The newest published checkpoint."""

    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundness:
    """What `fsck` has found: nothing, or it would have raised. `void` are entries the rules refuse."""

    size: int
    root: bytes
    void: int


class Ledger:
    """One ledger. Use it as a context manager."""

    def __init__(self, engine: SqliteLog, log_key: Signer, clock: Clock) -> None:
        self._engine = engine
        self._log_key = log_key
        self._clock = clock
        leaves = engine.leaves(0, engine.size())
        self.state: State = replay(leaves)
        self._require_published_root(leaves)

    @staticmethod
    def create(path: Path | str, *, settings: Settings | None = None, unlock: Unlock | None = None) -> Home:
        """Make the home of a ledger, with its log key; the ledger begins when genesis is appended.

        Raises:
            StoreError: The folder is a home already, or cannot be made.
        """
        home = create_home(Path(path), Role.LEDGER, settings or Settings())
        with create_home_keyring(home, unlock) as keyring:
            keyring.create(LOG_KEY, EDDSA, role=KeyRole.LOG)
        return home

    @classmethod
    def open(
        cls, home: Home | Path | str, *, unlock: Unlock | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open the ledger of a home, recomputing state and root from the raw entries.

        Raises:
            StoreError: No ledger is there, it is damaged, or its keys do not open.
            UsageError: The home is of another role.
            LedgerError: Entry 0 is no valid genesis.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.LEDGER)
        with open_home_keyring(opened, unlock) as keyring:
            log_key = keyring.signer(LOG_KEY)
        return cls(SqliteLog(opened.path / FILE_NAME), log_key, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.__exit__(kind, error, trace)

    @property
    def log_key(self) -> PublicKey:
        """The key that genesis must name as the log's."""
        return self._log_key.public_key

    def append(self, operation: JsonObject) -> Appended:
        """Append an operation if the rules allow it; an operation already here keeps its index.

        Raises:
            LedgerError: The rules refuse it.
            StoreError: Another writer came between, or the disk refuses.
        """
        self._catch_up()
        logged_at = max(int(self._clock().timestamp()), self.state.logged_at)
        leaf = encode_leaf(operation, logged_at=logged_at)
        try:
            entry = parse_leaf(leaf)
        except DecodeError as error:
            raise as_ledger_error(error) from error
        known = self.state.indices.get(entry.hash)
        if known is not None:
            # LED-11. The same operation again is one leaf.
            there = parse_leaf(self._engine.leaves(known, known + 1)[0])
            return Appended(index=known, logged_at=there.logged_at, is_new=False)
        if not is_known(entry):
            # A verifier that cannot judge an entry stops; and who may write it, this log cannot tell.
            raise LedgerError(Reason.VERSION_UNSUPPORTED, "no rule for this kind and version of entry")
        state = apply(self.state, entry)
        if state.require_network().log_key != self.log_key:
            raise LedgerError(Reason.NOT_AUTHORISED, "genesis names the key of another log")
        size = self.state.size
        _, nodes = frontier_at(self._engine.node, size).grow([leaf_hash(leaf)])
        self._engine.append([leaf], nodes, expected_size=size)
        self.state = state
        return Appended(index=size, logged_at=logged_at, is_new=True)

    def publish(self, witnesses: Sequence[Witness]) -> Published:
        """Sign the head, have it cosigned, and publish it if the quorum has.

        Raises:
            QuorumError: Too few witnesses cosign: the checkpoint waits.
            InconsistencyError: A witness knows another root of that size.
            StoreError: What is stored is damaged: nothing is signed.
        """
        self._catch_up()
        # LED-21. Nothing is signed over stored nodes that a flipped bit may have changed.
        self._require_sound()
        network = self.state.require_network()
        size = self.state.size
        checkpoint = Checkpoint(origin=network.origin, size=size, root=root_at(self._engine.node, size))
        text = encode_checkpoint_text(checkpoint)
        signed = Note(text=text, signatures=(sign_checkpoint(checkpoint, network.origin, self._log_key),))
        cosigned = self._cosigned(signed, network, witnesses)
        now = int(self._clock().timestamp())
        verify_quorum(cosigned, network.quorum, network.witnesses, not_after=now)
        note = encode_note(cosigned)
        self._engine.publish(size, note)
        return Published(size=size, root=checkpoint.root, note=note)

    def published(self) -> Published | None:
        """The newest published checkpoint.

        Raises:
            StoreError: It is damaged.
        """
        row = self._engine.published()
        if row is None:
            return None
        size, note = row
        network = self.state.require_network()
        try:
            checkpoint, _ = open_checkpoint(note, origin=network.origin, keys=[network.log_key])
        except (DecodeError, SignatureError) as error:
            raise _damaged("the published checkpoint is not what was signed") from error
        if checkpoint.size != size:
            raise _damaged("the published checkpoint is of another size")
        return Published(size=size, root=checkpoint.root, note=note)

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        """The leaves `start <= index < end`."""
        return tuple(self._engine.leaves(start, end))

    def prove_inclusion(self, index: int, *, size: int) -> list[bytes]:
        """Sibling hashes from leaf `index` to the root of `size` leaves."""
        return inclusion_proof(self._engine.node, index=index, size=size)

    def prove_consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """Hashes that show the first `old_size` leaves to be a prefix of the first `new_size`."""
        return consistency_proof(self._engine.node, old_size=old_size, new_size=new_size)

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves, 32 bytes."""
        return root_at(self._engine.node, size)

    def fsck(self) -> Soundness:
        """Recompute everything from the raw entries and hold it against what is stored.

        Raises:
            StoreError: The file, a stored node or the published root is not what the entries give.
        """
        self._engine.check_file()
        leaves = self._require_sound()
        self._require_published_quorum()
        root = root_of(leaf_hash(leaf) for leaf in leaves)
        return Soundness(size=len(leaves), root=root, void=len(replay(leaves).void))

    def _catch_up(self) -> None:
        """Another process may have appended."""
        size = self._engine.size()
        if size > self.state.size:
            self.state = replay(self._engine.leaves(self.state.size, size), state=self.state)

    def _cosigned(self, note: Note, network: Network, witnesses: Sequence[Witness]) -> Note:
        encoded = encode_note(note)
        signatures: list[NoteSignature] = list(note.signatures)
        problems = []
        for witness in witnesses:
            try:
                signatures.append(self._ask(witness, encoded, network))
            except (QuorumError, StoreError) as error:
                # One witness that is out must not close the border: the quorum decides.
                problems.append(str(error))
        if len(signatures) == len(note.signatures):
            raise QuorumError("no witness has cosigned: " + "; ".join(problems or ["none was asked"]))
        return parse_note(encode_note(Note(text=note.text, signatures=tuple(signatures))))

    def _ask(self, witness: Witness, note: bytes, network: Network) -> NoteSignature:
        old_size = witness.recorded_size(network.origin)
        if old_size > self.state.size:
            raise QuorumError(
                f"a witness has cosigned {old_size} entries, {self.state.size} are here",
                hint="was the ledger restored from an old copy? publish nothing, restore a newer one",
            )
        return witness.cosign(
            note,
            origin=network.origin,
            log_key=network.log_key,
            old_size=old_size,
            proof=self.prove_consistency(old_size, self.state.size),
        )

    def _require_sound(self) -> list[bytes]:
        """LED-21. Every stored node, and what was published, must be what the entries give."""
        leaves, stored = self._engine.everything()
        _, nodes = Frontier().grow(leaf_hash(leaf) for leaf in leaves)
        if sorted(nodes) != stored:
            raise _damaged("stored nodes do not belong to the stored entries")
        self._require_published_root(leaves)
        return leaves

    def _require_published_quorum(self) -> None:
        published = self.published()
        if published is None:
            return
        network = self.state.require_network()
        try:
            verify_quorum(
                parse_note(published.note), network.quorum, network.witnesses, not_after=MAX_TIMESTAMP
            )
        except QuorumError as error:
            raise _damaged("the published checkpoint has lost its quorum") from error

    def _require_published_root(self, leaves: Sequence[bytes]) -> None:
        """LED-21. What was published must still be what the entries give, before anything is signed anew."""
        published = self.published() if leaves else None
        if published is None:
            return
        if root_of(leaf_hash(leaf) for leaf in leaves[: published.size]) != published.root:
            raise _damaged("the stored entries do not have the published root")


def _damaged(what: str) -> StoreError:
    return StoreError(what, hint="do not append; restore the ledger from a copy and compare")
