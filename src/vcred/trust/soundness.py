# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Is what is held still what was checked when it was imported?

A disk that changes a bit tells nobody. In a withdrawal it would make the entry void and bring
back what was taken away; in a date it would make old evidence look fresh. Older checkpoints and
lists, which only an audit question reads, are taken as they stand; the signature of a list is
verified when the list is opened.
"""

from hashlib import sha256

from vcred.errors import DecodeError, RefusedError, SignatureError
from vcred.status.token_status_list import parse_status_token
from vcred.tlog.checkpoint import open_checkpoint
from vcred.tlog.cosignature import MAX_TIMESTAMP
from vcred.tlog.quorum import cosignature_times, quorum_time
from vcred.trust.held import Held, HeldCheckpoint, HeldStatus


def is_sound(held: Held) -> bool:
    """Whether entries, types, the newest checkpoint and the newest lists belong together."""
    newest = held.newest_checkpoint()
    if newest is None:
        return held == Held()
    return (
        newest.size == len(held.leaves)
        and newest.root == held.root_of(newest.size)
        and held.time_floor == newest.quorum_time
        and _is_cosigned(held, newest)
        and all(sha256(content).digest() == digest for digest, content in held.types.items())
        and all(_is_as_dated(status) for status in held.newest_statuses().values())
    )


def _is_cosigned(held: Held, checkpoint: HeldCheckpoint) -> bool:
    network = held.state.require_network()
    try:
        head, note = open_checkpoint(checkpoint.note, origin=network.origin, keys=[network.log_key])
    except (DecodeError, SignatureError):
        return False
    times = cosignature_times(note, network.witnesses)
    # Later dates may stand beside it: they were ahead of the clock when it was imported.
    latest = quorum_time(times, network.quorum, network.witnesses, not_after=MAX_TIMESTAMP)
    dated = checkpoint.quorum_time in times.values() and (latest or 0) >= checkpoint.quorum_time
    return dated and (head.size, head.root) == (checkpoint.size, checkpoint.root)


def _is_as_dated(status: HeldStatus) -> bool:
    try:
        token = parse_status_token(status.token)
    except (DecodeError, RefusedError):
        return False
    did = (token.key_id or "").partition("#")[0]
    return (token.uri, did, token.issued_at) == (status.uri, status.did, status.issued_at)
