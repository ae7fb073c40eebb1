# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred did key` and `vcred did sign`: a home's part in a DID that several hands hold."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.did_changes import DID_ROLES
from vcred.cli.homes import home_of
from vcred.cli.names import counted
from vcred.cli.operations import hand_over, out_option, read_operation
from vcred.cli.output import print_json, print_line, say
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.codec.json_types import JsonObject
from vcred.desk.did_desk import ControlKey
from vcred.desk.party import Party


@command("key", example="vcred did key --home authority-mo\nvcred did key --new --home authority-mo --json")
@click.option("--new", is_flag=True, help="Make another one.")
@unlock_options
@json_option
def key(
    context: click.Context, *, new: bool, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Show the control keys that this home keeps for the DIDs of others

    The commitment goes into an operation with --next-key; the key itself is revealed with
    --control-key, not before the operation that it signs.
    """
    home = home_of(context, *DID_ROLES)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        keys = party.did_desk.spare_keys(new=new)
    if as_json:
        print_json({"keys": [_row(item) for item in keys]})
        return
    for item in keys:
        print_line(f"{item.name:<9} key         {item.key.to_multikey()}")
        print_line(f"{'':<9} commitment  {item.commitment}")


@command("sign", example="vcred did sign rotate.json --home authority-mo --out signed.json")
@click.argument("operation")
@out_option
@unlock_options
@json_option
def sign(
    context: click.Context,
    *,
    operation: str,
    out: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Sign an operation of a DID with the control keys of this home

    OPERATION is a file, "-" is stdin. Read what it says first ("vcred ledger show"): a signature
    cannot be taken back.
    """
    home = home_of(context, *DID_ROLES)
    value = read_operation(operation)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        signed = party.did_desk.sign(value)
    hand_over(signed, out)
    proofs = signed.get("proof")
    signatures = len(proofs) if isinstance(proofs, list) else 0
    if as_json and out != "-":
        print_json({"kind": signed.get("kind"), "signatures": signatures, "out": out})
    else:
        say(f"signed: {counted(signatures, 'signature')}")


def _row(item: ControlKey) -> JsonObject:
    return {"name": item.name, "key": item.key.to_multikey(), "commitment": item.commitment}
