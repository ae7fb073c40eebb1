# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One file with a line of JSON for each credential, and the receipts beside it.

{"row_id":"HC0000001","credential_id":"5f...","copy":0,"credential":"eyJ..."}
"""

from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring_ascii

from vcred.issuer.engines.outputs.grown_file import GrownFile
from vcred.issuer.engines.outputs.output import ToSign
from vcred.issuer.engines.outputs.receipts_table import append_receipts, receipt_lines
from vcred.issuer.journal import JournalEntry
from vcred.issuer.outbox import OutboxItem


class LinesOutput:
    """Appends lines, each chunk in one step. `destination`: as `Output.destination`."""

    def __init__(self, destination: str, *, lines: GrownFile, receipts: GrownFile) -> None:
        self.destination = destination
        self._lines = lines
        self._receipts = receipts
        self._is_begun_now = not lines.length

    @property
    def offset(self) -> int | None:
        """As `Output.offset`."""
        return self._lines.length

    def mend(self, waiting: Iterable[OutboxItem]) -> None:
        """As `Output.mend`."""
        if not (self._lines.is_longer() or self._receipts.is_longer()):
            return
        items = tuple(waiting)
        # Both, before either is touched.
        self._lines.refuse_foreign([_line(item).encode("ascii") for item in items])
        self._receipts.refuse_foreign(receipt_lines(items))
        self._lines.cut()
        self._receipts.cut()

    def refuse_taken(self, wanted: Iterable[ToSign], *, sealed: bool) -> None:
        """As `Output.refuse_taken`: all go into files that are this issuer's."""

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
