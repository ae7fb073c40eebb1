# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred type add`: a definition's digest goes on the ledger, its content into the bundles."""

from pathlib import Path
from typing import Any

import click

from vcred.cli.command import command
from vcred.cli.operations import StatementOptions, make_statement, statement_options
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import (
    TypeDefinition,
    parse_type_definition,
    shipped_type,
    shipped_type_names,
)
from vcred.did.methods.vcred import hash_text
from vcred.files import read_capped
from vcred.ledger.entries import Kind
from vcred.ledger.state import State
from vcred.limits import MAX_TYPE_DEFINITION_BYTES


@command("add", example="vcred type add health-code --home authority-gd --ledger ledger")
@click.argument("name", metavar="NAME|FILE")
@statement_options
def add(context: click.Context, *, name: str, **options: Any) -> None:
    """Publish a type on the ledger

    NAME is a shipped type, FILE a definition of one's own. A published version never changes:
    a change is a new version.
    """
    definition = _definition(name)

    def draft(_: State, author: str) -> tuple[Kind, JsonObject]:
        return Kind.TYPE_PUBLISH, {
            "type": f"{author}/types/{definition.name}/{definition.version}",
            "digest": hash_text(definition.digest),
            "size": len(definition.encoded),
        }

    make_statement(context, draft, StatementOptions(**options))


def _definition(name: str) -> TypeDefinition:
    if name in shipped_type_names():
        return shipped_type(name)
    return parse_type_definition(read_capped(Path(name), max_bytes=MAX_TYPE_DEFINITION_BYTES, from_pipe=True))
