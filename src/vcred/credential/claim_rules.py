# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Apply the rules between claims (`type_rules`) to claims that already fit their schema."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, TypeAlias

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.times import parse_timestamp
from vcred.credential.identity_numbers import identity_number_fault, last_four
from vcred.credential.paths import claim_at
from vcred.credential.type_definition import TypeDefinition
from vcred.credential.type_rules import ClaimRule, RuleKind

PathNames: TypeAlias = Callable[[str], str]

_DATE_CHARACTERS: Final = len("2026-11-20")
_DATE_TIME_CHARACTERS: Final = len("2026-11-20T09:00:00")


def rule_fault(
    rule: ClaimRule, claims: JsonObject, *, definition: TypeDefinition, now: datetime, names: PathNames
) -> str | None:
    """Say how one rule is broken, or None. A rule whose claims are absent is satisfied.

    Args:
        claims: Fit the schema of `definition`.
        now: Time of issue, UTC.
        names: What to call another claim path in the words of the fault.
    """
    value = claim_at(claims, rule.path)
    if value is None:
        return None
    if rule.kind is RuleKind.NOT_IN_FUTURE:
        return "in the future" if _is_after(str(value), now, definition) else None
    other = claim_at(claims, rule.other or "")
    if other is None:
        return None
    if rule.kind is RuleKind.IDENTITY_NUMBER:
        birth_date = claim_at(claims, rule.birth_date) if rule.birth_date else None
        return identity_number_fault(str(other), str(value), None if birth_date is None else str(birth_date))
    is_kept = _holds(rule.kind, value, other, definition)
    return None if is_kept else f"{_WORDS[rule.kind]} {names(rule.other or '')}"


_WORDS: Final[Mapping[RuleKind, str]] = {
    RuleKind.NOT_BEFORE: "before",
    RuleKind.EQUAL: "differs from",
    RuleKind.LAST_FOUR: "not the last four of",
}


def _holds(kind: RuleKind, value: JsonValue, other: JsonValue, definition: TypeDefinition) -> bool:
    if kind is RuleKind.NOT_BEFORE:
        return not _is_before(str(value), str(other), definition)
    if kind is RuleKind.LAST_FOUR:
        return value == last_four(str(other))
    return value == other


def _is_before(value: str, other: str, definition: TypeDefinition) -> bool:
    # A date against a date-time: what counts is the day, in the offset of the type.
    if _is_date(value) or _is_date(other):
        return _day(value, definition) < _day(other, definition)
    # Of one zone, the texts are in the order of the times.
    if value[_DATE_TIME_CHARACTERS:] == other[_DATE_TIME_CHARACTERS:]:
        return value < other
    return parse_timestamp(value) < parse_timestamp(other)


def _is_after(value: str, now: datetime, definition: TypeDefinition) -> bool:
    if _is_date(value):
        return value > _local_day(now, definition.utc_offset)
    return parse_timestamp(value) > now


def _day(value: str, definition: TypeDefinition) -> str:
    """The day of a date or date-time as text, which sorts as the days do."""
    return value if _is_date(value) else _day_of(parse_timestamp(value), definition.utc_offset)


def _day_of(moment: datetime, utc_offset: timedelta) -> str:
    return moment.astimezone(timezone(utc_offset)).date().isoformat()


# A roster is issued within a second: for all its dates this is one question.
_local_day: Final = lru_cache(maxsize=8)(_day_of)


def _is_date(value: str) -> bool:
    return len(value) == _DATE_CHARACTERS
