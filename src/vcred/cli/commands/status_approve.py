# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status approve|apply`: the second person's word, and what it lets happen."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of
from vcred.cli.inputs import naming, read_input
from vcred.cli.issuers import open_issuer
from vcred.cli.output import print_json, say, write_data
from vcred.cli.request_words import request_json, say_request, tell_request
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.errors import DecodeError
from vcred.home import Role
from vcred.issuer.approver import Approver
from vcred.issuer.change_request import decode_request
from vcred.limits import MAX_APPROVAL_BYTES, MAX_CHANGE_REQUEST_BYTES

NO_REQUEST = 'it is written by "vcred status request ID --out FILE"'
NO_APPROVAL = 'it is written by "vcred status approve FILE --out APPROVAL", in the home of an approver'


@command(
    "approve",
    example="vcred status approve request.json --home carol\n"
    "vcred status approve request.json --home carol --out approval.jwt",
)
@click.argument("file", metavar="FILE")
@click.option("--out", metavar="APPROVAL", help="Where the approval goes; else the request is only shown.")
@unlock_options
@json_option
def approve(
    context: click.Context,
    *,
    file: str,
    out: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Approve a request, as the second person

    Shows what FILE asks and, with --out, signs it. An approval stands for 24 hours and is used once.
    """
    with naming(file, hint=NO_REQUEST):
        request = decode_request(read_input(file, max_bytes=MAX_CHANGE_REQUEST_BYTES))
    home = home_of(context, Role.APPROVER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Approver.open(home, unlock=unlock, clock=clock_of(context)) as approver:
        signed = None if out is None else approver.approve(request)
    if out != "-" and as_json:
        print_json({"approver": approver.did, "request": request_json(request)})
    elif out != "-":
        tell_request(request)
    if signed is None or out is None:
        say("nothing is signed; to approve it, give --out APPROVAL")
    else:
        write_data(f"{signed}\n".encode("ascii"), out)


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
    if as_json:
        print_json({"applied": request_json(request)})
    say(f"done, as approved: {say_request(request)}")


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise DecodeError("not an approval: not ASCII") from error
