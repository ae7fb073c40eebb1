# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a witness is asked, held against what it has cosigned; the entries are not looked at here.

Spec: C2SP tlog-witness, add-checkpoint.
"""

from collections.abc import Collection
from dataclasses import dataclass

from vcred.errors import DecodeError
from vcred.keys.public import PublicKey
from vcred.tlog.add_checkpoint import AddCheckpoint
from vcred.tlog.checkpoint import Checkpoint, parse_checkpoint_text
from vcred.tlog.note import Note, parse_note
from vcred.tlog.quorum import WitnessKey, cosignature_times
from vcred.tlog.witness import RefusalKind, WitnessRecord, WitnessRefusal, decide_cosign
from vcred.witness.engines.store import Head, Retirement, WitnessStore
from vcred.witness.monitor import WitnessIdentity
from vcred.witness.refusals import refused, refused_for_ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, read; nothing of it is verified.

    Attributes:
        request: As it came.
        parsed: Its note, read.
        checkpoint: The text of that, read.
        recorded: What any head must extend.
        head: The same with origin and log key; None where it is the floor, or nothing yet.
    """

    request: AddCheckpoint
    parsed: Note
    checkpoint: Checkpoint
    recorded: WitnessRecord
    head: Head | None


def read_request(request: AddCheckpoint, *, recorded: WitnessRecord, head: Head | None) -> Asked:
    """Read a request.

    Raises:
        WitnessRefusedError: MALFORMED.
    """
    try:
        parsed = parse_note(request.note)
        checkpoint = parse_checkpoint_text(parsed.text)
    except DecodeError as error:
        raise refused(RefusalKind.MALFORMED, recorded_size=recorded.size) from error
    return Asked(request=request, parsed=parsed, checkpoint=checkpoint, recorded=recorded, head=head)


def require_extension(
    store: WitnessStore, asked: Asked, origin: str, log_key: PublicKey, *, may_be_newer: bool = False
) -> None:
    """Raise unless the log has signed the head, and it extends the record. Keeps the evidence of a fork.

    Args:
        store: Where all heads are that were cosigned.
        asked: The request.
        origin: The log's name.
        log_key: Its key.
        may_be_newer: An entry that is not read yet may have named another key: another signature
            than this key's is then no reason.

    Raises:
        WitnessRefusedError: It does not.
    """
    decided = decide_cosign(
        recorded=asked.recorded,
        old_size=asked.request.old_size,
        proof=asked.request.proof,
        note=asked.request.note,
        origin=origin,
        log_keys=[log_key],
    )
    if not isinstance(decided, WitnessRefusal):
        return
    size = asked.recorded.size
    kind, evidence = decided.kind, decided.evidence
    if kind is RefusalKind.UNSIGNED and may_be_newer and asked.checkpoint.size > size:
        return
    # These two are said of what the log has signed: then any head of the past can show a fork.
    signed = kind in (RefusalKind.SIZE_CONFLICT, RefusalKind.MALFORMED)
    older = store.head(asked.checkpoint.size)
    if signed and older is not None and older.record.root != asked.checkpoint.root:
        kind, evidence = RefusalKind.FORK, (older.record.note, asked.request.note)
    if kind is RefusalKind.FORK:
        # A bad proof is no evidence: whoever carries a good head can put one beside it.
        with store.transaction():
            store.add_evidence(evidence)
    raise refused(kind, recorded_size=size, evidence=evidence)


def refuse_unknown_words(store: WitnessStore, asked: Asked, own: Collection[WitnessIdentity]) -> None:
    """A cosignature of one's own that is in no record ends the key: an older record, or a stolen key.

    Raises:
        WitnessRefusedError: RETIRED, once for each such key; it is durable, and the note is kept.
    """
    known = store.head(asked.checkpoint.size)
    if known is not None and known.record.root == asked.checkpoint.root:
        return
    retired = store.retired()
    names = [
        name
        for name, key in own
        if name not in retired and cosignature_times(asked.parsed, [WitnessKey(name=name, key=key, group="")])
    ]
    if not names:
        return
    with store.transaction():
        store.retire(names, Retirement.CONTRADICTED)
        store.add_evidence((b"" if known is None else known.record.note, asked.request.note))
    raise refused_for_ever(Retirement.CONTRADICTED, recorded_size=asked.recorded.size)
