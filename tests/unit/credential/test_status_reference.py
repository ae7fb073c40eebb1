# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The claim `status`: written, read, refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from vcred.codec.json_types import JsonValue
from vcred.credential.status_reference import StatusReference, parse_status_claim
from vcred.errors import DecodeError, RefusedError
from vcred.limits import MAX_URI_CHARACTERS
from vcred.reasons import Reason


@given(uri=st.text(min_size=1, max_size=50), index=st.integers(0, 2**53 - 1))
def test_what_is_written_is_read_back(uri: str, index: int) -> None:
    reference = StatusReference(uri=uri, index=index)
    assert parse_status_claim({"status": reference.to_json()}) == reference


def test_none() -> None:
    assert parse_status_claim({"iss": "x"}) is None


def test_the_longest_address() -> None:
    longest = StatusReference(uri="x" * MAX_URI_CHARACTERS, index=0)
    parse_status_claim({"status": longest.to_json()})
    with pytest.raises(RefusedError) as caught:
        parse_status_claim({"status": {"status_list": {"idx": 0, "uri": longest.uri + "x"}}})
    assert caught.value.reason is Reason.STATUS_INVALID


def test_another_mechanism() -> None:
    with pytest.raises(RefusedError) as caught:
        parse_status_claim({"status": {"attestation": {}}})
    assert caught.value.reason is Reason.STATUS_INVALID


@given(JSON_VALUES | st.fixed_dictionaries({"status_list": JSON_VALUES}))
def test_any_value_is_read_or_refused(status: JsonValue) -> None:
    try:
        parse_status_claim({"status": status})
    except (DecodeError, RefusedError):
        return
