# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger distrust` and `vcred ledger register`: which key is void, and who may ask for what."""

from typing import Any

import click

from vcred.cli.command import clock_of, command
from vcred.cli.commands.ledger_statements import TIME_HELP
from vcred.cli.inputs import names_by_language, parse_moment, split_paths
from vcred.cli.operations import StatementOptions, find_type, make_statement, statement_options
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import UsageError
from vcred.ledger.entries import Kind
from vcred.ledger.state import State

_ALL = "all"
_FROM = "from:"


@command(
    "distrust",
    example="vcred ledger distrust did:vcred:F3k...#Nb2... --scope all --home authority-gd --ledger ledger\n"
    "vcred ledger distrust did:vcred:F3k...#Nb2... --scope from:2026-11-20T09:00:00+08:00 \\\n"
    "  --never-left-hsm --home issuer-gd --ledger ledger",
)
@click.argument("key", metavar="KEY")
@click.option(
    "--scope",
    required=True,
    metavar="all|from:TIME",
    help="all: whatever it has signed is void; from:TIME: what it has signed since.",
)
@click.option(
    "--never-left-hsm",
    is_flag=True,
    help="State that before TIME the key was never outside its hardware; needed with from:TIME.",
)
@statement_options
def distrust(context: click.Context, *, key: str, scope: str, never_left_hsm: bool, **options: Any) -> None:
    """Declare that a key is not to be trusted

    KEY is the DID URL of a key, as "vcred did history" shows it. Whoever has a key chooses the
    dates of what it signs: only its own organisation can say since when it was stolen.
    """
    members: JsonObject = {"key": key, "scope": _scope(context, scope)}
    if never_left_hsm:
        members["never_left_hsm"] = True
    if never_left_hsm is (scope == _ALL):
        raise UsageError(
            "--never-left-hsm is needed with --scope from:TIME, and only there",
            hint="a key that was ever in a file may have been copied long before: then use --scope all",
        )

    def draft(_: State, __: str) -> tuple[Kind, JsonObject]:
        return Kind.KEY_DISTRUST, members

    make_statement(context, draft, StatementOptions(**options))


@command(
    "register",
    example="vcred ledger register did:vcred:9Qd... health-code --claims colour,match \\\n"
    '  --purpose "Entry to the hospital" --purpose zh-Hant=進入醫院 --until +365d \\\n'
    "  --home authority-mo --ledger ledger",
)
@click.argument("verifier", metavar="DID")
@click.argument("type_", metavar="NAME|VCT")
@click.option("--claims", required=True, metavar="PATH,...", help="What it may ask for.")
@click.option("--purpose", "purposes", multiple=True, required=True, metavar="[LANG=]TEXT", help="What for.")
@click.option("--until", metavar="TIME", help=f"Until then: {TIME_HELP}.")
@statement_options
def register(
    context: click.Context,
    *,
    verifier: str,
    type_: str,
    claims: str,
    purposes: tuple[str, ...],
    until: str | None,
    **options: Any,
) -> None:
    """Let an organisation ask holders for claims of a type

    Everybody can then look up who may ask for what, and what for.
    """
    members: JsonObject = {
        "verifier": verifier,
        "claims": [*split_paths(claims)],
        "purpose": names_by_language(purposes),
    }
    if until is not None:
        members["until"] = int(parse_moment("--until", until, now=clock_of(context)()).timestamp())

    def draft(state: State, _: str) -> tuple[Kind, JsonObject]:
        return Kind.VERIFIER_REGISTER, members | {"type": find_type(state, type_)}

    make_statement(context, draft, StatementOptions(**options))


def _scope(context: click.Context, text: str) -> JsonValue:
    if text == _ALL:
        return _ALL
    if not text.startswith(_FROM):
        raise UsageError("--scope: all, or from:TIME", hint='write it as "--scope all"')
    moment = parse_moment("--scope from:", text.removeprefix(_FROM), now=clock_of(context)())
    return {"from": int(moment.timestamp())}
