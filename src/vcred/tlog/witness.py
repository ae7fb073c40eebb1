# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a witness may cosign: the whole decision, without its store, clock or network.

The durable record of the last checkpoint goes in; a new record or a refusal comes out.
The caller stores the new record, atomically against the one it passed in, *before* it
cosigns: else two requests at once could roll the record back.

Spec: C2SP tlog-witness, add-checkpoint.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from vcred.errors import DecodeError, InconsistencyError, SignatureError, VcredError
from vcred.keys.public import PublicKey
from vcred.tlog.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint_text
from vcred.tlog.note import parse_note
from vcred.tlog.proofs import verify_consistency
from vcred.tlog.tree import EMPTY_ROOT


class RefusalKind(StrEnum):
    """Why a witness does not cosign; `http_status` is what its route answers.

    The first six are the protocol's own. The others are those of a monitor: it looks at the
    entries themselves (`vcred.witness.monitor`), or its key is no longer to be used.
    """

    MALFORMED = "malformed"
    UNSIGNED = "unsigned"
    ORIGIN_UNKNOWN = "origin_unknown"
    SIZE_CONFLICT = "size_conflict"
    FORK = "fork"
    PROOF_INVALID = "proof_invalid"

    ENTRIES_MISSING = "entries_missing"
    ENTRIES_DIFFER = "entries_differ"
    LOGGED_AHEAD = "logged_ahead"
    LOGGED_BACKWARD = "logged_backward"
    VERSION_UNSUPPORTED = "version_unsupported"
    WITHHELD = "withheld"
    RETIRED = "retired"

    @property
    def http_status(self) -> int:
        """400, 403, 404, 409 or 422, as the protocol has it; 503 where it may cosign later."""
        return _HTTP_STATUS[self]


_HTTP_STATUS = {
    RefusalKind.MALFORMED: 400,
    RefusalKind.UNSIGNED: 403,
    RefusalKind.ORIGIN_UNKNOWN: 404,
    RefusalKind.SIZE_CONFLICT: 409,
    RefusalKind.FORK: 409,
    RefusalKind.PROOF_INVALID: 422,
    RefusalKind.ENTRIES_MISSING: 503,
    RefusalKind.ENTRIES_DIFFER: 503,
    RefusalKind.LOGGED_AHEAD: 503,
    RefusalKind.LOGGED_BACKWARD: 403,
    RefusalKind.VERSION_UNSUPPORTED: 503,
    RefusalKind.WITHHELD: 503,
    RefusalKind.RETIRED: 403,
}


class WitnessRefusedError(VcredError):
    """A witness does not cosign.

    Attributes:
        kind: Why, as a stable word.
        recorded_size: The size that it has cosigned last; for SIZE_CONFLICT, ask again from there.
        evidence: As `WitnessRefusal.evidence`.
    """

    code = "witness_refused"

    def __init__(
        self,
        kind: RefusalKind,
        message: str,
        *,
        recorded_size: int,
        evidence: tuple[bytes, ...] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.recorded_size = recorded_size
        self.evidence = evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRecord:
    """The largest checkpoint of a log that this witness has cosigned.

    A new witness starts from the network file's floor, or from the empty tree.

    Attributes:
        size: Number of leaves.
        root: Root hash, 32 bytes.
        note: The signed note itself, one half of the evidence should the log fork;
            empty while there has been none.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRefusal:
    """Why not.

    Attributes:
        kind: The stable word for it.
        recorded_size: What the witness has; the body of a 409 answer (`text/x.tlog.size`).
        evidence: For FORK both signed notes, the recorded one first: keep them.
            For PROOF_INVALID the well signed note alone. Else empty.
    """

    kind: RefusalKind
    recorded_size: int
    evidence: tuple[bytes, ...] = ()


def decide_cosign(
    *,
    recorded: WitnessRecord,
    old_size: int,
    proof: Sequence[bytes],
    note: bytes,
    origin: str,
    log_keys: Collection[PublicKey],
) -> WitnessRecord | WitnessRefusal:
    """Decide whether the offered checkpoint extends the recorded one.

    Args:
        recorded: The durable record, from the empty tree onward.
        old_size: The tree size the caller says the witness has.
        proof: Consistency proof from `old_size` to the checkpoint's size, 32 bytes each.
        note: The signed checkpoint, whole.
        origin: The log this record is of.
        log_keys: The log's Ed25519 keys, at least one.

    Returns:
        The record to store before cosigning, or the refusal. Hostile bytes never raise.
    """
    opened = _open(note, origin, log_keys)
    if isinstance(opened, RefusalKind):
        return WitnessRefusal(kind=opened, recorded_size=recorded.size)
    if not 0 <= old_size <= opened.size:
        return WitnessRefusal(kind=RefusalKind.MALFORMED, recorded_size=recorded.size)
    # Before the size is compared: two signed roots for one size are a fork, whatever was asked.
    if opened.size == recorded.size and opened.root != recorded.root:
        evidence = (recorded.note, note)
        return WitnessRefusal(kind=RefusalKind.FORK, recorded_size=recorded.size, evidence=evidence)
    if old_size != recorded.size:
        return WitnessRefusal(kind=RefusalKind.SIZE_CONFLICT, recorded_size=recorded.size)
    try:
        verify_consistency(
            old_size=old_size,
            old_root=recorded.root,
            new_size=opened.size,
            new_root=opened.root,
            path=proof,
        )
    except InconsistencyError:
        # Not yet a fork: whoever relays a good checkpoint can put a bad proof beside it.
        return WitnessRefusal(kind=RefusalKind.PROOF_INVALID, recorded_size=recorded.size, evidence=(note,))
    return WitnessRecord(size=opened.size, root=opened.root, note=note)


def _open(note: bytes, origin: str, log_keys: Collection[PublicKey]) -> Checkpoint | RefusalKind:
    try:
        if parse_checkpoint_text(parse_note(note).text).origin != origin:
            return RefusalKind.ORIGIN_UNKNOWN
        return open_checkpoint(note, origin=origin, keys=log_keys)[0]
    except DecodeError:
        return RefusalKind.MALFORMED
    except SignatureError:
        return RefusalKind.UNSIGNED
