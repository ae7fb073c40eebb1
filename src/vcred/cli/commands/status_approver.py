# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status approver`: who may approve, and how much one person alone may do."""

import click

from vcred.cli.command import command, home_option, json_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, print_line, say
from vcred.cli.request_words import SECOND_SOON, tell_waiting
from vcred.cli.store_loss import warned_of_loss
from vcred.cli.times import time_text
from vcred.cli.unlocking import unlock_options
from vcred.errors import DecodeError, UsageError
from vcred.issuer.change_request import MAX_LIMIT, Limit

DID_HINT = 'the approver makes it: "vcred init approver --home DIR" prints it'


@command("add", example='vcred status approver add did:key:zDnae... --name "Carol Vong" --home issuer-gd')
@click.argument("did", metavar="DID")
@click.option("--name", required=True, metavar="NAME", help="Who it is, for people to read.")
@unlock_options
@json_option
def add(
    context: click.Context,
    *,
    did: str,
    name: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> int:
    """Let a person approve

    The first one comes at once; for every later one an approver in office has to approve.
    """
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        try:
            waiting = issuer.status.add_approver(did, name=name)
        except DecodeError as error:
            raise UsageError(str(error), hint=DID_HINT) from error
    if waiting is not None:
        return tell_waiting(waiting.request, as_json=as_json)
    if as_json:
        print_json({"added": {"did": did, "name": name}})
    say(f"{name} may approve now; {SECOND_SOON}")
    return 0


@command("remove", example="vcred status approver remove did:key:zDnae... --home issuer-gd")
@click.argument("did", metavar="DID")
@unlock_options
@json_option
def remove(
    context: click.Context, *, did: str, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> int:
    """Ask that a person approve no more

    Another approver in office has to approve.
    """
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        waiting = issuer.status.remove_approver(did)
        approvers = issuer.status.approvers()
    return tell_waiting(waiting.request, as_json=as_json, approvers=approvers)


@command("list", example="vcred status approver list --home issuer-gd")
@unlock_options
@json_option
def list_(context: click.Context, *, key_file: str | None, passphrase_fd: int | None, as_json: bool) -> None:
    """Show who may approve, and the limits"""
    with (
        open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer,
        warned_of_loss(issuer),
    ):
        approvers = issuer.status.approvers()
        limits = {limit: issuer.status.limit(limit) for limit in Limit}
        left = issuer.status.changes_left()
    if as_json:
        print_json(
            {
                "approvers": [
                    {
                        "did": approver.did,
                        "name": approver.name,
                        "added_at": time_text(approver.added_at),
                        "removed_at": time_text(approver.removed_at),
                    }
                    for approver in approvers
                ],
                "limits": {limit.value: number for limit, number in limits.items()},
                "changes_left": left,
            }
        )
        return
    for approver in approvers:
        gone = "" if approver.removed_at is None else f", until {time_text(approver.removed_at)}"
        print_line(f"{approver.did}  {approver.name}  since {time_text(approver.added_at)}{gone}")
    for limit, number in limits.items():
        print_line(f"limit of {limit.value} by one person in 24 hours: {number}")
    say(f"{counted(left, 'change')} left for one person alone")


@command(
    "limit",
    example="vcred status approver limit 200 --home issuer-gd\n"
    "vcred status approver limit 30000000 --of issuing --home issuer-gd",
)
@click.argument("number", type=click.IntRange(0, MAX_LIMIT), metavar="NUMBER")
@click.option(
    "--of",
    "limit_name",
    type=click.Choice([str(limit) for limit in Limit]),
    default=Limit.CHANGES.value,
    help="What is limited; changes if nothing is said.",
)
@unlock_options
@json_option
def limit(
    context: click.Context,
    *,
    number: int,
    limit_name: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> int:
    """Ask that one person alone may do more, or less, in 24 hours

    An approver in office has to approve.
    """
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        waiting = issuer.status.set_limit(Limit(limit_name), number)
    return tell_waiting(waiting.request, as_json=as_json)


group = LazyGroup(
    "approver",
    help="Say who may approve, and what needs it",
    params=[home_option()],
    table={
        "add": Deferred("status_approver", "add", "Let a person approve"),
        "remove": Deferred("status_approver", "remove", "Ask that a person approve no more"),
        "list": Deferred("status_approver", "list_", "Show who may approve, and the limits"),
        "limit": Deferred(
            "status_approver", "limit", "Ask that one person alone may do more, or less, in 24 hours"
        ),
    },
)
