# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet remove`: a credential and its keys go; nobody brings them back but a backup."""

from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.holding_words import holding_json
from vcred.cli.output import print_json, say
from vcred.cli.questions import agree
from vcred.cli.wallets import open_wallet, wallet_options
from vcred.errors import UsageError


@command(
    "remove",
    example="vcred wallet remove health-code --home holder-1\n"
    "vcred wallet remove health-code --yes --home holder-1",
)
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="Do it without a question; a script says so.")
@wallet_options
def remove(context: click.Context, *, name: str, yes: bool, as_json: bool, **opening: Any) -> None:
    """Forget a credential and its key

    With all of its copies. The history of what was shown stays. The issuer cannot bring the key back:
    it would have to issue a new credential.
    """
    with open_wallet(context, **opening) as opened:
        words, holding = opened.words, opened.wallet.credentials.holding(name)
        question = words.gettext("Forget %(name)s and its key for ever?") % {"name": name}
        if not yes and not agree(question, words, hint="a script says so with --yes"):
            raise UsageError("nothing was removed")
        opened.wallet.credentials.remove(name)
        if as_json:
            print_json({"removed": holding_json(holding)})
        say(words.gettext("%(name)s and its key are gone") % {"name": name})
