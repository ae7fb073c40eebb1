# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet restore`: a new home from a backup, never over one that is there."""

from pathlib import Path

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_path
from vcred.cli.inputs import naming, read_input
from vcred.cli.language import language_option
from vcred.cli.output import print_json, say
from vcred.cli.secret_input import given_passphrase
from vcred.cli.unlocking import new_unlock, passphrase_option, unlock_options
from vcred.cli.wallets import tell_key_file, wants_passphrase, words_of
from vcred.errors import StoreError
from vcred.home import Role
from vcred.limits import MAX_BOX_BYTES
from vcred.text.languages import choose_language
from vcred.wallet.wallet import Wallet


@command(
    "restore",
    example="vcred wallet restore wallet.backup --home holder-new\n"
    "vcred wallet restore wallet.backup --backup-passphrase-fd 3 --passphrase-fd 4 --home holder-new 3<a 4<b",
)
@click.argument("file", metavar="FILE")
@click.option(
    "--backup-passphrase-fd",
    type=click.IntRange(0),
    metavar="N",
    help="Read the passphrase of the backup from this descriptor.",
)
@language_option("words")
@passphrase_option
@unlock_options
@json_option
def restore(
    context: click.Context,
    *,
    file: str,
    backup_passphrase_fd: int | None,
    lang: str | None,
    passphrase: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make a new home from a backup

    What opens the new home is asked for as by "vcred wallet create". One-time copies that were not
    shown by the time of the backup may have been since, and are not shown any more. A trust bundle
    has to be imported ("vcred trust import") before anything can be verified.
    """
    path = home_path(context, Role.HOLDER)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StoreError(f"{path} is there already", hint="restore into a new folder, --home DIR")
    data = read_input(file, max_bytes=MAX_BOX_BYTES)
    language = choose_language(lang)
    secret = given_passphrase(Path(file), descriptor=backup_passphrase_fd, language=language)
    unlock = new_unlock(
        passphrase=wants_passphrase(passphrase=passphrase, key_file=key_file, passphrase_fd=passphrase_fd),
        key_file=key_file,
        passphrase_fd=passphrase_fd,
        home=path,
        language=lang,
    )
    with naming(file), Wallet.restore(path, data, secret, unlock=unlock, clock=clock_of(context)) as wallet:
        holdings, shown = wallet.credentials.list(), len(wallet.history())
        words = words_of(wallet.home, lang)
    uncertain = sum(one.copies for one in holdings)
    if as_json:
        print_json(
            {"home": str(path), "credentials": len(holdings), "shown": shown, "one_time_copies": uncertain}
        )
    number = len(holdings)
    say(
        words.ngettext("%(number)s credential restored", "%(number)s credentials restored", number)
        % {"number": words.number(number)}
    )
    if uncertain:
        say(
            words.gettext("One-time copies may have been shown since the backup: ask the issuer for new ones")
        )
    say(words.gettext("Import a trust bundle before anything is shown or received"))
    tell_key_file(path, words)
