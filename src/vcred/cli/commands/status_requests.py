# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status requests|request|withdraw|allow-issuing`: what waits for a second person."""

from pathlib import Path

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.inputs import STREAM, parse_moment
from vcred.cli.issuers import open_issuer
from vcred.cli.output import print_json, print_line, say, write_data
from vcred.cli.request_words import request_json, say_request, say_why, tell_request, tell_waiting
from vcred.cli.requested import name_few
from vcred.cli.store_loss import warned_of_loss
from vcred.cli.times import time_text
from vcred.cli.unlocking import unlock_options
from vcred.errors import StoreError, UsageError
from vcred.issuer.approval import lapses_at
from vcred.issuer.change_request import MAX_LIMIT, ChangeRequest
from vcred.issuer.engines.runs.places import check_places

A_DAY = "+24h"


@command("requests", example="vcred status requests --home issuer-gd")
@unlock_options
@json_option
def requests(
    context: click.Context, *, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """List what waits for a second person

    Of a request about few credentials their rows are named; "vcred status request ID --ids LIST" writes
    out the ids of any.
    """
    with (
        open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer,
        warned_of_loss(issuer),
    ):
        waiting = [(request, name_few(issuer.status, request)) for request in issuer.status.requests()]
        approvers = issuer.status.approvers()
    if as_json:
        print_json({"requests": [request_json(request) | few.to_json() for request, few in waiting]})
        return
    for request, few in waiting:
        asked = f"{say_request(request, approvers)}{few.say()}"
        print_line(
            f"{request.request_id}  {time_text(request.made_at)}  {asked}"
            f"; lapses {time_text(lapses_at(request))}{say_why(request)}"
        )
    if not waiting:
        say("nothing waits")


@command(
    "request",
    example="vcred status request --out request.json --home issuer-gd\n"
    "vcred status request --out request.json --ids recalled.txt --home issuer-gd",
)
@click.argument("request_id", metavar="[ID]", required=False)
@click.option("--out", metavar="FILE", help="Where the request goes; else it is only shown.")
@click.option("--ids", metavar="LIST", help="Where the ids of the credentials go, one a line.")
@unlock_options
@json_option
def request(
    context: click.Context,
    *,
    request_id: str | None,
    out: str | None,
    ids: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Write a request out, for an approver

    ID may be left out where only one waits. The request names its credentials by a digest; with LIST the
    approver can see which they are, and "vcred status approve --ids" that they are no others.
    """
    _check_files(out, ids)
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        found = _only(issuer.status.requests()) if request_id is None else issuer.status.request(request_id)
        credentials = () if ids is None else issuer.status.request_credentials(found.request_id)
    listed = "".join(f"{one}\n" for one in credentials).encode("ascii")
    _write_all([(ids, listed), (out, found.encode() + b"\n")])
    if out is not None:
        file = "FILE" if out == "-" else out
        say(f"the request is written; it lapses at {time_text(lapses_at(found))}")
        say(f'hint: hand it to an approver: "vcred status approve {file} --home DIR --out APPROVAL"')
    if as_json and out != "-":
        print_json(request_json(found))
    elif out != "-":
        tell_request(found)


def _check_files(out: str | None, ids: str | None) -> None:
    """Refuse, before either is written, files of which one could not be."""
    paths = [Path(name) for name in (out, ids) if name not in (None, STREAM)]
    check_places(paths)
    if len({path.absolute() for path in paths}) < len(paths):
        raise UsageError("--out and --ids name the same file")


def _write_all(files: list[tuple[str | None, bytes]]) -> None:
    """Write what has a name, or none of it: where one file is refused, those before it go again."""
    written: list[Path] = []
    try:
        # What is printed cannot be taken back: it comes last.
        for name, data in sorted(files, key=lambda file: file[0] == STREAM):
            if name is None:
                continue
            write_data(data, name)
            if name != STREAM:
                written.append(Path(name))
    except StoreError:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _only(waiting: list[ChangeRequest]) -> ChangeRequest:
    if len(waiting) != 1:
        raise UsageError(
            "several requests wait" if waiting else "no request waits",
            hint='name the ID; "vcred status requests" lists them',
        )
    return waiting[0]


@command("withdraw", example="vcred status withdraw 03b9c2f17a5e4d60b8c1f2a9d4e7b306 --home issuer-gd")
@click.argument("request_id", metavar="ID")
@unlock_options
@json_option
def withdraw(
    context: click.Context, *, request_id: str, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Take back a request that waits

    Nothing of what it asks is changed, and no approval of it is good any more, also one that was signed
    already. ID is that of the request, as "vcred status requests" lists it.
    """
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        request = issuer.status.withdraw(request_id)
    if as_json:
        print_json({"withdrawn": request_json(request)})
    say(f"withdrawn, and nothing is changed: {say_request(request)}")


@command(
    "allow-issuing",
    example='vcred status allow-issuing 10000000 --until +48h --why "renewal of the year" --home issuer-gd',
)
@click.argument("number", type=click.IntRange(1, MAX_LIMIT), metavar="NUMBER")
@click.option("--until", default=A_DAY, metavar="TIME", help="Until when; +24h if nothing is said.")
@click.option("--why", default="", metavar="TEXT", help="What the second person reads.")
@unlock_options
@json_option
def allow_issuing(
    context: click.Context,
    *,
    number: int,
    until: str,
    why: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> int:
    """Ask to issue more than the limit

    NUMBER is how many more than the limit may be issued in any 24 hours until TIME. A second person has to
    approve.
    """
    end = parse_moment("--until", until, now=clock_of(context)())
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        waiting = issuer.status.allow_issuing(number, until=end, why=why)
    return tell_waiting(waiting.request, as_json=as_json)
