# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rosters through a real cluster on loopback: the same comes out, whoever dies on the way."""

from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path

import dask
import pytest
from distributed import Client

from tests.unit.issuer.cluster.machines import (
    NO_SPILLING,
    Cluster,
    a_cluster,
    make_certificates,
    make_worker_home,
)
from tests.unit.issuer.run.homes import assert_whole, issue, make_home, read_output, roster_bytes
from vcred.errors import StoreError
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.issuer.engines.runs import roster_chunks
from vcred.issuer.engines.workers.cluster import DaskEngine
from vcred.issuer.summary import Progress, Summary

pytestmark = [pytest.mark.online, pytest.mark.enable_socket]

ROWS = 120
ROSTER = roster_bytes(ROWS)
CHUNK = 8
# What no log may have of a person: the names and the identity number.
CANARIES = [
    cell for line in ROSTER.decode().splitlines()[1:] for cell in itemgetter(1, 2, 5)(line.split(","))
]
DEADLY = (
    "import os; from vcred.issuer.engines.workers import cluster_worker as c;"
    " c.answer_task = lambda t: os._exit(9)"
)


@pytest.fixture(autouse=True)
def many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", CHUNK)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with a_cluster(tmp_path) as cluster:
        yield cluster
    for log in tmp_path.glob("*.log"):
        text = log.read_text(errors="replace")
        assert not [canary for canary in CANARIES if canary in text], log.name


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "issuer").path


@pytest.fixture
def worker_home(tmp_path: Path, home: Path) -> Path:
    return make_worker_home(tmp_path / "worker", home)


def through(cluster: Cluster, home: Path, on_progress: Callable[[Progress], None] | None = None) -> Summary:
    """Issue the roster through the cluster, into one place."""
    out = home.parent / "out.jsonl"
    return issue(home, ROSTER, out, engine=cluster.address, on_progress=on_progress)


def once(act: Callable[[], object], *, after: int) -> Callable[[Progress], None]:
    """Do something in the middle of a run, when so many credentials are issued."""
    done: list[int] = []

    def look(progress: Progress) -> None:
        if progress.issued >= after and not done:
            done.append(progress.issued)
            act()

    return look


def claims(text: str) -> object:
    """Everything a credential says but its place, its salts and its signature."""
    parsed = parse_presentation(text.removesuffix("\n"))
    said = dict(open_claims(parsed).claims)
    said.pop("status")
    return said


def test_the_same_comes_out_as_of_a_pool(
    cluster: Cluster, home: Path, worker_home: Path, tmp_path: Path
) -> None:
    cluster.start_scheduler()
    for _ in range(2):
        cluster.start_worker(worker_home)
    assert through(cluster, home).issued == ROWS
    assert_whole(home, tmp_path / "out.jsonl", ROWS)
    other = make_home(tmp_path / "other").path
    for name in ("unlock.key", "keys/unlock.jwe", "keys/issuing-1.key.jwe", "keys/status-1.key.jwe"):
        (other / name).write_bytes((home / name).read_bytes())
    assert issue(other, ROSTER, tmp_path / "pool.jsonl", workers=2).issued == ROWS
    ours, pools = (read_output(tmp_path / name).texts for name in ("out.jsonl", "pool.jsonl"))
    assert {row: claims(text) for row, text in ours.items()} == {
        row: claims(text) for row, text in pools.items()
    }
    assert (through(cluster, home).issued, through(cluster, home).skipped) == (0, ROWS)
    assert_nothing_stays(cluster)


def assert_nothing_stays(cluster: Cluster) -> None:
    """Neither the scheduler nor a worker holds a task or a result."""
    with Client(cluster.address, set_as_default=False) as client:
        assert client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0
        held = client.run(lambda dask_worker: (len(dask_worker.data), len(dask_worker.state.tasks)))
        assert set(held.values()) == {(0, 0)}


def test_a_worker_that_is_killed_loses_nothing(
    cluster: Cluster, home: Path, worker_home: Path, tmp_path: Path
) -> None:
    cluster.start_scheduler()
    doomed, _ = (cluster.start_worker(worker_home) for _ in range(2))
    assert through(cluster, home, once(doomed.kill, after=CHUNK)).issued == ROWS
    assert doomed.process.returncode == -9
    assert_whole(home, tmp_path / "out.jsonl", ROWS)


def test_a_scheduler_that_is_killed_ends_the_run_and_the_next_goes_on(
    cluster: Cluster, home: Path, worker_home: Path, tmp_path: Path
) -> None:
    scheduler = cluster.start_scheduler()
    cluster.start_worker(worker_home)
    with pytest.raises(StoreError, match="connection to the scheduler is lost") as caught:
        through(cluster, home, once(scheduler.kill, after=CHUNK))
    assert caught.value.hint == "see that it runs, then run the same command again: it goes on"
    before = read_output(tmp_path / "out.jsonl").texts
    assert CHUNK <= len(before) < ROWS
    cluster.start_scheduler()
    cluster.start_worker(worker_home)
    again = through(cluster, home)
    assert again.issued + again.skipped == ROWS and again.skipped >= CHUNK
    after = read_output(tmp_path / "out.jsonl").texts
    assert before.items() <= after.items()
    assert_whole(home, tmp_path / "out.jsonl", ROWS)


def test_a_chunk_that_kills_its_workers_is_handed_out_so_often_and_no_more(
    cluster: Cluster, home: Path, worker_home: Path
) -> None:
    cluster.start_scheduler()
    deadly = {**NO_SPILLING, "DASK_DISTRIBUTED__WORKER__PRELOAD": DEADLY}
    # Its nanny starts it anew each time.
    cluster.start_worker(worker_home, environment=deadly, nanny=True)
    with pytest.raises(StoreError, match="the workers that had one chunk died, 4 of them") as caught:
        through(cluster, home)
    assert caught.value.hint is not None and "it goes on" in caught.value.hint


@pytest.mark.parametrize("strange", ["ca-file", "client"])
def test_a_ca_of_another_cluster_is_refused(
    cluster: Cluster, home: Path, worker_home: Path, tmp_path: Path, strange: str
) -> None:
    """By the issuer, who would send claims to whoever listens; and by the scheduler."""
    cluster.start_scheduler()
    cluster.start_worker(worker_home)
    others = make_certificates(tmp_path / "stranger").settings()
    others = {name: file for name, file in others.items() if f"tls.{strange}" in name}
    with dask.config.set(others), pytest.raises(StoreError, match="no scheduler can be reached"):
        through(cluster, home)
    assert through(cluster, home).issued == ROWS


def test_a_worker_without_the_key_ends_the_run_and_says_so(
    cluster: Cluster, home: Path, tmp_path: Path
) -> None:
    cluster.start_scheduler()
    other = make_worker_home(tmp_path / "worker", make_home(tmp_path / "other").path)
    cluster.start_worker(other)
    with pytest.raises(
        StoreError, match=r"the worker on .*: its home does not hold the key did:vcred:issuer#"
    ):
        through(cluster, home)


def test_a_worker_that_may_write_to_disk_is_refused(cluster: Cluster, home: Path, worker_home: Path) -> None:
    cluster.start_scheduler()
    cluster.start_worker(worker_home, environment={})
    with pytest.raises(StoreError, match="it may write what it holds to disk"):
        through(cluster, home)


def test_a_cluster_of_another_version_is_refused(
    cluster: Cluster, worker_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.start_scheduler()
    cluster.start_worker(worker_home)
    DaskEngine(cluster.address).close()
    monkeypatch.setattr("vcred.issuer.engines.workers.cluster.__version__", "9.9.9")
    with pytest.raises(StoreError, match=r"the scheduler runs vcred .*, this machine vcred 9\.9\.9"):
        DaskEngine(cluster.address)


def test_a_cluster_without_workers_is_not_waited_for(cluster: Cluster, worker_home: Path) -> None:
    cluster.start_scheduler()
    with pytest.raises(StoreError, match="no worker is connected"):
        DaskEngine(cluster.address, deserted_seconds=0.5)


def test_a_run_that_loses_all_its_workers_ends(
    cluster: Cluster, home: Path, worker_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.start_scheduler()
    worker = cluster.start_worker(worker_home)
    monkeypatch.setattr(DaskEngine.__init__, "__kwdefaults__", {"deserted_seconds": 2})
    with pytest.raises(StoreError, match="no worker is connected"):
        through(cluster, home, once(worker.kill, after=CHUNK))
