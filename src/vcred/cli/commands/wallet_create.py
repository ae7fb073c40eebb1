# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet create`: the home of a holder."""

import click

from vcred.cli.command import command, json_option
from vcred.cli.homes import home_path
from vcred.cli.language import language_option
from vcred.cli.new_homes import make_home, network_content
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import new_unlock, passphrase_option, unlock_options
from vcred.cli.wallets import tell_key_file, wants_passphrase
from vcred.home import Role, Settings
from vcred.text.languages import choose_language
from vcred.text.words import load_words


@command("create", example="vcred wallet create --network network.json --passphrase --home holder-1")
@click.option("--network", metavar="FILE", help="The network file, got from the authorities out of band.")
@language_option("words")
@passphrase_option
@unlock_options
@json_option
def create(
    context: click.Context,
    *,
    network: str | None,
    lang: str | None,
    passphrase: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make the home of a holder

    The same as "vcred init holder". At a terminal a passphrase is asked for, unless --key-file or
    --passphrase-fd is given; without a terminal the wallet opens by a key file in its home.
    """
    path = home_path(context, Role.HOLDER)
    unlock = new_unlock(
        passphrase=wants_passphrase(passphrase=passphrase, key_file=key_file, passphrase_fd=passphrase_fd),
        key_file=key_file,
        passphrase_fd=passphrase_fd,
        home=path,
        language=lang,
    )
    home = make_home(
        path,
        Role.HOLDER,
        settings=Settings(language=choose_language(lang)),
        network_file=None if network is None else network_content(network),
        jurisdiction="",
        unlock=unlock,
    )
    words = load_words(choose_language(lang))
    if as_json:
        print_json({"home": str(home.path), "role": str(home.role)})
    say(words.gettext("made the home of the holder at %(path)s") % {"path": home.path})
    tell_key_file(home.path, words)
