# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred init`: the home of a party, with what its role needs from the first day."""

from pathlib import Path

import click

from vcred.cli.command import command, json_option
from vcred.cli.homes import home_path
from vcred.cli.language import language_option
from vcred.cli.new_homes import adopt, make_home, network_content, tell_adopted, tell_home
from vcred.cli.output import say
from vcred.cli.unlocking import new_unlock, passphrase_option, unlock_options
from vcred.cli.wallets import wants_passphrase
from vcred.home import Role, Settings
from vcred.text.languages import choose_language
from vcred.verifier.verifier import POLICY_FILE

# No jurisdiction has this code: a gate that was not told whose it is recognises nothing.
UNSET = "unset"


@command(
    "init",
    example="vcred init verifier --network network.json --jurisdiction MO --home gate-mo\n"
    "vcred init authority --home authority-mo\n"
    "vcred init ledger --store postgresql:///vcred\n"
    "vcred init approver --home carol",
)
@click.argument("role", type=click.Choice([str(role) for role in Role]))
@click.option("--network", metavar="FILE", help="The network file, got from the authorities out of band.")
@click.option("--ledger", metavar="DIR", help="Home of the ledger, if it lies on this machine.")
@click.option("--jurisdiction", metavar="CODE", help="Of a verifier: whose gate this is.")
@click.option(
    "--store",
    metavar="ADDRESS",
    help="Of a ledger or an issuer: a shared store, postgresql://...; else a file.",
)
@language_option("words")
@passphrase_option
@unlock_options
@json_option
def init(
    context: click.Context,
    *,
    role: str,
    network: str | None,
    ledger: str | None,
    jurisdiction: str | None,
    store: str | None,
    lang: str | None,
    passphrase: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make the home of a party

    A verifier gets a policy, the others keys. Keys open by a key file in the home, unless
    another one or a passphrase is given. A home that was made before the network takes its
    network file by the same command. Of an approver the DID is printed, by which an issuer knows it.
    """
    chosen = Role(role)
    path = home_path(context, chosen)
    content = None if network is None else network_content(network)
    adopted = adopt(path, chosen, content)
    if adopted is not None:
        tell_adopted(adopted, as_json=as_json)
    else:
        settings = Settings(
            ledger=None if ledger is None else Path(ledger).absolute(),
            store=store,
            language=choose_language(lang),
        )
        unlock = new_unlock(
            # "vcred init holder" is "vcred wallet create".
            passphrase=passphrase
            or (
                chosen is Role.HOLDER
                and wants_passphrase(passphrase=False, key_file=key_file, passphrase_fd=passphrase_fd)
            ),
            key_file=key_file,
            passphrase_fd=passphrase_fd,
            home=path,
            language=lang,
        )
        made = make_home(
            path,
            chosen,
            settings=settings,
            network_file=content,
            jurisdiction=jurisdiction or UNSET,
            unlock=unlock,
        )
        tell_home(made, unlock, as_json=as_json)
    if chosen is Role.VERIFIER and jurisdiction is None:
        say(f"warning: no jurisdiction is set, so nothing is recognised; set it in {path / POLICY_FILE}")
