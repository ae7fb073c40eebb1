# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Several commands at once, each with a store of its own open: nothing is lost, nothing exceeded."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier
from typing import TypeVar

from tests.unit.issuer.changes.rig import CAROL, DAVID, MALLORY, OpenStore, Rig, waiting
from vcred.errors import RefusedError
from vcred.issuer.audit.log import AuditKind, decode_entry
from vcred.issuer.engines.store.changes import Changed
from vcred.issuer.journal import StatusValue
from vcred.reasons import Reason

WRITERS = 4
Result = TypeVar("Result")


def at_once(open_store: OpenStore, acts: Iterable[Callable[[Rig], Result]]) -> list[Result]:
    """Let each act begin at the same moment, in a store that it has opened itself."""
    chosen = list(acts)
    start = Barrier(len(chosen))

    def run(act: Callable[[Rig], Result]) -> Result:
        with open_store() as store:
            start.wait()
            return act(Rig(store))

    with ThreadPoolExecutor(len(chosen)) as pool:
        return list(pool.map(run, chosen))


def test_no_entry_is_lost_and_the_chain_holds(open_store: OpenStore) -> None:
    rows = [[f"R{writer}-{number}" for number in range(12)] for writer in range(WRITERS)]
    with open_store() as store:
        Rig(store).issue(*chain.from_iterable(rows))

    def take_back(mine: list[str]) -> Callable[[Rig], None]:
        def act(rig: Rig) -> None:
            for row in mine:
                assert rig.revoke(row) == Changed(changed=1, unchanged=0)

        return act

    at_once(open_store, map(take_back, rows))
    with open_store() as store:
        audit = store.changes.audit
        assert audit.verify() == audit.head()
        told = [decode_entry(content) for _, content in audit.proved()]
        assert sum(entry.kind is AuditKind.STATUS for entry in told) == 12 * WRITERS
        assert told[-1].unapproved == 12 * WRITERS
        assert all(entry.value is StatusValue.REVOKED for entry in store.entries())


def test_together_they_change_no_more_than_one_person_may(open_store: OpenStore) -> None:
    with open_store() as store:
        rig = Rig(store)
        rig.issue(*(f"R{number}" for number in range(WRITERS * 3)))
        rig.limit(5)
        rig.desk.add_approver(CAROL.did, name="Carol")

    def take_back(writer: int) -> Callable[[Rig], int]:
        def act(rig: Rig) -> int:
            outcomes = [rig.revoke(f"R{writer * 3 + number}") for number in range(3)]
            return sum(isinstance(outcome, Changed) for outcome in outcomes)

        return act

    assert sum(at_once(open_store, map(take_back, range(WRITERS)))) == 5
    with open_store() as store:
        revoked = [entry for entry in store.entries() if entry.value is StatusValue.REVOKED]
        assert len(revoked) == 5
        assert store.changes.audit.verify() == store.changes.audit.head()


def test_an_approval_that_is_applied_twice_at_once_is_applied_once(open_store: OpenStore) -> None:
    with open_store() as store:
        rig = Rig(store)
        rig.issue(*(f"R{number}" for number in range(6)))
        rig.limit(3)
        rig.desk.add_approver(CAROL.did, name="Carol")
        approval = CAROL.approve(waiting(rig.revoke(*(f"R{number}" for number in range(6)))))

    def apply(rig: Rig) -> Reason | None:
        try:
            rig.desk.apply(approval)
        except RefusedError as error:
            return error.reason
        return None

    outcomes = at_once(open_store, [apply] * WRITERS)
    assert sorted(map(str, outcomes)) == ["None", *["replayed"] * (WRITERS - 1)]
    with open_store() as store:
        told = [decode_entry(content).kind for _, content in store.changes.audit.proved()]
        assert told.count(AuditKind.STATUS) == 6
        assert told.count(AuditKind.APPROVAL) == 1


def test_of_two_first_approvers_one_comes_in_unasked(open_store: OpenStore) -> None:
    with open_store():
        pass

    def add(did: str) -> Callable[[Rig], bool]:
        return lambda rig: rig.desk.add_approver(did, name="Somebody") is None

    came = at_once(open_store, [add(person.did) for person in (CAROL, DAVID, MALLORY)])
    assert came.count(True) == 1
    with open_store() as store:
        assert len(store.changes.approvals.in_office()) == 1
