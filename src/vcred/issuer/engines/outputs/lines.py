# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One file with a line of JSON for each credential, and the receipts beside it.

{"row_id":"HC0000001","credential_id":"5f...","copy":0,"credential":"eyJ..."}
"""

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii

from vcred.issuer.engines.outputs.folder import append_receipts
from vcred.issuer.engines.outputs.grown_file import GrownFile
from vcred.issuer.journal import JournalEntry
from vcred.issuer.outbox import OutboxItem


class LinesOutput:
    """Appends lines, each chunk in one step."""

    def __init__(self, destination: str, *, lines: GrownFile, receipts: GrownFile) -> None:
        self._destination = destination
        self._lines = lines
        self._receipts = receipts
        self._is_begun_now = not lines.length

    @property
    def destination(self) -> str:
        """As `Output.destination`."""
        return self._destination

    @property
    def offset(self) -> int | None:
        """As `Output.offset`."""
        return self._lines.length

    def write(self, items: Sequence[OutboxItem]) -> Mapping[str, int]:
        """As `Output.write`."""
        self._lines.append("".join(map(_line, items)).encode("ascii"))
        append_receipts(self._receipts, items)
        return {file.key: file.length for file in (self._lines, self._receipts)}

    def lacks(self, entry: JournalEntry) -> bool:  # noqa: ARG002  The protocol asks for it.
        """As `Output.lacks`, of a file that was not there: nobody looks for a line in millions."""
        return self._is_begun_now


def _line(item: OutboxItem) -> str:
    # The row id is a stranger's text; the others are hexadecimal, or base64url with dots and tildes.
    return (
        f'{{"row_id":{encode_basestring_ascii(item.row_id)},"credential_id":"{item.credential_id}",'
        f'"copy":{item.copy},"credential":"{item.text}"}}\n'
    )
