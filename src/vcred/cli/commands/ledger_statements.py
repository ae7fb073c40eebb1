# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an authority states: who may issue what, what its gates accept, and what no longer holds."""

from typing import Any

import click

from vcred.cli.command import clock_of, command
from vcred.cli.inputs import parse_duration, parse_moment, split_paths
from vcred.cli.operations import StatementOptions, find_type, make_statement, statement_options
from vcred.codec.json_types import JsonObject
from vcred.errors import UsageError
from vcred.ledger.entries import Kind
from vcred.ledger.state import Effect, State

TIME_HELP = "a time with its zone, now, or +365d"


@command(
    "accredit",
    example="vcred ledger accredit did:vcred:F3k... health-code --from now --until +365d \\\n"
    "  --home authority-gd --ledger ledger\n"
    "vcred ledger accredit did:vcred:F3k... health-code --from 2026-11-01T00:00:00+08:00 \\\n"
    "  --until 2027-11-01T00:00:00+08:00 --home authority-gd --ledger ledger",
)
@click.argument("issuer", metavar="DID")
@click.argument("type_", metavar="NAME|VCT")
@click.option(
    "--from",
    "start",
    required=True,
    metavar="TIME",
    help=f"Credentials issued from then on count: {TIME_HELP}.",
)
@click.option(
    "--until",
    "end",
    required=True,
    metavar="TIME",
    help=f"Credentials issued before then count: {TIME_HELP}.",
)
@statement_options
def accredit(
    context: click.Context, *, issuer: str, type_: str, start: str, end: str, **options: Any
) -> None:
    """Let an issuer issue a type for this jurisdiction

    NAME is that of a published type; where several publishers have it, give the VCT.
    """
    now = clock_of(context)()
    from_time = int(parse_moment("--from", start, now=now).timestamp())
    until = int(parse_moment("--until", end, now=now).timestamp())

    def draft(state: State, _: str) -> tuple[Kind, JsonObject]:
        vct = find_type(state, type_)
        return Kind.ISSUER_ACCREDIT, {"issuer": issuer, "type": vct, "from": from_time, "until": until}

    make_statement(context, draft, StatementOptions(**options))


@command(
    "recognise",
    example="vcred ledger recognise health-code --from-jurisdiction CN-44 --max-age 7d \\\n"
    "  --bindings live,challenge --home authority-mo --ledger ledger",
)
@click.argument("type_", metavar="NAME|VCT")
@click.option(
    "--from-jurisdiction", "jurisdiction", required=True, metavar="CODE", help="Whose accreditations count."
)
@click.option("--max-age", metavar="DURATION", help="Condition: issued at most this long ago.")
@click.option("--bindings", metavar="NAME,...", help="Condition: live, challenge, none.")
@click.option("--require", metavar="PATH,...", help="Condition: these claims are disclosed.")
@click.option("--until", metavar="TIME", help=f"Condition: until then: {TIME_HELP}.")
@statement_options
def recognise(
    context: click.Context,
    *,
    type_: str,
    jurisdiction: str,
    max_age: str | None,
    bindings: str | None,
    require: str | None,
    until: str | None,
    **options: Any,
) -> None:
    """Accept a type of another jurisdiction at this one's gates

    NAME is that of a published type; where several publishers have it, give the VCT.
    """
    conditions: JsonObject = {}
    if max_age is not None:
        conditions["max_age"] = parse_duration("--max-age", max_age)
    if bindings is not None:
        conditions["bindings"] = list(split_paths(bindings))
    if require is not None:
        conditions["required_claims"] = list(split_paths(require))
    if until is not None:
        conditions["until"] = int(parse_moment("--until", until, now=clock_of(context)()).timestamp())

    def draft(state: State, _: str) -> tuple[Kind, JsonObject]:
        vct = find_type(state, type_)
        return Kind.RECOGNISE, {"type": vct, "jurisdiction": jurisdiction, "conditions": conditions}

    make_statement(context, draft, StatementOptions(**options))


@command(
    "withdraw",
    example="vcred ledger withdraw 9pV... --effect void --home authority-gd --ledger ledger",
)
@click.argument("entry", metavar="HASH")
@click.option(
    "--effect",
    required=True,
    type=click.Choice([str(effect) for effect in Effect]),
    help="cease: from then on it says nothing new; void: it never counts, whatever the date.",
)
@statement_options
def withdraw(context: click.Context, *, entry: str, effect: str, **options: Any) -> None:
    """Take back an accreditation, a recognition or a registration

    HASH is the entry's, as "vcred ledger log" shows it. There is no default effect.
    """

    def draft(state: State, _: str) -> tuple[Kind, JsonObject]:
        members: JsonObject = {"entry": entry, "effect": effect}
        if entry in state.accreditations:
            return Kind.ISSUER_WITHDRAW, members
        if entry in state.recognitions:
            return Kind.RECOGNISE_WITHDRAW, members
        if entry in state.registrations:
            return Kind.VERIFIER_WITHDRAW, members
        raise UsageError(
            "no accreditation, recognition or registration has that hash",
            hint='see "vcred ledger log --home LEDGER"',
        )

    make_statement(context, draft, StatementOptions(**options))
