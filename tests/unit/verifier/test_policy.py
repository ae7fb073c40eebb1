# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rules and policies: nothing empty, nothing boundless, and what each rule asks."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.world import make_world
from vcred.codec.json_types import JsonValue
from vcred.credential.presentation import Binding
from vcred.keys.algorithms import ES256
from vcred.limits import MAX_CLOCK_SKEW, MAX_POLICY_AGE
from vcred.verifier.policy import (
    AllOf,
    AnyOf,
    ClaimIn,
    Facts,
    HasClaims,
    IssuedWithin,
    IssuerIn,
    Policy,
    Rule,
    TypeIn,
    value_at,
)

FACTS = Facts(
    issuer="did:vcred:a",
    type="did:vcred:g/types/health-code/1",
    type_name="health-code",
    claims={"colour": "green", "level": 1, "match": {"name": "陳大文"}, "modules": [{"mark": 74}]},
    issued_at=1_000,
    now=1_600,
)
SECOND = timedelta(seconds=1)


def policy(**changes: object) -> Policy:
    return make_world().policy(**changes)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AllOf(()),
        lambda: AnyOf(()),
        lambda: IssuerIn(frozenset()),
        lambda: TypeIn(frozenset()),
        lambda: HasClaims(()),
        lambda: ClaimIn("colour", ()),
    ],
)
def test_an_empty_rule_is_refused(make: Callable[[], Rule]) -> None:
    """It would admit everything, or nothing, by accident."""
    with pytest.raises(ValueError, match="needs at least one"):
        make()


@pytest.mark.parametrize(
    "changes",
    [
        {"jurisdiction": ""},
        {"algorithms": ()},
        {"bindings": frozenset()},
        {"max_status_age": {}},
        {"max_status_age": {"health-code": SECOND}},
        # BND-17.
        {"max_trust_age": timedelta(0)},
        {"max_trust_age": -SECOND},
        {"max_trust_age": MAX_POLICY_AGE + SECOND},
        {"max_trust_age": timedelta(days=3_650)},
        {"max_status_age": {"default": timedelta(0)}},
        {"max_status_age": {"default": SECOND, "health-code": timedelta(days=3_650)}},
        # JOS-27.
        {"clock_skew": MAX_CLOCK_SKEW + SECOND},
        {"clock_skew": -SECOND},
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_meant(changes: dict[str, object]) -> None:
    policy()
    with pytest.raises(ValueError):
        policy(**changes)


def test_a_withheld_claim_is_no_evidence() -> None:
    """V20. Absent reads as null: a rule for null would be met by withholding."""
    with pytest.raises(ValueError, match="withheld"):
        ClaimIn("colour", ("green", None))


def test_the_edges_of_what_may_be_meant() -> None:
    policy(clock_skew=MAX_CLOCK_SKEW)
    policy(clock_skew=timedelta(0))
    policy(max_trust_age=MAX_POLICY_AGE, max_status_age={"default": SECOND})
    policy(algorithms=(ES256,), bindings=frozenset({Binding.NONE}))


def test_issued_within_has_an_age() -> None:
    for age in (timedelta(0), -SECOND, MAX_POLICY_AGE + SECOND):
        with pytest.raises(ValueError, match="IssuedWithin"):
            IssuedWithin(age)
    assert IssuedWithin(timedelta(seconds=600)).unmet(FACTS) is None
    assert IssuedWithin(timedelta(seconds=599)).unmet(FACTS) == "the credential was issued too long ago"


@pytest.mark.parametrize(
    ("rule", "unmet"),
    [
        (IssuerIn(frozenset({"did:vcred:a"})), None),
        (IssuerIn(frozenset({"did:vcred:b"})), "another issuer"),
        (TypeIn(frozenset({"health-code"})), None),
        (TypeIn(frozenset({FACTS.type})), None),
        (TypeIn(frozenset({"health"})), "another credential type"),
        (HasClaims(("match", "match.name", "modules.0.mark")), None),
        (HasClaims(("match", "identity")), "identity is not disclosed"),
        (HasClaims(("modules.1",)), "modules.1 is not disclosed"),
        (HasClaims(("colour.x",)), "colour.x is not disclosed"),
        (ClaimIn("colour", ("green", "yellow")), None),
        (ClaimIn("colour", ("red",)), "colour is not one of the values asked for"),
        (ClaimIn("level", (1,)), None),
        (ClaimIn("level", (True,)), "level is not one of the values asked for"),
        (ClaimIn("absent", ("green",)), "absent is not one of the values asked for"),
        (
            AllOf((HasClaims(("match",)), ClaimIn("colour", ("red",)))),
            "colour is not one of the values asked for",
        ),
        (AllOf((HasClaims(("match",)), ClaimIn("colour", ("green",)))), None),
        (AnyOf((HasClaims(("identity",)), ClaimIn("colour", ("green",)))), None),
        (AnyOf((HasClaims(("a",)), HasClaims(("b",)))), "a is not disclosed; or b is not disclosed"),
        (AnyOf((HasClaims(("a",)), HasClaims(("a",)))), "a is not disclosed"),
    ],
    ids=str,
)
def test_what_a_rule_misses(rule: Rule, unmet: str | None) -> None:
    assert rule.unmet(FACTS) == unmet


def test_no_rule_names_a_value() -> None:
    rules = AllOf((ClaimIn("match.name", ("secret",)),))
    missing = rules.unmet(FACTS)
    assert missing is not None
    assert "陳" not in missing
    assert "secret" not in missing


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("match.name", "陳大文"),
        ("modules.0", {"mark": 74}),
        ("modules.-1", None),
        ("modules.²", None),
        ("", None),
        ("match.name.0", None),
    ],
)
def test_value_at(path: str, value: JsonValue) -> None:
    assert value_at(FACTS.claims, path) == value


def test_the_age_of_a_list_is_by_type() -> None:
    ages = {"default": timedelta(days=7), "health-code": timedelta(hours=24)}
    assert policy(max_status_age=ages).status_age("health-code") == timedelta(hours=24)
    assert policy(max_status_age=ages).status_age("") == timedelta(days=7)
