# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status forget`: a person asks that nothing be kept of them."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.cli.selections import read_row
from vcred.cli.unlocking import unlock_options
from vcred.clock import Clock
from vcred.errors import UsageError
from vcred.home import Home, Role
from vcred.issuer.engines.evidence import FILE_NAME
from vcred.issuer.evidence_book import EvidenceBook
from vcred.issuer.issuer import Issuer
from vcred.issuer.selection import ByIds, ByRow


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
    revoked in the status lists; nothing in this home leads to it from the row, its holder or its claims. A
    history of "vcred evidence" under one of these ids is forgotten, too.
    """
    selection = read_row(context.command_path, identifier=identifier, row=row)
    named = selection if isinstance(selection, ByRow) else selection.ids[0]
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        row_id = _row_of(issuer, selection)
        known = _credentials(issuer, row_id)
        count = issuer.status.forget(named)
        left = _credentials(issuer, row_id)
    # Others may have the row id in another type: then its history is not of one person alone.
    names = known - left if left else known | {row_id}
    events = _forget_histories(home_of(context, Role.ISSUER), names, clock_of(context))
    if as_json:
        print_json({"forgotten": count, "events": events})
    say(f"of {counted(count, 'credential')} it is forgotten whose it was")
    if events:
        say(f"{counted(events, 'event')} of their histories forgotten")
    say(
        "yours to delete: its lines in rosters, files of holders, receipts.csv, refused.csv, flagged.csv and"
        " other_key.csv, what was written for it, and older copies of this home; and if its certificate has"
        ' another name, the history: "vcred evidence forget CERTIFICATE"'
    )
    say("a roster that still has the row would have it issued again")


def _row_of(issuer: Issuer, selection: ByRow | ByIds) -> str:
    """Return the row that is meant; an id that nobody knows as it is: `forget` refuses it."""
    if isinstance(selection, ByRow):
        return selection.row_id
    try:
        return next(iter(issuer.status.show(selection))).receipt.row_id
    except UsageError:
        return selection.ids[0]


def _credentials(issuer: Issuer, row_id: str) -> set[str]:
    """Return the ids of what was issued for a row, under any type."""
    try:
        return {item.receipt.credential_id for item in issuer.status.show(ByRow(row_id))}
    except UsageError:
        return set()


def _forget_histories(home: Home, certificates: set[str], clock: Clock) -> int:
    if not (home.path / FILE_NAME).exists():
        return 0
    with EvidenceBook.open(home, clock=clock) as book:
        return sum(book.forget(certificate) for certificate in sorted(certificates))
