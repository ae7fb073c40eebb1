# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What every output offers, and where the tables beside it lie."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from vcred.issuer.journal import JournalEntry
from vcred.issuer.outbox import OutboxItem

RECEIPTS_TABLE: Final = "receipts"

_LINES_SUFFIX: Final = ".jsonl"


class ToSign(NamedTuple):
    """A credential that is about to be signed, by what its file is named."""

    row_id: str
    copy: int
    generation: int


class Output(Protocol):
    """Takes credentials, a chunk at a time. One process at a time holds it."""

    @property
    def destination(self) -> str:
        """How the store's outbox names it: absolute path, "#", and the mark of this very place."""

    @property
    def offset(self) -> int | None:
        """Where the next chunk begins, in bytes; None where each credential has a file of its own."""

    def mend(self, waiting: Iterable[OutboxItem]) -> None:
        """Cut off what a stop has left behind the certain end of a growing file. Before the first `write`.

        Args:
            waiting: All that waits to leave, by whatever output; asked only if something stands there.

        Raises:
            StoreError: Somebody else wrote it, and nothing is changed; or the disk refuses.
        """

    def refuse_taken(self, wanted: Iterable[ToSign], *, sealed: bool) -> None:
        """Refuse credentials, before they are signed, whose place somebody else's file has.

        Args:
            wanted: New ones, none of which was ever written.
            sealed: They will be.

        Raises:
            StoreError: The message names the file. Who moves it away may run the same command again.
        """

    def write(self, items: Sequence[OutboxItem]) -> Mapping[str, int]:
        """Write a chunk and its receipts, durably; the same chunk again gives the same bytes.

        Returns:
            How long each growing file is now, for the store to keep.

        Raises:
            StoreError: The disk refuses, or something else is in the way. The chunk stays in the
                outbox, and the next run writes it.
        """

    def lacks(self, entry: JournalEntry) -> bool:
        """Say whether a credential that an earlier run delivered is seen not to be here."""


def is_lines(out: Path) -> bool:
    """Say whether a path means one file of lines; else it is a folder."""
    return out.suffix == _LINES_SUFFIX


def table_path(out: Path, name: str) -> Path:
    """Return where a table lies: in the folder, or beside `codes.jsonl` as `codes.NAME.csv`."""
    return out.with_name(f"{out.stem}.{name}.csv") if is_lines(out) else out / f"{name}.csv"
