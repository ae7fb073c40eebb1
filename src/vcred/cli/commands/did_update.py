# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred did rotate`, `update` and `deactivate`: what an organisation says of itself from now on."""

import sys
from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.did_changes import (
    change_did,
    next_options,
    read_control_keys,
    read_new_tokens,
    signing_options,
)
from vcred.cli.inputs import names_by_language
from vcred.cli.operations import StatementOptions
from vcred.cli.token_options import hsm_option
from vcred.desk.did_plan import UpdateRequest
from vcred.desk.own_keys import METHOD_KEYS
from vcred.did.operations import Purpose
from vcred.errors import UsageError

_PURPOSES = {
    "issuing": Purpose.ASSERTION,
    "status": Purpose.STATUS,
    "statement": Purpose.STATEMENT,
    "authentication": Purpose.AUTHENTICATION,
}


@command(
    "rotate",
    example="vcred did rotate --key issuing --home issuer-gd --ledger ledger\n"
    "vcred did rotate --home authority-mo --out rotate.json\n"
    "vcred did rotate --control-key zDnae... --next-key 4hR... --next-key 9Lm... \\\n"
    "  --next-threshold 2 --home issuer-gd --out rotate.json\n"
    "vcred did rotate --key issuing --hsm pkcs11:token=health --pin-file PIN --out rotate.json\n"
    "vcred did rotate --discard --home issuer-gd",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Choice([*_PURPOSES]),
    help="Retire the keys of this purpose, and put a new one in their place.",
)
@next_options
@hsm_option
@signing_options
def rotate(
    context: click.Context,
    *,
    keys: tuple[str, ...],
    control_keys: tuple[str, ...],
    next_keys: tuple[str, ...],
    next_threshold: int | None,
    hsm: tuple[str, ...],
    discard: bool,
    **options: Any,
) -> None:
    """Put new keys in the place of this DID's keys

    Without --key only the control keys move on; --discard alone makes nothing new. What retired
    keys have signed stays valid; a stolen key is distrusted ("vcred ledger distrust"). With --hsm
    the new keys of --key are made in a token; what follows a key in a token is made there anyway.
    """
    tokens = read_new_tokens(hsm, keys=tuple(METHOD_KEYS[_PURPOSES[key]].role for key in keys))
    request = UpdateRequest(
        rotate=tuple(_PURPOSES[key] for key in dict.fromkeys(keys)),
        control_keys=read_control_keys(control_keys),
        next_hashes=next_keys,
        next_threshold=next_threshold,
    )
    change_did(context, request, discard=discard, options=StatementOptions(**options), tokens=tokens)


@command(
    "update",
    example='vcred did update --name "Guangdong Health Codes" --name zh-Hant=廣東健康碼中心 \\\n'
    "  --site https://health.example --home issuer-gd --ledger ledger\n"
    "vcred did update --status-base https://lists.example/gd/ --home issuer-gd --out update.json",
)
@click.option("--name", "names", multiple=True, metavar="[LANG=]TEXT", help="New name in a language.")
@click.option(
    "--status-base",
    "status_bases",
    multiple=True,
    metavar="URI",
    help="Where new status lists will be, in the place of what there is; earlier lists stay where they are.",
)
@click.option(
    "--site", "sites", multiple=True, metavar="URL", help="Web site of it, in the place of those there are."
)
@next_options
@hsm_option
@signing_options
def update(
    context: click.Context,
    *,
    names: tuple[str, ...],
    status_bases: tuple[str, ...],
    sites: tuple[str, ...],
    control_keys: tuple[str, ...],
    next_keys: tuple[str, ...],
    next_threshold: int | None,
    hsm: tuple[str, ...],
    discard: bool,
    **options: Any,
) -> None:
    """Change what this DID's document says beside its keys

    What is not given stays as it is. With --hsm the next control key is made in a token.
    """
    tokens = read_new_tokens(hsm, keys=())
    if not (names or status_bases or sites or discard):
        raise UsageError("there is nothing to change", hint="give --name, --status-base or --site")
    request = UpdateRequest(
        name=names_by_language(names) if names else None,
        status_bases=status_bases or None,
        sites=sites or None,
        control_keys=read_control_keys(control_keys),
        next_hashes=next_keys,
        next_threshold=next_threshold,
    )
    change_did(context, request, discard=discard, options=StatementOptions(**options), tokens=tokens)


@command("deactivate", example="vcred did deactivate --yes --home issuer-gd --ledger ledger")
@click.option("--yes", is_flag=True, help="Do not ask.")
@signing_options
def deactivate(
    context: click.Context, *, yes: bool, control_keys: tuple[str, ...], discard: bool, **options: Any
) -> None:
    """End this DID for good

    It then has no keys, and nothing can bring it back. Credentials issued before stay valid
    until they expire or are withdrawn.
    """
    if not yes and not _confirmed():
        raise UsageError("nothing was done")
    request = UpdateRequest(deactivate=True, control_keys=read_control_keys(control_keys))
    change_did(context, request, discard=discard, options=StatementOptions(**options))


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("ending a DID has to be confirmed", hint="give --yes, or answer at a terminal")
    return click.confirm("End this DID for good?", default=False, err=True)
