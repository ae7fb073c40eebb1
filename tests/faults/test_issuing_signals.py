# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-16, issuing: whoever is told to stop says how to go on, leaves no process behind, and goes on."""

import os
import random
import secrets
import signal
import time
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.groups import running, wait_for, wait_for_group
from tests.faults.left import Left, receipts_bytes
from tests.faults.small_roster import SmallRoster, prepare_small_roster

ROUNDS = amount(3, 50)
ROWS = 300
# A few chunks leave in that time.
SECONDS_OF_CHUNKS = 0.2
WORDS = "vcred: error: stopped; run the same command again to go on"
EXITS = {signal.SIGINT: 130, signal.SIGTERM: 143}
# These end a process unheard, as a kill does.
UNHEARD = (signal.SIGHUP, signal.SIGQUIT)
MAX_SECONDS = 120


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> SmallRoster:
    return prepare_small_roster(tmp_path_factory.mktemp("town"), rows=ROWS)


@pytest.mark.parametrize("number", [*EXITS, *UNHEARD], ids=lambda number: number.name)
def test_fi_16_told_to_stop(roster: SmallRoster, tmp_path: Path, number: signal.Signals) -> None:
    """By a terminal, that reaches the whole group, or by a supervisor, that reaches one process."""
    chance = random.Random(seed := secrets.randbits(32))
    print(f"seed {seed}")
    home, out, rounds = roster.town.copied(tmp_path / "home"), "codes.jsonl", 0
    while rounds < ROUNDS:
        log = tmp_path / f"{rounds}.log"
        begun = receipts_bytes(home / out)
        with running(roster.command(home, out, "--workers", 2), log) as process:
            wait_for(process, home / out, begun)
            time.sleep(chance.uniform(0, SECONDS_OF_CHUNKS))
            if process.poll() is not None:
                break
            send = os.killpg if chance.random() < 1 / 2 else os.kill
            send(process.pid, number)
            code = process.wait(MAX_SECONDS)
            wait_for_group(process)
        said = log.read_text().splitlines()
        if code in (0, -number) and f"{ROWS} rows: " in "".join(said[-1:]):
            # It came when all was issued, and nobody listened to it any more.
            break
        assert code == EXITS.get(number, -number), said[-5:]
        assert number not in EXITS or WORDS in said
        assert roster.complaints_so_far(home, out) == []
        rounds += 1
    assert rounds > 0
    left = Left(home / out)
    left.note()
    assert roster.again(home, out).code == 0
    assert roster.complaints(home, out) == []
    assert left.complaints() == []
