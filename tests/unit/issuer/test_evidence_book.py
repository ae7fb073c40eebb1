# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's histories: durable before anybody is told, and one batch for one statement."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.issuer.evidence_desk import Desk
from tests.unit.ledger.evidence_samples import CERTIFICATE, found_institute
from vcred.did.methods.vcred import hash_text
from vcred.errors import LedgerError, UsageError
from vcred.home import Role, Settings, create_home
from vcred.issuer import evidence_book
from vcred.issuer.evidence_book import EvidenceBook
from vcred.ledger.entries import Kind
from vcred.ledger.evidence.leaf import EventKind
from vcred.ledger.evidence.proof import verify_evidence
from vcred.reasons import Reason


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_is_added_is_recorded_and_proved(desk: Desk) -> None:
    assert desk.add(desk.event(), desk.event("FT-18"), desk.event(kind=EventKind.SUSPENDED)) == 3
    desk.record()
    state = desk.institute.world.state
    with desk.open() as book:
        assert book.queued() == 0
        history = book.prove(CERTIFICATE, state)
        assert history.waiting == ()
        assert [proof.leaf.event.kind for proof in history.proofs] == [EventKind.ISSUED, EventKind.SUSPENDED]
        assert all(verify_evidence(proof, state).event == proof.leaf.event for proof in history.proofs)
        (only,) = book.prove(CERTIFICATE, state, kind=EventKind.SUSPENDED).proofs
        assert only == history.proofs[1]
        assert only.leaf.salt != history.proofs[0].leaf.salt


def test_what_is_not_recorded_waits(desk: Desk) -> None:
    desk.add(desk.event())
    with desk.open() as book:
        assert book.prove(CERTIFICATE, desk.institute.world.state).waiting == (desk.event(),)
    assert desk.next_root() is not None
    with desk.open() as book:
        history = book.prove(CERTIFICATE, desk.institute.world.state)
    assert (history.proofs, history.waiting) == ((), (desk.event(),))


def test_a_certificate_of_which_nothing_is_kept(desk: Desk) -> None:
    desk.add(desk.event())
    state = desk.institute.world.state
    with desk.open() as book:
        book.prove(CERTIFICATE, state)
        for certificate, kind in (("FT-99", None), (CERTIFICATE, EventKind.REVOKED)):
            with pytest.raises(UsageError) as caught:
                book.prove(certificate, state, kind=kind)
            assert certificate not in str(caught.value)


def test_the_same_event_again_is_no_second_one(desk: Desk) -> None:
    assert desk.add(desk.event(), desk.event()) == 1
    before = desk.record()
    assert desk.add(desk.event()) == 0
    assert desk.add(replace(desk.event(), note="another")) == 1
    desk.institute.world.later(hours=1)
    assert desk.next_root() not in (None, before)


def test_all_events_are_added_or_none(desk: Desk) -> None:
    to_come = replace(desk.event("FT-2"), at=desk.institute.now + 301)
    with pytest.raises(UsageError, match="yet to happen"):
        desk.add(desk.event(), to_come)
    with desk.open() as book:
        assert book.queued() == 0
    assert desk.add(desk.event(), replace(to_come, at=to_come.at - 1)) == 2


def test_nothing_queued_is_nothing_to_record(desk: Desk) -> None:
    assert desk.next_root() is None
    desk.add(desk.event())
    desk.record()
    desk.institute.world.later(hours=1)
    assert desk.next_root() is None


def test_an_interrupted_record_gives_the_same_root(desk: Desk) -> None:
    """However often it is begun again, and whatever is added meanwhile: one batch, one operation."""
    desk.add(desk.event())
    first = desk.next_root()
    desk.add(desk.event("FT-18"))
    assert desk.next_root() == first
    world, me = desk.institute.world, desk.institute.me
    assert first is not None
    operations = []
    for _ in range(2):
        operations.append(world.statement(me, Kind.EVIDENCE_RECORD, root=hash_text(first)))
        world.later(seconds=30)
    unsigned = [{name: op[name] for name in op if name != "proof"} for op in operations]
    assert unsigned[0] == unsigned[1]
    world.append(operations[0])
    with pytest.raises(LedgerError) as caught:
        world.append(operations[1])
    assert caught.value.reason is Reason.REPLAYED
    world.later(hours=1)
    assert desk.next_root() not in (None, first)


def test_a_second_record_within_the_hour_waits(desk: Desk) -> None:
    desk.add(desk.event())
    desk.record()
    recorded = desk.institute.world.now
    desk.institute.world.later(minutes=59, seconds=59)
    assert desk.next_root() is None
    desk.add(desk.event("FT-18"))
    with pytest.raises(LedgerError) as caught:
        desk.next_root()
    assert caught.value.reason is Reason.RATE_LIMITED
    later = (recorded + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert caught.value.hint is not None and later in caught.value.hint
    # What is added while it waits goes with the same record.
    desk.add(desk.event("FT-19"))
    desk.institute.world.later(seconds=1)
    with desk.open() as book:
        batch = book.next_batch(desk.institute.world.state, desk.institute.me.did)
    assert batch is not None and batch.events == 2
    desk.record()


def test_the_ledger_itself_limits_the_rate(desk: Desk) -> None:
    desk.add(desk.event())
    desk.record()
    desk.institute.world.later(minutes=59, seconds=59)
    with pytest.raises(LedgerError) as caught:
        desk.institute.world.say(desk.institute.me, Kind.EVIDENCE_RECORD, root=hash_text(bytes(32)))
    assert caught.value.reason is Reason.RATE_LIMITED
    desk.institute.world.later(seconds=1)
    desk.institute.world.say(desk.institute.me, Kind.EVIDENCE_RECORD, root=hash_text(bytes(32)))


def test_a_root_that_another_has_recorded_is_not_recorded(desk: Desk) -> None:
    """Whoever copies a root off a statement in transit must not make the issuer forget its own."""
    desk.add(desk.event())
    root = desk.next_root()
    assert root is not None
    thief = found_institute("Thief", world=desk.institute.world)
    desk.institute.world.say(thief.me, Kind.EVIDENCE_RECORD, root=hash_text(root))
    with desk.open() as book:
        assert book.prove(CERTIFICATE, desk.institute.world.state).proofs == ()
    assert desk.record() == root
    with desk.open() as book:
        (proof,) = book.prove(CERTIFICATE, desk.institute.world.state).proofs
    assert verify_evidence(proof, desk.institute.world.state).author == desk.institute.me.did


def test_more_than_a_batch_holds_goes_into_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_book, "MAX_BATCH_SIZE", 16)
    desk.add(*(desk.event(f"FT-{number}") for number in range(20)))
    desk.record()
    with desk.open() as book:
        assert book.queued() == 4
    desk.institute.world.later(hours=1)
    desk.record()
    with desk.open() as book:
        for number in range(20):
            (proof,) = book.prove(f"FT-{number}", desk.institute.world.state).proofs
            verify_evidence(proof, desk.institute.world.state)


def test_a_home_of_another_role_has_no_book(tmp_path: Path) -> None:
    home = create_home(tmp_path / "gate", Role.VERIFIER, Settings())
    with pytest.raises(UsageError):
        EvidenceBook.open(home.path)
