# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue`: one credential, or one for every row of a roster."""

from pathlib import Path
from typing import Any

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.exits import DONE, REJECTED
from vcred.cli.homes import home_of
from vcred.cli.inputs import read_object
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.codec.json_types import JsonObject
from vcred.errors import UsageError
from vcred.files import read_capped, write_atomic
from vcred.home import Role
from vcred.issuer.applications import Application, Applications, parse_applications
from vcred.issuer.issuer import Issuer
from vcred.issuer.receipts import encode_row_notes
from vcred.issuer.roster import RowNote
from vcred.issuer.summary import Progress, Summary
from vcred.limits import MAX_HOLDERS_FILE_BYTES, MAX_JSON_BYTES

ENCODINGS = ("utf-8", "big5hkscs", "gb18030")
REFUSED_FILE = "refused.csv"
FLAGGED_FILE = "flagged.csv"
SHOWN_ROWS = 10


@command(
    "issue",
    example="vcred issue health-code --roster roster.csv --holders holders.csv \\\n"
    "  --home issuer-gd --out issued\n"
    "vcred issue health-code --claims claims.json --holder did:key:zDnae... \\\n"
    "  --home issuer-gd --out code.sdjwt",
)
@click.argument("type_", metavar="TYPE")
@click.option("--claims", metavar="FILE", help="JSON object of all claims of one person.")
@click.option(
    "--row-id", metavar="ID", help="By which it is known again, and can be revoked; else a random one."
)
@click.option("--holder", metavar="DID", help="did:key of the wallet's new key; none for paper.")
@click.option("--proof", metavar="FILE", help="Instead of a DID: the wallet's proof of possession.")
@click.option("--nonce", metavar="CODE", help="The enrolment code that the proof answers.")
@click.option("--roster", metavar="FILE", help="CSV with a header; one person a row.")
@click.option("--holders", metavar="FILE", help="CSV or JSON: which row goes to which holder.")
@click.option("--encoding", type=click.Choice(ENCODINGS), default="utf-8", help="Of the roster.")
@click.option("--copies", type=click.IntRange(1), default=1, help="One-time copies for each holder.")
@click.option("--out", required=True, metavar="PATH", help="File of the credential; folder for a roster.")
@unlock_options
@json_option
def issue(
    context: click.Context,
    *,
    type_: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Issue a credential, or one for every row of a roster

    A roster that was stopped goes on where it was when the command is run again. Exit code 1
    means that rows were refused; all others were issued.
    """
    if (given["claims"] is None) == (given["roster"] is None):
        raise UsageError("either --claims FILE or --roster FILE is needed")
    home = home_of(context, Role.ISSUER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    out = Path(given["out"])
    with Issuer.open(home, unlock=unlock, clock=clock_of(context)) as issuer:
        if given["claims"] is not None:
            return _issue_one(issuer, type_, out, given, as_json=as_json)
        summary = issuer.issue_roster(
            type_,
            Path(given["roster"]),
            out=out,
            encoding=given["encoding"],
            applications=_applications(given["holders"]),
            copies=given["copies"],
            on_progress=None if as_json else _tell_progress,
        )
    _tell_summary(summary, out, as_json=as_json)
    return REJECTED if summary.refused_count else DONE


def _issue_one(issuer: Issuer, type_: str, out: Path, given: dict[str, Any], *, as_json: bool) -> int:
    claims = read_object(given["claims"], max_bytes=MAX_JSON_BYTES)
    issued = issuer.issue_one(
        type_, claims, _application(given), copies=given["copies"], row_id=given["row_id"], out=out
    )
    if as_json:
        print_json(
            {"credentials": [_credential_json(item.credential_id) for item in issued], "out": str(out)}
        )
    else:
        for item in issued:
            say(f"issued {item.credential_id}")
    return DONE


def _application(given: dict[str, Any]) -> tuple[Application, ...]:
    holder, proof, nonce = given["holder"], given["proof"], given["nonce"]
    if holder is not None and proof is not None:
        raise UsageError("--holder and --proof exclude each other")
    if proof is None:
        return () if holder is None else (Application(did=holder),)
    if nonce is None:
        raise UsageError("--proof needs --nonce, the enrolment code that it answers")
    text = read_capped(Path(proof), max_bytes=MAX_JSON_BYTES).decode("utf-8", "replace").strip()
    return (Application(proof=text, nonce=nonce),)


def _applications(holders: str | None) -> Applications | None:
    if holders is None:
        return None
    return parse_applications(read_capped(Path(holders), max_bytes=MAX_HOLDERS_FILE_BYTES))


def _credential_json(credential_id: str) -> JsonObject:
    return {"credential_id": credential_id}


def _tell_progress(progress: Progress) -> None:
    say(f"{progress.rows} rows read, {progress.issued} issued, {progress.refused} refused")


def _tell_summary(summary: Summary, out: Path, *, as_json: bool) -> None:
    for name, notes in ((REFUSED_FILE, summary.refused), (FLAGGED_FILE, summary.flagged)):
        if notes:
            write_atomic(out / name, encode_row_notes(notes), mode=0o600, overwrite=True)
    if as_json:
        print_json(_summary_json(summary, out))
        return
    for note in summary.refused[:SHOWN_ROWS]:
        say(f"refused {note.row_id}: {note.column}: {note.rule}")
    if summary.refused_count:
        say(f"{summary.refused_count} rows refused, listed in {out / REFUSED_FILE}")
    if summary.flagged:
        say(f"{len(summary.flagged)} rows deserve a second look, listed in {out / FLAGGED_FILE}")
    if summary.expired:
        say(f"warning: {summary.expired} credentials have expired already")
    say(
        f"{summary.rows} rows: {summary.issued} credentials issued, {summary.skipped} issued before, "
        f"{summary.waiting} rows wait for a holder"
    )


def _summary_json(summary: Summary, out: Path) -> JsonObject:
    return {
        "rows": summary.rows,
        "issued": summary.issued,
        "skipped": summary.skipped,
        "waiting": summary.waiting,
        "expired": summary.expired,
        "refused": [_note_json(note) for note in summary.refused],
        "refused_count": summary.refused_count,
        "flagged": [_note_json(note) for note in summary.flagged],
        "out": str(out),
    }


def _note_json(note: RowNote) -> JsonObject:
    return {"row_id": note.row_id, "line": note.line, "column": note.column, "rule": note.rule}
