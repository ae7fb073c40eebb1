# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a credential says, as its holder reads it: sections with labels in a language, and values.

First what is always shown, then each group of the type in its order, then what the type does not
know of. All texts are the credential's or the type's own: not yet fit for a terminal, see
`vcred.text.sanitise`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.times import parse_date, parse_timestamp
from vcred.credential.paths import RESERVED_NAMES, definition_path, iter_leaves, join_path
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import DecodeError, SchemaError
from vcred.trust.belief import Belief
from vcred.wallet.holding import HeldCredential

Shown: TypeAlias = str | int | float | bool | date | datetime

_NO_CLAIM: Final = frozenset(RESERVED_NAMES | {"vct#integrity", "_sd_alg", "_sd"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One claim.

    Attributes:
        path: Such as "match.name".
        label: What the type calls it; the path where it does not know it.
        value: As a person reads it: the label of an enumerated value; a date, or a time with its
            zone, where the type says that it is one; else the value itself.
    """

    path: str
    label: str
    value: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSection:
    """Claims that belong together; `label` is None of those that are always shown."""

    label: str | None
    rows: tuple[ClaimRow, ...]


def sections_of(held: HeldCredential, language: str) -> tuple[ClaimSection, ...]:
    """Lay out all that a credential says.

    Args:
        held: Of the wallet.
        language: One of `vcred.text.languages.LANGUAGES`.
    """
    return lay_out(held.stored.processed.claims, held.definition, language)


def lay_out(
    claims: Mapping[str, JsonValue], definition: TypeDefinition | None, language: str
) -> tuple[ClaimSection, ...]:
    """As `sections_of`, of claims."""
    shown = {name: value for name, value in claims.items() if name not in _NO_CLAIM}
    always = () if definition is None else definition.always_shown
    groups = () if definition is None else definition.groups
    known = {*always, *(group.name for group in groups)}
    plain = [name for name in always if name in shown] + [name for name in shown if name not in known]
    sections = [ClaimSection(label=None, rows=_rows(shown, plain, definition, language))]
    for group in groups:
        if group.name in shown:
            rows = _rows(shown, [group.name], definition, language)
            sections.append(ClaimSection(label=group.labels[language], rows=rows))
    return tuple([section for section in sections if section.rows])


def type_label(belief: Belief | None, vct: str, type_name: str, language: str) -> str:
    """Call a type by its name in a language; by the last of its `vct` where its content is not held."""
    definition = None if belief is None else belief.type_definition(vct)
    return type_name if definition is None else definition.labels[language]


def claim_label(definition: TypeDefinition | None, path: str, language: str) -> str:
    """Call a claim by its label in a language; by its path where the type does not know it."""
    if definition is None:
        return path
    try:
        return definition.label(path, language)
    except SchemaError:
        return path


def _rows(
    claims: JsonObject, names: list[str], definition: TypeDefinition | None, language: str
) -> tuple[ClaimRow, ...]:
    chosen: JsonObject = {name: claims[name] for name in names}
    rows = []
    # An issuer hides the order of what can be withheld: without one of our own, no two would be alike.
    for segments, value in sorted(iter_leaves(chosen), key=lambda leaf: _rank(names, leaf[0])):
        path = join_path(segments)
        label = claim_label(definition, path, language)
        rows.append(ClaimRow(path=path, label=label, value=_shown(definition, path, value, language)))
    return tuple(rows)


def _rank(names: list[str], segments: tuple[str | int, ...]) -> tuple[int, bool, bool, str]:
    """Claims as they are named, elements of a list as they stand; in a group a person's names first."""
    path = "".join(f".{one:08}" if isinstance(one, int) else f".{one}" for one in segments)
    last = segments[1] if len(segments) == 2 else ""
    return names.index(str(segments[0])), last != "name", last != "name_latin", path


def _shown(definition: TypeDefinition | None, path: str, value: JsonValue, language: str) -> Shown:
    if isinstance(value, bool | int | float):
        return value
    if not isinstance(value, str):
        return encode_jcs(value).decode("utf-8")
    if definition is None:
        return value
    try:
        written = definition.schema_at(path).get("format")
        if written == "date":
            return parse_date(value)
        if written == "date-time":
            return parse_timestamp(value)
        return definition.value_label(definition_path(path), value, language)
    except (SchemaError, DecodeError):
        # An issuer may say what the type does not allow: it is shown as it is said.
        return value
