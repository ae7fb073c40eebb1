# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred evidence forget`: a person asks that nothing be kept of their certificate."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.errors import UsageError
from vcred.home import Role
from vcred.issuer.evidence_book import EvidenceBook


@command("forget", example="vcred evidence forget FT-2026-17 --home issuer-fintech")
@click.argument("certificate")
@json_option
def forget(context: click.Context, *, certificate: str, as_json: bool) -> None:
    """Forget the history of a certificate

    For good. Its events and their salts are erased from this home; without a salt nobody can read what is on
    the ledger, or tell whose it is. Proofs that its holder has stay good; no further ones can be made.
    """
    with EvidenceBook.open(home_of(context, Role.ISSUER), clock=clock_of(context)) as book:
        count = book.forget(certificate)
    if not count:
        raise UsageError("no event is kept of that certificate")
    if as_json:
        print_json({"forgotten": count})
    say(f"{counted(count, 'event')} forgotten")
    say("yours to delete: proofs that were written out, and older copies of this home")
