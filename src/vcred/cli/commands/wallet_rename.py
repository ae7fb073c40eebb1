# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet rename`: another name in the wallet; the credential stays as it is."""

from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.holding_words import holding_json
from vcred.cli.output import print_json, say
from vcred.cli.wallets import open_wallet, wallet_options


@command("rename", example="vcred wallet rename health-code travel --home holder-1")
@click.argument("name", metavar="NAME")
@click.argument("new", metavar="NEW")
@wallet_options
def rename(context: click.Context, *, name: str, new: str, as_json: bool, **opening: Any) -> None:
    """Call a credential otherwise"""
    with open_wallet(context, **opening) as opened:
        opened.wallet.credentials.rename(name, new)
        if as_json:
            print_json(holding_json(opened.wallet.credentials.holding(new)))
        say(opened.words.gettext("%(name)s is called %(new)s now") % {"name": name, "new": new})
