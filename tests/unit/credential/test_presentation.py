# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Verified presentations are read-only, and printing one shows no claims."""

from typing import Any

import pytest

from tests.unit.credential.claims import health_claims
from vcred.credential.presentation import Binding, VerifiedPresentation


def presentation(claims: Any) -> VerifiedPresentation:
    """As the verifier makes it."""
    return VerifiedPresentation(
        issuer="did:vcred:issuer",
        type="did:vcred:publisher/types/health-code/1",
        type_name="health-code",
        binding=Binding.LIVE,
        issued_at=0,
        expires_at=None,
        claims=claims,
    )


def test_claims_are_read() -> None:
    assert dict(presentation(health_claims()).claims) == health_claims()


def test_nothing_in_it_can_be_changed() -> None:
    verified: Any = presentation(health_claims())
    with pytest.raises(AttributeError):
        verified.issuer = "did:vcred:other"
    with pytest.raises(TypeError):
        verified.claims["colour"] = "red"


def test_changing_the_original_changes_nothing() -> None:
    claims: Any = health_claims()
    verified = presentation(claims)
    claims["colour"] = "red"
    claims["match"]["name"] = "another"
    assert dict(verified.claims) == health_claims()


def test_a_printed_presentation_shows_no_claims() -> None:
    assert "3453" not in repr(presentation(health_claims()))
