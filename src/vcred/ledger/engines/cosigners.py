# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who cosigns, and the asking of them: one that is out must not close the border.

Spec: C2SP tlog-witness, add-checkpoint; C2SP tlog-policy.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from vcred.errors import DecodeError, FetchError, InconsistencyError, QuorumError, StoreError
from vcred.ledger.state import Network
from vcred.tlog.note import Note, NoteSignature, encode_note, parse_note
from vcred.tlog.quorum import verify_quorum
from vcred.tlog.witness import RefusalKind, WitnessRefusedError


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
            InconsistencyError: It has cosigned another root of this size: a fork.
            StoreError: Its record cannot be kept: then nothing is signed.
        """


ProveConsistency = Callable[[int], Sequence[bytes]]
"""Give the consistency proof from an earlier size to the checkpoint's, 32 bytes each."""


def gather_quorum(
    note: Note,
    witnesses: Sequence[Witness],
    network: Network,
    *,
    size: int,
    prove: ProveConsistency,
    not_after: int,
) -> Note:
    """Return the note with every cosignature that was given, if they make the network's quorum.

    Args:
        note: The checkpoint, signed by its log.
        witnesses: Whom to ask, in this order.
        network: In force at the checkpoint's size.
        size: The checkpoint's.
        prove: For the witness's own size.
        not_after: NumericDate; a cosignature dated later does not count.

    Raises:
        InconsistencyError: A witness knows another root of that size: a fork.
        QuorumError: Too few have cosigned, for the causes named; or one has more entries than are here.
    """
    encoded = encode_note(note)
    given: list[NoteSignature] = []
    problems: list[str] = []
    for witness in witnesses:
        try:
            given += _ask(witness, encoded, size=size, prove=prove)
        except WitnessRefusedError as error:
            if error.kind is RefusalKind.FORK:
                # Not an outage: somebody was shown another history.
                raise InconsistencyError(f"{witness.name}: {error}", hint=error.hint) from error
            problems.append(f"{witness.name}: {error}")
        except (FetchError, StoreError, DecodeError) as error:
            problems.append(f"{witness.name}: {error}")
    if not given:
        raise QuorumError("no witness has cosigned: " + "; ".join(problems or ["none was asked"]))
    cosigned = parse_note(encode_note(Note(text=note.text, signatures=(*note.signatures, *given))))
    try:
        verify_quorum(cosigned, network.quorum, network.witnesses, not_after=not_after)
    except QuorumError as error:
        raise QuorumError("; ".join([str(error), *problems])) from error
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
        raise QuorumError(
            f"the witness {witness.name} has cosigned {old_size} entries, {size} are here",
            hint="was the ledger restored from an old copy? publish nothing, restore a newer one",
        )
    return witness.cosign(note, old_size=old_size, proof=prove(old_size))
