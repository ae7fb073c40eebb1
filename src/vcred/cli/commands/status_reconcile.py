# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status reconcile`: let an issuer that was restored from a backup go on."""

from pathlib import Path

import click

from vcred.cli.command import command, json_option
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import unlock_options
from vcred.errors import StoreError
from vcred.files import read_capped
from vcred.limits import MAX_STATUS_TOKEN_BYTES


@command(
    "reconcile",
    example="vcred trust import newest.vtb --home issuer-gd\n"
    "vcred status reconcile --lists status --home issuer-gd",
)
@click.option(
    "--lists", metavar="DIR", help="Folder of published tokens, beside those of the bundle held here."
)
@click.option(
    "--nothing-was-published",
    is_flag=True,
    help="No list was published after the copy was made: go on without a newer one.",
)
@unlock_options
@json_option
def reconcile(
    context: click.Context,
    *,
    lists: str | None,
    nothing_was_published: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Go on after a backup was restored

    A store that was put back deals places a second time, and forgets revocations: so it neither
    issues nor publishes before this. What was revoked by the newest published lists is revoked
    again, every list is closed for ever, and new ones open far above. Import the newest bundle
    first. Credentials that were issued after the backup stay good until they expire; this home
    does not know them any more.
    """
    tokens = [] if lists is None else _read(Path(lists))
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        done = issuer.lists.reconcile(tokens, nothing_was_published=nothing_was_published)
    if as_json:
        print_json(
            {
                "lists": done.lists,
                "revoked": done.revoked,
                "suspended": done.suspended,
                "unknown": done.unknown,
                "first_list": done.first_list,
            }
        )
        return
    say(f"took over {counted(done.lists, 'status list')} that had been published later than this store knew")
    say(f"{counted(done.revoked, 'credential')} revoked again, {done.suspended} suspended again")
    if done.unknown:
        say(
            f"{counted(done.unknown, 'entry')} kept as published: of credentials issued after the backup,"
            " or decoys, which are of none"
        )
    say(f'every list is closed; the next one has number {done.first_list}; now "vcred status publish"')


def _read(folder: Path) -> list[str]:
    """Read every token of a folder; what is none is found when it is verified."""
    if not folder.is_dir():
        raise StoreError(f"{folder} is not a folder")
    return [
        read_capped(file, max_bytes=MAX_STATUS_TOKEN_BYTES).decode("ascii", errors="replace").strip()
        for file in sorted(folder.glob("*.jwt"))
    ]
