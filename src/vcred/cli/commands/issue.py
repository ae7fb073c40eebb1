# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue`: one credential, or one for every row of a roster."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.exits import DONE, INTERRUPTED, REJECTED
from vcred.cli.homes import home_of
from vcred.cli.inputs import read_input, read_object
from vcred.cli.names import counted
from vcred.cli.output import complain, print_json, say
from vcred.cli.roster_report import (
    HOLDERS_FORM,
    ProgressTeller,
    is_clean,
    save_receipts,
    tell_summary,
)
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import shipped_type_names
from vcred.errors import DecodeError, KeyMaterialError, RefusedError, StoreError, UsageError
from vcred.home import Role
from vcred.issuer.applications import Application, Applications, parse_applications
from vcred.issuer.engines.batch import IssuedCredential
from vcred.issuer.issuer import Issuer
from vcred.issuer.possession import resolve_holder
from vcred.issuer.summary import Summary
from vcred.limits import MAX_HOLDERS_FILE_BYTES, MAX_JSON_BYTES
from vcred.reasons import Reason

ENCODINGS = ("utf-8", "big5hkscs", "gb18030")
STREAM = "-"


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
@click.option(
    "--holder",
    metavar="DID",
    multiple=True,
    help="did:key of the wallet's new key, once for each copy; none for paper.",
)
@click.option("--proof", metavar="FILE", help="Instead of a DID: the wallet's proof of possession.")
@click.option("--nonce", metavar="CODE", help="The enrolment code that the proof answers.")
@click.option("--roster", metavar="FILE", help='CSV with a header; one person a row; "-" is stdin.')
@click.option("--holders", metavar="FILE", help="CSV or JSON: which row goes to which holder.")
@click.option("--encoding", type=click.Choice(ENCODINGS), default="utf-8", help="Of the roster.")
@click.option("--copies", type=click.IntRange(1), default=1, help="One-time copies for each holder.")
@click.option(
    "--out",
    required=True,
    metavar="PATH",
    help='File of the credential, "-" for stdout; folder for a roster.',
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
    means that rows were refused, or had been issued to another key; all others were issued.

    The file of holders is CSV with the header "row_id,holder" and one line for each key, a
    "did:key:..." of "vcred wallet apply" (several lines of a row are the keys of its copies);
    or JSON {"ROW_ID": "did:key:..."}. See docs/holders.md.

    The folder also gets receipts.csv: each credential of the type, its id and status entry, and
    whether its holder showed possession of the key. It is pseudonymous data: keep it safe.
    """
    _check_given(given, as_json=as_json)
    home = home_of(context, Role.ISSUER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    clock = clock_of(context)
    with Issuer.open(home, unlock=unlock, clock=clock) as issuer, _type_must_be_known(type_):
        if given["claims"] is not None:
            return _issue_one(issuer, type_, given, now=clock(), as_json=as_json)
        return _issue_roster(issuer, type_, given, as_json=as_json)


def _check_given(given: dict[str, Any], *, as_json: bool) -> None:
    if (given["claims"] is None) == (given["roster"] is None):
        raise UsageError("either --claims FILE or --roster FILE is needed")
    streams = [f"--{name}" for name in ("claims", "proof", "roster", "holders") if given[name] == STREAM]
    if len(streams) > 1:
        raise UsageError(f"{' and '.join(streams)} cannot both be read from stdin")
    if given["out"] != STREAM:
        return
    if given["roster"] is not None:
        raise UsageError("--out: a roster needs a folder")
    if as_json:
        raise UsageError("--out - and --json exclude each other: both write to stdout")


@contextmanager
def _type_must_be_known(type_: str) -> Iterator[None]:
    """Tell a name that nobody knows, which is mistyped, from a type that is not published yet."""
    try:
        yield
    except RefusedError as error:
        if error.reason is Reason.TYPE_UNKNOWN and type_ not in shipped_type_names():
            raise UsageError(str(error), hint=error.hint) from error
        raise


def _issue_roster(issuer: Issuer, type_: str, given: dict[str, Any], *, as_json: bool) -> int:
    out, teller = Path(given["out"]), ProgressTeller()
    applications = _applications(given["holders"])
    try:
        summary: Summary = issuer.issue_roster(
            type_,
            _roster(given["roster"]),
            out=out,
            encoding=given["encoding"],
            applications=applications,
            copies=given["copies"],
            on_progress=None if as_json else teller.tell,
        )
    except KeyboardInterrupt:
        teller.end()
        complain("interrupted; run the same command again, it goes on", None)
        return INTERRUPTED
    finally:
        teller.end()
    vct = issuer.terms(type_).vct
    save_receipts(out, (receipt for receipt in issuer.receipts() if receipt.vct == vct))
    tell_summary(summary, out, encoding=given["encoding"], as_json=as_json)
    return DONE if is_clean(summary) else REJECTED


def _issue_one(issuer: Issuer, type_: str, given: dict[str, Any], *, now: datetime, as_json: bool) -> int:
    claims = read_object(given["claims"], max_bytes=MAX_JSON_BYTES)
    applications = _application(given)
    out = None if given["out"] == STREAM else Path(given["out"])
    issued = issuer.issue_one(
        type_, claims, applications, copies=given["copies"], row_id=given["row_id"], out=out
    )
    row_id = issued[0].entry.key.row_id
    expires_at = issuer.terms(type_).definition.expires_at(claims)
    is_expired = expires_at is not None and expires_at <= now.timestamp()
    if out is None:
        _write_to_stdout(issuer, issued, row_id)
    if as_json:
        credentials: JsonObject = {
            "credentials": [{"credential_id": item.credential_id} for item in issued],
            "row_id": row_id,
            "expired": is_expired,
            "out": str(out),
        }
        print_json(credentials)
        return DONE
    for item in issued:
        say(f"issued {item.credential_id}")
    if is_expired:
        say("warning: the credential has expired already")
    return DONE


def _write_to_stdout(issuer: Issuer, issued: tuple[IssuedCredential, ...], row_id: str) -> None:
    """Print the credentials, one a line; they count as delivered once they are out.

    Raises:
        StoreError: Nobody reads. The journal keeps them for the next run.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write("".join(f"{item.text}\n" for item in issued).encode("ascii"))
        sys.stdout.buffer.flush()
    except OSError as error:
        raise StoreError(
            "stdout was closed before the credential was out",
            hint=f"run the command again with --row-id {row_id}: it is issued once",
        ) from error
    issuer.mark_delivered(issued)


def _application(given: dict[str, Any]) -> tuple[Application, ...]:
    holders, proof, nonce = given["holder"], given["proof"], given["nonce"]
    if holders and proof is not None:
        raise UsageError("--holder and --proof exclude each other")
    if proof is None:
        return _named(holders, copies=given["copies"])
    if nonce is None:
        raise UsageError("--proof needs --nonce, the enrolment code that it answers")
    text = read_input(proof, max_bytes=MAX_JSON_BYTES).decode("utf-8", "replace").strip()
    return (Application(proof=text, nonce=nonce),)


def _named(holders: tuple[str, ...], *, copies: int) -> tuple[Application, ...]:
    if holders and len(holders) != copies:
        raise UsageError(
            f"{counted(len(holders), 'holder')} for --copies {copies}",
            hint="give --holder once for each copy, each time with a new key of the wallet",
        )
    for holder in holders:
        try:
            resolve_holder(holder)
        except (DecodeError, RefusedError, KeyMaterialError) as error:
            raise UsageError(
                "--holder: not a did:key or did:jwk of a usable key",
                hint='the holder makes one with "vcred wallet apply"',
            ) from error
    return tuple(Application(did=holder) for holder in holders)


def _roster(name: str) -> Path | BinaryIO:
    return sys.stdin.buffer if name == STREAM else Path(name)


def _applications(holders: str | None) -> Applications | None:
    if holders is None:
        return None
    try:
        return parse_applications(read_input(holders, max_bytes=MAX_HOLDERS_FILE_BYTES))
    except DecodeError as error:
        raise UsageError(str(error), hint=f"{HOLDERS_FORM}; see docs/holders.md") from error
