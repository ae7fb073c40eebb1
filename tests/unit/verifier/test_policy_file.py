# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The policy file: the default one, all of its members, and what is refused."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.credential.presentation import Binding
from vcred.errors import UsageError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.verifier.policy import AllOf, AnyOf, ClaimIn, HasClaims, IssuedWithin, IssuerIn, TypeIn
from vcred.verifier.policy_file import default_policy, parse_policy

GOOD = default_policy("MO")
ACCEPT = GOOD.index("[[accept]]")


def test_the_default_asks_for_match() -> None:
    policy = parse_policy(GOOD)
    assert policy.jurisdiction == "MO"
    assert policy.rule == AnyOf((AllOf((HasClaims(("match",)),)),))
    assert policy.algorithms == (ES256, EDDSA)
    assert policy.bindings == {Binding.LIVE, Binding.CHALLENGE}
    assert policy.max_trust_age == timedelta(days=7)
    assert policy.status_age("health-code") == timedelta(hours=24)
    assert policy.status_age("professional-certificate") == timedelta(days=7)
    assert policy.clock_skew == timedelta(seconds=60)
    assert policy.require_status


def test_every_condition() -> None:
    text = (
        GOOD[:ACCEPT]
        + """
[[accept]]
issuer = ["did:vcred:a", "did:vcred:b"]
type = "health-code"
require = ["match", "test"]
max_age = "36h"
[accept.claims]
colour = "green"
"vaccination.doses" = [2, 3]

[[accept]]
type = ["professional-certificate"]
"""
    )
    assert parse_policy(text).rule == AnyOf(
        (
            AllOf(
                (
                    IssuerIn(frozenset({"did:vcred:a", "did:vcred:b"})),
                    TypeIn(frozenset({"health-code"})),
                    HasClaims(("match", "test")),
                    ClaimIn("colour", ("green",)),
                    ClaimIn("vaccination.doses", (2, 3)),
                    IssuedWithin(timedelta(hours=36)),
                )
            ),
            AllOf((TypeIn(frozenset({"professional-certificate"})),)),
        )
    )


def test_status_can_be_left_out_only_in_words() -> None:
    text = GOOD.replace("version = 1", "version = 1\nrequire_status = false")
    assert not parse_policy(text).require_status


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 1", "version = 2"),
        ("version = 1", ""),
        ("version = 1", "version = 1\ninsecure = true"),
        ("version = 1", "version = 1\nrequire_status = 0"),
        ('jurisdiction = "MO"', 'jurisdiction = ""'),
        ('jurisdiction = "MO"', ""),
        ('["ES256", "EdDSA"]', "[]"),
        ('["ES256", "EdDSA"]', '["none"]'),
        ('["ES256", "EdDSA"]', '["HS256"]'),
        ('["ES256", "EdDSA"]', "[1]"),
        ('["live", "challenge"]', "[]"),
        ('["live", "challenge"]', '["any"]'),
        # BND-17.
        ('max_trust_age = "7d"', 'max_trust_age = "0d"'),
        ('max_trust_age = "7d"', 'max_trust_age = "-7d"'),
        ('max_trust_age = "7d"', 'max_trust_age = "3650d"'),
        ('max_trust_age = "7d"', "max_trust_age = 7"),
        ('max_trust_age = "7d"', 'max_trust_age = "7"'),
        ('max_trust_age = "7d"', ""),
        ('default = "7d"', ""),
        ('health-code = "24h"', 'health-code = "0h"'),
        # JOS-27.
        ('clock_skew = "60s"', 'clock_skew = "301s"'),
        ('clock_skew = "60s"', 'clock_skew = "1h"'),
        ('require = ["match"]', ""),
        ('require = ["match"]', "require = []"),
        ('require = ["match"]', 'required = ["match"]'),
        ('require = ["match"]', "claims = {}"),
        ('require = ["match"]', "claims = {colour = []}"),
        ('require = ["match"]', "claims = {colour = [1.5]}"),
        ('require = ["match"]', 'max_age = "0s"'),
        ("[[accept]]", "[accept]"),
        ("[[accept]]", "accept = []\n[other]"),
        ("[[accept]]", "[[accept"),
    ],
)
def test_a_policy_that_allows_nothing_or_everything_is_refused(old: str, new: str) -> None:
    assert parse_policy(GOOD)
    assert old in GOOD
    with pytest.raises(UsageError):
        parse_policy(GOOD.replace(old, new, 1))


def test_without_any_accept() -> None:
    with pytest.raises(UsageError, match="accept"):
        parse_policy(GOOD[:ACCEPT])


@pytest.mark.parametrize("code", ["", "M O", 'MO"', "MO\n", "x" * 17, "澳門"])
def test_a_jurisdiction_is_a_code(code: str) -> None:
    assert parse_policy(default_policy("CN-44")).jurisdiction == "CN-44"
    with pytest.raises(UsageError, match="jurisdiction"):
        default_policy(code)


@given(st.text(max_size=80) | st.text("=[]{}\"'\n1d vesionrqujacp_", max_size=80))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    for whole in (text, GOOD[:ACCEPT] + "[[accept]]\n" + text, text + "\n" + GOOD):
        try:
            parse_policy(whole)
        except UsageError:
            continue


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "1" * 6_000], ids=["deep", "long"])
def test_what_the_parser_cannot_bear_is_not_toml(text: str) -> None:
    with pytest.raises(UsageError, match="not TOML"):
        parse_policy(text)
