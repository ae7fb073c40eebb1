# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A row is one person's credential of a type, under whatever version of it (ISS-17)."""

import pytest

from tests.unit.issuer.changes.rig import set_limit
from tests.unit.issuer.store.stores import (
    CONTENT,
    HOLDER,
    NEXT_VCT,
    NOW,
    OTHER_CONTENT,
    OTHER_HOLDER,
    OTHER_VCT,
    OUT,
    VCT,
    Stored,
    deal,
    entries_of,
    issue,
    record,
    signed,
)
from vcred.errors import StoreError
from vcred.issuer.engines.store.record import Outcome
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import JournalEntry, Refusal, StatusValue, unversioned
from vcred.issuer.known_rows import Finding, RowDigests, find, newest

NONCE = b"n" * 32
THIRD_VCT = "did:vcred:publisher/types/permit/13"
OTHER_PUBLISHER = "did:vcred:another/types/permit/2"
VALID, REVOKED, SUSPENDED = StatusValue.VALID, StatusValue.REVOKED, StatusValue.SUSPENDED


def again(store: IssuerStore, vct: str, *, copies: int = 1, replaces: bool = False) -> Outcome:
    """The same row, the same claims, the same key, under a version."""
    row = signed("r1", deal(store, copies, vct=vct), replaces=replaces)
    (outcome,) = record(store, row, vct=vct).outcomes
    return outcome


def change(store: IssuerStore, entry: JournalEntry, value: StatusValue) -> None:
    numbers = [one.number for one in store.changes.statuses.of_credentials([entry.credential_id]).values()]
    store.changes.change(numbers, value, issuer="did:key:z", at=NOW)


def found(store: IssuerStore, vct: str) -> Finding:
    """What a run under this version finds of the row."""
    digests = RowDigests(vct, CONTENT, (HOLDER,))
    return find(digests, store.issued(vct, ["r1"]).get("r1", []))


def values(store: IssuerStore) -> list[tuple[str, int, StatusValue]]:
    """Version, generation and status of all that was issued, by generation."""
    found = [(entry.vct, entry.generation, entry.value) for entry in store.entries()]
    return sorted(found, key=lambda one: (one[1], one[0]))


@pytest.mark.parametrize(
    ("vct", "name"),
    [
        (VCT, "did:vcred:publisher/types/permit"),
        (THIRD_VCT, "did:vcred:publisher/types/permit"),
        (OTHER_PUBLISHER, "did:vcred:another/types/permit"),
        # No published type is called so: nothing is taken for a version.
        *((vct, vct) for vct in ("urn:other", "https://types.example/permit", "d/types/permit/01", "")),
    ],
)
def test_the_name_of_a_type(vct: str, name: str) -> None:
    assert unversioned(vct) == name


def test_under_another_version_it_is_other_content(store: IssuerStore) -> None:
    (first,) = issue(store, "r1")
    assert entries_of(again(store, VCT)) == (first,)
    assert (found(store, VCT), found(store, NEXT_VCT)) == (Finding.SAME, Finding.OTHER_CONTENT)
    for vct in (NEXT_VCT, THIRD_VCT):
        assert again(store, vct) is Refusal.OTHER_CONTENT
    # Another row, another type and another publisher's type are not this person's credential of it.
    assert entries_of(record(store, signed("r2", deal(store, 1, vct=NEXT_VCT)), vct=NEXT_VCT).outcomes[0])
    for vct in (OTHER_VCT, OTHER_PUBLISHER):
        assert found(store, vct) is Finding.NEW
        assert entries_of(again(store, vct))[0].generation == 0
    # And back: whoever has the second version does not get the first beside it.
    assert record(store, signed("r2", deal(store, 1))).outcomes == (Refusal.OTHER_CONTENT,)


def test_an_entry_without_a_digest_is_of_its_version(store: IssuerStore) -> None:
    """What an older vcred has issued counts as fitting, and yet not as another version."""
    (first,) = issue(store, "r1")
    unknown = first._replace(content=None)
    assert find(RowDigests(VCT, OTHER_CONTENT, (HOLDER,)), [unknown]) is Finding.SAME
    assert find(RowDigests(NEXT_VCT, OTHER_CONTENT, (HOLDER,)), [unknown]) is Finding.OTHER_CONTENT


def test_a_replacement_revokes_every_version_and_goes_on_counting(store: IssuerStore) -> None:
    issue(store, "r1", copies=2)
    (second,) = entries_of(again(store, NEXT_VCT, replaces=True))
    assert (second.vct, second.generation) == (NEXT_VCT, 1)
    assert values(store) == [(VCT, 0, REVOKED), (VCT, 0, REVOKED), (NEXT_VCT, 1, VALID)]
    assert store.issued(VCT, ["r1"]) == store.issued(NEXT_VCT, ["r1"]) == {"r1": [second]}
    # The version before is not what the row was issued with last.
    assert (found(store, VCT), found(store, NEXT_VCT)) == (Finding.OTHER_CONTENT, Finding.SAME)
    (third,) = entries_of(again(store, VCT, replaces=True))
    assert (third.generation, [value for *_, value in values(store)].count(VALID)) == (2, 1)
    assert store.changes.audit.verify() == store.changes.audit.head()


def test_a_copy_more_joins_its_generation_alone(store: IssuerStore) -> None:
    issue(store, "r1")
    again(store, NEXT_VCT, replaces=True)
    row = signed("r1", deal(store, 2, vct=NEXT_VCT))
    (_, added) = entries_of(record(store, row, vct=NEXT_VCT).outcomes[0])
    assert (added.copy, added.generation) == (1, 1)
    assert again(store, VCT, copies=2) is Refusal.OTHER_CONTENT


@pytest.mark.parametrize(("value", "replaced"), [(REVOKED, None), (SUSPENDED, Refusal.SUSPENDED)])
def test_what_is_revoked_or_suspended_gets_nothing_by_a_version(
    store: IssuerStore, value: StatusValue, replaced: Refusal | None
) -> None:
    (first,) = issue(store, "r1")
    assert again(store, NEXT_VCT) is Refusal.OTHER_CONTENT
    change(store, first, value)
    assert again(store, NEXT_VCT) is Refusal.OTHER_CONTENT
    outcome = again(store, NEXT_VCT, replaces=True)
    if replaced is None:
        assert entries_of(outcome)[0].generation == 1
    else:
        assert outcome is replaced
        assert values(store) == [(VCT, 0, SUSPENDED)]


def test_a_replacement_across_versions_is_a_change_that_counts(store: IssuerStore) -> None:
    """ISS-21: a new version is no way round the second person."""
    issue(store, "r1", copies=2)
    with store.db.transaction():
        set_limit(store, 1)
    assert again(store, NEXT_VCT, replaces=True) is Refusal.APPROVAL_REQUIRED
    assert values(store) == [(VCT, 0, VALID)] * 2
    with store.db.transaction():
        set_limit(store, 2)
    assert entries_of(again(store, NEXT_VCT, replaces=True))
    assert store.changes.changes_left(at=NOW) == 0


def test_stopped_in_the_middle_the_former_version_stands(stored: Stored) -> None:
    def stop(_: object) -> bytes:
        raise KeyboardInterrupt

    with stored.open() as store:
        issue(store, "r1")
        row = signed("r1", deal(store, 1, vct=NEXT_VCT), replaces=True)
        with pytest.raises(KeyboardInterrupt):
            store.record(NEXT_VCT, [row], destination=OUT, offset=None, seal=stop, at=NOW)
    with stored.open() as store:
        assert values(store) == [(VCT, 0, VALID)]
        (made,) = entries_of(again(store, NEXT_VCT, replaces=True))
        # The next run replaces nothing: it is there already, and still waits.
        assert entries_of(again(store, NEXT_VCT, replaces=True)) == (made,)
        assert values(store) == [(VCT, 0, REVOKED), (NEXT_VCT, 1, VALID)]
        assert len(list(store.outbox())) == 1


def test_an_enrolment_code_is_of_the_row_under_every_version(store: IssuerStore) -> None:
    """ISS-06: the keys that have answered it may come again with it, nobody else."""
    record(store, signed("r1", deal(store, 1), nonces=(NONCE,)))

    def outcome(row_id: str, holder: bytes) -> Outcome:
        places = deal(store, 1, vct=NEXT_VCT)
        row = signed(row_id, places, holder=holder, nonces=(NONCE,), replaces=True)
        return record(store, row, vct=NEXT_VCT).outcomes[0]

    assert outcome("r1", OTHER_HOLDER) is Refusal.NONCE_USED
    assert outcome("r2", HOLDER) is Refusal.NONCE_USED
    assert values(store) == [(VCT, 0, VALID)]
    assert entries_of(outcome("r1", HOLDER))[0].generation == 1


def test_a_damaged_type_does_not_make_its_rows_unknown(stored: Stored) -> None:
    with stored.open() as store:
        issue(store, "r1")
        assert store.issued(VCT, ["r1"])
        store.types = type(store.types)(_BlobForText(store))  # type: ignore[arg-type]
        with pytest.raises(StoreError, match="a type in the issuer's store is damaged"):
            store.issued(VCT, ["r1"])


class _BlobForText:
    """What a flipped bit makes of a text."""

    def __init__(self, store: IssuerStore) -> None:
        self._db = store.db

    def rows(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        return [(number, vct.encode()) for number, vct in self._db.rows(sql, values)]


class TestIssuedUnderTwoVersions:
    """By an older vcred, for which each version was a type of its own."""

    @pytest.fixture
    def store(self, store: IssuerStore, monkeypatch: pytest.MonkeyPatch) -> IssuerStore:
        with monkeypatch.context() as patch:
            patch.setattr("vcred.issuer.engines.store.types.unversioned", lambda vct: vct)
            issue(store, "r1")
            issue(store, "r1", vct=NEXT_VCT)
        assert values(store) == [(VCT, 0, VALID), (NEXT_VCT, 0, VALID)]
        return store

    def test_each_run_goes_on_as_it_was(self, store: IssuerStore) -> None:
        assert (found(store, VCT), found(store, NEXT_VCT)) == (Finding.SAME, Finding.SAME)
        assert found(store, THIRD_VCT) is Finding.OTHER_CONTENT
        for vct in (VCT, NEXT_VCT):
            assert [entry.vct for entry in entries_of(again(store, vct))] == [vct]
        assert len(values(store)) == 2

    def test_no_copy_joins_where_there_are_two_already(self, store: IssuerStore) -> None:
        for vct in (VCT, NEXT_VCT):
            assert again(store, vct, copies=2) is Refusal.NO_FURTHER_COPY

    def test_what_takes_its_place_revokes_both(self, store: IssuerStore) -> None:
        row = signed("r1", deal(store, 1), holder=OTHER_HOLDER, replaces=True)
        (new,) = entries_of(record(store, row).outcomes[0])
        assert values(store) == [(VCT, 0, REVOKED), (NEXT_VCT, 0, REVOKED), (VCT, 1, VALID)]
        assert store.issued(NEXT_VCT, ["r1"]) == {"r1": [new]}

    def test_neither_is_lifted_by_the_other(self, store: IssuerStore) -> None:
        first, second = store.entries()
        change(store, first, SUSPENDED)
        assert again(store, NEXT_VCT, replaces=True) == (second,)
        row = signed("r1", deal(store, 1, vct=NEXT_VCT), holder=OTHER_HOLDER, replaces=True)
        assert record(store, row, vct=NEXT_VCT).outcomes == (Refusal.SUSPENDED,)
        change(store, first, REVOKED)
        assert (found(store, VCT), found(store, NEXT_VCT)) == (Finding.REVOKED, Finding.SAME)
        # All that still stands is told, for who counts what would be revoked.
        assert store.issued(VCT, ["r1"]) == {"r1": list(store.entries())}

    def test_a_version_that_was_issued_anew_by_itself(self, store: IssuerStore) -> None:
        """Its generation is higher, and yet what stands of the other version is what that one has."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("vcred.issuer.engines.store.types.unversioned", lambda vct: vct)
            record(store, signed("r1", deal(store, 1), holder=OTHER_HOLDER, replaces=True))
        assert values(store) == [(VCT, 0, REVOKED), (NEXT_VCT, 0, VALID), (VCT, 1, VALID)]
        known = store.issued(NEXT_VCT, ["r1"])["r1"]
        assert [(entry.vct, entry.generation) for entry in known] == [(NEXT_VCT, 0), (VCT, 1)]
        assert [entry.vct for entry in newest(known, NEXT_VCT)] == [NEXT_VCT]
        assert found(store, NEXT_VCT) is Finding.SAME
        row = signed("r1", deal(store, 1), content=OTHER_CONTENT, replaces=True)
        assert entries_of(record(store, row).outcomes[0])[0].generation == 2
        assert [value for *_, value in values(store)] == [REVOKED, REVOKED, REVOKED, VALID]
