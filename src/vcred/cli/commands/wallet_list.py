# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet list`: everything the wallet holds, at a glance."""

from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.holding_words import Reader, holding_json, tell_list
from vcred.cli.output import print_json, say
from vcred.cli.wallets import open_wallet, wallet_options


@command("list", example="vcred wallet list --home holder-1\nvcred wallet list --json --home holder-1")
@wallet_options
def list_(context: click.Context, *, as_json: bool, **opening: Any) -> None:
    """List what the wallet holds, and how each of it stands

    How it stands is what the wallet's trust bundle says, as of the time beside it.
    """
    with open_wallet(context, **opening) as opened:
        words, holdings = opened.words, opened.wallet.credentials.list()
        if as_json:
            print_json([holding_json(holding) for holding in holdings])
            return
        if opened.wallet.was_copied:
            say(
                words.gettext(
                    "This wallet was copied or put back: copies that may have been shown are not used"
                )
            )
        if holdings:
            tell_list(holdings, Reader(words=words, belief=opened.belief()))
        else:
            say(words.gettext("The wallet holds no credential yet"))
