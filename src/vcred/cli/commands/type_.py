# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred type`: the credential types that are shipped, and those that are published."""

from pathlib import Path

import click

from vcred.cli.command import clock_of, command, home_option, json_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import home_path
from vcred.cli.language import language_option
from vcred.cli.ledger_places import LEDGER_HELP, LEDGER_PLACE, open_ledger_at
from vcred.cli.output import print_json, print_line
from vcred.cli.phrases import ALWAYS_SHOWN, DISCLOSURE, ROSTER_COLUMNS
from vcred.clock import Clock
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import TypeDefinition, shipped_type, shipped_type_names
from vcred.errors import UsageError
from vcred.home import Role, read_home
from vcred.ledger.state import State
from vcred.text.languages import choose_language
from vcred.trust.belief import Belief
from vcred.trust.store import TrustStore


@command(
    "list",
    example="vcred type list --home gate-mo\nvcred type list --ledger ledger",
)
@click.option("--ledger", metavar=LEDGER_PLACE, help=LEDGER_HELP)
@json_option
def list_types(context: click.Context, *, ledger: str | None, as_json: bool) -> None:
    """List the types shipped with vcred, and those on the ledger that this home holds"""
    shipped = [shipped_type(name) for name in shipped_type_names()]
    rows = [_row(definition, vct=None) for definition in shipped]
    place = _ledger(context, ledger)
    if place is not None:
        by_digest = {definition.digest: definition for definition in shipped}
        for vct, published in sorted(_state(place, clock_of(context)).types.items()):
            rows.append(_row(by_digest.get(published.digest), vct=vct))
    elif (belief := _belief(context)) is not None:
        rows += [_row(belief.type_definition(vct), vct=vct) for vct in sorted(belief.state.types)]
    if as_json:
        print_json([*rows])
        return
    for row in rows:
        name = f"{row['name']} {row['version']}" if row["held"] else "(content not held)"
        print_line(f"{name:<28} {row['type'] or 'shipped'}")


@command("show", example="vcred type show health-code --lang zh-Hant")
@click.argument("name", metavar="NAME|VCT")
@language_option("labels")
@json_option
def show(context: click.Context, *, name: str, lang: str | None, as_json: bool) -> None:
    """Show what a type holds, and how finely a holder can cut it"""
    definition = _find(context, name)
    if as_json:
        print_json(definition.document)
        return
    language = choose_language(lang)
    print_line(f"{definition.name} {definition.version}   {definition.labels[language]}")
    for path in definition.always_shown:
        print_line(f"  {path:<24} {definition.label(path, language)}   {ALWAYS_SHOWN[language]}")
    for group_ in definition.groups:
        cut = DISCLOSURE[language][group_.disclosure]
        print_line(f"  {group_.name:<24} {group_.labels[language]}   {cut}")
        for path in definition.claims:
            if path.startswith(f"{group_.name}."):
                print_line(f"    {path:<22} {definition.label(path, language)}")
    print_line(f"{ROSTER_COLUMNS[language]}: {', '.join(definition.roster.names)}")


def _find(context: click.Context, name: str) -> TypeDefinition:
    if name in shipped_type_names():
        return shipped_type(name)
    belief = _belief(context)
    names = [] if belief is None else [name, *reversed(belief.types_named(name))]
    found = next((d for vct in names if belief and (d := belief.type_definition(vct))), None)
    if found is None:
        raise UsageError("no such type is shipped or held", hint='see "vcred type list"')
    return found


def _ledger(context: click.Context, named: str | None) -> str | Path | None:
    """Return the ledger to ask: the one named, else that of a home that holds no bundle."""
    if named is not None:
        return named
    path = home_path(context, Role.VERIFIER)
    if not path.exists():
        return None
    home = read_home(path)
    if home.role is Role.LEDGER:
        return path
    if home.settings.network is not None:
        with TrustStore.open(home, clock=clock_of(context)) as store:
            if store.held.newest_checkpoint() is not None:
                return None
    return home.settings.ledger


def _state(ledger: str | Path, clock: Clock) -> State:
    with open_ledger_at(ledger, clock) as opened:
        return opened.state


def _belief(context: click.Context) -> Belief | None:
    """Return the belief of the home, or None where no home is: shipped types need none."""
    path = home_path(context, Role.VERIFIER)
    if not path.exists():
        return None
    home = read_home(path)
    if home.settings.network is None:
        return None
    with TrustStore.open(home, clock=clock_of(context)) as store:
        return store.belief() if store.held.newest_checkpoint() is not None else None


def _row(definition: TypeDefinition | None, *, vct: str | None) -> JsonObject:
    return {
        "type": vct,
        "name": None if definition is None else definition.name,
        "version": None if definition is None else definition.version,
        "held": definition is not None,
        "digest": None if definition is None else definition.digest.hex(),
    }


group = LazyGroup(
    "type",
    help="List, show and publish credential types",
    params=[home_option()],
    table={
        "add": Deferred("type_add", "add", "Publish a type on the ledger"),
        "list": Deferred(
            "type_",
            "list_types",
            "List the types shipped with vcred, and those on the ledger that this home holds",
        ),
        "show": Deferred("type_", "show", "Show what a type holds, and how finely a holder can cut it"),
    },
)
