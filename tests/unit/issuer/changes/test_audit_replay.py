# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What entries say, gathered: one that has not the members of its kind is refused, and told by its number."""

import pytest

from tests.unit.issuer.changes.rig import Rig
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, StoreError
from vcred.issuer.audit.log import AuditEntry, AuditEvent, AuditHead, AuditKind, chain, decode_entry
from vcred.issuer.audit.replay import Replay
from vcred.issuer.journal import StatusValue

GOOD: dict[AuditKind, JsonObject] = {
    AuditKind.PUBLISHED: {"lists": [0, 1], "iat": 60},
    AuditKind.LIMIT_CHANGED: {"limit": "changes", "number": 5},
    AuditKind.STATUS: {"credential": "ab", "before": "valid", "after": "revoked"},
}


def entry(kind: AuditKind, members: JsonObject) -> AuditEntry:
    event = AuditEvent(kind=kind, members=members, unapproved=1 if kind is AuditKind.STATUS else 0)
    ((_, content),) = chain(None, AuditHead(), [event], at=1, places=0)
    return decode_entry(content)


def test_what_good_entries_say() -> None:
    replay = Replay()
    for kind, members in GOOD.items():
        replay.take(entry(kind, members))
    assert replay.published == {0: 60, 1: 60}
    assert replay.settings == {"change_limit": "5"}
    assert replay.statuses == {"ab": StatusValue.REVOKED}
    assert replay.findings.all() == []


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        (AuditKind.PUBLISHED, {"lists": "0"}, "without lists or time"),
        (AuditKind.PUBLISHED, {"lists": None}, "without lists or time"),
        (AuditKind.PUBLISHED, {"iat": "60"}, "without lists or time"),
        (AuditKind.PUBLISHED, {"iat": True}, "without lists or time"),
        (AuditKind.PUBLISHED, {"lists": [0, "1"]}, "of a list without number"),
        (AuditKind.PUBLISHED, {"lists": [0, True]}, "of a list without number"),
        (AuditKind.LIMIT_CHANGED, {"limit": "height"}, "a limit that is not known"),
        (AuditKind.STATUS, {"before": "lost"}, "before is no status"),
        (AuditKind.STATUS, {"after": "lost"}, "after is no status"),
    ],
)
def test_an_entry_without_the_members_of_its_kind(kind: AuditKind, change: JsonObject, words: str) -> None:
    Replay().take(entry(kind, GOOD[kind]))
    with pytest.raises(DecodeError, match=words):
        Replay().take(entry(kind, {**GOOD[kind], **change}))


def test_the_check_says_which_entry_it_is(rig: Rig) -> None:
    """The chain is whole: only who knows what an entry should say sees it."""
    rig.issue("HC1")
    with rig.desk.auditing() as check:
        count = len([*check.entries()])
    wrong = AuditEvent(kind=AuditKind.PUBLISHED, members={"lists": "0", "iat": 60})
    with rig.store.db.transaction():
        rig.store.changes.audit.append([wrong], at=rig.now)
    assert rig.store.changes.audit.verify().seq == count + 1
    with rig.desk.auditing() as check, pytest.raises(StoreError, match=f"broken at entry {count + 1}: a pub"):
        list(check.entries())
