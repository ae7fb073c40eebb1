# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue`: one credential, or one for every row of a roster."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from vcred.cli.claims_issuing import issue_claims
from vcred.cli.command import clock_of, command, json_option
from vcred.cli.inputs import STREAM
from vcred.cli.issuers import open_issuer
from vcred.cli.output import say
from vcred.cli.roster_issuing import issue_roster
from vcred.cli.unlocking import unlock_options
from vcred.credential.type_definition import shipped_type_names
from vcred.errors import RefusedError, UsageError
from vcred.issuer.engines.outputs.output import is_lines
from vcred.issuer.engines.rosters.csv_reader import ENCODINGS
from vcred.reasons import Reason

# What says something about a roster, and what about one person's claims.
OF_ROSTERS: Final = ("holders", "check", "engine", "workers")
OF_CLAIMS: Final = ("row_id", "holder", "proof", "nonce")

# How the names of files end, which nobody means for a folder.
# fmt: off
OTHER_FILES: Final = frozenset((
    ".7z", ".csv", ".db", ".gz", ".html", ".json", ".jsonl", ".jwe", ".jwt", ".log", ".ndjson",
    ".ods", ".parquet", ".pdf", ".png", ".sdjwt", ".sqlite", ".tar", ".tgz", ".tsv", ".txt", ".xls",
    ".xlsx", ".xml", ".zip",
))
# fmt: on


@command(
    "issue",
    example="vcred issue health-code --roster roster.csv --holders holders.csv --check \\\n"
    "  --home issuer-gd --out issued\n"
    "vcred issue health-code --claims claims.json --holder did:key:zDnae... \\\n"
    "  --home issuer-gd --out code.sdjwt",
)
@click.argument("type_", metavar="TYPE")
@click.option("--claims", metavar="FILE", help="JSON object of all claims of one person.")
@click.option(
    "--row-id", metavar="ID", help="By which it is known again, and can be revoked; else a random one."
)
@click.option(
    "--holder",
    metavar="DID",
    multiple=True,
    help='did:key of the wallet\'s new key, once for each copy; "none" for paper, where the type allows it.',
)
@click.option("--proof", metavar="FILE", help="Instead of a DID: the wallet's proof of possession.")
@click.option("--nonce", metavar="CODE", help="The enrolment code that the proof answers.")
@click.option(
    "--roster", metavar="FILE", help='CSV, XLSX or Parquet with a header; one person a row; "-" is stdin.'
)
@click.option("--holders", metavar="FILE", help="CSV or JSON: which row goes to which holder.")
@click.option("--encoding", type=click.Choice(ENCODINGS), default="utf-8", help="Of a CSV roster.")
@click.option("--copies", type=click.IntRange(1), default=1, help="One-time copies for each holder.")
@click.option(
    "--check", is_flag=True, help="Check every row before the first is signed; without --out, check only."
)
@click.option(
    "--reissue", is_flag=True, help="Issue changed rows and new keys anew, and revoke the former ones."
)
@click.option("--sealed", is_flag=True, help="Encrypt each credential to its holder's key.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes that sign; else one a CPU.")
@click.option("--engine", metavar="URL", help="tls://HOST:PORT of a Dask scheduler whose workers sign.")
@click.option(
    "--out",
    metavar="PATH",
    help='File of the credential, "-" for stdout; folder, or FILE.jsonl, for a roster.',
)
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
    means that rows were refused, or had been issued to another key; all others were issued. With
    --check, none were. Exit code 3: rows of --reissue wait until a second person has approved that
    their former credentials are revoked; all others were issued. Exit code 2: the roster, or the file
    of holders, is of another form as a whole.

    The file of holders is CSV with the header "row_id,holder" and one line for each key, a
    "did:key:..." of "vcred wallet apply" (several lines of a row are the keys of its copies);
    or JSON {"ROW_ID": "did:key:..."}. See docs/holders.md.

    A roster's output is a folder with a file for each credential, or FILE.jsonl with a line for
    each. With it comes receipts.csv, or FILE.receipts.csv: the id and status entry of each
    credential, and whether its holder showed possession of the key. One of --claims has its receipt
    in PATH.receipt.csv; on stdout it has none. It is pseudonymous data: keep it safe, for where
    the store is put back from a copy, receipts bring back what came after the copy. Of a store that is lost
    without a copy they bring back nothing. See docs/operate/issuing.md.
    """
    _check_given(given, as_json=as_json)
    with (
        open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer,
        _type_must_be_known(type_),
        _alarm(),
    ):
        if given["claims"] is not None:
            return issue_claims(issuer, type_, given, now=clock_of(context)(), as_json=as_json)
        return issue_roster(issuer, type_, given, as_json=as_json)


def _check_given(given: dict[str, Any], *, as_json: bool) -> None:
    if given["claims"] is not None and given["roster"] is not None:
        raise UsageError("--claims and --roster exclude each other")
    if given["claims"] is None and given["roster"] is None:
        raise UsageError("either --claims FILE or --roster FILE is needed")
    is_roster = given["roster"] is not None
    for name in OF_CLAIMS if is_roster else OF_ROSTERS:
        if given[name]:
            wanted = "--claims" if is_roster else "--roster"
            raise UsageError(f"--{name.replace('_', '-')} goes with {wanted} only")
    streams = [f"--{name}" for name in ("claims", "proof", "roster", "holders") if given[name] == STREAM]
    if len(streams) > 1:
        raise UsageError(f"{' and '.join(streams)} cannot both be read from stdin")
    if given["out"] is None and not given["check"]:
        raise UsageError("--out PATH is needed", hint="where the credentials go")
    if is_roster and given["out"] is not None:
        _check_place(given["out"])
    if given["out"] != STREAM:
        return
    if as_json:
        raise UsageError("--out - and --json exclude each other: both write to stdout")


def _check_place(out: str) -> None:
    """Refuse what looks like a file: with that name, a folder would be made."""
    path = Path(out)
    suffix = path.suffix.lower()
    if out == STREAM or (suffix in OTHER_FILES and not is_lines(path) and not path.is_dir()):
        raise UsageError(
            "--out: a roster needs a folder, or a file that ends in .jsonl",
            hint=None if out == STREAM else f"a line for each credential: --out {path.with_suffix('.jsonl')}",
        )


@contextmanager
def _alarm() -> Iterator[None]:
    """Say that a key was to sign when nobody should be issuing: the audit log has it, too."""
    try:
        yield
    except RefusedError as error:
        if error.reason is Reason.RATE_LIMITED:
            say("warning: an issuing key was to sign outside its hours; the audit log has noted it")
        raise


@contextmanager
def _type_must_be_known(type_: str) -> Iterator[None]:
    """Tell a name that nobody knows, which is mistyped, from a type that is not published yet."""
    try:
        yield
    except RefusedError as error:
        if error.reason is Reason.TYPE_UNKNOWN and type_ not in shipped_type_names():
            raise UsageError(str(error), hint=error.hint) from error
        raise
