# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Hold claims against their credential type, before anything is signed.

Three passes, in this order, and each only where the one before found nothing: characters
(`claim_text`), the schema (`schema_faults`), the rules between claims (`type_rules`). So
the first fault in the list is always the plainest one, and a rule never reads a value of
the wrong type.

Faults name the claim and the rule broken, never the value. For a roster the claim goes by
the name of its column, which `names` gives.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.claim_rules import PathNames, rule_fault
from vcred.credential.claim_text import is_plain_text, text_fault
from vcred.credential.paths import ClaimPath, iter_leaves, join_path
from vcred.credential.schema_faults import fits_schema, iter_schema_faults
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import SchemaError
from vcred.limits import MAX_JSON_INTEGER


def validate_claims(
    claims: JsonObject,
    definition: TypeDefinition,
    now: datetime,
    *,
    names: PathNames = str,
) -> list[SchemaError]:
    """List everything wrong with the full claims of one credential; empty when they fit.

    Args:
        claims: All claims that will be signed, groups as plain objects and arrays.
        now: Time of issue, timezone-aware, in UTC.
        names: What to call a claim path in a fault; a roster gives its column.

    Raises:
        ValueError: `now` is not UTC.
    """
    if now.utcoffset() != timedelta(0):
        raise ValueError("now must be a timezone-aware UTC datetime")
    faults = [] if _has_plain_values(claims) else list(_iter_value_faults(claims))
    if not faults and not fits_schema(claims, definition):
        faults = list(iter_schema_faults(claims, definition))
    if faults:
        return [SchemaError(names(_path_text(path)), rule) for path, rule in faults]
    return [SchemaError(path, rule) for path, rule in _iter_rule_faults(claims, definition, now, names)]


def _path_text(path: ClaimPath) -> str:
    return join_path(path) or "claims"


def _has_plain_values(claims: JsonObject) -> bool:
    """Say whether no scalar has a fault; most claims have none, and are not walked a second time."""
    texts: list[str] = []
    return _gather(claims.values(), texts) and is_plain_text("".join(texts))


def _gather(values: Iterable[JsonValue], texts: list[str]) -> bool:
    """Collect every text; False where a number has a fault."""
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict | list):
            if not _gather(value.values() if isinstance(value, dict) else value, texts):
                return False
        elif isinstance(value, float) or abs(value or 0) > MAX_JSON_INTEGER:
            return False
    return True


def _iter_value_faults(claims: JsonObject) -> Iterator[tuple[ClaimPath, str]]:
    for path, value in iter_leaves(claims):
        if isinstance(value, str):
            fault = text_fault(value)
            if fault is not None:
                yield path, fault
        # JSON Schema takes 1.0 for an integer; its JSON text, and so its digest, may differ.
        elif isinstance(value, float):
            yield path, "not an integer"
        elif isinstance(value, int) and abs(value) > MAX_JSON_INTEGER:
            yield path, "integer too large"


def _iter_rule_faults(
    claims: JsonObject, definition: TypeDefinition, now: datetime, names: PathNames
) -> Iterator[tuple[str, str]]:
    for rule in definition.rules:
        fault = rule_fault(rule, claims, definition=definition, now=now, names=names)
        if fault is not None:
            yield names(rule.path), fault
