# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A Dask worker is killed, or an HSM taken away, in the middle of a large roster: every row comes once."""

import shutil
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.groups import running, wait_for
from tests.faults.issuer_town import found_issuer
from tests.scale.rosters import RECEIPT_BYTES, large_roster
from tests.softhsm import make_softhsm
from tests.unit.issuer.cluster.machines import a_cluster

ROWS_IN_CLUSTER = amount(8_000, 100_000)
# A signature of the token takes longer than all else that is done for a row.
ROWS_IN_TOKEN = amount(4_000, 100_000)
MAX_SECONDS = 3_600


def make_worker_home(folder: Path, issuer: Path) -> Path:
    """What docs/operate/bulk.md copies to the machine of a worker."""
    (folder / "keys").mkdir(parents=True, mode=0o700)
    for name in ("home.toml", "unlock.key", "keys/unlock.jwe", "keys/issuing.key.jwe"):
        shutil.copy(issuer / name, folder / name)
    return folder


@pytest.mark.online
@pytest.mark.enable_socket
def test_a_worker_of_a_cluster_is_killed_in_the_middle(tmp_path: Path) -> None:
    """The run goes on by itself, with the worker that is left."""
    town = found_issuer(tmp_path / "town")
    roster = large_roster(town, tmp_path, rows=ROWS_IN_CLUSTER, out="codes.jsonl")
    worker_home = make_worker_home(tmp_path / "worker", town.home)
    with a_cluster(tmp_path) as cluster:
        cluster.start_scheduler()
        doomed, other = (cluster.start_worker(worker_home) for _ in range(2))
        environment = cluster.certificates.environment()
        command = roster.command("--engine", cluster.address)
        with running(command, tmp_path / "issue.log", environment) as process:
            wait_for(process, roster.out, ROWS_IN_CLUSTER * RECEIPT_BYTES // 2)
            assert process.poll() is None, (tmp_path / "issue.log").read_text()[-500:]
            doomed.kill()
            roster.left.note()
            assert process.wait(MAX_SECONDS) == 0, (tmp_path / "issue.log").read_text()[-500:]
        assert other.process.poll() is None
    size, _ = roster.left.grown[roster.out]
    assert 0 < size < roster.out.stat().st_size
    assert roster.complaints() == []


def test_the_token_is_taken_away_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4 with the reason, never a key in software; put back, the same command goes on."""
    token = make_softhsm(tmp_path / "softhsm", monkeypatch)
    pin = ("--pin-file", token.pin_file)
    town = found_issuer(tmp_path / "town", "--hsm", token.uri(), *pin)
    roster = large_roster(town, tmp_path, rows=ROWS_IN_TOKEN, out="codes")
    log, away = tmp_path / "issue.log", tmp_path / "softhsm" / "away"
    with running(roster.command(*pin), log, token.environment) as process:
        wait_for(process, roster.out, ROWS_IN_TOKEN * RECEIPT_BYTES // 2)
        assert process.poll() is None, log.read_text()[-500:]
        token.tokens.rename(away)
        assert process.wait(MAX_SECONDS) == 4
    said = log.read_text()
    assert "vcred: error: " in said and "token" in said and "Traceback" not in said
    roster.left.note()
    assert 0 < len(roster.left.files) < ROWS_IN_TOKEN
    # Nothing is issued without it.
    with running(roster.command(*pin), log, token.environment) as process:
        assert process.wait(MAX_SECONDS) == 4
    away.rename(token.tokens)
    with running(roster.command(*pin), log, token.environment) as process:
        assert process.wait(MAX_SECONDS) == 0, log.read_text()[-500:]
    assert roster.complaints() == []
