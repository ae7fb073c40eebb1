# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The audit log in the store: found broken where it was altered, and never written past a break."""

import sqlite3
from contextlib import closing

import pytest

from tests.unit.issuer.changes.rig import Rig
from vcred.database import Database
from vcred.errors import StoreError
from vcred.home import Home
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.store.store import STORE_FILE, open_issuer_store

EVENT = AuditEvent(kind=AuditKind.PUBLISHED, members={"lists": [0, 1]})


def filled(home: Home) -> int:
    """An audit log of some entries; returns how many."""
    with open_issuer_store(home) as store:
        rig = Rig(store)
        rig.issue("HC1", "HC2", "HC3")
        rig.revoke("HC1", "HC2")
        rig.revoke("HC3")
        return rig.desk.audit.verify().seq


def alter(home: Home, *statements: str) -> None:
    """Do what the triggers forbid, as somebody who has the file may."""
    with closing(sqlite3.connect(home.path / STORE_FILE)) as file, file:
        for trigger in ("audit_keeps_its_rows", "audit_is_never_changed"):
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            file.execute(statement)


def told(old: str, new: str, seq: int) -> str:
    """A statement that writes another word into an entry."""
    changed = f"cast(replace(cast(entry AS TEXT), '{old}', '{new}') AS BLOB)"
    return f"UPDATE audit SET entry = {changed} WHERE seq = {seq}"


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        (told('"revoked"', '"suspended"', 3), 3),
        (told('"kind":"status"', '"kind":"nothing"', 4), 4),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 1),
    ],
)
def test_what_was_altered_is_found_at_its_entry(home: Home, statement: str, seq: int) -> None:
    assert filled(home) == 5
    alter(home, statement)
    with open_issuer_store(home) as store, pytest.raises(StoreError, match=f"broken at entry {seq}:"):
        store.changes.audit.verify()


def test_nothing_is_appended_behind_a_damaged_entry(home: Home) -> None:
    filled(home)
    alter(home, "UPDATE audit SET entry = x'00' WHERE seq = 5")
    with open_issuer_store(home) as store:
        rig = Rig(store)
        with pytest.raises(StoreError, match="broken at entry 5"):
            rig.issue("HC4")


def test_the_table_itself_refuses_to_change_or_lose_an_entry(rig: Rig) -> None:
    rig.issue("HC1")
    rig.revoke("HC1")
    for statement in ("UPDATE audit SET entry = entry", "DELETE FROM audit"):
        with pytest.raises(StoreError, match="append-only"), rig.store.db.transaction():
            rig.store.db.execute(statement)
    assert rig.desk.audit.verify().seq == 3


def test_an_entry_goes_with_its_transaction(rig: Rig) -> None:
    rig.issue("HC1")
    head = rig.desk.audit.head()
    with pytest.raises(KeyError), rig.store.db.transaction():
        rig.desk.audit.append([EVENT], at=rig.now)
        raise KeyError
    assert rig.desk.audit.head() == head


def test_the_entries_around_a_time(rig: Rig) -> None:
    audit = rig.desk.audit
    assert audit.around(5) == (None, None)
    with rig.store.db.transaction():
        for at in (10, 20, 20, 30):
            audit.append([EVENT], at=at)

    def around(at: int) -> tuple[int | None, int | None]:
        before, after = audit.around(at)
        return before.seq if before else None, after.seq if after else None

    assert [around(at) for at in (9, 10, 19, 20, 29, 30, 99)] == [
        (None, 1),
        (1, 2),
        (1, 2),
        (3, 4),
        (3, 4),
        (4, None),
        (4, None),
    ]


def test_the_log_of_a_store_that_is_older_begins_with_what_it_found(rig: Rig) -> None:
    rig.issue("HC1", "HC2", "HC3")
    rig.revoke("HC1")
    table = "" if isinstance(rig.store.db, Database) else " ON audit"
    with rig.store.db.transaction():
        rig.store.db.execute(f"DROP TRIGGER audit_keeps_its_rows{table}")
        rig.store.db.execute("DELETE FROM audit")
    rig.revoke("HC2")
    first, second = (rig.desk.audit.entry(seq) for seq in (1, 2))
    assert (first.kind, first.members) == (AuditKind.UPGRADED, {"revoked": 1, "suspended": 0})
    assert (second.kind, rig.desk.audit.verify().seq) == (AuditKind.STATUS, 2)
