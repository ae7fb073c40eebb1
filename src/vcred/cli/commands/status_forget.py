# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status forget`: a person asks that nothing be kept of them."""

import click

from vcred.cli.command import command, json_option
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.cli.selections import read_row
from vcred.cli.unlocking import unlock_options
from vcred.issuer.selection import ByRow


@command(
    "forget",
    example="vcred status revoke --row HC0000001 --home issuer-gd\n"
    "vcred status forget --row HC0000001 --home issuer-gd",
)
@click.argument("identifier", metavar="[ID]", required=False)
@click.option("--row", metavar="ROW", help="The row of a roster.")
@unlock_options
@json_option
def forget(
    context: click.Context,
    *,
    identifier: str | None,
    row: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Forget whose a revoked credential was

    For good. ID is a row id, or a credential's id: then its row is meant. What was issued for it stays
    revoked in the status lists; nothing in this home leads to it from the row, its holder or its claims.
    """
    selection = read_row(context.command_path, identifier=identifier, row=row)
    named = selection if isinstance(selection, ByRow) else selection.ids[0]
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        count = issuer.status.forget(named)
    if as_json:
        print_json({"forgotten": count})
    say(f"of {counted(count, 'credential')} it is forgotten whose it was")
    say(
        "yours to delete: its lines in rosters, files of holders, receipts.csv, refused.csv, flagged.csv and"
        " other_key.csv, what was written for it, and older copies of this home"
    )
    say("a roster that still has the row would have it issued again")
