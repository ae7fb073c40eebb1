# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-10: servers stopped, processes killed, wires cut; no entry lost, none twice, none elsewhere."""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from time import sleep
from typing import Any

import psycopg
import pytest

from tests.postgres import SERVERS, Postgres, require_binaries, running
from tests.unit.ledger.engines.appender import Appender
from tests.unit.ledger.engines.independent import expected_nodes, stored_entries, stored_nodes, tree_hash
from tests.unit.ledger.engines.proxy import cutting_wire
from tests.unit.ledger.engines.stores import LEAVES, Store, add, append_at
from tests.unit.ledger.engines.writers import Writers, start_writers
from vcred.errors import StoreError
from vcred.ledger.engines.log import LogEngine
from vcred.ledger.engines.opening import open_shared_log
from vcred.tlog.tree import root_at

TIMES = 10


@pytest.fixture(params=SERVERS)
def own(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A server of one test, which may stop it."""
    with running(require_binaries(request.param)) as server:
        yield server


def check(log: LogEngine, writers: Writers, *, number: int) -> None:
    """Every acknowledged entry stands at its index, each once, and the tree is that of the entries."""
    entries = log.leaves(0, log.size())
    assert len(writers.acknowledged) == number
    assert [entries[index] for index, _ in writers.acknowledged] == [leaf for _, leaf in writers.acknowledged]
    assert len(set(entries)) == len(entries)
    assert root_at(log.node, len(entries)) == tree_hash(entries)
    log.check()


def test_fi_08_eight_processes_on_one_store(store: Store) -> None:
    with start_writers(store.address, number=8, count=10) as writers:
        writers.go()
        writers.wait()
        with closing(store.open()) as log:
            assert log.size() == 80
            check(log, writers, number=80)
    # Eight that never met at a head would prove nothing.
    assert writers.errors["moved"] > 0
    assert "unknown" not in writers.errors


def ask(server: Postgres, query: str) -> list[tuple[Any, ...]]:
    """Ask a server that may just be starting anew."""
    for _ in range(200):
        with suppress(psycopg.OperationalError), server.connect() as database:
            return database.execute(query).fetchall()
        sleep(0.05)
    raise AssertionError("the server does not come back")


BACKENDS = (
    "FROM pg_stat_activity WHERE pid != pg_backend_pid() AND backend_type = 'client backend' "
    "ORDER BY random() LIMIT"
)


def end_a_backend(server: Postgres) -> None:
    """As an administrator does."""
    ask(server, f"SELECT pg_terminate_backend(pid) {BACKENDS} 2")


def kill_a_backend(server: Postgres) -> None:
    """As the kernel does that is out of memory: the server then starts anew from its log."""
    for (process,) in ask(server, f"SELECT pid {BACKENDS} 1"):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def crash(server: Postgres) -> None:
    """Stop it without a checkpoint, start it again."""
    server.stop("immediate")
    server.start()


def kill(server: Postgres) -> None:
    """All of its processes at once."""
    server.kill()
    server.start()


@pytest.mark.parametrize("fault", [end_a_backend, kill_a_backend, crash, kill])
def test_fi_10_a_fault_under_load(own: Postgres, fault: Callable[[Postgres], None]) -> None:
    times = TIMES if fault in (end_a_backend, kill_a_backend) else TIMES // 2
    open_shared_log(own.uri()).close()
    with start_writers(own.uri(), number=3, count=60) as writers:
        writers.go()
        for turn in range(1, times + 1):
            writers.wait_for(140 * turn // times)
            fault(own)
        writers.wait()
        with own.connect() as database:
            entries = stored_entries(database, "ledger")
            assert stored_nodes(database, "ledger") == expected_nodes(entries)
        with closing(open_shared_log(own.uri())) as log:
            assert log.size() == 180
            check(log, writers, number=180)
    # The fault came between their questions and answers: else it would prove nothing.
    assert writers.errors["refused"] + writers.errors.get("unknown", 0) > 0


def test_fi_10_a_server_that_starts_anew_in_a_transaction(own: Postgres) -> None:
    with closing(open_shared_log(own.uri())) as log:
        add(log, *LEAVES)
        with pytest.raises(StoreError) as caught, log._writes.writing() as connection:  # type: ignore[attr-defined]
            connection.execute("INSERT INTO leaf VALUES (7, 'half')")
            crash(own)
            connection.execute("INSERT INTO leaf VALUES (8, 'done')")
        # Before the commit there is no doubt.
        assert "nobody knows" not in str(caught.value)
        assert log.leaves(0, 9) == LEAVES
        assert add(log, b"x") == 7


def test_fi_10_the_answer_to_a_commit_is_lost(server: Postgres, shared: Store) -> None:
    schema = shared.address.rpartition("#")[2]
    with (
        tempfile.TemporaryDirectory(prefix="vcred-wire-") as folder,
        cutting_wire(Path(folder), server.folder) as wire,
        closing(open_shared_log(shared.address.replace(str(server.folder), folder))) as log,
    ):
        add(log, *LEAVES)
        appender = Appender(log)
        for turn in range(TIMES):
            size = log.size()
            wire.cut_next = True
            with pytest.raises(StoreError, match="nobody knows") as caught:
                append_at(log, size, [b"%d" % turn])
            assert "keeps its index" in (caught.value.hint or "")
            # It had been kept. Handed in again, it has its index, and stands once.
            assert appender.append(b"%d" % turn) == size
        assert wire.cuts == TIMES
        assert log.leaves(7, 99) == [b"%d" % turn for turn in range(TIMES)]
    with server.connect() as database:
        entries = stored_entries(database, schema)
        assert stored_nodes(database, schema) == expected_nodes(entries)
