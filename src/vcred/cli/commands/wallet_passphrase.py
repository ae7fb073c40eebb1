# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet passphrase`: another secret opens the wallet from now on, and the former one no more."""

from pathlib import Path
from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.output import print_json, say
from vcred.cli.secret_input import chosen_passphrase
from vcred.cli.wallets import OpenWallet, open_wallet, wallet_options
from vcred.errors import UsageError
from vcred.keys.custody import KeyFile, KeyringUnlock
from vcred.keys.keyring import create_key_file


@command(
    "passphrase",
    example="vcred wallet passphrase --home holder-1\n"
    "vcred wallet passphrase --passphrase-fd 3 --new-passphrase-fd 4 --home holder-1 3<old 4<new\n"
    "vcred wallet passphrase --new-key-file /media/stick/wallet.key --home holder-1",
)
@click.option(
    "--new-passphrase-fd",
    type=click.IntRange(0),
    metavar="N",
    help="Read the new passphrase from this descriptor.",
)
@click.option(
    "--new-key-file", metavar="FILE", help="Let this key file open it instead; it is made if it is not there."
)
@wallet_options
def passphrase(
    context: click.Context,
    *,
    new_passphrase_fd: int | None,
    new_key_file: str | None,
    as_json: bool,
    **opening: Any,
) -> None:
    """Let another passphrase or key file open the wallet

    The present one is asked for, unless a key file opens the wallet; the new one is asked for twice.
    The change is one step: whatever stops it, one of the two opens the wallet. An older backup of the
    home still opens with the former one.
    """
    if new_passphrase_fd is not None and new_key_file is not None:
        raise UsageError("--new-key-file and --new-passphrase-fd exclude each other")
    with open_wallet(context, **opening) as opened:
        opened.wallet.change_unlock(_new_unlock(opened, new_passphrase_fd, new_key_file))
        if as_json:
            print_json({"home": str(opened.wallet.home.path), "opens_by": _opens_by(new_key_file)})
        say(opened.words.gettext("The wallet opens by what was given now, and by nothing else"))


def _new_unlock(opened: OpenWallet, descriptor: int | None, key_file: str | None) -> KeyringUnlock:
    if key_file is None:
        home = opened.wallet.home
        return chosen_passphrase(home.path, descriptor=descriptor, language=opened.words.language)
    path = Path(key_file)
    return KeyFile(path) if path.exists() else create_key_file(path)


def _opens_by(key_file: str | None) -> str:
    return "passphrase" if key_file is None else "key_file"
