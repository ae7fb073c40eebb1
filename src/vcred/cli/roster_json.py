# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What came of a roster, as JSON: `vcred issue --roster ... --json`."""

from pathlib import Path

from vcred.cli.request_words import request_json
from vcred.codec.json_types import JsonObject
from vcred.issuer.engines.outputs.output import RECEIPTS_TABLE, table_path
from vcred.issuer.roster import RowNote
from vcred.issuer.summary import Summary


def summary_json(summary: Summary, out: Path | None) -> JsonObject:
    """Return the outcome of one roster.

    Args:
        out: Where the credentials went; None if the roster was only checked.
    """
    return {
        "rows": summary.rows,
        "issued": summary.issued,
        "reissued": summary.reissued,
        "resumed": summary.resumed,
        "skipped": summary.skipped,
        "missing": summary.missing,
        "waiting": summary.waiting,
        "expired": summary.expired,
        "refused": [_note_json(note) for note in summary.refused],
        "refused_count": summary.refused_count,
        "other_key": [_note_json(note) for note in summary.other_key],
        "other_key_count": summary.other_key_count,
        "flagged": [_note_json(note) for note in summary.flagged],
        "flagged_count": summary.flagged_count,
        "cut_lists": [*summary.cut_lists],
        "to_reissue": summary.to_reissue,
        "approval_rows": summary.approval_rows,
        "request": None if summary.request is None else request_json(summary.request),
        "unknown_holders": [*summary.unknown_holders],
        "unknown_holders_count": summary.unknown_holders_count,
        "overridden_holders": summary.overridden_holders,
        "checked": summary.checked,
        "seconds": round(summary.seconds, 3),
        "out": None if out is None else str(out),
        "receipts": None if out is None else str(table_path(out, RECEIPTS_TABLE)),
    }


def _note_json(note: RowNote) -> JsonObject:
    return {"row_id": note.row_id, "line": note.line, "column": note.column, "rule": note.rule}
