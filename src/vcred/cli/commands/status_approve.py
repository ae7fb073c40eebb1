# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status approve|apply`: the second person's word, and what it lets happen."""

from collections.abc import Iterable

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.hints import publish_command
from vcred.cli.homes import home_of
from vcred.cli.inputs import naming, read_input
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, say, write_data
from vcred.cli.request_words import SECOND_SOON, request_json, say_request, tell_request
from vcred.cli.selections import read_ids
from vcred.cli.times import time_text
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.errors import DecodeError
from vcred.home import Role
from vcred.issuer.approval import require_credentials, verify_approval
from vcred.issuer.approver import Approver
from vcred.issuer.change_request import ChangeRequest, ChangeStatus, GoOn, RemoveApprover, decode_request
from vcred.issuer.engines.store.approvals import Approver as Office
from vcred.limits import MAX_APPROVAL_BYTES, MAX_CHANGE_REQUEST_BYTES

NO_REQUEST = 'it is written by "vcred status request ID --out FILE"'
NO_APPROVAL = 'it is written by "vcred status approve FILE --out APPROVAL", in the home of an approver'


@command(
    "approve",
    example="vcred status approve request.json --home carol\n"
    "vcred status approve request.json --ids recalled.txt --home carol --out approval.jwt",
)
@click.argument("file", metavar="FILE")
@click.option("--out", metavar="APPROVAL", help="Where the approval goes; else the request is only shown.")
@click.option(
    "--ids",
    metavar="LIST",
    help="A file of the credential ids that it should be about, one a line: refuse if it is about others.",
)
@unlock_options
@json_option
def approve(
    context: click.Context,
    *,
    file: str,
    out: str | None,
    ids: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Approve a request, as the second person

    Shows what FILE asks and, with --out, signs it. An approval stands for 24 hours and is used once.
    Of the credentials a request holds only a digest; --ids shows that it is the one of your list.
    """
    with naming(file, hint=NO_REQUEST):
        request = decode_request(read_input(file, max_bytes=MAX_CHANGE_REQUEST_BYTES))
    if ids is not None:
        _require_listed(request, ids)
    home = home_of(context, Role.APPROVER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    # Before the signature: whoever interrupts it here has signed nothing.
    if isinstance(request.wish, ChangeStatus) and ids is None:
        say("which credentials it is about is not checked: --ids LIST would")
    with Approver.open(home, unlock=unlock, clock=clock_of(context)) as approver:
        signed = None if out is None else approver.approve(request)
    if out != "-" and as_json:
        print_json({"approver": approver.did, "request": request_json(request)})
    elif out != "-":
        tell_request(request)
    if signed is None or out is None:
        say("nothing is signed; to approve it, give --out APPROVAL")
        return
    write_data(f"{signed}\n".encode("ascii"), out)
    _say_signed(signed, out)


def _require_listed(request: ChangeRequest, file: str) -> None:
    credentials = read_ids(file).ids
    require_credentials(request, credentials)
    say(f"it is about the {counted(len(credentials), 'credential')} of {file}, and about no other")


def _say_signed(signed: str, out: str) -> None:
    file = "APPROVAL" if out == "-" else out
    say(
        f"approved; the approval stands until {time_text(verify_approval(signed).expires_at)},"
        " and is used once"
    )
    say(f'hint: hand it back to the issuer: "vcred status apply {file} --home DIR"')


@command("apply", example="vcred status apply approval.jwt --home issuer-gd")
@click.argument("file", metavar="APPROVAL")
@unlock_options
@json_option
def apply(
    context: click.Context, *, file: str, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Make a change that was approved

    The approver must be in office, and APPROVAL for the very request that waits here.
    """
    with naming(file, hint=NO_APPROVAL):
        text = _ascii(read_input(file, max_bytes=MAX_APPROVAL_BYTES))
        with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
            request = issuer.status.apply(text)
            approvers = issuer.status.approvers()
    if as_json:
        print_json({"applied": request_json(request)})
    say(f"done, as approved: {say_request(request, approvers)}")
    _say_next(request, approvers)


def _say_next(request: ChangeRequest, approvers: Iterable[Office]) -> None:
    """Say what is still to be done, now that it is applied."""
    if isinstance(request.wish, ChangeStatus):
        say(f"hint: a gate knows it once it is published: {publish_command()}")
    left = [one.name for one in approvers if one.removed_at is None]
    if isinstance(request.wish, RemoveApprover) and len(left) == 1:
        say(f"{left[0]} alone may approve now; {SECOND_SOON}")
    if isinstance(request.wish, GoOn):
        say('hint: it lets one reconciliation through, for 24 hours: run "vcred status reconcile" as before')


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise DecodeError("not an approval: not ASCII") from error
