# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A published checkpoint: signed and cosigned by the keys in force at its size.

Pure: what the store says was published goes in, with the entries; a value or StoreError comes out.

Spec: threats.md LED-21; docs/spec/ledger-entries.md, network.change.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vcred.errors import DecodeError, QuorumError, SignatureError
from vcred.keys.public import PublicKey
from vcred.ledger.recomputed import damaged
from vcred.ledger.state import State
from vcred.tlog.checkpoint import open_checkpoint
from vcred.tlog.cosignature import MAX_TIMESTAMP
from vcred.tlog.note import parse_note
from vcred.tlog.quorum import verify_quorum
from vcred.tlog.tree import leaf_hash, root_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The newest published checkpoint: `root` 32 bytes, `note` as signed and cosigned."""

    size: int
    root: bytes
    note: bytes


def open_published(row: tuple[int, bytes], state: State) -> Published:
    """Open what the store calls size and note of the newest published checkpoint.

    Raises:
        StoreError: It is not what the log key in force at that size has signed.
    """
    size, note = row
    if not 1 <= size <= state.size:
        raise damaged("fewer entries are stored than were published")
    network = state.network_at(size)
    try:
        checkpoint, _ = open_checkpoint(note, origin=network.origin, keys=[network.log_key])
    except (DecodeError, SignatureError) as error:
        raise damaged("the published checkpoint is not what was signed") from error
    if checkpoint.size != size:
        raise damaged("the published checkpoint is of another size")
    return Published(size=size, root=checkpoint.root, note=note)


def require_published(
    row: tuple[int, bytes] | None,
    leaves: Sequence[bytes],
    state: State,
    log_keys: Collection[PublicKey],
) -> None:
    """What was published must still be what the entries give, with its quorum, under a key of this home.

    The last is what lets `Ledger.open` spare signatures: nobody without the home's log key can have
    put other entries below a head that it has signed.

    Raises:
        StoreError: It is not.
    """
    if row is None:
        return
    published = open_published(row, state)
    network = state.network_at(published.size)
    if network.log_key not in log_keys:
        raise damaged("the log key that the stored entries name is not of this home")
    try:
        verify_quorum(parse_note(published.note), network.quorum, network.witnesses, not_after=MAX_TIMESTAMP)
    except QuorumError as error:
        raise damaged("the published checkpoint has lost its quorum") from error
    if root_of(map(leaf_hash, leaves[: published.size])) != published.root:
        raise damaged("the stored entries do not have the published root")
