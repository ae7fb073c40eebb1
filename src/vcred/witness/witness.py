# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A witness in this process: its rules are `tlog.witness` and `ledger.monitor`, its memory is here.

    head --extends the record--> entries --keep the rules--> record --durable--> cosignature

It reads the entries from a source of its own and replays them; which origin and log key are in
force it knows from there, never from who asks. The new record is on the disk before the
cosignature leaves: a witness that forgets what it has signed can be made to sign a fork. When its
key is to be used no more, and what cannot be noticed here, says `witness_store`.

Spec: C2SP tlog-witness, add-checkpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from types import TracebackType
from typing import Self

from vcred.clock import Clock
from vcred.errors import InconsistencyError, StoreError
from vcred.keys.signer import Signer
from vcred.ledger.network_file import NetworkFile
from vcred.tlog.add_checkpoint import AddCheckpoint
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import NoteSignature
from vcred.tlog.witness import (
    RefusalKind,
    WitnessRecord,
    WitnessRefusedError,
)
from vcred.witness.engines.new_keys import NewLogKeys
from vcred.witness.engines.reader import EntryReader
from vcred.witness.engines.request import (
    Asked,
    read_request,
    refuse_unknown_words,
    require_extension,
)
from vcred.witness.engines.store import Head, WitnessStore
from vcred.witness.monitor import (
    LeafSource,
    Replayed,
    WitnessIdentity,
    is_signed,
    judge_entries,
    named,
    withheld,
)
from vcred.witness.refusals import refused, refused_as_withheld, refused_for_ever


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessSigner:
    """One key of a witness and its name."""

    name: str
    signer: Signer


class LocalWitness:
    """The witness of one jurisdiction, in the home of its authority. Threads may share it."""

    def __init__(
        self,
        store: WitnessStore,
        *,
        signers: Sequence[WitnessSigner],
        source: LeafSource,
        network_id: str,
        floor: NetworkFile | None,
        clock: Clock,
    ) -> None:
        """Take over an open record.

        Args:
            store: The record; closed with the witness.
            signers: All keys of the witness, oldest first, at least one.
            source: Where its own copy of the entries comes from.
            network_id: The only network whose log it cosigns.
            floor: What it begins with and every log must contain; None at the founding alone.
            clock: Its own.

        Raises:
            StoreError: The record is of another network.
        """
        if not signers:
            raise ValueError("a witness without a key")
        if store.network() not in (None, network_id):
            raise StoreError("the record of the witness is of another network")
        self._store = store
        self._signers: dict[WitnessIdentity, Signer] = {
            (item.name, item.signer.public_key): item.signer for item in signers
        }
        self._network_id = network_id
        self._floor = (
            WitnessRecord() if floor is None else WitnessRecord(size=floor.floor_size, root=floor.floor_root)
        )
        self._reader = EntryReader(source, floor=self._floor)
        self._new_keys = NewLogKeys(self._reader)
        self._clock = clock
        self._one_at_a_time = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the record."""
        self._store.close()

    @property
    def name(self) -> str:
        """Its newest key name that the network lists, as far as it was replayed; else its newest."""
        network = self._reader.replayed.state.network
        listed = () if network is None else named(tuple(self._signers), network)
        return (listed or tuple(self._signers))[-1][0]

    def known_size(self) -> int:
        """The size that it has cosigned last; before that, of the floor; 0 at the founding."""
        return self._recorded()[0].size

    def evidence(self) -> tuple[bytes, ...]:
        """Every signed note kept because it and another contradict each other."""
        return self._store.evidence()

    def catch_up(self) -> None:
        """Replay up to the record now, so that the first request need not wait for it.

        Raises:
            WitnessRefusedError: The entries cannot be had, or are not those that it has cosigned.
        """
        with self._one_at_a_time:
            self._reader.catch_up(self._recorded()[0])

    def observe(self, note: bytes) -> None:
        """Look at a head that is about: a cosignature of its own that it does not know ends its key.

        Raises:
            WitnessRefusedError: MALFORMED, or RETIRED: the record was set back, or the key is stolen.
        """
        with self._one_at_a_time:
            asked = self._read(AddCheckpoint(old_size=0, proof=(), note=note))
            refuse_unknown_words(self._store, asked, tuple(self._signers))

    def cosign(self, note: bytes, *, old_size: int, proof: Sequence[bytes]) -> tuple[NoteSignature, ...]:
        """As `add_checkpoint`, but a fork is an InconsistencyError: nothing can be asked again."""
        try:
            return self.add_checkpoint(AddCheckpoint(old_size=old_size, proof=tuple(proof), note=note))
        except WitnessRefusedError as error:
            if error.kind is not RefusalKind.FORK:
                raise
            raise InconsistencyError(f"the witness {self.name}: {error}", hint=error.hint) from error

    def add_checkpoint(self, request: AddCheckpoint) -> tuple[NoteSignature, ...]:
        """Cosign a checkpoint that extends the recorded one and whose entries keep the rules.

        The record is durable first. Both notes of a fork are kept: `evidence`.

        Raises:
            WitnessRefusedError: It does not.
            StoreError: The record cannot be kept: then nothing is signed.
        """
        with self._one_at_a_time:
            now = int(self._clock().timestamp())
            own = self._usable()
            asked = self._read(request)
            refuse_unknown_words(self._store, asked, tuple(self._signers))
            after = self._judged(asked, own, now=now)
            network = after.state.require_network()
            identity = named(own, network)[-1]
            record = WitnessRecord(size=asked.checkpoint.size, root=asked.checkpoint.root, note=request.note)
            head = Head(record=record, origin=network.origin, log_key=network.log_key, cosigner=identity[0])
            self._keep(head, asked, after)
            self._reader.accept(after)
            signer = self._signers[identity]
            return (cosign(asked.parsed.text, identity[0], signer, timestamp=now),)

    def _recorded(self) -> tuple[WitnessRecord, Head | None]:
        """What any head must extend: the newest head, or the floor where that is greater."""
        head = self._store.newest()
        if head is None or head.record.size < self._floor.size:
            return self._floor, None
        return head.record, head

    def _usable(self) -> tuple[WitnessIdentity, ...]:
        """Its names and keys that may still be used, oldest first."""
        retired = self._store.retired()
        own = tuple(identity for identity in self._signers if identity[0] not in retired)
        if not own:
            newest = tuple(self._signers)[-1][0]
            raise refused_for_ever(retired[newest], recorded_size=self.known_size())
        return own

    def _read(self, request: AddCheckpoint) -> Asked:
        recorded, head = self._recorded()
        return read_request(request, recorded=recorded, head=head)

    def _judged(self, asked: Asked, own: Sequence[WitnessIdentity], *, now: int) -> Replayed:
        """Ask every rule; returns the replay up to the offered head."""
        if asked.head is not None:
            # What needs no entries is said first: a ledger out of reach must not hide a fork.
            require_extension(self._store, asked, asked.head.origin, asked.head.log_key, may_be_newer=True)
        before = self._reader.catch_up(asked.recorded)
        after = before
        if asked.checkpoint.size > asked.recorded.size:
            self._require_signed(asked, before, now=now)
            head = asked.checkpoint
            after = self._reader.read_on(before, size=head.size, root=head.root, recorded=asked.recorded)
        network = after.state.network
        size = asked.recorded.size
        if network is None:
            raise refused(RefusalKind.ORIGIN_UNKNOWN, recorded_size=size)
        require_extension(self._store, asked, network.origin, network.log_key)
        self._reader.keep(after)
        handed = self._store.handed()
        refusal = judge_entries(
            before=before,
            after=after,
            note=asked.request.note,
            root=asked.checkpoint.root,
            network_id=self._network_id,
            own=own,
            handed=handed,
            now=now,
        )
        if refusal is RefusalKind.WITHHELD:
            raise refused_as_withheld(withheld(after.state, handed, now=now), recorded_size=size)
        if refusal is not None:
            raise refused(refusal, recorded_size=size)
        return after

    def _require_signed(self, asked: Asked, before: Replayed, *, now: int) -> None:
        """Raise unless the log key in force has signed the head, or one that an entry beyond names.

        Whether that entry keeps the rules, the replay says: it is not worth it for a stranger's note.
        """
        known = before if before.state.network is not None else self._reader.founded(asked.recorded)
        network = known.state.require_network()
        note = asked.request.note
        require_extension(self._store, asked, network.origin, network.log_key, may_be_newer=True)
        if is_signed(note, network.origin, network.log_key):
            return
        unsigned = refused(RefusalKind.UNSIGNED, recorded_size=asked.recorded.size)
        try:
            keys = self._new_keys.named(size=asked.checkpoint.size, recorded=asked.recorded, now=now)
        except WitnessRefusedError as error:
            if asked.head is None:
                raise
            # No entry that can be read makes its key the log's.
            raise unsigned from error
        if not any(is_signed(note, network.origin, key) for key in keys):
            raise unsigned

    def _keep(self, head: Head, asked: Asked, after: Replayed) -> None:
        """Make the new record durable, if the one it was held against is still the last."""
        logged = [item.hash for item in self._store.handed() if item.hash in after.state.indices]
        with self._store.transaction():
            newest, _ = self._recorded()
            # Another process may have cosigned meanwhile: its record is never rolled back.
            if (newest.size, newest.root) != (asked.recorded.size, asked.recorded.root):
                raise refused(RefusalKind.SIZE_CONFLICT, recorded_size=newest.size)
            why = self._store.retired().get(head.cosigner)
            if why is not None:
                raise refused_for_ever(why, recorded_size=newest.size)
            self._store.add_head(head)
            self._store.keep_network(self._network_id)
            self._store.drop(logged)
        self._store.mark()
