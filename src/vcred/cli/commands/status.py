# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status`: take back what was issued, and tell the verifiers."""

from collections.abc import Iterable

import click

from vcred.cli.command import command, home_option, json_option
from vcred.cli.exits import DONE
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.hints import publish_command
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, print_line, say
from vcred.cli.request_words import tell_waiting
from vcred.cli.selections import read_selection, selection_options
from vcred.cli.store_loss import warned_of_loss
from vcred.cli.unlocking import unlock_options
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.issuer.engines.statuses.status_desk import CredentialStatus
from vcred.issuer.engines.store.changes import Changed, Waiting
from vcred.issuer.journal import StatusValue

COUNTS = "A change counts at a gate once the list is published and the next bundle is imported there."
MANY = "More than one person alone may change in 24 hours waits for a second person: exit 3."
NAMES = "ID is a credential's id, or a row id: then every credential of the row."


def _change(name: str, text: str, value: StatusValue) -> click.Command:
    """Make the command that gives what it names another status, and shows it."""

    @selection_options
    @click.option(
        "--why", default="", metavar="TEXT", help="What a second person reads, if one has to approve."
    )
    @unlock_options
    @json_option
    def run(
        context: click.Context,
        *,
        identifier: str | None,
        row: str | None,
        holder: str | None,
        file: str | None,
        why: str,
        key_file: str | None,
        passphrase_fd: int | None,
        as_json: bool,
    ) -> int:
        path = context.command_path
        selection = read_selection(path, identifier=identifier, row=row, holder=holder, file=file)
        with (
            open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer,
            warned_of_loss(issuer),
        ):
            outcome = issuer.status.change(selection, value, why=why)
            if isinstance(outcome, Waiting):
                return tell_waiting(outcome.request, as_json=as_json)
            # Of a whole file the caller has the list already.
            shown = issuer.status.show(selection) if file is None else ()
            _tell_changed(outcome, shown, value, as_json=as_json)
        return DONE

    run.__doc__ = f"{text}\n\n{NAMES} All are changed, or none. {COUNTS} {MANY}"
    start = f"vcred status {name}"
    example = f"{start} HC0000001 --home issuer-gd\n{start} --file recalled.txt --home issuer-gd"
    return command(name, example=example)(run)


revoke = _change("revoke", "Revoke for good", StatusValue.REVOKED)
suspend = _change("suspend", "Suspend until reinstated", StatusValue.SUSPENDED)
reinstate = _change("reinstate", "End a suspension", StatusValue.VALID)


@command(
    "show",
    example="vcred status show HC0000001 --home issuer-gd\n"
    "vcred status show --holder did:key:zDnae... --home issuer-gd",
)
@selection_options
@unlock_options
@json_option
def show(
    context: click.Context,
    *,
    identifier: str | None,
    row: str | None,
    holder: str | None,
    file: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Show the status of what was issued under an id

    ID is a credential's id, or a row id: then every credential of the row.
    """
    path = context.command_path
    selection = read_selection(path, identifier=identifier, row=row, holder=holder, file=file)
    with (
        open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer,
        warned_of_loss(issuer),
    ):
        found = issuer.status.show(selection)
        if as_json:
            print_json({"credentials": [_json(item) for item in found]})
        else:
            _tell(found)


def _tell_changed(
    outcome: Changed, shown: Iterable[CredentialStatus], value: StatusValue, *, as_json: bool
) -> None:
    if as_json:
        credentials: list[JsonValue] = [_json(item) for item in shown]
        print_json(
            {
                "changed": outcome.changed,
                "unchanged": outcome.unchanged,
                "revoked_for_good": outcome.final,
                "credentials": credentials,
            }
        )
    else:
        _tell(shown)
    if outcome.changed:
        say(f"{counted(outcome.changed, 'credential')} {value} now; publish: {publish_command()}")
    same = outcome.unchanged - outcome.final
    if same:
        say(f"{counted(same, 'credential')} left as before: {value} already")
    if outcome.final:
        say(f"{counted(outcome.final, 'credential')} left as before: revoked for good")


def _tell(found: Iterable[CredentialStatus]) -> None:
    for item in found:
        print_line(f"{item.status:<10} {item.receipt.credential_id}  {item.receipt.row_id}")


def _json(item: CredentialStatus) -> JsonObject:
    return {
        "credential_id": item.receipt.credential_id,
        "row_id": item.receipt.row_id,
        "type": item.receipt.vct,
        "copy": item.receipt.copy,
        "status": str(item.status),
        "uri": item.receipt.status.uri,
        "index": item.receipt.status.index,
    }


group = LazyGroup(
    "status",
    help="Take credentials back, and publish status lists",
    params=[home_option()],
    table={
        "revoke": Deferred("status", "revoke", "Revoke for good"),
        "suspend": Deferred("status", "suspend", "Suspend until reinstated"),
        "reinstate": Deferred("status", "reinstate", "End a suspension"),
        "show": Deferred("status", "show", "Show the status of what was issued under an id"),
        "publish": Deferred("status_publish", "publish", "Sign the status lists, for the next trust bundle"),
        "interval": Deferred(
            "status_settings", "interval", "Show or change how finely published lists are dated"
        ),
        "purposes": Deferred("status_settings", "purposes", "Show or change what new status lists can say"),
        "hours": Deferred(
            "status_hours", "hours", "Show, or ask to change, in which hours credentials are issued"
        ),
        "reconcile": Deferred("status_reconcile", "reconcile", "Go on after a backup was restored"),
        "requests": Deferred("status_requests", "requests", "List what waits for a second person"),
        "request": Deferred("status_requests", "request", "Write a request out, for an approver"),
        "withdraw": Deferred("status_requests", "withdraw", "Take back a request that waits"),
        "approve": Deferred("status_approve", "approve", "Approve a request, as the second person"),
        "apply": Deferred("status_approve", "apply", "Make a change that was approved"),
        "approver": Deferred("status_approver", "group", "Say who may approve, and what needs it"),
        "allow-issuing": Deferred("status_requests", "allow_issuing", "Ask to issue more than the limit"),
        "forget": Deferred("status_forget", "forget", "Forget whose a revoked credential was"),
        "audit": Deferred("status_audit", "audit", "Prove the audit log, and write it out"),
    },
)
