# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Presentation requests."""

from typing import Any

import pytest

from vcred.credential.request import PresentationRequest


def request(**changes: Any) -> PresentationRequest:
    """A good request with changes."""
    members: dict[str, Any] = {
        "audience": "did:vcred:gate",
        "nonce": "A" * 22,
        "type": "health-code",
        "claims": ("match", "test.result"),
        "purpose": "Entry at Qingmao",
        "issued_at": 1000,
        "expires_at": 1300,
    }
    return PresentationRequest(**(members | changes))


def test_a_good_request() -> None:
    assert request().claims == ("match", "test.result")


@pytest.mark.parametrize(
    "changes",
    [{"nonce": "A" * 21}, {"audience": ""}, {"claims": ()}, {"expires_at": 1000}],
    ids=lambda changes: ",".join(changes),
)
def test_a_bad_request_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a request"):
        request(**changes)
