# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How a network begins: each authority hands over, the ledger drafts, each authority endorses."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.commands.ledger import open_ledger
from vcred.cli.homes import home_of
from vcred.cli.inputs import names_by_language, read_object
from vcred.cli.known_ledger import ledger_option, state_of_home
from vcred.cli.operations import hand_over, out_option, read_operation
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.desk.founder import Founder
from vcred.desk.party import Party
from vcred.did.methods.vcred import did_of
from vcred.errors import UsageError
from vcred.home import Role
from vcred.ledger.drafts import draft_genesis
from vcred.ledger.entries import Kind
from vcred.limits import MAX_JSON_BYTES

# What an authority puts its name to for others; statements are its own and signed when made.
_ENDORSED = (Kind.GENESIS, Kind.NETWORK_CHANGE, Kind.DID_CREATE, Kind.DID_UPDATE)


@command(
    "found",
    example='vcred ledger found --jurisdiction MO --jurisdiction-name Macao --name "Health Bureau" \\\n'
    "  --home authority-mo --out founder-mo.json",
)
@click.option("--jurisdiction", required=True, metavar="CODE", help="Code of the jurisdiction, such as MO.")
@click.option(
    "--jurisdiction-name",
    "places",
    multiple=True,
    required=True,
    metavar="[LANG=]TEXT",
    help="Its name, once a language.",
)
@click.option(
    "--name", "names", multiple=True, required=True, metavar="[LANG=]TEXT", help="Name of the authority."
)
@out_option
@unlock_options
@json_option
def found(
    context: click.Context,
    *,
    jurisdiction: str,
    places: tuple[str, ...],
    names: tuple[str, ...],
    out: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make what an authority hands over to found a network

    Makes the authority's DID and its witness key; the same again gives the same.
    """
    home = home_of(context, Role.AUTHORITY)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        founder = party.found(
            jurisdiction=jurisdiction,
            jurisdiction_name=names_by_language(places),
            name=names_by_language(names),
        )
        did = party.did
    hand_over(founder.to_json(), out)
    if as_json and out != "-":
        print_json({"did": did, "out": out})
    else:
        say(f"founder {did}")


@command(
    "genesis",
    example="vcred ledger genesis founder-gd.json founder-mo.json \\\n"
    "  --origin ledger.example/vcred --home ledger --out genesis.json",
)
@click.argument("founders", nargs=-1, required=True)
@click.option(
    "--origin", required=True, metavar="NAME", help="Name of the log: a schemeless address, one line."
)
@out_option
@unlock_options
@json_option
def genesis(
    context: click.Context,
    *,
    founders: tuple[str, ...],
    origin: str,
    out: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Draft the first entry from what the founders handed over

    Each founder endorses the draft ("vcred ledger endorse"), then it is appended.
    """
    handed = [Founder.from_json(read_object(name, max_bytes=MAX_JSON_BYTES)) for name in founders]
    with open_ledger(context, key_file=key_file, passphrase_fd=passphrase_fd) as ledger:
        log_key = ledger.log_key
    draft = draft_genesis(
        jurisdictions={founder.jurisdiction: founder.jurisdiction_name for founder in handed},
        founders=[{"jurisdiction": founder.jurisdiction, "create": founder.create} for founder in handed],
        witnesses=[founder.witness for founder in handed],
        origin=origin,
        log_key=log_key,
    )
    hand_over(draft, out)
    if as_json and out != "-":
        print_json({"founders": len(handed), "out": out})
    else:
        say("drafted; next: each founder endorses it")


@command(
    "endorse",
    example="vcred ledger endorse create.json --home authority-gd --out endorsed.json",
)
@click.argument("operation")
@ledger_option
@out_option
@unlock_options
@json_option
def endorse(
    context: click.Context,
    *,
    operation: str,
    ledger: str | None,
    out: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Sign an operation as founder, sponsor or authority

    OPERATION is a file, "-" is stdin. Read what it says first ("vcred ledger show"): a signature
    cannot be taken back. A did.update is signed with this home's control keys, as "vcred did sign" does.
    """
    home = home_of(context, Role.AUTHORITY)
    value = read_operation(operation)
    if value.get("kind") not in tuple(_ENDORSED):
        raise UsageError(
            "only a network.genesis or .change, a did.create or .update is endorsed",
            hint="a statement is signed where it is made",
        )
    clock = clock_of(context)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock) as party:
        if value.get("kind") == Kind.DID_UPDATE:
            endorsed = party.did_desk.sign(value)
        else:
            endorsed = party.endorse(value, state=state_of_home(home, ledger, clock))
    hand_over(endorsed, out)
    subject = did_of(value) if value.get("kind") == Kind.DID_CREATE else f"the {value['kind']}"
    if as_json and out != "-":
        print_json({"kind": value.get("kind"), "out": out})
    else:
        say(f"endorsed {subject}")
