# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The rules between claims that a JSON Schema cannot say. The set is closed.

| rule | says |
|---|---|
| `not_in_future` | the date or date-time at `path` is not after the time of issue |
| `not_before` | `path` is not before `other` |
| `identity_number` | `path` is a number of the document kind at `id_type`, check digit included; a
  birth date inside it equals `birth_date` |
| `equal` | `path` equals `other` |
| `last_four` | `path` is the last four letters or digits of `other` |

A rule whose claims are absent is satisfied; the schema says what is required.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vcred.codec import fields
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import SchemaError


class RuleKind(StrEnum):
    """The rules there are."""

    NOT_IN_FUTURE = "not_in_future"
    NOT_BEFORE = "not_before"
    IDENTITY_NUMBER = "identity_number"
    EQUAL = "equal"
    LAST_FOUR = "last_four"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRule:
    """One rule over the claims at some paths. `other`: the second claim, where the rule has one."""

    kind: RuleKind
    path: str
    other: str | None = None
    birth_date: str | None = None

    def paths(self) -> tuple[str, ...]:
        """Return every path that the rule reads."""
        return tuple(path for path in (self.path, self.other, self.birth_date) if path is not None)


_MEMBERS: Final[Mapping[RuleKind, tuple[str, ...]]] = {
    RuleKind.NOT_IN_FUTURE: (),
    RuleKind.NOT_BEFORE: ("other",),
    RuleKind.IDENTITY_NUMBER: ("id_type",),
    RuleKind.EQUAL: ("other",),
    RuleKind.LAST_FOUR: ("other",),
}


def parse_rules(document: JsonValue, leaves: Mapping[str, JsonObject]) -> tuple[ClaimRule, ...]:
    """Read the rules of a type.

    Args:
        document: The member `rules`.
        leaves: Definition path to schema node, for every scalar claim of the type.

    Raises:
        SchemaError: An unknown rule, or a path that is no scalar claim of the type.
        DecodeError: A member missing, unknown or of the wrong type.
    """
    if not isinstance(document, list):
        raise SchemaError("rules", "not a list")
    return tuple(_parse_rule(item, f"rules.{index}", leaves) for index, item in enumerate(document))


def _parse_rule(item: JsonValue, where: str, leaves: Mapping[str, JsonObject]) -> ClaimRule:
    if not isinstance(item, dict):
        raise SchemaError(where, "not an object")
    name = fields.get_text(item, "rule")
    if name not in set(RuleKind):
        raise SchemaError(where, "no such rule", hint=f"rules are {', '.join(RuleKind)}")
    kind = RuleKind(name)
    members = _MEMBERS[kind]
    optional = ("birth_date",) if kind is RuleKind.IDENTITY_NUMBER else ()
    fields.refuse_unknown(item, {"rule", "path", *members, *optional})
    rule = ClaimRule(
        kind=kind,
        path=fields.get_text(item, "path"),
        other=fields.get_text(item, members[0]) if members else None,
        birth_date=fields.optional_text(item, "birth_date") if optional else None,
    )
    for path in rule.paths():
        _check_operand(kind, leaves.get(path), where)
    return rule


def _check_operand(kind: RuleKind, node: JsonObject | None, where: str) -> None:
    if node is None:
        raise SchemaError(where, "names a path that is no claim of the type")
    is_dated = kind in (RuleKind.NOT_IN_FUTURE, RuleKind.NOT_BEFORE)
    if is_dated and "format" not in node:
        raise SchemaError(where, "names a claim that is neither date nor date-time")
    if node.get("type", "string") != "string" and kind is not RuleKind.EQUAL:
        raise SchemaError(where, "names a claim that is not text")
