# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Recording signed rows: each row once, nothing half, the texts in the outbox until they are delivered."""

import pytest

from tests.unit.issuer.store.stores import (
    CONTENT,
    NOW,
    OTHER_CONTENT,
    OTHER_HOLDER,
    OTHER_OUT,
    OTHER_VCT,
    OUT,
    VCT,
    Stored,
    deal,
    entries_of,
    issue,
    record,
    seal,
    signed,
    text_of,
)
from vcred.errors import StoreError
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import EntryState, JournalEntry, Refusal, StatusValue

NONCE, OTHER_NONCE = b"n" * 32, b"o" * 32


def revoke(store: IssuerStore, entry: JournalEntry) -> None:
    """Revoke one credential."""
    with store.db.transaction():
        assert store.changes.revoke_replaced([entry], at=NOW)


def test_a_row_is_signed_then_delivered(stored: Stored) -> None:
    with stored.open() as store:
        places = deal(store, 2)
        recorded = record(store, signed("r1", places), offset=7)
        assert recorded.chunk is not None
        first, second = entries_of(recorded.outcomes[0])
        assert (first.row_id, first.copy, second.copy) == ("r1", 0, 1)
        assert first.status == places[0].status
        assert (first.state, first.value, first.generation) == (EntryState.SIGNED, StatusValue.VALID, 0)
    with stored.open() as store:
        assert store.issued(OTHER_VCT, ["r1"]) == {}
        (waiting,) = store.outbox()
        assert (waiting.id, waiting.destination, waiting.offset) == (recorded.chunk, OUT, 7)
        texts = [(first, text_of(places[0])), (second, text_of(places[1]))]
        assert waiting.sealed == seal(texts)
        assert store.issued(waiting.vct, ["r1", "unknown"]) == {"r1": [first, second]}
        store.delivered(waiting.id, sinks={OUT: 100})
    with stored.open() as store:
        assert list(store.outbox()) == []
        assert [entry.state for entry in store.entries()] == [EntryState.DELIVERED] * 2
        assert (store.sink_length(OUT), store.sink_length(OTHER_OUT)) == (100, None)


def test_the_same_row_again_keeps_what_is_there(store: IssuerStore) -> None:
    (first,) = entries_of(record(store, signed("r1", deal(store, 1))).outcomes[0])
    again = record(store, signed("r1", deal(store, 1)), signed("r2", deal(store, 1)))
    assert entries_of(again.outcomes[0]) == (first,)
    (other,) = entries_of(again.outcomes[1])
    chunks = [waiting.sealed for waiting in store.outbox()]
    assert len(chunks) == 2
    # What lost is not in the outbox: it never leaves.
    assert chunks[1].decode().split()[0] == other.credential_id
    assert chunks[1].count(b"\n") == 0


def test_nothing_new_makes_no_chunk(store: IssuerStore) -> None:
    issue(store, "r1")
    assert record(store, signed("r1", deal(store, 1))).chunk is None
    assert list(store.outbox()) == []


def test_other_content_is_refused(store: IssuerStore) -> None:
    issue(store, "r1")
    assert record(store, signed("r1", deal(store, 1), content=OTHER_CONTENT)).outcomes == (
        Refusal.OTHER_CONTENT,
    )
    # Of another type it is another row.
    other = record(store, signed("r1", deal(store, 1), content=OTHER_CONTENT), vct=OTHER_VCT)
    assert entries_of(other.outcomes[0])[0].vct == OTHER_VCT


def test_a_copy_more_joins_its_row(store: IssuerStore) -> None:
    (first,) = issue(store, "r1")
    recorded = record(store, signed("r1", deal(store, 2), copies=(0, 1)))
    kept, added = entries_of(recorded.outcomes[0])
    assert kept == first
    assert (added.copy, added.generation, added.state) == (1, 0, EntryState.SIGNED)


def test_a_replacement_revokes_what_was_before(store: IssuerStore) -> None:
    issue(store, "r1", copies=2)
    row = signed("r1", deal(store, 1), content=OTHER_CONTENT, holder=OTHER_HOLDER, replaces=True)
    (new,) = entries_of(record(store, row).outcomes[0])
    assert (new.generation, new.value) == (1, StatusValue.VALID)
    entries = list(store.entries())
    assert [entry.value for entry in entries] == [StatusValue.REVOKED, StatusValue.REVOKED, StatusValue.VALID]
    assert store.issued(new.vct, ["r1"]) == {"r1": [new]}
    # Two revocations at least, each with its entry.
    assert store.changes.audit.verify().seq >= 2


def test_a_replacement_of_nothing_is_the_first(store: IssuerStore) -> None:
    (entry,) = entries_of(record(store, signed("r1", deal(store, 1), replaces=True)).outcomes[0])
    assert entry.generation == 0


def test_a_replacement_that_is_there_already_is_kept(store: IssuerStore) -> None:
    """Two runs with --reissue at once: the second does not revoke what the first has just issued."""
    issue(store, "r1")
    row = signed("r1", deal(store, 1), content=OTHER_CONTENT, replaces=True)
    (first,) = entries_of(record(store, row).outcomes[0])
    (second,) = entries_of(record(store, row._replace(copies=row.copies)).outcomes[0])
    assert second == first
    # Once it is revoked, it is replaced all the same.
    revoke(store, first)
    row = signed("r1", deal(store, 1), content=OTHER_CONTENT, replaces=True)
    (third,) = entries_of(record(store, row).outcomes[0])
    assert third.generation == 2


def test_to_another_key_it_is_replaced(store: IssuerStore) -> None:
    issue(store, "r1")
    row = signed("r1", deal(store, 1), holder=OTHER_HOLDER, replaces=True)
    (entry,) = entries_of(record(store, row).outcomes[0])
    assert (entry.generation, entry.holder) == (1, OTHER_HOLDER)


def test_a_replacement_that_needs_approval_changes_nothing(
    store: IssuerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    (former,) = issue(store, "r1")
    row = signed("r1", deal(store, 1), content=OTHER_CONTENT, replaces=True)
    with monkeypatch.context() as patched:
        patched.setattr(store.changes, "revoke_replaced", lambda entries, at: False)
        assert record(store, row).outcomes == (Refusal.APPROVAL_REQUIRED,)
    assert list(store.entries()) == [former]
    assert entries_of(record(store, row).outcomes[0])[0].generation == 1


def test_an_enrolment_code_is_used_for_one_row(store: IssuerStore) -> None:
    places = deal(store, 4)
    recorded = record(
        store,
        signed("r1", places[:2], nonces=(NONCE, NONCE)),
        signed("r2", places[2:3], nonces=(NONCE,)),
        signed("r3", places[3:], nonces=(OTHER_NONCE,)),
    )
    assert recorded.outcomes[1] is Refusal.NONCE_USED
    assert len(entries_of(recorded.outcomes[0])) == 2
    assert len(entries_of(recorded.outcomes[2])) == 1
    # In a later chunk, and of another type, just so.
    assert record(store, signed("r4", deal(store, 1), nonces=(NONCE,))).outcomes == (Refusal.NONCE_USED,)
    other = signed("r1", deal(store, 1), nonces=(NONCE,))
    assert record(store, other, vct=OTHER_VCT).outcomes == (Refusal.NONCE_USED,)
    assert list(store.issued(OTHER_VCT, ["r1"])) == []


def test_a_refused_row_uses_no_enrolment_code(store: IssuerStore) -> None:
    issue(store, "r1")
    refused = signed("r1", deal(store, 1), content=OTHER_CONTENT, nonces=(NONCE,))
    assert record(store, refused).outcomes == (Refusal.OTHER_CONTENT,)
    assert entries_of(record(store, signed("r2", deal(store, 1), nonces=(NONCE,))).outcomes[0])


def test_what_fails_in_the_middle_leaves_nothing(store: IssuerStore) -> None:
    def broken(items: object) -> bytes:
        raise OSError("no key")

    places = deal(store, 1)
    row = signed("r1", places, nonces=(NONCE,))
    with pytest.raises(OSError, match="no key"):
        store.record(VCT, [row], destination=OUT, offset=None, seal=broken, at=NOW)
    assert list(store.entries()) == []
    assert list(store.outbox()) == []
    assert entries_of(record(store, row).outcomes[0])[0].status == places[0].status


def test_one_place_for_two_rows_is_refused_by_the_table(store: IssuerStore) -> None:
    """Whoever hands in one place twice gets neither."""
    places = deal(store, 1)
    with pytest.raises(StoreError, match="refuses"):
        record(store, signed("r1", places), signed("r2", places))
    assert list(store.entries()) == []


def test_a_chunk_is_never_called_as_another_was(store: IssuerStore) -> None:
    chunks = []
    for row_id in ("r1", "r2", "r3"):
        recorded = record(store, signed(row_id, deal(store, 1)))
        assert recorded.chunk is not None
        chunks.append(recorded.chunk)
        store.delivered(recorded.chunk, sinks={})
    assert len(set(chunks)) == 3
    assert {entry.state for entry in store.entries()} == {EntryState.DELIVERED}


def test_the_outbox_of_one_destination(store: IssuerStore) -> None:
    record(store, signed("r1", deal(store, 1)))
    record(store, signed("r2", deal(store, 1)), destination=OTHER_OUT)
    record(store, signed("r3", deal(store, 1)))
    assert [waiting.destination for waiting in store.outbox()] == [OUT, OTHER_OUT, OUT]
    ids = []
    # Delivering while it is read, as a run does.
    for waiting in store.outbox(OUT):
        store.delivered(waiting.id, sinks={OUT: waiting.id})
        ids.append(waiting.id)
    assert ids == sorted(ids)
    assert [waiting.destination for waiting in store.outbox()] == [OTHER_OUT]


def test_one_credential_is_taken_out_of_a_chunk(store: IssuerStore) -> None:
    recorded = record(store, signed("r1", deal(store, 1)), signed("r2", deal(store, 1)))
    (first,), (second,) = map(entries_of, recorded.outcomes)
    waiting = store.waiting_chunk(first.credential_id)
    assert waiting is not None
    assert waiting.id == recorded.chunk
    store.take([first.credential_id], sinks={OTHER_OUT: 5})
    assert store.sink_length(OTHER_OUT) == 5
    assert store.waiting_chunk(first.credential_id) is None
    assert [entry.state for entry in store.entries()] == [EntryState.DELIVERED, EntryState.SIGNED]
    store.delivered(waiting.id, sinks={})
    assert store.waiting_chunk(second.credential_id) is None
    assert store.waiting_chunk("0" * 32) is None


def test_entries_are_found_in_every_way(store: IssuerStore) -> None:
    (first,) = issue(store, "r1")
    second = issue(store, "r2", copies=2)
    (third,) = issue(store, "r1", vct=OTHER_VCT)
    assert list(store.entries()) == [first, *second, third]
    assert list(store.entries(row_id="r1")) == [first, third]
    assert list(store.entries(row_id="r3")) == []
    assert [store.entry(entry.credential_id) for entry in second] == list(second)
    assert first.holder is not None
    assert list(store.by_holder(first.holder)) == [first, *second, third]
    assert list(store.by_holder(OTHER_HOLDER)) == []
    assert store.entries_of([third.credential_id, "f" * 32, first.credential_id]) == {
        third.credential_id: third,
        first.credential_id: first,
    }


def test_an_id_that_was_not_given_stands_for_nothing(store: IssuerStore) -> None:
    """Threats STA-21: a mistyped id must never take back somebody else's credential."""
    (entry,) = issue(store, "r1")
    good = entry.credential_id
    assert store.entry(good) == entry
    for wrong in ("", "r1", good[:-1], good + "0", good.upper(), f"{good[:-1]}{int(good[-1], 16) ^ 1:x}"):
        if wrong != good:
            assert store.entry(wrong) is None
            assert store.entries_of([wrong]) == {}


def test_two_rows_of_one_row_id_in_a_chunk_keep_one(store: IssuerStore) -> None:
    """The coordinator refuses it before; here it fails as a whole, and nothing is doubled."""
    with pytest.raises(StoreError, match="refuses"):
        record(store, signed("r1", deal(store, 1)), signed("r1", deal(store, 1), content=CONTENT))
    assert list(store.entries()) == []


def test_a_replacement_with_a_used_code_leaves_the_former_as_it_was(store: IssuerStore) -> None:
    """Or a stranger's code would take back a credential and give nothing for it."""
    record(store, signed("r1", deal(store, 1), nonces=(NONCE,)))
    (former,) = issue(store, "r2")
    for nonce, outcome in ((NONCE, StatusValue.VALID), (OTHER_NONCE, StatusValue.REVOKED)):
        row = signed("r2", deal(store, 1), content=OTHER_CONTENT, nonces=(nonce,), replaces=True)
        (made,) = record(store, row).outcomes
        assert (made is Refusal.NONCE_USED) is (nonce == NONCE)
        kept = store.entry(former.credential_id)
        assert kept is not None and kept.value is outcome
