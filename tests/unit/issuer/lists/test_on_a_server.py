# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Lists of a store that several machines share, each with a home of its own."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.postgres import BINARIES, Postgres, require_binaries, running
from tests.unit.issuer.lists.stage import ListStage, opened
from vcred.errors import RefusedError
from vcred.issuer.engines.safeguard import MARK_FILE
from vcred.issuer.journal import StatusValue
from vcred.issuer.restored import Loss

pytestmark = pytest.mark.online
SCHEMA = "lists"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """The newest release; the store's own tests see to the others."""
    with running(require_binaries([*BINARIES][-1])) as started:
        yield started


@pytest.fixture
def machines(server: Postgres, tmp_path: Path) -> tuple[ListStage, ListStage]:
    """Two homes of one issuer."""
    address = server.uri(f"{SCHEMA}_{tmp_path.name}".lower()[:40].replace("-", "_"))
    first = ListStage(tmp_path / "one", shared=address)
    return first, ListStage(
        tmp_path / "two", world=first.world, clock=first.clock, shared=address, _rows=1000
    )


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
    with one.open() as (store, _), pytest.raises(RefusedError, match=Loss.SET_BACK.value):
        one.issue(store)
    # A machine that has never worked with it learns it from the bundle.
    two.import_lists(published)
    with two.open() as (store, desk):
        with pytest.raises(RefusedError, match="its store lacks"):
            two.issue(store)
        done = desk.reconcile()
        (new,) = two.issue(store)
        assert new.status.uri.endswith(str(done.first_list))
    # The other's mark still says more than the store has: each machine is reconciled.
    with one.open() as (store, desk):
        with pytest.raises(RefusedError):
            one.issue(store)
        desk.reconcile([item.token for item in published])
        one.issue(store)
    shutil.rmtree(one.folder)
