# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tells what came of a roster: which rows were refused, what to do about it, and a table of it all."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.codec.json_types import JsonObject
from vcred.files import make_private_folder, write_atomic
from vcred.issuer.engines.csv_reader import ENCODINGS
from vcred.issuer.engines.outputs.output import RECEIPTS_TABLE, table_path
from vcred.issuer.engines.row_outcomes import OTHER_CONTENT
from vcred.issuer.receipts import encode_row_notes
from vcred.issuer.roster import RowNote
from vcred.issuer.summary import Summary

REFUSED: Final = "refused"
FLAGGED: Final = "flagged"
OTHER_KEY: Final = "other_key"
SHOWN_ROWS: Final = 200

HOLDERS_FORM: Final = 'CSV with the header "row_id,holder", or JSON {"ROW_ID": "did:key:..."}'
AGAIN_HINT: Final = "--reissue issues it anew and revokes the former; or give the row a new row id"


def is_clean(summary: Summary) -> bool:
    """Say whether every row has its credential with its holder, or may still get it."""
    return summary.refused_count == 0 and summary.other_key_count == 0


def tell_summary(summary: Summary, out: Path | None, *, encoding: str, as_json: bool) -> None:
    """Write the tables of refused and flagged rows beside the output, and tell the outcome.

    Args:
        out: Where the credentials went; None if the roster was only checked: then nothing is written.
    """
    for name, notes in (
        (REFUSED, summary.refused),
        (FLAGGED, summary.flagged),
        (OTHER_KEY, summary.other_key),
    ):
        if notes and out is not None:
            _save(table_path(out, name), notes)
    if as_json:
        print_json(_summary_json(summary, out))
        return
    _tell_refused(summary, out, encoding)
    _tell_other_key(summary, out)
    _tell_rest(summary, out)
    for label, value in _table(summary):
        say(f"  {label:<24}{value:>12}")
    _tell_end(summary)


def _save(path: Path, notes: tuple[RowNote, ...]) -> None:
    # A check that refused a row has made no output yet.
    if not path.parent.is_dir():
        make_private_folder(path.parent)
    write_atomic(path, encode_row_notes(notes), mode=0o600, overwrite=True)


def _tell_refused(summary: Summary, out: Path | None, encoding: str) -> None:
    if not summary.refused_count:
        return
    _tell_notes("refused", summary.refused, summary.refused_count)
    say(f"{counted(summary.refused_count, 'row')} refused{_listed(out, REFUSED)}")
    rules = {note.rule for note in summary.refused}
    if f"not {encoding}" in rules:
        others = " or ".join(name for name in ENCODINGS if name != encoding)
        say(f"hint: if the whole file is in another encoding: --encoding {others}")
    if OTHER_CONTENT in rules:
        say(f"hint: {OTHER_CONTENT}: {AGAIN_HINT}")


def _tell_other_key(summary: Summary, out: Path | None) -> None:
    if not summary.other_key_count:
        return
    _tell_notes("not issued", summary.other_key, summary.other_key_count)
    say(f"{counted(summary.other_key_count, 'row')} issued before, to another key{_listed(out, OTHER_KEY)}")
    say(f"hint: if the holder has a new key: {AGAIN_HINT}")


def _tell_notes(word: str, notes: tuple[RowNote, ...], count: int) -> None:
    for note in notes[:SHOWN_ROWS]:
        say(f"{word}: line {note.line}, {note.row_id}, {note.column}: {note.rule}")
    if count > SHOWN_ROWS:
        say(f"and {count - SHOWN_ROWS} more; --json lists them")


def _tell_rest(summary: Summary, out: Path | None) -> None:
    if summary.flagged:
        verb = "deserves" if len(summary.flagged) == 1 else "deserve"
        say(f"{counted(len(summary.flagged), 'row')} {verb} a second look{_listed(out, FLAGGED)}")
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


def _tell_end(summary: Summary) -> None:
    rows = counted(summary.rows, "row")
    waits = "waits" if summary.waiting == 1 else "wait"
    if summary.checked and not summary.issued + summary.skipped:
        is_in_order = "nothing was issued" if summary.refused_count else "all are in order"
        say(f"{rows} checked, {summary.refused_count} refused: {is_in_order}")
    else:
        say(
            f"{rows}: {counted(summary.issued, 'credential')} issued,"
            f" {summary.skipped} issued before, {counted(summary.waiting, 'row')} {waits} for a holder"
        )
    if summary.waiting:
        say(f"hint: give their holders with --holders FILE: {HOLDERS_FORM}")


def _table(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield the lines of the table; what is always zero in most runs is left out when it is."""
    yield "rows read", f"{summary.rows:,}"
    yield "credentials issued", f"{summary.issued:,}"
    yield "issued before", f"{summary.skipped:,}"
    yield "rows refused", f"{summary.refused_count:,}"
    for label, count in (
        ("former ones revoked", summary.reissued),
        ("rows for another key", summary.other_key_count),
        ("rows without a holder", summary.waiting),
        ("rows flagged", len(summary.flagged)),
        ("expired already", summary.expired),
    ):
        if count:
            yield label, f"{count:,}"
    yield "time", f"{timedelta(seconds=round(summary.seconds))}"
    if summary.seconds > 0:
        yield "rows per second", f"{summary.rows / summary.seconds:,.0f}"


def _listed(out: Path | None, name: str) -> str:
    return "" if out is None else f", listed in {table_path(out, name)}"


def _summary_json(summary: Summary, out: Path | None) -> JsonObject:
    return {
        "rows": summary.rows,
        "issued": summary.issued,
        "reissued": summary.reissued,
        "skipped": summary.skipped,
        "missing": summary.missing,
        "waiting": summary.waiting,
        "expired": summary.expired,
        "refused": [_note_json(note) for note in summary.refused],
        "refused_count": summary.refused_count,
        "other_key": [_note_json(note) for note in summary.other_key],
        "other_key_count": summary.other_key_count,
        "flagged": [_note_json(note) for note in summary.flagged],
        "checked": summary.checked,
        "seconds": round(summary.seconds, 3),
        "out": None if out is None else str(out),
        "receipts": None if out is None else str(table_path(out, RECEIPTS_TABLE)),
    }


def _note_json(note: RowNote) -> JsonObject:
    return {"row_id": note.row_id, "line": note.line, "column": note.column, "rule": note.rule}
