# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who cosigns, and the asking of them: one that is out, or lies, must not close the border.

An answer is a stranger's. Of it only lines that verify as a cosignature of a listed witness get
into the note, the newest of each: any other could damage the published head for good (one in the
log's own name), crowd out what counts, or date it back. What a witness only says, that it has more
entries or another root, stops no checkpoint whose quorum is reached; it is said loudly.

Spec: C2SP tlog-witness, add-checkpoint; C2SP tlog-policy.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from vcred.errors import (
    DecodeError,
    FetchError,
    InconsistencyError,
    LimitExceededError,
    QuorumError,
    StoreError,
    VcredError,
)
from vcred.ledger.state import Network
from vcred.limits import MAX_NOTE_SIGNATURES
from vcred.tlog.checkpoint import open_checkpoint
from vcred.tlog.note import Note, NoteSignature, encode_note
from vcred.tlog.quorum import WitnessKey, cosignature_times, verify_quorum
from vcred.tlog.witness import RefusalKind, WitnessRefusedError

_LOG: Final = logging.getLogger("vcred.ledger")
_FORK_HINT: Final = "it says so without proof: let its operator show both heads, then compare them with yours"


class Witness(Protocol):
    """Someone who cosigns what extends all that they have cosigned before."""

    @property
    def name(self) -> str:
        """Its key name, for people."""

    def known_size(self) -> int:
        """The size that it is believed to have cosigned last."""

    def cosign(self, note: bytes, *, old_size: int, proof: Sequence[bytes]) -> tuple[NoteSignature, ...]:
        """Cosign a checkpoint.

        Args:
            note: The signed checkpoint, whole.
            old_size: The size that the witness is believed to have.
            proof: Consistency proof from there, 32 bytes each.

        Raises:
            WitnessRefusedError: It does not; for SIZE_CONFLICT ask again from `recorded_size`.
            InconsistencyError: Its record, which is here, has another root of this size: a fork.
            StoreError: Its record cannot be kept: then nothing is signed.
            FetchError: It cannot be reached, or does not answer as a witness does.
        """


ProveConsistency = Callable[[int], Sequence[bytes]]
"""Give the consistency proof from an earlier size to the checkpoint's, 32 bytes each."""


@dataclass(frozen=True, slots=True)
class _Cosignature:
    """A line that verifies; `timestamp` in POSIX seconds."""

    timestamp: int
    line: NoteSignature


@dataclass(frozen=True, slots=True)
class _Problem:
    """Why a witness has not cosigned."""

    name: str
    error: VcredError

    def __str__(self) -> str:
        return f"{self.name}: {self.error}"

    @property
    def is_fork(self) -> bool:
        """Whether it says that it was shown another history."""
        return isinstance(self.error, WitnessRefusedError) and self.error.kind is RefusalKind.FORK

    @property
    def hint(self) -> str | None:
        """What to do. What a remote witness says, it does not prove."""
        return _FORK_HINT if self.is_fork else self.error.hint

    def is_alarm(self, size: int) -> bool:
        """Whether there would be another history, or more of it, if it were true."""
        error = self.error
        return self.is_fork or (isinstance(error, WitnessRefusedError) and error.recorded_size > size)


def gather_quorum(
    note: Note,
    witnesses: Sequence[Witness],
    network: Network,
    *,
    size: int,
    prove: ProveConsistency,
    not_after: int,
) -> Note:
    """Return the note with every cosignature that counts, if they make the network's quorum.

    Args:
        note: The checkpoint, signed by its log and by nobody else.
        witnesses: Whom to ask, in this order.
        network: In force at the checkpoint's size.
        size: The checkpoint's.
        prove: For the witness's own size.
        not_after: NumericDate; a cosignature dated later does not count.

    Raises:
        InconsistencyError: The record of a witness here holds another root of that size; or the
            quorum is not reached, and a witness says that its record does.
        QuorumError: Too few have cosigned, for the causes named.
    """
    encoded = encode_note(note)
    given: dict[str, _Cosignature] = {}
    problems: list[_Problem] = []
    for witness in witnesses:
        try:
            lines = _ask(witness, encoded, size=size, prove=prove)
            for name, heard in _counted(note.text, lines, network.witnesses, not_after=not_after):
                known = given.setdefault(name, heard)
                # Whoever repeats another's old word must not date the checkpoint back.
                if known.timestamp < heard.timestamp:
                    given[name] = heard
        except (WitnessRefusedError, FetchError, StoreError, DecodeError) as error:
            problems.append(_Problem(witness.name, error))
    alarms = [problem for problem in problems if problem.is_alarm(size)]
    if not given:
        causes = "; ".join(map(str, problems)) or "none was asked"
        raise _missed(f"no witness has cosigned: {causes}", alarms)
    try:
        cosigned = _opened(note, given, network, not_after=not_after)
    except QuorumError as error:
        raise _missed("; ".join(map(str, [error, *problems])), alarms) from error
    for alarm in alarms:
        _LOG.warning("warning: the quorum is reached, but %s; %s", alarm, alarm.hint)
    return cosigned


def _ask(witness: Witness, note: bytes, *, size: int, prove: ProveConsistency) -> tuple[NoteSignature, ...]:
    try:
        return _ask_from(witness, note, witness.known_size(), size=size, prove=prove)
    except WitnessRefusedError as error:
        if error.kind is not RefusalKind.SIZE_CONFLICT:
            raise
        # Once more, from what it says that it has: never in a circle.
        return _ask_from(witness, note, error.recorded_size, size=size, prove=prove)


def _ask_from(
    witness: Witness, note: bytes, old_size: int, *, size: int, prove: ProveConsistency
) -> tuple[NoteSignature, ...]:
    if old_size > size:
        raise _ahead(old_size, size)
    return witness.cosign(note, old_size=old_size, proof=prove(old_size))


def _ahead(recorded_size: int, size: int) -> WitnessRefusedError:
    return WitnessRefusedError(
        RefusalKind.SIZE_CONFLICT,
        f"it has cosigned {recorded_size} entries, {size} are here",
        recorded_size=recorded_size,
        hint="was the ledger restored from an old copy? publish nothing, restore a newer one",
    )


def _counted(
    text: str, lines: Collection[NoteSignature], witnesses: Collection[WitnessKey], *, not_after: int
) -> Iterator[tuple[str, _Cosignature]]:
    """Give, by witness name, the lines of one answer that count.

    Raises:
        LimitExceededError: Over 16 lines.
        DecodeError: None of them counts.
    """
    if len(lines) > MAX_NOTE_SIGNATURES:
        raise LimitExceededError(f"its answer has more than {MAX_NOTE_SIGNATURES} lines")
    is_useful = False
    for line in lines:
        # One by one: a line that does not verify takes nothing from another of the same name.
        alone = Note(text=text, signatures=(line,))
        for name, timestamp in cosignature_times(alone, witnesses).items():
            if timestamp <= not_after:
                is_useful = True
                yield name, _Cosignature(timestamp, line)
    if not is_useful:
        raise DecodeError("its answer holds no cosignature of a listed witness, dated until now")


def _opened(note: Note, given: Mapping[str, _Cosignature], network: Network, *, not_after: int) -> Note:
    """Read what is to be published as every reader will. Raises QuorumError."""
    lines = [cosignature.line for cosignature in given.values()]
    data = encode_note(Note(text=note.text, signatures=(*note.signatures, *lines)))
    _, opened = open_checkpoint(data, origin=network.origin, keys=[network.log_key])
    verify_quorum(opened, network.quorum, network.witnesses, not_after=not_after)
    return opened


def _missed(found: str, alarms: Sequence[_Problem]) -> QuorumError | InconsistencyError:
    for alarm in alarms:
        if alarm.is_fork:
            # Not an outage: somebody says that they were shown another history.
            return InconsistencyError(found, hint=alarm.hint)
    return QuorumError(found, hint=alarms[0].hint if alarms else None)
