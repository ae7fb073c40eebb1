# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status`: take back what was issued, and tell the verifiers."""

from collections.abc import Callable
from pathlib import Path

import click

from vcred.cli.command import clock_of, command, home_option, json_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import home_of
from vcred.cli.names import counted
from vcred.cli.output import print_json, print_line, say
from vcred.cli.times import time_text
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.codec.json_types import JsonObject
from vcred.files import write_atomic
from vcred.home import Role
from vcred.issuer.engines.status_desk import CredentialStatus
from vcred.issuer.issuer import Issuer
from vcred.issuer.status_lists import PublishedStatusList

COUNTS = "A change counts at a gate once the list is published and the next bundle is imported there."


def _open(context: click.Context, *, key_file: str | None, passphrase_fd: int | None) -> Issuer:
    home = home_of(context, Role.ISSUER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    return Issuer.open(home, unlock=unlock, clock=clock_of(context))


def _command(
    name: str, text: str, act: Callable[[Issuer, str], tuple[CredentialStatus, ...]]
) -> click.Command:
    """Make the command that does one thing to what was issued under an id, and shows it."""

    @click.argument("identifier", metavar="ID")
    @unlock_options
    @json_option
    def run(
        context: click.Context,
        *,
        identifier: str,
        key_file: str | None,
        passphrase_fd: int | None,
        as_json: bool,
    ) -> None:
        with _open(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
            found = act(issuer, identifier)
        _tell(found, as_json=as_json)

    run.__doc__ = (
        f"{text}\n\nID is a credential's id, or a row id: then every credential of the row. {COUNTS}"
    )
    return command(name, example=f"vcred status {name} HC0000001 --home issuer-gd")(run)


revoke = _command("revoke", "Revoke for good", Issuer.revoke)
suspend = _command("suspend", "Suspend until reinstated", Issuer.suspend)
reinstate = _command("reinstate", "End a suspension", Issuer.reinstate)
show = _command("show", "Show the status of what was issued under an id", Issuer.show_status)


@command("publish", example="vcred status publish --home issuer-gd --out status")
@click.option("--out", required=True, metavar="DIR", help="Folder for the tokens, one file a list.")
@unlock_options
@json_option
def publish(
    context: click.Context, *, out: str, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Sign the status lists anew, for the next trust bundle"""
    with _open(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        lists = issuer.publish_status()
    files = [_write(Path(out), item) for item in lists]
    if as_json:
        print_json(
            {
                "lists": [
                    {"uri": item.uri, "issued_at": time_text(item.issued_at), "file": str(file)}
                    for item, file in zip(lists, files, strict=True)
                ]
            }
        )
    else:
        say(f"signed {counted(len(lists), 'status list')} into {out}")


def _write(folder: Path, item: PublishedStatusList) -> Path:
    """Write a token under the number of its list; a newer one takes the place of the older."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{item.uri.rpartition('/')[2]}.jwt"
    write_atomic(path, item.token.encode("ascii") + b"\n", overwrite=True)
    return path


def _tell(found: tuple[CredentialStatus, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"credentials": [_json(item) for item in found]})
        return
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
    help="Revoke credentials and publish their status",
    params=[home_option()],
    table={
        "revoke": Deferred("status", "revoke", "Revoke for good"),
        "suspend": Deferred("status", "suspend", "Suspend until reinstated"),
        "reinstate": Deferred("status", "reinstate", "End a suspension"),
        "show": Deferred("status", "show", "Show the status of what was issued under an id"),
        "publish": Deferred("status", "publish", "Sign the status lists anew, for the next trust bundle"),
    },
)
