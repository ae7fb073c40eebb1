# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet`: a holder's keys, and the history of what they have shown."""

import secrets
from typing import Any

import click

from vcred.cli.command import clock_of, command, home_option, json_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import home_of, home_path
from vcred.cli.language import language_option
from vcred.cli.new_homes import make_home, network_content, tell_home
from vcred.cli.output import print_json, print_line, write_data
from vcred.cli.unlocking import existing_unlock, new_unlock, passphrase_option, unlock_options
from vcred.codec.times import format_timestamp
from vcred.did.syntax import parse_did
from vcred.errors import RefusedError, UsageError
from vcred.home import Role, Settings
from vcred.text.languages import choose_language
from vcred.wallet.wallet import Wallet

NONCE_BYTES = 16


def _open(context: click.Context, *, key_file: str | None, passphrase_fd: int | None) -> Wallet:
    home = home_of(context, Role.HOLDER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    return Wallet.open(home, unlock=unlock, clock=clock_of(context))


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
    as_json: bool,
    **given: Any,
) -> None:
    """Make the home of a holder

    The same as "vcred init holder".
    """
    unlock = new_unlock(**given)
    home = make_home(
        home_path(context, Role.HOLDER),
        Role.HOLDER,
        settings=Settings(language=choose_language(lang)),
        network_file=None if network is None else network_content(network),
        jurisdiction="",
        unlock=unlock,
    )
    tell_home(home, unlock, as_json=as_json)


@command(
    "apply",
    example="vcred wallet apply did:vcred:F3k... --nonce 7Qd4kX --home holder-1 --out proof.jwt",
)
@click.argument("issuer", metavar="ISSUER")
@click.option(
    "--nonce", metavar="CODE", help="The enrolment code that the issuer gave out; needed for a proof."
)
@click.option("--out", metavar="FILE", help="Where the proof of possession goes; else only the DID is shown.")
@unlock_options
@json_option
def apply(
    context: click.Context,
    *,
    issuer: str,
    nonce: str | None,
    out: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make a new key for one credential of one issuer

    Prints its did:key, by which the issuer binds the credential to this wallet.
    """
    _require_did(issuer)
    if out is not None and nonce is None:
        raise UsageError("a proof answers an enrolment code", hint="give it with --nonce CODE")
    with _open(context, key_file=key_file, passphrase_fd=passphrase_fd) as wallet:
        application = wallet.apply(issuer, nonce or secrets.token_urlsafe(NONCE_BYTES))
    if out is not None:
        write_data(f"{application.proof}\n".encode("ascii"), out, mode=0o600)
    if as_json:
        print_json({"did": application.did, "proof": None if nonce is None else application.proof})
    else:
        print_line(application.did)


def _require_did(issuer: str) -> None:
    try:
        parse_did(issuer)
    except RefusedError as error:
        raise UsageError(
            "ISSUER is not a DID", hint='the issuer says its own: "vcred did show --home ISSUER"'
        ) from error


@command("history", example="vcred wallet history --home holder-1")
@unlock_options
@json_option
def history(
    context: click.Context, *, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Show what was shown, when and to whom"""
    with _open(context, key_file=key_file, passphrase_fd=passphrase_fd) as wallet:
        records = wallet.history()
    if as_json:
        print_json(
            [
                {
                    "at": format_timestamp(record.at),
                    "binding": str(record.binding),
                    "audience": record.audience,
                    "issuer": record.issuer,
                    "type": record.type,
                    "revealed": list(record.revealed),
                }
                for record in records
            ]
        )
        return
    for record in records:
        shown = ", ".join(record.revealed) or "what is always shown"
        name = record.type.rpartition("/types/")[2]
        print_line(f"{format_timestamp(record.at)}  {record.binding:<9}  {name}  {shown}")


group = LazyGroup(
    "wallet",
    help="Keep credentials and the keys they are bound to",
    params=[home_option()],
    table={
        "create": Deferred("wallet", "create", "Make the home of a holder"),
        "apply": Deferred("wallet", "apply", "Make a new key for one credential of one issuer"),
        "history": Deferred("wallet", "history", "Show what was shown, when and to whom"),
    },
)
