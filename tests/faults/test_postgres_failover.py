# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-11: a primary is killed under load, its standby takes over: nothing acknowledged is lost, nothing forks.

The writers' record lies outside of both servers, and is held against the standby by code that
shares nothing with the implementation. The control has an asynchronous standby, and must lose.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic

import psycopg
import pytest

from tests.postgres import Postgres, require_binaries, running
from tests.unit.ledger.engines.independent import expected_nodes, stored_entries, stored_nodes, tree_hash
from tests.unit.ledger.engines.stores import add
from tests.unit.ledger.engines.writers import start_writers
from vcred.errors import StoreError
from vcred.ledger.engines.log import LogEngine
from vcred.ledger.engines.opening import open_shared_log
from vcred.tlog.tree import root_at

pytestmark = pytest.mark.online

RELEASES = ["wheel", "debian"]
WRITERS, COUNT = 3, 60
ASYNCHRONOUS = {"synchronous_standby_names": ""}
SYNCHRONOUS = {"synchronous_standby_names": "standby", "synchronous_commit": "remote_apply"}


@dataclass
class Record:
    """What was acknowledged: entries with their indices, heads with their roots."""

    entries: list[tuple[int, bytes]] = field(default_factory=list)
    heads: list[tuple[int, bytes]] = field(default_factory=list)

    def publish(self, log: LogEngine) -> None:
        """Publish the present head; a store that refuses has told nothing."""
        try:
            size = log.size()
            root = root_at(log.node, size)
            log.settle()
            log.publish(size, root)
        except StoreError:
            return
        self.heads.append((size, root))

    def complaints(self, server: Postgres) -> list[str]:
        """Hold a server against the record."""
        with server.connect() as database:
            stored = stored_entries(database, "ledger")
            nodes = stored_nodes(database, "ledger")
            heads = database.execute("SELECT size, note FROM ledger.published ORDER BY id").fetchall()
        found = [f"INV-1: {entry!r} is lost" for _, entry in self.entries if entry not in stored]
        found += [
            f"INV-3: {entry!r} is not at {index}"
            for index, entry in self.entries
            if stored[index : index + 1] != [entry]
        ]
        found += ["INV-3: an entry stands twice"] * (len(stored) - len(set(stored)))
        for size, root in [*self.heads, *heads]:
            if len(stored) < size or tree_hash(stored[:size]) != bytes(root):
                found.append(f"INV-2: the head of {size} has forked")
        if nodes != expected_nodes(stored):
            found.append("INV-2: the nodes are not those of the entries")
        return found


def both(*servers: Postgres) -> str:
    """The address of a store that lies on whichever server takes writes."""
    return (
        servers[0].uri().replace(str(servers[0].folder), ",".join(str(server.folder) for server in servers))
    )


def wait_until_followed(primary: Postgres) -> None:
    until = monotonic() + 30
    with primary.connect() as database:
        while monotonic() < until:
            following = database.execute("SELECT pid FROM pg_stat_replication WHERE state = 'streaming'")
            if following.fetchall():
                return
    raise AssertionError("the standby does not follow")


@pytest.mark.parametrize("release", RELEASES)
def test_fi_11_a_primary_is_killed_under_load(release: str) -> None:
    record = Record()
    with running(require_binaries(release)) as primary:
        standby = primary.make_standby(ASYNCHRONOUS)
        try:
            standby.start()
            wait_until_followed(primary)
            primary.reload(SYNCHRONOUS)
            address = both(primary, standby)
            with (
                closing(open_shared_log(address)) as log,
                start_writers(address, number=WRITERS, count=COUNT) as writers,
            ):
                writers.go()
                for share in (10, 20, 30, 40, 60):
                    writers.wait_for(share)
                    record.publish(log)
                assert len(record.heads) >= 3
                primary.kill()
                before = len(writers.acknowledged)
                standby.promote()
                writers.wait()
                record.entries = writers.acknowledged
                record.publish(log)
                assert record.heads[-1][0] == WRITERS * COUNT
                log.check()
            # It was killed in the middle, and the ledger went on at its standby.
            assert 60 <= before < WRITERS * COUNT == len(record.entries)
            assert writers.errors["refused"] + writers.errors.get("unknown", 0) > 0
            assert record.complaints(standby) == []
        finally:
            standby.remove()


def test_fi_11_control_an_asynchronous_standby_loses() -> None:
    """A test that saw no loss here would see none above."""
    record = Record()
    with running(require_binaries("wheel")) as primary:
        standby = primary.make_standby(ASYNCHRONOUS)
        try:
            standby.start()
            wait_until_followed(primary)
            with closing(open_shared_log(primary.uri())) as log:
                record.entries += acknowledged(log, [b"before"])
                _wait_until_applied(standby, entries=1)
                assert record.complaints(standby) == []
                cut_off(standby)
                record.entries += acknowledged(log, [b"after 1", b"after 2"])
                record.publish(log)
            assert record.complaints(primary) == []
            primary.kill()
            standby.promote()
            assert record.complaints(standby) == [
                "INV-1: b'after 1' is lost",
                "INV-1: b'after 2' is lost",
                "INV-3: b'after 1' is not at 1",
                "INV-3: b'after 2' is not at 2",
                "INV-2: the head of 3 has forked",
            ]
            # The ledger does not go on as if nothing had been there.
            with (
                closing(open_shared_log(standby.uri())) as log,
                pytest.raises(StoreError, match="an old copy"),
            ):
                log.append([b"next"], [], expected_size=3)
        finally:
            standby.remove()


def acknowledged(log: LogEngine, entries: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Append, and say what was acknowledged."""
    return [(add(log, entry), entry) for entry in entries]


def cut_off(standby: Postgres) -> None:
    """Stop the standby's receiver."""
    standby.reload({"primary_conninfo": ""})
    until = monotonic() + 30
    with standby.connect() as database:
        while database.execute("SELECT pid FROM pg_stat_wal_receiver").fetchall():
            assert monotonic() < until, "the standby goes on receiving"


def _wait_until_applied(standby: Postgres, *, entries: int) -> None:
    until = monotonic() + 30
    while monotonic() < until:
        try:
            with standby.connect() as database:
                if len(stored_entries(database, "ledger")) == entries:
                    return
        except psycopg.errors.UndefinedTable:
            continue
    raise AssertionError("the standby does not follow")
