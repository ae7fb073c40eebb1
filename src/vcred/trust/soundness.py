# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Is what is held still what was checked when it was imported?

A disk that changes a bit tells nobody. In a withdrawal it would make the entry void and bring
back what was taken away; in a date it would make old evidence look fresh. Older checkpoints and
lists, which only an audit question reads, are taken as they stand; the signature of a list is
verified when the list is opened.
"""

from hashlib import sha256

from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.errors import DecodeError, RefusedError, SignatureError
from vcred.ledger.subtract import signed_at
from vcred.status.token_status_list import parse_status_token
from vcred.tlog.checkpoint import open_checkpoint
from vcred.tlog.cosignature import MAX_TIMESTAMP
from vcred.tlog.quorum import cosignature_times, quorum_time
from vcred.trust.held import Held, HeldCheckpoint, HeldPending, HeldStatus


def is_sound(held: Held) -> bool:
    """Whether all that is believed now is as it was accepted: nothing missing, nothing changed."""
    newest = held.newest_checkpoint()
    if newest is None:
        return held == Held(floor=held.floor)
    return (
        newest.size == len(held.leaves)
        and newest.root == held.root_of(newest.size)
        and held.time_floor == newest.quorum_time
        and _is_cosigned(held, newest)
        and all(sha256(content).digest() == digest for digest, content in held.types.items())
        and all(_is_as_dated(status) for status in held.newest_statuses().values())
        and all(map(_is_as_signed, held.pending))
        and _is_on_floor(held, newest)
    )


def _is_cosigned(held: Held, checkpoint: HeldCheckpoint) -> bool:
    network = held.state.network_at(checkpoint.size)
    try:
        head, note = open_checkpoint(checkpoint.note, origin=network.origin, keys=[network.log_key])
    except (DecodeError, SignatureError):
        return False
    times = cosignature_times(note, network.witnesses)
    # Later dates may stand beside it: they were ahead of the clock when it was imported.
    latest = quorum_time(times, network.quorum, network.witnesses, not_after=MAX_TIMESTAMP)
    dated = checkpoint.quorum_time in times.values() and (latest or 0) >= checkpoint.quorum_time
    return dated and (head.size, head.root) == (checkpoint.size, checkpoint.root)


def _is_as_signed(item: HeldPending) -> bool:
    # The hash is not over the proofs, which say since when it counts.
    try:
        return (
            hash_text(operation_hash(item.operation)) == item.hash and signed_at(item.operation) == item.as_of
        )
    except DecodeError:
        return False


def _is_on_floor(held: Held, newest: HeldCheckpoint) -> bool:
    # A floor that a changed bit has lowered would have another root there.
    floor = held.floor
    return floor is None or floor.size > newest.size or held.root_of(floor.size) == floor.root


def _is_as_dated(status: HeldStatus) -> bool:
    try:
        token = parse_status_token(status.token)
    except (DecodeError, RefusedError):
        return False
    did = (token.key_id or "").partition("#")[0]
    return (token.uri, did, token.issued_at) == (status.uri, status.did, status.issued_at)
