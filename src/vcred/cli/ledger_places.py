# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where a ledger or a witness is: in a folder on this machine, or behind a URL."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vcred.clock import Clock
from vcred.desk.party import Party
from vcred.files import read_capped
from vcred.home import Home
from vcred.ledger.engines.cosigners import Witness
from vcred.ledger.ledger import Ledger
from vcred.ledger.network_file import parse_network_file
from vcred.limits import MAX_NETWORK_FILE_BYTES
from vcred.tlog.witness import WitnessRefusedError
from vcred.witness.monitor import LeafSource
from vcred.witness.witness import LocalWitness

if TYPE_CHECKING:
    from vcred.ledger.engines.remote import RemoteLedger, RemoteLog

WITNESS_PLACE: Final = "DIR|URL"
LEDGER_PLACE: Final = "DIR|URL"
WITNESS_HELP: Final = "Witness to ask: the home of its authority on this machine, or its URL; repeat it."
LEDGER_HELP: Final = "Where the ledger is: its home on this machine, or its URL."


def is_url(place: str) -> bool:
    """Whether a place is a URL; else it is a folder."""
    return place.startswith(("http://", "https://"))


def open_ledger_at(place: str | Path, clock: Clock, *, home: Home | None = None) -> "Ledger | RemoteLedger":
    """Open a ledger to read it and to append to it; close it.

    Args:
        place: Its home, or its URL.
        clock: The clock of the command.
        home: Whose ledger it has to be, if that home knows its network.

    Raises:
        StoreError: No ledger is in the folder.
        FetchError: None answers at the URL.
        LedgerError: What answers is not the ledger of the home's network, or contradicts itself.
    """
    if isinstance(place, Path) or not is_url(place):
        return Ledger.open(Path(place), clock=clock)
    from vcred.ledger.engines.remote import RemoteLedger

    return RemoteLedger(remote_log(place), clock=clock, network_id=_network_id(home))


def open_source(stack: ExitStack, place: str, clock: Clock) -> tuple[LeafSource, bytes | None]:
    """Open where a witness reads the entries; `stack` closes it. Errors as `open_ledger_at`.

    Returns:
        The entries, and the newest published checkpoint (a signed note) if there is one.
    """
    if is_url(place):
        log = remote_log(place)
        return log.leaves, log.checkpoint()
    ledger = stack.enter_context(Ledger.open(Path(place), clock=clock))
    return ledger.leaves, published_note(ledger)


def published_note(ledger: Ledger) -> bytes | None:
    """The newest published checkpoint, a signed note; None while there is none. Raises StoreError."""
    published = ledger.published()
    return None if published is None else published.note


def open_witnesses(
    stack: ExitStack, places: Sequence[str], clock: Clock, *, source: LeafSource, head: bytes | None
) -> list[Witness]:
    """Open witnesses to ask them; `stack` closes them.

    Args:
        stack: Of the caller.
        places: Homes of authorities on this machine, or URLs.
        clock: The clock of the command.
        source: Where those on this machine read the entries.
        head: The newest published checkpoint: a cosignature of its own that a witness does not
            remember tells it that it was restored from a copy.

    Raises:
        UsageError: Neither a home of an authority nor the URL of a server.
        StoreError: A home or its record cannot be opened.
    """
    return [_open_witness(stack, place, clock, source, head) for place in places]


def show_head(witness: LocalWitness, head: bytes | None) -> None:
    """Let a witness look at a published head; if that ends its key, it says so when it is asked."""
    if head is not None:
        with suppress(WitnessRefusedError):
            witness.observe(head)


def remote_log(url: str) -> "RemoteLog":
    """Name a ledger by its URL. Raises UsageError."""
    from vcred.fetch import Site
    from vcred.ledger.engines.remote import RemoteLog

    return RemoteLog(Site.configured(url))


def _open_witness(
    stack: ExitStack, place: str, clock: Clock, source: LeafSource, head: bytes | None
) -> Witness:
    if not is_url(place):
        party = stack.enter_context(Party.open(Path(place), clock=clock))
        witness = stack.enter_context(party.witness(source))
        show_head(witness, head)
        return witness
    from vcred.fetch import Site
    from vcred.witness.engines.remote import HttpWitness

    return HttpWitness(Site.configured(place))


def _network_id(home: Home | None) -> str | None:
    if home is None or home.settings.network is None:
        return None
    data = read_capped(home.settings.network, max_bytes=MAX_NETWORK_FILE_BYTES)
    return parse_network_file(data).network_id
