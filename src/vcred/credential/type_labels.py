# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a credential type, its groups, claims and enumerated values are called in each language.

Every label is there in every language: a gate must never fall back to a claim name or to a
language that its officer does not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from vcred.codec import fields
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import SchemaError
from vcred.text.languages import LANGUAGES

MAX_LABEL_CHARACTERS: Final = 100

Labels: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLabels:
    """One claim's name, and the names of its values where they are enumerated."""

    labels: Labels
    values: Mapping[str, Labels]


def parse_labels(document: JsonValue, where: str) -> Labels:
    """Read one label in all languages.

    Raises:
        SchemaError: A language missing or unknown, or a label empty or too long.
    """
    if not isinstance(document, dict):
        raise SchemaError(where, "not an object of labels")
    if document.keys() != set(LANGUAGES):
        raise SchemaError(where, f"needs exactly {', '.join(LANGUAGES)}")
    labels = {language: fields.get_text(document, language) for language in LANGUAGES}
    if any(not 1 <= len(label) <= MAX_LABEL_CHARACTERS for label in labels.values()):
        raise SchemaError(where, "label empty or too long")
    return labels


def parse_claim_labels(document: JsonObject, leaves: Mapping[str, JsonObject]) -> Mapping[str, ClaimLabels]:
    """Read the labels of all claims.

    Args:
        document: The member `claims`.
        leaves: Definition path to schema node, for every scalar claim of the type.

    Raises:
        SchemaError: A claim without a label, or a label for no claim or for no value.
        DecodeError: A member missing, unknown or of the wrong type.
    """
    for path in leaves:
        if path not in document:
            raise SchemaError(path, "has no label")
    parsed = {}
    for path in document:
        if path not in leaves:
            raise SchemaError("claims", "labels something that is no claim of the type")
        parsed[path] = _parse_claim(fields.get_object(document, path), path, leaves[path])
    return parsed


def _parse_claim(entry: JsonObject, path: str, node: JsonObject) -> ClaimLabels:
    fields.refuse_unknown(entry, {"labels", "values"})
    choices = set(fields.get_texts(node, "enum")) if "enum" in node else set()
    values = fields.get_object(entry, "values") if "values" in entry else {}
    if values.keys() != choices:
        raise SchemaError(path, "values must name each value of its enum, and no other")
    return ClaimLabels(
        labels=parse_labels(entry.get("labels"), f"claims.{path}.labels"),
        values={value: parse_labels(values[value], f"claims.{path}.values") for value in values},
    )
