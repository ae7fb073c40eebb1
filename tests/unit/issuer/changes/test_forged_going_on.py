# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever writes the store says that a second person let it go on from a backup: the audit tells."""

from collections.abc import Iterator

import pytest

from tests.unit.issuer.changes.forger import Forger, found, noticed
from tests.unit.issuer.changes.rig import CAROL, DAY, ISSUER, NOW, Rig, waiting
from vcred.home import Home
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.change_request import GoOn
from vcred.issuer.engines.store.store import open_issuer_store

OTHER = "0f" * 16


@pytest.fixture
def forger(home: Home) -> Iterator[Forger]:
    """A store in which Carol has signed that it may go on, and nobody has applied it."""
    with open_issuer_store(home) as store:
        rig = Rig(store)
        rig.desk.add_approver(CAROL.did, name="Carol")
        asked = store.changes.ask(GoOn(newest=NOW, missing=0), issuer=ISSUER, why="", at=NOW)
        request = waiting(asked)
        yield Forger(rig, request, CAROL.approve(request))


def go_on(forger: Forger, **members: str | bool) -> None:
    """Enter a reconciliation, as `reconcile` does."""
    event = AuditEvent(
        kind=AuditKind.RECONCILED, members={"first_list": 2000, "nothing_published": True, **members}
    )
    with forger.store.db.transaction():
        forger.store.lists.set_first_sound(2000)
        forger.store.changes.audit.append([event], at=forger.rig.now)


def test_what_was_approved_and_applied_is_no_difference(forger: Forger) -> None:
    forger.rig.desk.apply(forger.approval)
    forger.rig.now += DAY - 1
    go_on(forger, request=forger.request.request_id)
    assert found(forger.rig) == []
    assert [kind for kind, *_ in noticed(forger.rig)] == ["first"]


def test_what_nobody_applied_lets_nothing_through(forger: Forger) -> None:
    go_on(forger, request=forger.request.request_id)
    assert found(forger.rig) == [("approval", 1)]


def test_another_request_does_not(forger: Forger) -> None:
    forger.rig.desk.apply(forger.approval)
    go_on(forger, request=OTHER)
    assert found(forger.rig) == [("approval", 1)]


def test_nor_does_one_a_second_time(forger: Forger) -> None:
    forger.rig.desk.apply(forger.approval)
    for _ in range(2):
        go_on(forger, request=forger.request.request_id)
    assert found(forger.rig) == [("approval", 1)]


def test_nor_after_a_day(forger: Forger) -> None:
    forger.rig.desk.apply(forger.approval)
    forger.rig.now += DAY
    go_on(forger, request=forger.request.request_id)
    assert found(forger.rig) == [("approval", 1)]


def test_what_is_entered_as_allowed_needs_what_was_signed(forger: Forger) -> None:
    forger.enter(AuditKind.RECONCILING_ALLOWED, newest=NOW, missing=0, change=forger.request.request_id)
    go_on(forger, request=forger.request.request_id)
    assert found(forger.rig) == [("approval", 1)]


def test_what_was_signed_is_about_that_list(forger: Forger) -> None:
    forger.approve()
    forger.enter(AuditKind.RECONCILING_ALLOWED, newest=NOW - DAY, missing=0, change=forger.request.request_id)
    assert ("approval", 2) in found(forger.rig)


def test_who_went_on_alone_is_told_and_is_no_difference(forger: Forger) -> None:
    """A log of an older vcred, which asked nobody, holds."""
    go_on(forger)
    assert found(forger.rig) == []
    assert noticed(forger.rig)[-1] == ("alone", 1, "entry 3")
