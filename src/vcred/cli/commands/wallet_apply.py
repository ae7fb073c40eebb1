# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet apply`: a new key for each credential, and the proof that it is the holder's."""

import secrets
from pathlib import Path
from typing import Any, Final

import click

from vcred.cli.command import command
from vcred.cli.output import print_json, print_line, write_data
from vcred.cli.wallets import open_wallet, wallet_options
from vcred.codec.json_types import JsonObject
from vcred.did.syntax import parse_did
from vcred.errors import RefusedError, StoreError, UsageError
from vcred.limits import MAX_COPIES
from vcred.wallet.possession import Application

_NONCE_BYTES: Final = 16


@command(
    "apply",
    example="vcred wallet apply did:vcred:F3k... --nonce 7Qd4kX --home holder-1 --out proof.jwt\n"
    "vcred wallet apply did:vcred:F3k... --nonce 7Qd4kX --copies 10 --home holder-1 --out proofs.txt",
)
@click.argument("issuer", metavar="ISSUER")
@click.option(
    "--nonce", metavar="CODE", help="The enrolment code that the issuer gave out; needed for a proof."
)
@click.option(
    "--copies",
    type=click.IntRange(1, MAX_COPIES),
    default=1,
    metavar="N",
    help="For so many one-time copies of one credential, each with a key of its own.",
)
@click.option(
    "--out", metavar="FILE", help="Where the proofs of possession go, one a line; else only DIDs are shown."
)
@wallet_options
def apply(
    context: click.Context,
    *,
    issuer: str,
    nonce: str | None,
    copies: int,
    out: str | None,
    as_json: bool,
    **opening: Any,
) -> None:
    """Make a new key for one credential of one issuer

    Prints its did:key, by which the issuer binds the credential to this wallet. One-time copies are
    shown once each, so that nobody can tell that two showings were of one person.
    """
    _require_did(issuer)
    _check_out(out, nonce)
    with open_wallet(context, **opening) as opened:
        made = opened.wallet.apply_for_copies(
            issuer, nonce or secrets.token_urlsafe(_NONCE_BYTES), copies=copies
        )
    if out is not None:
        proofs = "".join([f"{application.proof}\n" for application in made])
        write_data(proofs.encode("ascii"), out, mode=0o600)
    if as_json:
        _print_json(made, has_proof=nonce is not None)
    else:
        for application in made:
            print_line(application.did)


def _print_json(made: tuple[Application, ...], *, has_proof: bool) -> None:
    told: list[JsonObject] = [{"did": one.did, "proof": one.proof if has_proof else None} for one in made]
    # Of one, as programs know it that do not ask for copies.
    single: JsonObject = told[0] if len(told) == 1 else {}
    print_json({**single, "applications": [*told]})


def _check_out(out: str | None, nonce: str | None) -> None:
    """Refuse before any key is made: a proof that cannot be written would leave one behind."""
    if out is None:
        return
    if nonce is None:
        raise UsageError("a proof answers an enrolment code", hint="give it with --nonce CODE")
    if out != "-" and Path(out).exists():
        raise StoreError(f"{out} exists already", hint="choose another name, or move it away")


def _require_did(issuer: str) -> None:
    try:
        parse_did(issuer)
    except RefusedError as error:
        raise UsageError(
            "ISSUER is not a DID", hint='the issuer says its own: "vcred did show --home ISSUER"'
        ) from error
