# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a post asks beyond the ledger: values and rules that are never empty.

Every rule is judged over verified claims only, and says what it misses without ever
naming a claim's value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from vcred.codec.json_types import JsonValue
from vcred.credential.presentation import Binding
from vcred.keys.algorithms import Algorithm
from vcred.limits import DEFAULT_CLOCK_SKEW, MAX_CLOCK_SKEW, MAX_POLICY_AGE

DEFAULT_AGE = "default"
MAX_INDEX_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a presentation once its signature and disclosures have been verified."""

    issuer: str
    type: str
    type_name: str
    claims: Mapping[str, JsonValue]
    issued_at: int
    now: int


class Rule(Protocol):
    """One condition on a presentation."""

    def unmet(self, facts: Facts) -> str | None:
        """What is missing, in words without claim values; None if the rule is met."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the rules. Empty is invalid: it would admit everything."""

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if not self.rules:
            raise ValueError("AllOf needs at least one rule")

    def unmet(self, facts: Facts) -> str | None:
        """The first rule that is not met."""
        return next((missing for rule in self.rules if (missing := rule.unmet(facts))), None)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the rules. Empty is invalid."""

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if not self.rules:
            raise ValueError("AnyOf needs at least one rule")

    def unmet(self, facts: Facts) -> str | None:
        """What each of them misses, if none is met."""
        missing = [rule.unmet(facts) for rule in self.rules]
        return None if None in missing else "; or ".join(dict.fromkeys(text for text in missing if text))


@dataclass(frozen=True, slots=True)
class IssuerIn:
    """The issuer is one of these DIDs."""

    dids: frozenset[str]

    def __post_init__(self) -> None:
        if not self.dids:
            raise ValueError("IssuerIn needs at least one DID")

    def unmet(self, facts: Facts) -> str | None:
        """Says that the issuer is another."""
        return None if facts.issuer in self.dids else "another issuer"


@dataclass(frozen=True, slots=True)
class TypeIn:
    """The type is one of these: a full `vct`, or the name of a type."""

    types: frozenset[str]

    def __post_init__(self) -> None:
        if not self.types:
            raise ValueError("TypeIn needs at least one type")

    def unmet(self, facts: Facts) -> str | None:
        """Says that the type is another."""
        return None if {facts.type, facts.type_name} & self.types else "another credential type"


@dataclass(frozen=True, slots=True)
class HasClaims:
    """All of these claim paths have been disclosed. A withheld claim is missing, not false."""

    paths: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.paths:
            raise ValueError("HasClaims needs at least one claim path")

    def unmet(self, facts: Facts) -> str | None:
        """Names the first path that is not there."""
        for path in self.paths:
            if not is_shown(facts.claims, path):
                return f"{path} is not disclosed"
        return None


@dataclass(frozen=True, slots=True)
class ClaimIn:
    """The claim at a path is one of these values."""

    path: str
    values: tuple[JsonValue, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("ClaimIn needs at least one value")
        if any(value is None for value in self.values):
            raise ValueError("ClaimIn: a claim that is withheld reads as null, and is no evidence")

    def unmet(self, facts: Facts) -> str | None:
        """Names the path, never the value."""
        value = value_at(facts.claims, self.path)
        # Types are compared too: to Python True equals 1.
        found = any(value == allowed and type(value) is type(allowed) for allowed in self.values)
        return None if found else f"{self.path} is not one of the values asked for"


@dataclass(frozen=True, slots=True)
class IssuedWithin:
    """`iat` is at most this long ago."""

    max_age: timedelta

    def __post_init__(self) -> None:
        _require_age("IssuedWithin", self.max_age)

    def unmet(self, facts: Facts) -> str | None:
        """Says that the credential is older."""
        old = facts.now - facts.issued_at > self.max_age.total_seconds()
        return "the credential was issued too long ago" if old else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one post asks. Nothing in it is switched off by leaving it out.

    Attributes:
        jurisdiction: Whose gate this is, a code of the network.
        rule: Over verified claims. The default policy file asks for `match`.
        algorithms: Which signatures are taken, not empty.
        bindings: Which bindings are taken, not empty.
        max_trust_age: Age of the quorum time at most.
        max_status_age: Age of a status list at most, by type name; `default` for all others.
        clock_skew: Tolerance for `iat`, `nbf` and `exp`, at most 300 s; never for the live window.
        require_status: Whether a credential without a status reference is refused.
    """

    jurisdiction: str
    rule: Rule
    algorithms: tuple[Algorithm, ...]
    bindings: frozenset[Binding]
    max_trust_age: timedelta
    max_status_age: Mapping[str, timedelta]
    clock_skew: timedelta = DEFAULT_CLOCK_SKEW
    require_status: bool = True

    def __post_init__(self) -> None:
        if not self.jurisdiction:
            raise ValueError("a policy names the jurisdiction of its gate")
        if not self.algorithms or not self.bindings:
            raise ValueError("a policy allows at least one algorithm and one binding")
        if DEFAULT_AGE not in self.max_status_age:
            raise ValueError("max_status_age needs a default")
        _require_age("max_trust_age", self.max_trust_age)
        for name, age in self.max_status_age.items():
            _require_age(f"max_status_age.{name}", age)
        if not timedelta(0) <= self.clock_skew <= MAX_CLOCK_SKEW:
            raise ValueError(f"clock_skew is at most {MAX_CLOCK_SKEW}")

    def status_age(self, type_name: str) -> timedelta:
        """The age that a status list may have for credentials of this type."""
        return self.max_status_age.get(type_name, self.max_status_age[DEFAULT_AGE])


def value_at(claims: Mapping[str, JsonValue], path: str) -> JsonValue:
    """The value at a claim path, or None where nothing was disclosed."""
    name, *segments = path.split(".")
    current = claims.get(name)
    for segment in segments:
        if isinstance(current, dict):
            current = current.get(segment)
        elif isinstance(current, list) and _is_index(segment) and int(segment) < len(current):
            current = current[int(segment)]
        else:
            return None
    return current


def is_shown(claims: Mapping[str, JsonValue], path: str) -> bool:
    """Whether something was disclosed at a claim path: a group without a member shows nothing."""
    return _has_leaf(value_at(claims, path))


def _has_leaf(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(map(_has_leaf, value.values()))
    if isinstance(value, list):
        return any(map(_has_leaf, value))
    return value is not None


def _is_index(segment: str) -> bool:
    return segment.isascii() and segment.isdecimal() and len(segment) <= MAX_INDEX_DIGITS


def _require_age(name: str, age: timedelta) -> None:
    # BND-17. An age of zero refuses everything, a huge one nothing: both are mistakes.
    if not timedelta(0) < age <= MAX_POLICY_AGE:
        raise ValueError(f"{name}: more than nothing, at most {MAX_POLICY_AGE.days} days")
