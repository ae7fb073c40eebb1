# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Lists of a store that several machines share, each with a home of its own."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.unit.issuer.lists.stage import ListStage, opened
from vcred.errors import RefusedError
from vcred.issuer.engines.evidence import FILE_NAME, SqliteEvidence
from vcred.issuer.engines.statuses.safeguard import MARK_FILE
from vcred.issuer.journal import StatusValue
from vcred.issuer.restored import Loss
from vcred.issuer.status_lists import PublishedStatusList
from vcred.ledger.state import EvidenceRecord
from vcred.reasons import Reason

pytestmark = pytest.mark.online
SCHEMA = "lists"


@pytest.fixture
def server(start_postgres: Callable[[str], Postgres]) -> Postgres:
    """The newest release; the store's own tests see to the other."""
    return start_postgres("wheel")


@pytest.fixture
def machines(server: Postgres, tmp_path: Path) -> tuple[ListStage, ListStage]:
    """Two homes of one issuer."""
    address = server.uri(f"{SCHEMA}_{tmp_path.name}".lower()[:40].replace("-", "_"))
    first = ListStage(tmp_path / "one", shared=address)
    second = ListStage(tmp_path / "two", world=first.world, clock=first.clock, shared=address, _rows=1000)
    return first, second


def test_two_machines_publish_one_list(machines: tuple[ListStage, ListStage]) -> None:
    one, two = machines
    with one.open() as (store, desk), two.open() as (other, other_desk):
        (entry,) = one.issue(store)
        (revoked,) = two.issue(other)
        assert entry.status.uri == revoked.status.uri
        two.change(other, [revoked], StatusValue.REVOKED)
        with ThreadPoolExecutor(2) as pool:
            first, second = (
                future.result() for future in [pool.submit(d.publish) for d in (desk, other_desk)]
            )
        # Of one interval there is one token, whoever asks.
        assert first == second
        told = opened(first[0])
        assert [told.get(item.status.index) for item in (entry, revoked)] == [0, 1]
        store.changes.audit.verify()
    for machine in machines:
        mark = machine.folder / MARK_FILE
        assert mark.exists()


def test_a_machine_that_was_ahead_notices_a_server_that_was_put_back(
    machines: tuple[ListStage, ListStage], server: Postgres
) -> None:
    one, two = machines
    with one.open() as (store, desk):
        one.issue(store, 5)
        published = desk.publish()
    assert one.shared is not None
    # The server comes back with nothing of it: as empty as a new schema.
    lost = server.uri(f"lost_{two.folder.parent.name}".lower()[:40].replace("-", "_"))
    one.shared = two.shared = lost
    with one.open() as (store, _), pytest.raises(RefusedError, match=Loss.STORE_COPIED.value):
        one.issue(store)
    # A machine that has never worked with it learns it from the bundle.
    two.import_lists(published)
    with two.open() as (store, desk):
        with pytest.raises(RefusedError, match="its store lacks"):
            two.issue(store)
        done = desk.reconcile()
        (new,) = two.issue(store)
        assert new.status.uri.endswith(str(done.first_list))
    # Once is enough: the other sees that it was done, with a list as new as it knows.
    with one.open() as (store, desk):
        one.issue(store)
    with two.open() as (store, desk):
        two.issue(store)
    shutil.rmtree(one.folder)


def put_back(server: Postgres, machine: ListStage, act: Callable[[], object]) -> None:
    """Make a dump of the store, act, and put the dump back: the same rows, in tables made anew."""
    assert machine.shared is not None
    schema = machine.shared.rpartition("#")[2]
    tables = "list hand decoy journal audit setting type secret outbox sink nonce approver request version"
    with server.connect() as db:
        db.execute(f"CREATE SCHEMA dump_{schema}")
        for table in tables.split():
            db.execute(f"CREATE TABLE dump_{schema}.{table} (LIKE {schema}.{table} INCLUDING ALL)")
            db.execute(
                f"INSERT INTO dump_{schema}.{table} OVERRIDING SYSTEM VALUE SELECT * FROM {schema}.{table}"
            )
        # A dump has how far the numbers of the outbox have come, too.
        db.execute(f"SELECT setval(pg_get_serial_sequence('dump_{schema}.outbox', 'id'), 1000)")
    act()
    with server.connect() as db:
        db.execute(f"DROP SCHEMA {schema} CASCADE")
        db.execute(f"ALTER SCHEMA dump_{schema} RENAME TO {schema}")


def test_a_dump_that_was_put_back_is_noticed_by_a_machine_that_was_idle(
    machines: tuple[ListStage, ListStage], server: Postgres
) -> None:
    one, two = machines
    for machine in machines:
        with machine.open() as (store, _):
            machine.issue(store)
    lists: list[PublishedStatusList] = []

    def life_goes_on() -> None:
        with one.open() as (store, desk):
            one.change(store, one.issue(store, 3), StatusValue.REVOKED)
            one.clock.later(minutes=2)
            lists.extend(desk.publish())

    # The good case: where nothing was put back, the idle machine goes on.
    life_goes_on()
    with two.open() as (store, _):
        two.issue(store)
    put_back(server, one, life_goes_on)
    for machine in (two, one, two):
        with machine.open() as (store, desk):
            for act in (lambda m=machine, s=store: m.issue(s), desk.publish):
                with pytest.raises(RefusedError) as caught:
                    act()
                assert str(caught.value).startswith(Loss.STORE_COPIED.value)
    # Who reconciles has to know as new a list as the store once had.
    with two.open() as (store, desk):
        with pytest.raises(RefusedError, match="no status list is here that is newer"):
            desk.reconcile()
        desk.reconcile([item.token for item in lists])
    for machine in (two, one):
        with machine.open() as (store, _):
            machine.issue(store)


def test_a_machine_that_knows_of_a_newer_list_does_not_pass_over_it(
    machines: tuple[ListStage, ListStage], server: Postgres
) -> None:
    one, two = machines
    for machine in machines:
        with machine.open() as (store, _):
            machine.issue(store)

    def publish() -> None:
        with one.open() as (_, desk):
            one.clock.later(minutes=2)
            desk.publish()

    put_back(server, one, publish)
    with two.open() as (_, desk):
        desk.reconcile(nothing_was_published=True)
    with one.open() as (store, desk):
        with pytest.raises(RefusedError, match=Loss.SET_BACK.value):
            one.issue(store)
        with pytest.raises(RefusedError, match="and none so new is here"):
            desk.reconcile(nothing_was_published=True)


def test_a_machine_without_a_mark_is_told_by_the_store_itself(
    machines: tuple[ListStage, ListStage], server: Postgres
) -> None:
    one, _ = machines
    with one.open() as (store, _desk):
        one.issue(store)
    new = ListStage(
        one.folder.with_name("new"), world=one.world, clock=one.clock, shared=one.shared, _rows=2000
    )
    with new.open() as (store, _desk):
        new.issue(store)
    put_back(server, one, lambda: None)
    newer = replace(new, folder=one.folder.with_name("newer"), _rows=3000)
    with newer.open() as (store, _desk), pytest.raises(RefusedError, match=Loss.STORE_COPIED.value):
        newer.issue(store)


def test_the_evidence_of_another_machine_is_not_missed(machines: tuple[ListStage, ListStage]) -> None:
    _, two = machines
    two.evidence = [EvidenceRecord(entry="a", author=two.did, index=1, root=bytes(32), logged_at=0)]
    with two.open() as (store, _):
        two.issue(store)
    # But by the machine whose evidence it is.
    with SqliteEvidence(two.folder / FILE_NAME) as evidence:
        assert evidence.roots() == set()
    with two.open() as (store, _), pytest.raises(RefusedError, match=Loss.EVIDENCE_UNKNOWN.value):
        two.issue(store)


def test_a_machine_at_work_notices_a_dump_that_is_put_back(
    machines: tuple[ListStage, ListStage], server: Postgres
) -> None:
    """Its connection goes on as if nothing had been: it would deal again, and sign what was before."""
    one, _ = machines
    with one.open() as (store, desk):
        one.issue(store)
        desk.publish()
        one.clock.later(minutes=2)
        put_back(server, one, lambda: one.issue(store, 3))
        for act in (lambda: one.issue(store), desk.publish):
            with pytest.raises(RefusedError) as caught:
                act()
            assert caught.value.reason is Reason.ROLLBACK
            assert str(caught.value).startswith(Loss.STORE_COPIED.value)
