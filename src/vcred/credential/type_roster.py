# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How the columns of an issuer's roster become claims: the member `roster` of a type definition.

    "roster": {
      "row_id": "row_id",            column that identifies the row, for the journal
      "holder": "holder",            column with the holder's DID; need not be in the file
      "columns": [
        {"column": "name", "to": ["match.name", "identity.name"], "as": "text"},
        {"column": "modules", "to": ["modules"], "as": "pairs", "members": ["title", "mark"]}
      ]
    }

An empty cell says that the person lacks the claim. A column may stand in several mappings.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from vcred.codec import fields
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.paths import ANY_INDEX, is_claim_name
from vcred.errors import SchemaError


class CellForm(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    INTEGER = "integer"
    PAIRS = "pairs"
    LAST_FOUR = "last_four"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """One column's way into claims. `members`: the names of the two halves of a pair."""

    column: str
    to: tuple[str, ...]
    form: CellForm
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterMapping:
    """A whole roster's way into claims."""

    row_id: str
    holder: str | None
    columns: tuple[ColumnMapping, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that a roster must have, each once; further ones are left alone."""
        return tuple(dict.fromkeys((self.row_id, *(item.column for item in self.columns))))

    def column_of(self, path: str) -> str | None:
        """Return the column that a claim path comes from, or None: faults are told by column."""
        for mapping in self.columns:
            if any(path == target or path.startswith(f"{target}.") for target in mapping.to):
                return mapping.column
        return None


def parse_roster(document: JsonObject, paths: Collection[str]) -> RosterMapping:
    """Read the roster mapping of a type.

    Args:
        document: The member `roster`.
        paths: Definition paths of every claim of the type, scalars and arrays.

    Raises:
        SchemaError: A target that is no claim of the type, or is filled twice.
        DecodeError: A member missing, unknown or of the wrong type.
    """
    fields.refuse_unknown(document, {"row_id", "holder", "columns"})
    columns = tuple(_parse_column(item, paths) for item in fields.get_list(document, "columns"))
    targets = [path for mapping in columns for path in mapping.to]
    if len(set(targets)) != len(targets):
        raise SchemaError("roster.columns", "a claim is filled twice")
    return RosterMapping(
        row_id=fields.get_text(document, "row_id"),
        holder=fields.optional_text(document, "holder"),
        columns=columns,
    )


def _parse_column(item: JsonValue, paths: Collection[str]) -> ColumnMapping:
    if not isinstance(item, dict):
        raise SchemaError("roster.columns", "not an object")
    fields.refuse_unknown(item, {"column", "to", "as", "members"})
    column = fields.get_text(item, "column")
    form = fields.get_text(item, "as")
    targets = tuple(fields.get_texts(item, "to"))
    if form not in set(CellForm):
        raise SchemaError(f"roster.{column}", "no such form", hint=f"forms are {', '.join(CellForm)}")
    if not targets or any(target not in paths or ANY_INDEX in target for target in targets):
        raise SchemaError(f"roster.{column}", "leads to no claim of the type")
    members = tuple(fields.get_texts(item, "members")) if "members" in item else ()
    _check_members(column, CellForm(form), members)
    return ColumnMapping(column=column, to=targets, form=CellForm(form), members=members)


def _check_members(column: str, form: CellForm, members: tuple[str, ...]) -> None:
    wanted = 2 if form is CellForm.PAIRS else 0
    if len(members) != wanted or not all(is_claim_name(name) for name in members):
        raise SchemaError(f"roster.{column}", "members: two claim names for pairs, none otherwise")
