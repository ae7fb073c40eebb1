# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Forgetting: nothing leads to a person any more, and nothing that was revoked is good again (PRV-10)."""

import random
import secrets
from pathlib import Path

import pytest

from tests.unit.issuer.changes.rig import BASE, NOW, VCT, OpenStore, Rig
from vcred.errors import UsageError
from vcred.home import Home
from vcred.issuer.audit.log import AuditKind, decode_entry
from vcred.issuer.engines.store.store import STORE_FILE, open_issuer_store
from vcred.issuer.journal import JournalEntry, SignedCopy, SignedRow, StatusValue
from vcred.issuer.possession import Possession
from vcred.issuer.selection import ByRow

OTHER_TYPE = "https://types.example/certificate"
VERSIONS = tuple(f"did:vcred:gd/types/health-code/{version}" for version in (1, 2, 3))
PERSON = "Canary row of one person"


def columns(rig: Rig, entry: JournalEntry) -> list[tuple[object, ...]]:
    """What the journal has of an entry's place."""
    return [
        row[1:]
        for row in rig.store.db.rows(
            "SELECT row_id, generation, copy, content, holder, idx, status FROM journal WHERE idx = ?",
            (entry.status.index,),
        )
    ]


def test_nothing_is_left_of_a_row_but_its_revoked_places(rig: Rig) -> None:
    (first,) = rig.issue(PERSON)
    (second,) = rig.issue(PERSON, replaces=True)
    rig.issue("HC2")
    rig.revoke(second.credential_id)
    before = {number: values for number, values in values_of(rig).items() if values}
    assert rig.desk.forget(PERSON) == 2
    for entry in (first, second):
        assert columns(rig, entry) == [(0, 0, b"", None, entry.status.index, 1)]
        kept = rig.store.entry(entry.credential_id)
        assert kept is not None and (kept.value, kept.status) == (StatusValue.REVOKED, entry.status)
        assert PERSON not in kept.row_id
    names = {row_id for (row_id,) in rig.store.db.rows("SELECT row_id FROM journal WHERE row_id != 'HC2'")}
    assert len(names) == 2
    # What is published stays as it was.
    assert values_of(rig) == before
    assert rig.value("HC2") == [StatusValue.VALID]
    with pytest.raises(UsageError, match="nothing was issued"):
        rig.desk.forget(PERSON)


def values_of(rig: Rig) -> dict[int, object]:
    """What the status lists say."""
    return {record.number: dict(record.values) for record in rig.store.lists.records()}


def test_the_audit_log_says_how_many_and_not_which(rig: Rig) -> None:
    (one,) = rig.issue(PERSON)
    rig.revoke(PERSON)
    size = rig.desk.audit.head().seq
    rig.desk.forget(PERSON)
    *_, last = [content for _, content in rig.desk.audit.proved()]
    entry = decode_entry(last)
    assert (entry.seq, entry.kind, entry.members) == (size + 1, AuditKind.FORGOTTEN, {"credentials": 1})
    assert PERSON.encode() not in last and one.credential_id.encode() not in last


def test_a_credential_id_names_its_row(rig: Rig) -> None:
    (mine,) = rig.issue("HC1")
    rig.issue("HC1", vct=OTHER_TYPE)
    for entry in list(rig.store.entries(row_id="HC1")):
        rig.revoke(entry.credential_id)
    # Row ids of two types may be two persons.
    with pytest.raises(UsageError, match="several types"):
        rig.desk.forget("HC1")
    assert rig.desk.forget(mine.credential_id) == 1
    assert [entry.vct for entry in rig.store.entries(row_id="HC1")] == [OTHER_TYPE]


@pytest.mark.parametrize("by_id", [False, True])
def test_a_row_is_forgotten_under_every_version_of_its_type(rig: Rig, by_id: bool) -> None:
    """What were left of one version would lead to the row, and to the holder's key."""
    (first,) = rig.issue(PERSON, vct=VERSIONS[0])
    rig.store.delivered(_record(rig, PERSON, nonce=b"n" * 32, vct=VERSIONS[1], replaces=True), sinks={})
    (last,) = rig.issue(PERSON, vct=VERSIONS[2], replaces=True)
    with pytest.raises(UsageError, match="not revoked"):
        rig.desk.forget(first.credential_id if by_id else PERSON)
    rig.revoke(last.credential_id)
    assert rig.desk.forget(first.credential_id if by_id else PERSON) == 3
    assert list(rig.store.entries(row_id=PERSON)) == []
    assert {entry.value for entry in rig.store.entries()} == {StatusValue.REVOKED}
    assert rig.store.db.rows("SELECT row_id FROM nonce WHERE row_id = ?", (PERSON,)) == []


def test_what_could_still_be_accepted_is_not_forgotten(rig: Rig) -> None:
    first, _ = rig.issue("HC1", "HC2")
    rig.revoke("HC1")
    rig.issue("HC1", replaces=True)
    for value in (StatusValue.VALID, StatusValue.SUSPENDED):
        if value is StatusValue.SUSPENDED:
            rig.desk.change(ByRow("HC1"), value)
        with pytest.raises(UsageError, match="not revoked") as caught:
            rig.desk.forget("HC1")
        assert "status revoke --row" in (caught.value.hint or "")
        assert len(rig.value("HC1")) == 2
    rig.revoke("HC1")
    assert rig.desk.forget(first.credential_id) == 2


def test_what_waits_to_be_delivered_is_not_forgotten(rig: Rig) -> None:
    chunk = _record(rig, "HC1", nonce=None)
    rig.revoke("HC1")
    with pytest.raises(UsageError, match="waits to be delivered"):
        rig.desk.forget("HC1")
    rig.store.delivered(chunk, sinks={})
    assert rig.desk.forget("HC1") == 1


def test_an_enrolment_code_stays_used_by_nobody(rig: Rig) -> None:
    nonce = secrets.token_bytes(32)
    rig.store.delivered(_record(rig, PERSON, nonce=nonce), sinks={})
    rig.revoke(PERSON)
    rig.desk.forget(PERSON)
    ((digest, row_id),) = rig.store.db.rows("SELECT digest, row_id FROM nonce")
    assert bytes(digest) == nonce and PERSON not in row_id
    with pytest.raises(AssertionError, match="nonce_used"):
        _record(rig, PERSON, nonce=nonce)


def test_the_place_is_never_dealt_again_and_the_row_may_come_again(rig: Rig) -> None:
    (former,) = rig.issue(PERSON)
    rig.revoke(PERSON)
    rig.desk.forget(PERSON)
    (again,) = rig.issue(PERSON)
    assert again.credential_id != former.credential_id and again.status != former.status
    assert [entry.generation for entry in rig.store.entries(row_id=PERSON)] == [0]


def test_a_stop_in_the_middle_forgets_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.issue(PERSON)
    rig.revoke(PERSON)
    head = rig.desk.audit.head()
    with monkeypatch.context() as patched:
        patched.setattr("vcred.issuer.engines.store.audit.AuditTable.append", _stop)
        with pytest.raises(KeyboardInterrupt):
            rig.desk.forget(PERSON)
    assert rig.value(PERSON) == [StatusValue.REVOKED]
    assert rig.desk.audit.head() == head


def _stop(*_arguments: object, **_named: object) -> None:
    raise KeyboardInterrupt


def test_no_byte_of_it_stays_in_the_file(home: Home) -> None:
    """In no page of the file, free or not, and not in the write-ahead log."""
    names = [f"Canary{number:05}" for number in range(4000)]
    order = random.Random(11).sample(names, len(names))
    with open_issuer_store(home) as store:
        rig = Rig(store)
        rig.limit(10_000)
        digests = {}
        for start in range(0, len(order), 500):
            rig.issue(*order[start : start + 500])
        forgotten = order[::400]
        for name in forgotten:
            (entry,) = store.entries(row_id=name)
            digests[name] = entry.holder
            rig.revoke(name)
    # The control: what is looked for stands there.
    assert all(_stands(home.path, name.encode()) for name in forgotten)
    assert all(_stands(home.path, digest) for digest in digests.values() if digest)
    with open_issuer_store(home) as store:
        for name in forgotten:
            Rig(store).desk.forget(name)
    assert not [name for name in forgotten if _stands(home.path, name.encode())]
    assert not [name for name, digest in digests.items() if digest and _stands(home.path, digest)]
    assert all(_stands(home.path, name.encode()) for name in order[1:40])


def _stands(folder: Path, text: bytes) -> bool:
    return any(text in path.read_bytes() for path in folder.glob(f"{STORE_FILE}*"))


def _record(rig: Rig, row_id: str, *, nonce: bytes | None, vct: str = VCT, replaces: bool = False) -> int:
    """Issue one row that waits; returns its chunk."""
    (place,) = rig.store.deal(vct, BASE, 1, at=NOW)
    copy = SignedCopy(copy=0, place=place, holder=b"h" * 32, possession=Possession.DID, text="text")
    row = SignedRow(
        row_id=row_id,
        content=bytes(32),
        copies=(copy,),
        issued_at=NOW,
        nonce_digests=() if nonce is None else (nonce,),
        replaces=replaces,
    )
    recorded = rig.store.record(vct, [row], destination="/out", offset=None, seal=lambda _: b"sealed", at=NOW)
    assert recorded.chunk is not None, recorded.outcomes
    return recorded.chunk


def test_after_a_new_start(open_store: OpenStore) -> None:
    with open_store() as store:
        rig = Rig(store)
        rig.issue(PERSON)
        rig.revoke(PERSON)
        rig.desk.forget(PERSON)
    with open_store() as store:
        assert [entry.value for entry in store.entries()] == [StatusValue.REVOKED]
        assert list(store.entries(row_id=PERSON)) == []
        store.changes.audit.verify()
