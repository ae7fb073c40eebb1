# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet backup`: one file with everything, useless without its passphrase."""

from pathlib import Path
from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.output import print_json, say, write_data
from vcred.cli.secret_input import chosen_passphrase
from vcred.cli.wallets import open_wallet, wallet_options
from vcred.errors import StoreError, UsageError
from vcred.files.system import PRIVATE_FILE


@command(
    "backup",
    example="vcred wallet backup --out wallet.backup --home holder-1\n"
    "vcred wallet backup --out wallet.backup --backup-passphrase-fd 3 --home holder-1 3<secret",
)
@click.option("--out", required=True, metavar="FILE", help="A new file; a backup is never written over.")
@click.option(
    "--backup-passphrase-fd",
    type=click.IntRange(0),
    metavar="N",
    help="Read the passphrase of the backup from this descriptor.",
)
@wallet_options
def backup(
    context: click.Context, *, out: str, backup_passphrase_fd: int | None, as_json: bool, **opening: Any
) -> None:
    """Write all of the wallet to one file, under a passphrase of its own

    With keys, credentials, history and settings, but without the trust bundle: a wallet that is restored
    is to get a newer one. Keep the file and its passphrase apart.
    """
    if out == "-":
        raise UsageError("a backup goes into a file", hint="give its name with --out FILE")
    if Path(out).exists():
        raise StoreError(f"{out} exists already", hint="choose another name, or move it away")
    with open_wallet(context, **opening) as opened:
        words = opened.words
        secret = chosen_passphrase(Path(out), descriptor=backup_passphrase_fd, language=words.language)
        sealed = opened.wallet.backup(secret)
        number = len(opened.wallet.credentials.list())
        write_data(sealed, out, mode=PRIVATE_FILE)
    if as_json:
        print_json({"out": out, "bytes": len(sealed), "credentials": number})
    say(words.gettext("Backed up to %(file)s; it opens by its own passphrase alone") % {"file": out})
