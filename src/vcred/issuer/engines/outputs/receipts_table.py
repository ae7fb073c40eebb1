# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The table of receipts that grows beside every output, chunk by chunk."""

from collections.abc import Iterable, Sequence

from vcred.issuer.engines.outputs.grown_file import GrownFile
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.receipts import encode_delivered, receipts_header


def append_receipts(receipts: GrownFile, items: Sequence[OutboxItem]) -> None:
    """Put the receipts of a chunk behind those that stand there; the first chunk brings the header."""
    header = b"" if receipts.length else receipts_header()
    receipts.append(header + encode_delivered(items))


def receipt_lines(items: Iterable[OutboxItem]) -> list[bytes]:
    """Return all lines that `append_receipts` may have left, torn, of credentials that wait."""
    return [receipts_header(), *(encode_delivered([item]) for item in items)]
