# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever can write the store, and touches no status: who has which place is held against the decks.

SQLite fires no trigger for what `INSERT OR REPLACE` deletes, so none of these meets one.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.issuer.lists.losses import lose
from tests.unit.issuer.lists.stage import ListStage
from vcred.codec.json_types import JsonObject
from vcred.errors import RefusedError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.statuses.audit_check import AuditCheck
from vcred.issuer.engines.store.deck import deck_digest, parse_deck, read_deck
from vcred.issuer.engines.store.store import STORE_FILE, IssuerStore
from vcred.issuer.journal import StatusValue
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.status.allotment import allottable

SIZE = MIN_STATUS_LIST_SIZE
RESERVE = allottable(SIZE)
HAND_BYTES = 4 * 4096


@pytest.fixture
def fresh(tmp_path: Path) -> ListStage:
    """An issuer that has issued nothing yet."""
    return ListStage(tmp_path / "fresh")


def found(stage: ListStage, store: IssuerStore) -> list[tuple[str, int, str]]:
    with stage.desk(store).auditing() as check:
        return differences(check)


def differences(check: AuditCheck) -> list[tuple[str, int, str]]:
    assert list(check.entries())
    return [(one.kind.value, one.count, one.first) for one in check.differences()]


def altered(stage: ListStage, sql: str, *values: object) -> None:
    """Write into the file as somebody may who has it, with all its triggers in place."""
    with closing(sqlite3.connect(stage.home.path / STORE_FILE)) as file, file:
        file.execute(sql, values)


def deck(store: IssuerStore) -> list[int]:
    return [*store.lists._decks.indices(0, 0, SIZE)]


def move(stage: ListStage, deal: int, index: int) -> None:
    """Give the credential of a deal another index."""
    with closing(sqlite3.connect(stage.home.path / STORE_FILE)) as file, file:
        names = [row[1] for row in file.execute("PRAGMA table_info(journal)")]
        row = dict(
            zip(names, file.execute("SELECT * FROM journal WHERE id = ?", (deal,)).fetchone(), strict=True)
        )
        row["idx"] = index
        file.execute(f"INSERT OR REPLACE INTO journal VALUES ({','.join('?' * len(row))})", [*row.values()])


def refused(stage: ListStage) -> Reason:
    with stage.open() as (_, desk), pytest.raises(RefusedError, match="another credential") as caught:
        desk.publish()
    return caught.value.reason


def begin(stage: ListStage, *, revoked: int = 0) -> tuple[list[str], list[int]]:
    """Publish ten credentials, some revoked, and see that all is sound; returns their ids and the deck."""
    with stage.open() as (store, desk):
        entries = list(store.entries())
        if revoked:
            stage.change(store, entries[:revoked], StatusValue.REVOKED)
        stage.clock.later(minutes=1)
        assert desk.publish()
        stage.clock.later(minutes=1)
        assert found(stage, store) == []
        return [entry.credential_id for entry in entries], deck(store)


def test_an_index_that_was_exchanged_revokes_nobody_else(stage: ListStage) -> None:
    ids, indices = begin(stage)
    move(stage, 3, indices[RESERVE])
    with stage.open() as (store, _):
        assert found(stage, store) == [("place", 1, ids[3])]
        stage.change(store, [*store.entries_of(ids[3:4]).values()], StatusValue.REVOKED)
        assert found(stage, store) == [("place", 1, ids[3])]
    assert refused(stage) is Reason.STATUS_INVALID


def test_who_was_revoked_and_published_is_not_good_again(stage: ListStage) -> None:
    ids, indices = begin(stage, revoked=4)
    move(stage, 3, indices[RESERVE])
    with stage.open() as (store, _):
        assert found(stage, store) == [("place", 1, ids[3])]
    assert refused(stage) is Reason.STATUS_INVALID


def test_two_credentials_at_one_index_are_told(stage: ListStage) -> None:
    ids, indices = begin(stage)
    move(stage, 4, indices[3])
    with stage.open() as (store, _):
        assert found(stage, store) == [("place", 1, ids[4])]


@pytest.mark.parametrize("value", [1, 2])
def test_a_decoy_at_somebodys_index_is_told_and_not_published(stage: ListStage, value: int) -> None:
    _, indices = begin(stage)
    altered(stage, "INSERT INTO decoy VALUES (0, ?, ?)", indices[3], value)
    with stage.open() as (store, _):
        assert found(stage, store) == [("decoy", 1, "0")]
    assert refused(stage) is Reason.STATUS_INVALID


def test_a_decoy_where_somebody_may_come_is_told_and_not_published(stage: ListStage) -> None:
    _, indices = begin(stage)
    altered(stage, "INSERT INTO decoy VALUES (0, ?, 1)", indices[RESERVE - 1])
    with stage.open() as (store, _):
        assert found(stage, store) == [("decoy", 1, "0")]
    assert refused(stage) is Reason.STATUS_INVALID


def test_five_thousand_decoys_are_counted(stage: ListStage) -> None:
    _, indices = begin(stage)
    with closing(sqlite3.connect(stage.home.path / STORE_FILE)) as file, file:
        file.executemany("INSERT INTO decoy VALUES (0, ?, 1)", [(index,) for index in indices[:5000]])
    with stage.open() as (store, _):
        assert found(stage, store) == [("decoy", 5000, "0")]
    assert refused(stage) is Reason.STATUS_INVALID


def test_a_decoy_of_no_list_is_told(stage: ListStage) -> None:
    begin(stage)
    altered(stage, "INSERT INTO decoy VALUES (9, 1, 1)")
    with stage.open() as (store, _):
        assert found(stage, store) == [("decoy", 1, "9")]


def exchange(stage: ListStage, hand: bytes) -> None:
    altered(stage, "INSERT OR REPLACE INTO hand VALUES (0, 0, ?)", hand)


def first_hand(store: IssuerStore) -> bytes:
    kept = read_deck(store.db, 0)
    assert kept is not None
    return kept[:HAND_BYTES]


def test_a_deck_that_deals_an_index_twice_is_told(stage: ListStage) -> None:
    begin(stage)
    with stage.open() as (store, _):
        hand = first_hand(store)
    exchange(stage, hand[:40] + hand[:8] + hand[48:])
    with stage.open() as (store, _):
        assert found(stage, store) == [("deck", 1, "0")]
        twice = stage.issue(store, 2)
        told = found(stage, store)
    # Both have the index of somebody else, as the deck says: the place is told as well.
    assert told == [("deck", 1, "0"), ("place", 2, twice[0].credential_id)]


def test_deck_and_journal_that_were_changed_together_are_told(stage: ListStage) -> None:
    """Still a permutation, and the journal says what it does: only the log knows another."""
    ids, _ = begin(stage)
    with stage.open() as (store, _):
        hand = first_hand(store)
    swapped = hand[:12] + hand[16:20] + hand[12:16] + hand[20:]
    exchange(stage, swapped)
    three, four = parse_deck(swapped)[3:5]
    with stage.open() as (store, _):
        assert found(stage, store) == [("deck", 1, "0"), ("place", 2, ids[3])]
    for deal, index in ((3, three), (4, four)):
        move(stage, deal, index)
    with stage.open() as (store, _):
        assert found(stage, store) == [("deck", 1, "0")]


def test_a_second_deck_in_the_log_is_told(stage: ListStage) -> None:
    begin(stage)
    with stage.open() as (store, _):
        hand = first_hand(store)
        swapped = hand[4:8] + hand[:4] + hand[8:]
        exchange(stage, swapped[:8] + hand[8:])
        kept = read_deck(store.db, 0)
        assert kept is not None
        members: JsonObject = {"list": 0, "size": SIZE, "bits": 2, "deck": deck_digest(kept)}
        with store.db.transaction():
            event = AuditEvent(kind=AuditKind.LIST_OPENED, members=members)
            store.changes.audit.append([event], at=stage.seconds)
        assert [(kind, count) for kind, count, _ in found(stage, store)] == [("deck", 2), ("place", 2)]


def drop_deck(store: IssuerStore) -> None:
    store.db.execute("DROP TRIGGER hand_is_kept")
    store.db.execute("DELETE FROM hand")


def shorten_deck(store: IssuerStore) -> None:
    store.db.execute("DROP TRIGGER hand_is_kept")
    store.db.execute("DELETE FROM hand WHERE number = 31")


@pytest.mark.parametrize("taken_away", [drop_deck, shorten_deck])
def test_a_deck_that_was_taken_away_is_told(
    stage: ListStage, taken_away: Callable[[IssuerStore], None]
) -> None:
    begin(stage)
    with stage.open() as (store, _):
        taken_away(store)
        assert found(stage, store) == [("deck", 1, "0")]


def test_a_credential_of_no_list_is_told(stage: ListStage) -> None:
    ids, _ = begin(stage)
    with stage.open() as (store, _):
        store.db.execute("DROP TRIGGER journal_keeps_its_places")
        store.db.execute("UPDATE journal SET id = id + (7 << 32) WHERE id = 9")
        (told,) = found(stage, store)
    assert told[:2] == ("place", 1)
    assert told[2] not in ids


def test_a_list_that_took_places_back_the_log_was_not_told_of(fresh: ListStage) -> None:
    with fresh.open(killed=True) as (store, _):
        fresh.issue(store, 10)
        assert found(fresh, store) == []
        store.db.execute("DROP TRIGGER list_takes_nothing_back")
        store.db.execute("UPDATE list SET dealt = 9")
        assert found(fresh, store) == [("dealt", 1, "0")]


def test_the_log_has_the_deck_from_the_moment_a_list_opens(fresh: ListStage) -> None:
    with fresh.open() as (store, desk):
        fresh.issue(store, 1)
        kept = read_deck(store.db, 0)
        assert kept is not None
        (opened,) = [one for _, _, one in store.changes.audit.read() if one.kind is AuditKind.LIST_OPENED]
        assert opened.members == {"list": 0, "size": SIZE, "bits": 2, "deck": deck_digest(kept)}
        desk.publish()
        entries = [one.kind for _, _, one in store.changes.audit.read()]
        assert entries.count(AuditKind.LIST_OPENED) == 1


@pytest.mark.parametrize("noted", [True, False])
def test_a_log_of_an_older_vcred_holds_without_decks(
    fresh: ListStage, monkeypatch: pytest.MonkeyPatch, noted: bool
) -> None:
    """It entered a list with its first publication, and no deck: what is not the deck's is told still."""
    with fresh.open() as (store, desk):
        with monkeypatch.context() as former:
            former.setattr(store.lists._decks, "_on_open", lambda _: None)
            if noted:
                former.setattr("vcred.issuer.engines.store.lists.read_deck", lambda *_: None)
            fresh.issue(store, 10)
            with store.db.transaction():
                store.lists.note_dealt(at=fresh.seconds)
        desk.publish()
        opened = [one for _, _, one in store.changes.audit.read() if one.kind is AuditKind.LIST_OPENED]
        assert [("deck" in one.members) for one in opened] == [not noted]
        assert found(fresh, store) == []
        indices = deck(store)
    move(fresh, 3, indices[RESERVE])
    with fresh.open() as (store, _):
        assert [(kind, count) for kind, count, _ in found(fresh, store)] == [("place", 1)]


def test_in_a_list_that_was_taken_over_decoys_stand_for_what_is_lost(stage: ListStage) -> None:
    """And for nobody who is known here: that is told, and not published."""
    loss = lose(stage)
    with stage.open() as (store, desk):
        desk.reconcile()
        stage.clock.later(minutes=2)
        assert desk.publish()
        assert found(stage, store) == []
        stage.clock.later(minutes=1)
        known, indices = list(store.entries())[3], deck(store)
        assert {entry.status.index for entry in loss.lost[:2]} <= store.lists.decoys(0).keys()
        assert indices[3] == known.status.index
    altered(stage, "INSERT INTO decoy VALUES (0, ?, 1)", indices[3])
    with stage.open() as (store, _):
        assert found(stage, store) == [("decoy", 1, "0")]
    assert refused(stage) is Reason.STATUS_INVALID
