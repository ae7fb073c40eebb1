# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A roster with somebody's credential id for a row id: nobody is taken back in another's place (STA-21)."""

import pytest

from tests.unit.issuer.changes.rig import Rig
from vcred.errors import UsageError
from vcred.issuer.journal import StatusValue
from vcred.issuer.selection import ByIds, ByRow

BOTH = "this is a credential's id, and the row id of another one"
VALID, REVOKED = StatusValue.VALID, StatusValue.REVOKED


def twice(rig: Rig) -> str:
    """The id of the victim's credential, after which the attacker's row is called."""
    (victim,) = rig.issue("HC1")
    rig.revoke(victim.credential_id)
    (victim,) = rig.issue("HC2")
    assert [one.receipt.row_id for one in rig.desk.show(ByIds((victim.credential_id,)))] == ["HC2"]
    rig.issue(victim.credential_id)
    return victim.credential_id


@pytest.mark.parametrize("way", ["alone", "in a file"])
def test_an_id_that_is_a_credential_s_and_another_row_s_is_refused(rig: Rig, way: str) -> None:
    identifier = twice(rig)
    rig.issue("HC3")
    ids = (identifier,) if way == "alone" else ("HC3", identifier)
    with pytest.raises(UsageError, match=f"^{BOTH}: {identifier}$") as caught:
        rig.revoke(*ids)
    assert caught.value.hint and "--row" in caught.value.hint
    assert rig.value("HC2") == rig.value(identifier) == rig.value("HC3") == [VALID]


def test_both_are_shown_and_each_is_named_by_its_row(rig: Rig) -> None:
    identifier = twice(rig)
    for selection in (ByIds((identifier,)), ByIds(("HC1", identifier))):
        shown = [one.receipt.row_id for one in rig.desk.show(selection)]
        assert shown[-2:] == ["HC2", identifier] and len(shown) == len(selection.ids) + 1
    rig.desk.change(ByRow(identifier), REVOKED)
    assert (rig.value("HC2"), rig.value(identifier)) == ([VALID], [REVOKED])
    rig.desk.change(ByRow("HC2"), REVOKED)
    assert rig.value("HC2") == [REVOKED]


def test_a_row_id_that_only_looks_like_a_credential_s(rig: Rig) -> None:
    name = "0123456789abcdef" * 2
    rig.issue(name)
    rig.desk.change(ByIds((name,)), StatusValue.SUSPENDED)
    rig.desk.change(ByRow(name), REVOKED)
    assert rig.value(name) == [REVOKED]
    assert rig.desk.forget(name) == 1


def test_the_right_row_is_forgotten(rig: Rig) -> None:
    identifier = twice(rig)
    for row_id in ("HC2", identifier):
        rig.desk.change(ByRow(row_id), REVOKED)
    with pytest.raises(UsageError, match=f"^{BOTH}"):
        rig.desk.forget(identifier)
    assert rig.value("HC2") == rig.value(identifier) == [REVOKED]
    assert rig.desk.forget(ByRow(identifier)) == 1
    assert (rig.value("HC2"), rig.value(identifier)) == ([REVOKED], [])
    # Now the id is the credential's alone.
    assert rig.desk.forget(identifier) == 1
    assert rig.value("HC2") == []
