# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Several processes at once, and processes that are killed: no place twice, each row once."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.kill import PROJECT, kill_at_every_write, python_module, require_strace
from tests.unit.issuer.store.stores import Stored, deal, in_file
from vcred.issuer.journal import EntryState

WRITER = "tests.unit.issuer.store.writer"
ROWS = 200


def told(lines: Sequence[str], word: str) -> list[tuple[str, ...]]:
    """What was said after a word."""
    return [tuple(line.split()[1:]) for line in lines if line.startswith(f"{word} ")]


@pytest.mark.online
@pytest.mark.parametrize("workers", [2, 4])
def test_processes_that_issue_the_same_rows_at_once(stored: Stored, workers: int) -> None:
    with stored.open() as store:
        deal(store, 1)
    commands = [python_module(WRITER, stored.address, ROWS, 7, f"/out/{number}") for number in range(workers)]
    running = [
        subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for command in commands
    ]
    outputs = [process.communicate(timeout=120)[0].splitlines() for process in running]
    assert [process.returncode for process in running] == [0] * workers
    lines = [line for output in outputs for line in output]
    dealt = told(lines, "dealt")
    assert len(dealt) >= ROWS
    assert len(set(dealt)) == len(dealt)
    ids = {(row_id, credential_id) for row_id, credential_id, _ in told(lines, "recorded")}
    # Whoever was told of a row was told of the same credential, and one process alone has issued it.
    assert len(ids) == len({row_id for row_id, _ in ids}) == ROWS
    assert Counter(own for _, _, own in told(lines, "recorded"))["1"] == ROWS
    assert sorted(told(lines, "delivered")) == sorted(ids)
    with stored.open() as store:
        entries = list(store.entries())
        assert sorted((entry.row_id, entry.credential_id) for entry in entries) == sorted(ids)
        assert {entry.state for entry in entries} == {EntryState.DELIVERED}
        assert set(dealt) >= {
            (entry.status.uri.rpartition("/")[2], str(entry.status.index)) for entry in entries
        }
        assert list(store.outbox()) == []


def test_a_process_that_is_killed_burns_places_and_loses_nothing(tmp_path: Path) -> None:
    require_strace()
    first = in_file(tmp_path / "first" / "issuer.sqlite")
    (tmp_path / "first").mkdir()
    with first.open() as store:
        before = {(str(place.number), str(place.index)) for place in deal(store, 1)}

    def copy(name: str) -> Path:
        shutil.copytree(tmp_path / "first", tmp_path / name)
        return tmp_path / name

    def command(place: Path) -> list[str]:
        return python_module(WRITER, place / "issuer.sqlite", 3, 2, "/out")

    stages = set()
    for point, place, printed in kill_at_every_write(copy, command, at_most=amount(20, 1000)):
        lines = printed.splitlines()
        stored = in_file(place / "issuer.sqlite")
        with stored.open() as store:
            entries = {entry.row_id: entry for entry in store.entries()}
            waiting = list(store.outbox())
            stages.add((len(entries), len(waiting)))
            for row_id, credential_id, _ in told(lines, "recorded"):
                assert entries[row_id].credential_id == credential_id, point
            for row_id, _ in told(lines, "delivered"):
                assert entries[row_id].state is EntryState.DELIVERED, point
            signed_rows = {row_id for row_id, entry in entries.items() if entry.state is EntryState.SIGNED}
            assert sum(len(chunk.sealed.splitlines()) for chunk in waiting) == len(signed_rows), point
            # What was dealt and not used is burned: it is never dealt again.
            known = before | set(told(lines, "dealt"))
            known |= {
                (entry.status.uri.rpartition("/")[2], str(entry.status.index)) for entry in entries.values()
            }
            anew = {(str(item.number), str(item.index)) for item in deal(store, 50)}
            assert not anew & known, point
        done = subprocess.run(command(place), cwd=PROJECT, capture_output=True, text=True, check=True)
        again = told(done.stdout.splitlines(), "delivered")
        with stored.open() as store:
            after = {entry.row_id: entry for entry in store.entries()}
            assert sorted(after) == ["r0", "r1", "r2"], point
            assert all(entry.state is EntryState.DELIVERED for entry in after.values()), point
            for row_id, entry in entries.items():
                assert after[row_id].credential_id == entry.credential_id, point
            # Its text was sealed in the outbox until it left, so that it left in one of the two runs.
            assert signed_rows <= {row_id for row_id, _ in again}, point
    # Kills in each of its steps: else the test would prove nothing.
    assert stages >= {(0, 0), (2, 1), (2, 0), (3, 1), (3, 0)}
