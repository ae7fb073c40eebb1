# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Chunks on several processes: the same work, whoever dies on the way, and no key in a task."""

import os
import pickle
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.issuer.run.homes import assert_whole, issue, make_home, open_issuer, read_output, roster_bytes
from vcred.errors import StoreError
from vcred.home import Home
from vcred.issuer.chunk import ChunkTask
from vcred.issuer.engines.runs import roster_chunks
from vcred.issuer.engines.runs.issuer_keys import read_issuer_keys
from vcred.issuer.engines.workers import processes as processes_module
from vcred.issuer.engines.workers.processes import ProcessEngine
from vcred.issuer.row_signer import RowDone
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner

ROWS = 60


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", 6)
    return make_home(tmp_path / "home")


@pytest.fixture
def tasks(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ChunkTask]]:
    """What the processes are given."""
    given: list[ChunkTask] = []
    submit = ProcessEngine.submit

    def noted(engine: ProcessEngine, task: ChunkTask) -> Any:
        given.append(task)
        return submit(engine, task)

    monkeypatch.setattr(ProcessEngine, "submit", noted)
    yield given


def children() -> set[int]:
    """Processes that this one has started and that have not ended."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return set(map(int, listed.split()))


def test_processes_do_what_this_one_does(home: Home, tasks: list[ChunkTask]) -> None:
    before = children()
    summary = issue(home.path, roster_bytes(ROWS), home.path / "out", workers=2)
    assert (summary.issued, summary.refused_count, len(tasks)) == (ROWS, 0, 10)
    assert_whole(home.path, home.path / "out", ROWS)
    # The resource tracker of multiprocessing may stay, the workers do not.
    assert len(children() - before) <= 1
    again = issue(home.path, roster_bytes(ROWS), home.path / "out", workers=2)
    assert (again.issued, again.skipped) == (0, ROWS)


def test_a_task_carries_a_reference_to_the_key_and_no_secret(home: Home, tasks: list[ChunkTask]) -> None:
    issue(home.path, roster_bytes(ROWS), home.path / "out", workers=2)
    keys = read_issuer_keys(home, None)
    (signer,) = keys.issuing.values()
    assert isinstance(signer, SoftwareSigner)
    private = signer.to_private_jwk()["d"]
    with open_issuer(home.path) as issuer:
        secrets = (str(private).encode(), keys.outbox, issuer._store.secret)
    for task in tasks:
        data = pickle.dumps(task)
        assert task.terms.issuer.key_id.encode() in data and signer.public_key.raw in data
        assert not any(secret in data for secret in secrets)


def test_a_killed_worker_loses_nothing(home: Home) -> None:
    before, killed = children(), []

    def kill_one(_progress: object) -> None:
        workers = [pid for pid in children() - before if b"spawn_main" in _command(pid)]
        if workers and len(killed) < 2:
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    summary = issue(home.path, roster_bytes(ROWS), home.path / "out", workers=2, on_progress=kill_one)
    assert len(killed) == 2
    assert (summary.issued, summary.refused_count) == (ROWS, 0)
    assert_whole(home.path, home.path / "out", ROWS)


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_ctrl_c_is_not_heard_by_a_process_that_still_imports(
    home: Home, tasks: list[ChunkTask], capfd: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C reaches the whole group: the parent alone says what becomes of the run."""
    issue(home.path, roster_bytes(6), home.path / "out", workers=2)
    (signer,) = read_issuer_keys(home, None).issuing.values()
    before = children()
    engine = ProcessEngine(home=home, unlock=None, workers=2, key=signer.public_key)
    futures = [engine.submit(tasks[0]), engine.submit(tasks[0])]
    started = children() - before
    for _ in range(20):
        for pid in started:
            os.kill(pid, signal.SIGINT)
        time.sleep(0.01)
    for future in futures:
        assert all(isinstance(row, RowDone) for row in future.result().rows)
    engine.close()
    assert capfd.readouterr().err == ""
    # Here it is heard as before.
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_chunk_that_kills_every_worker_ends_the_run(
    home: Home, tasks: list[ChunkTask], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert issue(home.path, roster_bytes(6), home.path / "out", workers=2).issued == 6
    monkeypatch.setattr(processes_module, "_work", die)
    with pytest.raises(StoreError, match="have died 3 times"):
        issue(home.path, roster_bytes(ROWS), home.path / "out", workers=2)
    monkeypatch.undo()
    assert issue(home.path, roster_bytes(ROWS), home.path / "out", workers=2).issued == ROWS - 6
    assert_whole(home.path, home.path / "out", ROWS)


def die(_task: ChunkTask) -> None:
    """What a worker does that the system kills."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_without_the_key_says_so(home: Home, tasks: list[ChunkTask]) -> None:
    issue(home.path, roster_bytes(6), home.path / "out", workers=2)
    (signer,) = read_issuer_keys(home, None).issuing.values()
    for key in (signer.public_key, SoftwareSigner.generate(ES256).public_key):
        engine = ProcessEngine(home=home, unlock=None, workers=1, key=key)
        future = engine.submit(tasks[0])
        if key == signer.public_key:
            assert all(isinstance(row, RowDone) for row in future.result().rows)
        else:
            with pytest.raises(StoreError, match="no longer in the keyring"):
                future.result()
        engine.close()


def test_a_closed_engine_takes_nothing(home: Home, tasks: list[ChunkTask]) -> None:
    issue(home.path, roster_bytes(6), home.path / "out", workers=2)
    (signer,) = read_issuer_keys(home, None).issuing.values()
    engine = ProcessEngine(home=home, unlock=None, workers=1, key=signer.public_key)
    engine.close()
    assert engine.submit(tasks[0]).cancelled()


def test_two_runs_at_once_on_one_store_issue_each_row_once(home: Home) -> None:
    """Into two places, each row into one of them; the first counts the rest as issued before."""
    second: list[tuple[int, int]] = []

    def run_another(_progress: object) -> None:
        if not second:
            summary = issue(home.path, roster_bytes(ROWS), home.path / "second.jsonl")
            second.append((summary.issued, summary.skipped))

    first = issue(home.path, roster_bytes(ROWS), home.path / "out", on_progress=run_another)
    ((issued, skipped),) = second
    assert issued + skipped == first.issued + first.skipped == ROWS
    assert issued + first.issued == ROWS and first.issued and issued
    texts = [read_output(home.path / name).texts for name in ("out", "second.jsonl")]
    assert not texts[0].keys() & texts[1].keys()
    assert len(texts[0]) + len(texts[1]) == ROWS
