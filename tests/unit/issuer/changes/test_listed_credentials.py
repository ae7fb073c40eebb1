# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An approver's list held against a request: the same credentials in any order, and no others."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.changes.test_change_request import WISHES, request
from vcred.errors import RefusedError, UsageError
from vcred.issuer.approval import require_credentials
from vcred.issuer.change_request import ChangeRequest, ChangeStatus, Wish
from vcred.issuer.credential_set import credentials_digest, pack_credentials
from vcred.issuer.journal import StatusValue
from vcred.reasons import Reason

IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
LISTS = st.lists(IDS, min_size=1, max_size=20, unique=True)
OTHERS = [wish for wish in WISHES if not isinstance(wish, ChangeStatus)]


def about(ids: list[str]) -> ChangeRequest:
    digest = credentials_digest(pack_credentials(ids))
    return request(ChangeStatus(value=StatusValue.REVOKED, count=len(ids), digest=digest))


def refused(asked: ChangeRequest, ids: list[str]) -> None:
    with pytest.raises(RefusedError, match="about other credentials than those of the list") as caught:
        require_credentials(asked, ids)
    assert caught.value.reason is Reason.REQUEST_INVALID


@given(ids=LISTS, data=st.data())
def test_the_same_in_any_order(ids: list[str], data: st.DataObject) -> None:
    require_credentials(about(ids), data.draw(st.permutations(ids)))


@given(ids=LISTS, other=IDS, data=st.data())
def test_one_more_one_less_or_another(ids: list[str], other: str, data: st.DataObject) -> None:
    asked = about(ids)
    require_credentials(asked, ids)
    place = data.draw(st.integers(0, len(ids) - 1))
    refused(asked, ids[:place] + ids[place + 1 :])
    if other not in ids:
        refused(asked, [*ids, other])
        refused(asked, [*ids[:place], other, *ids[place + 1 :]])


def test_a_request_that_tells_another_count() -> None:
    ids = ["00" * 16, "ff" * 16]
    asked = about(ids)
    require_credentials(asked, ids)
    assert isinstance(asked.wish, ChangeStatus)
    refused(replace(asked, wish=replace(asked.wish, count=1)), ids)


@pytest.mark.parametrize("wrong", ["HC0000001", "", "FF" * 16, "f" * 31])
def test_what_is_no_credential_id(wrong: str) -> None:
    ids = ["00" * 16]
    require_credentials(about(ids), ids)
    with pytest.raises(UsageError, match="id 2 of the list is not a credential's"):
        require_credentials(about(ids), [*ids, wrong])


@pytest.mark.parametrize("wish", OTHERS, ids=lambda wish: type(wish).__name__)
def test_a_request_about_no_credentials(wish: Wish) -> None:
    with pytest.raises(UsageError, match="about no credentials"):
        require_credentials(request(wish), ["00" * 16])
