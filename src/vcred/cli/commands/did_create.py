# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred did create` and `vcred did show`: an organisation makes its own name."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of
from vcred.cli.inputs import names_by_language
from vcred.cli.operations import hand_over, out_option
from vcred.cli.output import print_json, print_line, say
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.errors import UsageError
from vcred.files import read_capped
from vcred.home import Home, Role
from vcred.ledger.party import Party
from vcred.limits import MAX_NETWORK_FILE_BYTES
from vcred.trust.network_file import parse_network_file


@command(
    "create",
    example='vcred did create --name "Guangdong Health Code Centre" --name zh-Hant=廣東健康碼中心 \\\n'
    "  --status-base https://status.example/gd/ --sponsor did:vcred:7bQ... \\\n"
    "  --home issuer-gd --out create.json",
)
@click.option(
    "--name", "names", multiple=True, required=True, metavar="[LANG=]TEXT", help="Name, once a language."
)
@click.option(
    "--status-base", metavar="URI", help="Where its status lists will be: the base of their addresses."
)
@click.option("--sponsor", required=True, metavar="DID", help="The authority that will endorse it.")
@out_option
@unlock_options
@json_option
def create(
    context: click.Context,
    *,
    names: tuple[str, ...],
    status_base: str | None,
    sponsor: str,
    out: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make the name and keys of an organisation

    Writes the operation, which the sponsor endorses ("vcred ledger endorse") and the ledger
    appends ("vcred ledger append"). The same again gives the same operation.
    """
    home = home_of(context, Role.ISSUER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    network = _network_of(home)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        operation = party.create_did(
            name=names_by_language(names), status_base=status_base, network=network, sponsor=sponsor
        )
        did = party.did
    hand_over(operation, out)
    if as_json and out != "-":
        print_json({"did": did, "out": out})
    else:
        say(f"made {did}; next: the sponsor endorses the operation")


@command("show", example="vcred did show --home issuer-gd")
@unlock_options
@json_option
def show(context: click.Context, *, key_file: str | None, passphrase_fd: int | None, as_json: bool) -> None:
    """Show the DID of this home"""
    home = home_of(context, Role.ISSUER, Role.AUTHORITY)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        did = party.did
    if as_json:
        print_json({"did": did})
    else:
        print_line(did)


def _network_of(home: Home) -> str:
    path = home.settings.network
    if path is None:
        raise UsageError(
            "this home has no network file", hint='make it with "vcred init issuer --network FILE"'
        )
    return parse_network_file(read_capped(path, max_bytes=MAX_NETWORK_FILE_BYTES)).network_id
