# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A folder with one file for each credential, and the receipts beside them."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vcred.errors import StoreError
from vcred.files import write_many
from vcred.issuer.engines.outputs.grown_file import GrownFile
from vcred.issuer.engines.outputs.output import ToSign
from vcred.issuer.engines.outputs.receipts_table import append_receipts, receipt_lines
from vcred.issuer.file_names import file_name
from vcred.issuer.journal import JournalEntry
from vcred.issuer.outbox import OutboxItem


class FolderOutput:
    """Writes files that are whole or not there; one of the same content is no conflict.

    `destination`: as `Output.destination`.
    """

    def __init__(self, folder: Path, destination: str, *, receipts: GrownFile) -> None:
        self._folder = folder
        self.destination = destination
        self._receipts = receipts

    @property
    def offset(self) -> int | None:
        """None: every credential has a file."""
        return None

    def mend(self, waiting: Iterable[OutboxItem]) -> None:
        """As `Output.mend`, of the receipts: the other files are whole, or not there."""
        if self._receipts.is_longer():
            self._receipts.refuse_foreign(receipt_lines(waiting))
            self._receipts.cut()

    def refuse_taken(self, wanted: Iterable[ToSign], *, sealed: bool) -> None:
        """As `Output.refuse_taken`."""
        names = [file_name(one.row_id, one.copy, generation=one.generation, sealed=sealed) for one in wanted]
        taken = [name for name in names if os.path.lexists(f"{self._folder}/{name}")]
        if taken:
            others = f" (and {len(taken) - 1} more in the way)" if len(taken) > 1 else ""
            raise StoreError(
                f"{self._folder / taken[0]} exists already{others}",
                hint="nothing of these rows is signed: move it away, and run the same command again",
            )

    def write(self, items: Sequence[OutboxItem]) -> Mapping[str, int]:
        """As `Output.write`."""
        files = {
            file_name(
                item.row_id, item.copy, generation=item.generation, sealed=item.is_sealed
            ): item.text.encode("ascii")
            for item in items
        }
        write_many(self._folder, files)
        append_receipts(self._receipts, items)
        return {self._receipts.key: self._receipts.length}

    def lacks(self, entry: JournalEntry) -> bool:
        """As `Output.lacks`."""
        names = (
            file_name(entry.row_id, entry.copy, generation=entry.generation, sealed=sealed)
            for sealed in (False, True)
        )
        return not any((self._folder / name).exists() for name in names)
