# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A draft that contradicts itself is not made."""

from dataclasses import replace

import pytest

from tests.unit.formats.samples import HEALTH, draft
from vcred.credential.type_definition import shipped_type
from vcred.errors import SchemaError


def test_a_draft() -> None:
    assert draft().expires_at == 1_795_373_880
    assert draft("professional-certificate").expires_at == 1_861_891_200


@pytest.mark.parametrize(
    "key_id", ["", "#key", "did:vcred:other#key", "did:vcred:2drjgzGXyjGrEZzBQhBJMjgMK9mPYfJqnVwFDjzqT4Zs"]
)
def test_a_key_of_someone_else(key_id: str) -> None:
    with pytest.raises(ValueError, match="key_id"):
        replace(draft(), key_id=key_id)


@pytest.mark.parametrize("expires_at", [None, 1_795_373_879, 1_795_373_881])
def test_an_expiry_that_is_not_the_claims(expires_at: int | None) -> None:
    with pytest.raises(SchemaError) as caught:
        replace(draft(), expires_at=expires_at)
    assert caught.value.path == "valid_until"


def test_no_holder_key_only_on_paper() -> None:
    with pytest.raises(SchemaError) as caught:
        replace(draft(), holder_key=None)
    assert caught.value.path == "holder"
    paper = replace(shipped_type("health-code"), paper=True)
    assert replace(draft(), holder_key=None, type_definition=paper).claims == HEALTH


@pytest.mark.parametrize("changes", [{"issued_at": -1}, {"not_before": -1}])
def test_a_time_before_1970(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1970"):
        replace(draft(), **changes)  # type: ignore[arg-type]
