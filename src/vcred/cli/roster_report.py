# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tells what came of a roster: which rows were refused, what to do about it, and a table of it all."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from vcred.cli.exits import DONE, INDETERMINATE, REJECTED
from vcred.cli.hints import here, request_command
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.cli.roster_json import summary_json
from vcred.cli.roster_tables import FLAGGED, OTHER_KEY, REFUSED, listed, save_tables
from vcred.errors import DecodeError, KeyMaterialError
from vcred.issuer.engines.outputs.output import table_path
from vcred.issuer.engines.rosters.csv_reader import ENCODINGS, SWALLOWED
from vcred.issuer.engines.runs.row_outcomes import OTHER_CONTENT
from vcred.issuer.roster import RowNote
from vcred.issuer.summary import Summary
from vcred.limits import MAX_REPORTED_ROWS
from vcred.reasons import Reason

SHOWN_ROWS: Final = 200

HOLDERS_FORM: Final = 'CSV with the header "row_id,holder", or JSON {"ROW_ID": "did:key:..."}'
NO_HOLDER: Final = {
    f"refused ({code})" for code in (Reason.DID_INVALID, KeyMaterialError.code, DecodeError.code)
}
AGAIN_HINT: Final = "--reissue issues it anew and revokes the former; or give the row a new row id"
# Nothing has changed in such a row, so that --reissue by itself would pass it over.
LOST_HINT: Final = (
    'if it is lost: "vcred status revoke --file IDS", with a row or credential id a line as the receipts'
    " have them; then the same command with --reissue issues those rows anew"
)


def code_of(summary: Summary) -> int:
    """Return the exit code: whether every row has its credential with its holder, or may still get it.

    Rows that wait for a second person are indeterminate once one was asked.
    """
    if summary.refused_count or summary.other_key_count:
        return REJECTED
    if not summary.approval_rows or summary.to_reissue:
        return DONE
    return REJECTED if summary.request is None else INDETERMINATE


def tell_summary(summary: Summary, out: Path | None, *, encoding: str, as_json: bool) -> None:
    """Write the tables of refused and flagged rows beside the output, and tell the outcome.

    Args:
        out: Where the credentials went; None if the roster was only checked: then nothing is written.
    """
    if out is not None:
        save_tables(summary, out)
    if as_json:
        print_json(summary_json(summary, out))
        return
    _tell_refused(summary, out, encoding)
    _tell_other_key(summary, out)
    _tell_flagged(summary, out)
    _tell_rest(summary, out)
    _tell_holders(summary)
    for label, value in _table(summary):
        say(f"  {label:<24}{value:>12}")
    _tell_end(summary, is_check=out is None or (summary.checked and summary.refused_count > 0))
    _tell_approval(summary)


def _tell_refused(summary: Summary, out: Path | None, encoding: str) -> None:
    if not summary.refused_count:
        return
    _tell_notes("refused", summary.refused, summary.refused_count, is_cut=REFUSED in summary.cut_lists)
    say(f"{counted(summary.refused_count, 'row')} refused{_listed(summary, out, REFUSED)}")
    rules = {note.rule for note in summary.refused}
    if any(rule.endswith(SWALLOWED) for rule in rules):
        say(
            "hint: a quotation mark that nobody closed swallows the rows after it:"
            " mend it, and run the same command again for those"
        )
    if f"not {encoding}" in rules:
        others = " or ".join(name for name in ENCODINGS if name != encoding)
        say(f"hint: if the whole file is in another encoding: --encoding {others}")
    if any(note.column == "holder" and note.rule in NO_HOLDER for note in summary.refused):
        say('hint: a holder is the did:key that "vcred wallet apply" prints, unaltered; see docs/holders.md')
    if OTHER_CONTENT in rules:
        say(f"hint: {OTHER_CONTENT}: {AGAIN_HINT}")


def _tell_other_key(summary: Summary, out: Path | None) -> None:
    if not summary.other_key_count:
        return
    count, is_cut = summary.other_key_count, OTHER_KEY in summary.cut_lists
    _tell_notes("not issued", summary.other_key, count, is_cut=is_cut)
    say(f"{counted(count, 'row')} issued before, to another key{_listed(summary, out, OTHER_KEY)}")
    say(f"hint: if the holder has a new key: {AGAIN_HINT}")


def _tell_notes(word: str, notes: tuple[RowNote, ...], count: int, *, is_cut: bool) -> None:
    for note in notes[:SHOWN_ROWS]:
        say(f"{word}: line {note.line}, {note.row_id}, {note.column}: {note.rule}")
    if count > SHOWN_ROWS:
        which = f"the first {len(notes):,}" if is_cut else "them"
        say(f"and {count - SHOWN_ROWS} more; --json lists {which}")


def _listed(summary: Summary, out: Path | None, name: str) -> str:
    """Say where a table lies; where it was cut, that it is not all of it."""
    if out is None or name not in summary.cut_lists:
        return listed(out, name)
    # A row may have more notes than one.
    what = f"{MAX_REPORTED_ROWS:,} notes on them" if name == FLAGGED else f"{MAX_REPORTED_ROWS:,}"
    return f"; the first {what} are listed in {table_path(out, name)}"


def _tell_flagged(summary: Summary, out: Path | None) -> None:
    count = summary.flagged_count
    if not count:
        return
    if out is None:
        # Beside an output they are listed in a file; a check has none.
        is_cut = FLAGGED in summary.cut_lists
        _tell_notes("flagged", summary.flagged, summary.flag_count, is_cut=is_cut)
    verb = "deserves" if count == 1 else "deserve"
    say(f"{counted(count, 'row')} {verb} a second look{_listed(summary, out, FLAGGED)}")


def _tell_rest(summary: Summary, out: Path | None) -> None:
    if not summary.rows:
        say("warning: the roster has no rows: there is nothing after its header")
    if summary.expired:
        verb = "has" if summary.expired == 1 else "have"
        say(f"warning: {counted(summary.expired, 'credential')} {verb} expired already")
    if summary.missing:
        verb = "is" if summary.missing == 1 else "are"
        say(
            f"{summary.missing} of those issued before {verb} not in {out}:"
            " what was delivered is not made again"
        )
        say("hint: were they written to another output? then they are there, and nothing is lost")
        say(f"hint: {LOST_HINT}")


def _tell_holders(summary: Summary) -> None:
    """Tell where the file of holders and the roster do not fit together."""
    if summary.overridden_holders:
        rows = counted(summary.overridden_holders, "row")
        names = "names" if summary.overridden_holders == 1 else "name"
        say(
            f"warning: {rows} {names} another holder than --holders does:"
            " the holder column of the roster was not used"
        )
    count = summary.unknown_holders_count
    if not count:
        return
    verb = "is" if count == 1 else "are"
    shown = ", ".join(summary.unknown_holders) + (", ..." if count > len(summary.unknown_holders) else "")
    say(f"warning: {counted(count, 'row id')} of --holders {verb} not in the roster: {shown}")


def _tell_approval(summary: Summary) -> None:
    """Tell of rows that are issued anew only once a second person has approved."""
    if not summary.approval_rows or summary.to_reissue:
        # A check asks nobody: it has said how many.
        return
    rows = counted(summary.approval_rows, "row")
    waits = "waits" if summary.approval_rows == 1 else "wait"
    if summary.request is None:
        say(f"{rows} {waits} for a second person: that many former credentials, one alone may not revoke")
        say(
            'hint: without an approver in office nobody can be asked: "vcred status approver add DID'
            f' --name NAME{here()}"; then run the same command again'
        )
        return
    request_id = summary.request.request_id
    say(f"{rows} {waits} for a second person: request {request_id}")
    say(
        f"hint: {request_command(request_id)}, and hand the file to an approver;"
        " once it is applied, run the same command again"
    )
    say(f"indeterminate ({Reason.APPROVAL_REQUIRED})")


def _tell_end(summary: Summary, *, is_check: bool) -> None:
    rows = counted(summary.rows, "row")
    waits = "waits" if summary.waiting == 1 else "wait"
    # Without them the line would not add up to the rows.
    refused = f", {summary.refused_count} refused" if summary.refused_count else ""
    if is_check:
        say(f"{rows} checked, {summary.refused_count} refused: {_found(summary)}")
    else:
        say(
            f"{rows}: {counted(summary.issued, 'credential')} issued,"
            f" {summary.skipped} issued before, {counted(summary.waiting, 'row')} {waits} for a holder"
            f"{refused}"
        )
    if summary.waiting:
        say(
            "hint: this type is not issued on paper, so that each row needs a holder:"
            f" give it with --holders FILE: {HOLDERS_FORM}"
        )


def _found(summary: Summary) -> str:
    """Say in one phrase what a check has found."""
    if summary.refused_count:
        return "nothing was issued"
    counts = (
        (summary.waiting, "without a holder"),
        (summary.other_key_count, "issued before to another key"),
        (summary.to_reissue, "to be issued anew"),
        (summary.approval_rows, "of them only with a second person"),
        (summary.expired, "expired"),
        (summary.flagged_count, "flagged"),
    )
    found = [f"{count} {words}" for count, words in counts if count]
    if found:
        return ", ".join(found)
    return "all are in order" if summary.rows else "there is nothing to issue"


def _table(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield the lines of the table; what is always zero in most runs is left out when it is."""
    yield "rows read", f"{summary.rows:,}"
    yield "credentials issued", f"{summary.issued:,}"
    yield "issued before", f"{summary.skipped:,}"
    yield "rows refused", f"{summary.refused_count:,}"
    for label, count in (
        ("of a stopped run", summary.resumed),
        ("former ones revoked", summary.reissued),
        ("to be issued anew", summary.to_reissue),
        ("for a second person", summary.approval_rows),
        ("rows for another key", summary.other_key_count),
        ("rows without a holder", summary.waiting),
        ("rows flagged", summary.flagged_count),
        ("expired already", summary.expired),
    ):
        if count:
            yield label, f"{count:,}"
    yield "time", f"{timedelta(seconds=round(summary.seconds))}"
    if summary.seconds > 0:
        yield "rows per second", f"{summary.rows / summary.seconds:,.0f}"
