# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A folder with one file for each credential, and the receipts beside them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from vcred.files import write_many
from vcred.issuer.engines.outputs.grown_file import GrownFile
from vcred.issuer.file_names import file_name
from vcred.issuer.journal import JournalEntry
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.receipts import encode_delivered, receipts_header


class FolderOutput:
    """Writes files that are whole or not there; one of the same content is no conflict."""

    def __init__(self, folder: Path, destination: str, *, receipts: GrownFile) -> None:
        self._folder = folder
        self._destination = destination
        self._receipts = receipts

    @property
    def destination(self) -> str:
        """As `Output.destination`."""
        return self._destination

    @property
    def offset(self) -> int | None:
        """None: every credential has a file."""
        return None

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


def append_receipts(receipts: GrownFile, items: Sequence[OutboxItem]) -> None:
    """Put the receipts of a chunk behind those that stand there; the first chunk brings the header."""
    header = b"" if receipts.length else receipts_header()
    receipts.append(header + encode_delivered(items))
