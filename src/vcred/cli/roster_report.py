# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tells what comes of a roster: how far it is, then which rows were refused, and what to do about it."""

import sys
from collections.abc import Iterable
from pathlib import Path

from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.codec.json_types import JsonObject
from vcred.files import write_atomic
from vcred.issuer.engines.csv_reader import ENCODINGS
from vcred.issuer.engines.roster_run import OTHER_CONTENT
from vcred.issuer.receipts import Receipt, encode_receipts, encode_row_notes
from vcred.issuer.roster import RowNote
from vcred.issuer.summary import Progress, Summary

RECEIPTS_FILE = "receipts.csv"
REFUSED_FILE = "refused.csv"
FLAGGED_FILE = "flagged.csv"
OTHER_KEY_FILE = "other_key.csv"
SHOWN_ROWS = 200
TOLD_EVERY_ROWS = 2000

HOLDERS_FORM = 'CSV with the header "row_id,holder", or JSON {"ROW_ID": "did:key:..."}'
AGAIN_HINT = "revoke the old one, then give the row a new row id"


class ProgressTeller:
    """Tells how far a roster is: one line rewritten on a terminal, a line now and then in a pipe."""

    def __init__(self) -> None:
        self._told_rows = 0
        self._width = 0

    def tell(self, progress: Progress) -> None:
        """Show the state after a batch."""
        line = _progress_line(progress)
        if sys.stderr.isatty():
            # Numbers only: nothing in this line comes from a stranger.
            sys.stderr.write(f"\r{line.ljust(self._width)}")
            sys.stderr.flush()
            self._width = len(line)
        elif progress.rows - self._told_rows >= TOLD_EVERY_ROWS:
            self._told_rows = progress.rows
            say(line)

    def end(self) -> None:
        """Leave the rewritten line, so that what follows has a line of its own."""
        if self._width:
            sys.stderr.write("\n")
            self._width = 0


def is_clean(summary: Summary) -> bool:
    """Say whether every row has its credential with its holder, or may still get it."""
    return summary.refused_count == 0 and summary.other_key_count == 0


def save_receipts(out: Path, receipts: Iterable[Receipt]) -> None:
    """Write the receipts of a type into the folder; the newest list takes the place of the last."""
    write_atomic(out / RECEIPTS_FILE, encode_receipts(receipts), mode=0o600, overwrite=True)


def tell_summary(summary: Summary, out: Path, *, encoding: str, as_json: bool) -> None:
    """Write the tables of refused and flagged rows into the folder, and print the outcome."""
    tables = (
        (REFUSED_FILE, summary.refused),
        (FLAGGED_FILE, summary.flagged),
        (OTHER_KEY_FILE, summary.other_key),
    )
    for name, notes in tables:
        if notes:
            write_atomic(out / name, encode_row_notes(notes), mode=0o600, overwrite=True)
    if as_json:
        print_json(_summary_json(summary, out))
        return
    _tell_refused(summary, out, encoding)
    _tell_other_key(summary, out)
    _tell_rest(summary, out)


def _progress_line(progress: Progress) -> str:
    part = "" if progress.percent is None else f" ({progress.percent}%)"
    return (
        f"{counted(progress.rows, 'row')} read{part}, {progress.issued} issued,"
        f" {progress.skipped} issued before, {progress.refused} refused"
    )


def _tell_refused(summary: Summary, out: Path, encoding: str) -> None:
    if not summary.refused_count:
        return
    _tell_notes("refused", summary.refused, summary.refused_count)
    say(f"{counted(summary.refused_count, 'row')} refused, listed in {out / REFUSED_FILE}")
    rules = {note.rule for note in summary.refused}
    if f"not {encoding}" in rules:
        others = " or ".join(name for name in ENCODINGS if name != encoding)
        say(f"hint: if the whole file is in another encoding: --encoding {others}")
    if OTHER_CONTENT in rules:
        say(f"hint: {OTHER_CONTENT}: {AGAIN_HINT}")


def _tell_other_key(summary: Summary, out: Path) -> None:
    if not summary.other_key_count:
        return
    _tell_notes("not issued", summary.other_key, summary.other_key_count)
    say(
        f"{counted(summary.other_key_count, 'row')} issued before, to another key,"
        f" listed in {out / OTHER_KEY_FILE}"
    )
    say(f"hint: if the holder has a new key: {AGAIN_HINT}")


def _tell_notes(word: str, notes: tuple[RowNote, ...], count: int) -> None:
    for note in notes[:SHOWN_ROWS]:
        say(f"{word}: line {note.line}, {note.row_id}, {note.column}: {note.rule}")
    if count > SHOWN_ROWS:
        say(f"and {count - SHOWN_ROWS} more; --json lists them")


def _tell_rest(summary: Summary, out: Path) -> None:
    if summary.flagged:
        verb = "deserves" if len(summary.flagged) == 1 else "deserve"
        say(f"{counted(len(summary.flagged), 'row')} {verb} a second look, listed in {out / FLAGGED_FILE}")
    if summary.expired:
        verb = "has" if summary.expired == 1 else "have"
        say(f"warning: {counted(summary.expired, 'credential')} {verb} expired already")
    if summary.missing:
        verb = "is" if summary.missing == 1 else "are"
        say(
            f"{summary.missing} of those issued before {verb} not in {out}:"
            " delivered files are not made again"
        )
        say(f"hint: if it is lost: {AGAIN_HINT}")
    waits = "waits" if summary.waiting == 1 else "wait"
    say(
        f"{counted(summary.rows, 'row')}: {counted(summary.issued, 'credential')} issued,"
        f" {summary.skipped} issued before, {counted(summary.waiting, 'row')} {waits} for a holder"
    )
    if summary.waiting:
        say(f"hint: give their holders with --holders FILE: {HOLDERS_FORM}")


def _summary_json(summary: Summary, out: Path) -> JsonObject:
    return {
        "rows": summary.rows,
        "issued": summary.issued,
        "skipped": summary.skipped,
        "missing": summary.missing,
        "waiting": summary.waiting,
        "expired": summary.expired,
        "refused": [_note_json(note) for note in summary.refused],
        "refused_count": summary.refused_count,
        "other_key": [_note_json(note) for note in summary.other_key],
        "other_key_count": summary.other_key_count,
        "flagged": [_note_json(note) for note in summary.flagged],
        "out": str(out),
        "receipts": str(out / RECEIPTS_FILE),
    }


def _note_json(note: RowNote) -> JsonObject:
    return {"row_id": note.row_id, "line": note.line, "column": note.column, "rule": note.rule}
