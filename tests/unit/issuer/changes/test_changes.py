# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Statuses in the store: all that a selection names, or nothing, each with its audit entry."""

import pytest

from tests.unit.issuer.changes.rig import ISSUER, Rig
from vcred.errors import RefusedError, UsageError
from vcred.issuer.audit.log import AuditKind, decode_entry
from vcred.issuer.engines.store.changes import Changed
from vcred.issuer.journal import StatusValue, holder_digest
from vcred.issuer.possession import resolve_holder
from vcred.issuer.selection import ByHolder, ByIds, ByRow, Selection
from vcred.issuer.status_lists import Purposes
from vcred.reasons import Reason

VALID, REVOKED, SUSPENDED = StatusValue.VALID, StatusValue.REVOKED, StatusValue.SUSPENDED
OTHER_TYPE = "https://types.example/certificate"
VERSIONS = ("did:vcred:gd/types/health-code/1", "did:vcred:gd/types/health-code/2")


def entries(rig: Rig, kind: AuditKind) -> list[dict[str, object]]:
    """What the audit log tells of a kind."""
    read = [decode_entry(content) for _, content in rig.desk.audit.proved()]
    return [dict(entry.members) for entry in read if entry.kind is kind]


def test_a_change_is_made_by_credential_id_and_by_row(rig: Rig) -> None:
    one, two, three = rig.issue("HC1", "HC2", "HC3")
    assert rig.revoke(one.credential_id, "HC2") == Changed(changed=2, unchanged=0)
    assert [rig.value(row) for row in ("HC1", "HC2", "HC3")] == [[REVOKED], [REVOKED], [VALID]]
    assert rig.desk.change(ByRow("HC3"), SUSPENDED) == Changed(changed=1, unchanged=0)
    shown = list(rig.desk.show(ByIds(("HC2", three.credential_id))))
    assert [(item.receipt.credential_id, item.status) for item in shown] == [
        (two.credential_id, REVOKED),
        (three.credential_id, SUSPENDED),
    ]


def test_every_change_is_in_the_audit_log_without_row_or_holder(rig: Rig) -> None:
    issued = rig.issue("HC1", "HC2")
    rig.revoke("HC1", "HC2")
    told = entries(rig, AuditKind.STATUS)
    assert {entry["credential"] for entry in told} == {entry.credential_id for entry in issued}
    assert {(entry["before"], entry["after"]) for entry in told} == {("valid", "revoked")}
    assert len({entry["change"] for entry in told}) == 1
    assert not any(b"HC" in content for _, content in rig.desk.audit.proved())


def test_what_is_so_already_is_left_alone(rig: Rig) -> None:
    rig.issue("HC1", "HC2")
    rig.revoke("HC1")
    head = rig.desk.audit.head()
    assert rig.desk.change(ByRow("HC2"), VALID) == Changed(changed=0, unchanged=1)
    assert rig.revoke("HC1") == Changed(changed=0, unchanged=1)
    assert rig.desk.audit.head() == head
    assert rig.revoke("HC1", "HC2") == Changed(changed=1, unchanged=1)


def test_suspended_ends_or_becomes_revoked(rig: Rig) -> None:
    rig.issue("HC1")
    rig.desk.change(ByRow("HC1"), SUSPENDED)
    rig.desk.change(ByRow("HC1"), VALID)
    rig.desk.change(ByRow("HC1"), SUSPENDED)
    rig.revoke("HC1")
    told = [(entry["before"], entry["after"]) for entry in entries(rig, AuditKind.STATUS)]
    assert told == [
        ("valid", "suspended"),
        ("suspended", "valid"),
        ("valid", "suspended"),
        ("suspended", "revoked"),
    ]


@pytest.mark.parametrize("value", [VALID, SUSPENDED])
def test_revoked_is_final(rig: Rig, value: StatusValue) -> None:
    """STA-18."""
    rig.issue("HC1", "HC2")
    assert rig.desk.change(ByIds(("HC1", "HC2")), SUSPENDED) == Changed(changed=2, unchanged=0)
    rig.revoke("HC1")
    before = rig.desk.audit.head()
    with pytest.raises(RefusedError, match="HC1") as caught:
        rig.desk.change(ByIds(("HC2", "HC1")), value)
    assert caught.value.reason is Reason.REVOKED
    assert (rig.value("HC1"), rig.value("HC2")) == ([REVOKED], [SUSPENDED])
    assert rig.desk.audit.head() == before


def test_a_revoked_copy_does_not_stand_in_the_way_of_its_row(rig: Rig) -> None:
    (first,) = rig.issue("HC1")
    rig.revoke(first.credential_id)
    rig.issue("HC1", replaces=True)
    assert rig.desk.change(ByRow("HC1"), SUSPENDED) == Changed(changed=1, unchanged=1, final=1)
    assert rig.value("HC1") == [REVOKED, SUSPENDED]


def test_nothing_is_changed_if_nothing_was_issued_under_one_of_the_ids(rig: Rig) -> None:
    """STA-21."""
    (one,) = rig.issue("HC1")
    last = one.credential_id[-1]
    typo = one.credential_id[:-1] + ("0" if last != "0" else "1")
    for name in ("HC2", typo, one.credential_id.upper(), "0", ""):
        with pytest.raises(UsageError, match="nothing was issued"):
            rig.revoke("HC1", name)
    assert rig.value("HC1") == [VALID]
    assert rig.desk.audit.verify() == rig.desk.audit.head()
    assert rig.revoke("HC1") == Changed(changed=1, unchanged=0)


def test_of_many_unknown_ids_the_first_20_are_named(rig: Rig) -> None:
    rig.issue("HC1")
    with pytest.raises(UsageError, match=r"id: X0, X1, .*, X19 and 5 more$"):
        rig.revoke("HC1", *(f"X{number}" for number in range(25)))


def test_a_row_id_of_several_types_names_nothing(rig: Rig) -> None:
    (one,) = rig.issue("HC1")
    rig.issue("HC1", vct=OTHER_TYPE)
    for selection in (ByIds(("HC1",)), ByRow("HC1")):
        with pytest.raises(UsageError, match="several types"):
            rig.desk.change(selection, REVOKED)
    assert rig.revoke(one.credential_id) == Changed(changed=1, unchanged=0)
    assert rig.value("HC1") == [REVOKED, VALID]


@pytest.mark.parametrize("selection", [ByIds(("HC1",)), ByRow("HC1")])
def test_a_row_id_of_several_versions_is_one_row(
    rig: Rig, selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has it taken back must not find that another version is left, or that nothing is."""
    first, second = VERSIONS
    rig.issue("HC1", "HC2", vct=first)
    with monkeypatch.context() as patch:
        # As an older vcred has issued it: once more under each version.
        patch.setattr("vcred.issuer.engines.store.types.unversioned", lambda vct: vct)
        (other,) = rig.issue("HC1", vct=second)
    assert [shown.receipt.vct for shown in rig.desk.show(selection)] == [first, second]
    assert rig.desk.change(selection, SUSPENDED) == Changed(changed=2, unchanged=0)
    assert rig.revoke(other.credential_id) == Changed(changed=1, unchanged=0)
    assert rig.value("HC1") == [SUSPENDED, REVOKED]
    assert rig.desk.change(selection, REVOKED) == Changed(changed=1, unchanged=1)
    assert (rig.value("HC1"), rig.value("HC2")) == ([REVOKED, REVOKED], [VALID])
    # A type of another publisher is another one, though its name is the same.
    rig.issue("HC2", vct=second.replace(":gd/", ":mo/"))
    with pytest.raises(UsageError, match="several types"):
        rig.revoke("HC2")


def test_by_holder_everything_that_a_key_has_is_taken_back(rig: Rig) -> None:
    rig.issue("HC1", "HC2", "HC3")
    rig.store.know_by(bytes(32))
    digest = holder_digest(resolve_holder(ISSUER).thumbprint(), secret=rig.store.digest_keys)
    with rig.store.db.transaction():
        rig.store.db.execute("UPDATE journal SET holder = ? WHERE row_id != 'HC2'", (digest,))
    assert len(list(rig.desk.show(ByHolder(ISSUER)))) == 2
    assert rig.desk.change(ByHolder(ISSUER), REVOKED) == Changed(changed=2, unchanged=0)
    assert [rig.value(row) for row in ("HC1", "HC2", "HC3")] == [[REVOKED], [VALID], [REVOKED]]
    with pytest.raises(UsageError, match="to this holder"):
        rig.desk.change(ByHolder("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"), REVOKED)


def test_what_an_older_vcred_issued_keeps_its_id(rig: Rig) -> None:
    (one, two) = rig.issue("HC1", "HC2")
    old = "ab" * 16
    with rig.store.db.transaction():
        rig.store.db.execute("UPDATE journal SET old_id = ? WHERE row_id = 'HC1'", (old,))
    with pytest.raises(UsageError):
        rig.revoke(one.credential_id)
    assert rig.revoke(old, two.credential_id) == Changed(changed=2, unchanged=0)
    assert old in {entry["credential"] for entry in entries(rig, AuditKind.STATUS)}


def test_reissuing_revokes_the_former_credential_in_the_same_step(rig: Rig) -> None:
    (former,) = rig.issue("HC1")
    (newer,) = rig.issue("HC1", replaces=True)
    assert newer.credential_id != former.credential_id
    assert rig.value("HC1") == [REVOKED, VALID]
    assert [entry["credential"] for entry in entries(rig, AuditKind.REPLACED)] == [former.credential_id]


def test_a_list_of_one_bit_cannot_say_suspended(rig: Rig) -> None:
    rig.issue("HC1")
    with rig.store.db.transaction():
        rig.store.db.execute("UPDATE list SET bits = 1")
    with pytest.raises(UsageError, match="cannot say suspended"):
        rig.desk.change(ByRow("HC1"), SUSPENDED)
    assert rig.revoke("HC1") == Changed(changed=1, unchanged=0)


def test_more_than_one_statement_takes(rig: Rig) -> None:
    rows = [f"R{number}" for number in range(600)]
    rig.issue(*rows)
    assert rig.revoke(*rows) == Changed(changed=600, unchanged=0)
    assert rig.desk.audit.verify() == rig.desk.audit.head()
    assert len(entries(rig, AuditKind.STATUS)) == 600
    assert all(entry.value is REVOKED for entry in rig.store.entries())


@pytest.mark.parametrize("selection", [ByIds(("HC1", "HC9")), ByRow("HC9")])
def test_what_was_never_issued_is_not_shown_as_nothing(rig: Rig, selection: ByIds | ByRow) -> None:
    """STA-21."""
    rig.issue("HC1")
    assert len(list(rig.desk.show(ByIds(("HC1",))))) == 1
    with pytest.raises(UsageError, match="nothing was issued under this id: HC9"):
        list(rig.desk.show(selection))


def test_only_its_own_list_says_what_a_credential_may_become(rig: Rig) -> None:
    rig.issue("HC1")
    with rig.store.db.transaction():
        rig.store.lists.set_purposes(Purposes.REVOCATION, at=rig.now)
    rig.issue("HC2")
    assert rig.desk.change(ByRow("HC1"), SUSPENDED) == Changed(changed=1, unchanged=0)
    with pytest.raises(UsageError, match="cannot say suspended"):
        rig.desk.change(ByRow("HC2"), SUSPENDED)
    assert rig.value("HC2") == [VALID]
