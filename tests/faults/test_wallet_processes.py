# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-08, WAL-17: one process has a wallet; FI-16: one that is told to stop loses nothing (INV-8, INV-9)."""

import random
import secrets
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.groups import hear_all_signals
from tests.faults.record import read_record
from tests.faults.wallet_content import NAME, PATHS, complaints_of_wallet, show_one, stock
from tests.faults.wallet_life import OLD, Holder, copy_home, fingerprint, make_holder, now, open_wallet
from tests.kill import PROJECT, python_module
from vcred.errors import LockedError
from vcred.wallet.engines.store import STORE_FILE

LIFE = "tests.faults.wallet_life"
ENVIRONMENT = 4
MAX_SECONDS = 60
ROUNDS = amount(2, 50)
# In which a few are received and shown; in which a command begins and ends.
MOMENT_SECONDS = 0.1
STOP_SECONDS = 0.03
EXITS = {signal.SIGINT: 130}
# These end a process unheard, as a kill does: a shell calls that 143 and 129.
UNHEARD = (signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    return make_holder(tmp_path_factory.mktemp("holder"), copies=40)


@pytest.fixture(scope="module")
def stocked(holder: Holder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stock(holder, tmp_path_factory.mktemp("stocked") / "home")


def told_beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.told")


def scenario(place: Path, name: str, *rest: object) -> list[str]:
    return python_module(LIFE, name, place, told_beside(place), *rest)


def files_of(folder: Path, texts: Sequence[str]) -> list[Path]:
    files = [folder / f"{number:03}.sdjwt" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, "ascii")
    return files


def test_fi_08_the_second_process_is_refused(stocked: Path, tmp_path: Path) -> None:
    place = copy_home(stocked, tmp_path / "home")
    command = scenario(place, "show", NAME, 1)
    # The good case: alone, it shows.
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == 0
    with open_wallet(place) as wallet:
        done = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)
        assert done.returncode == ENVIRONMENT
        assert "is locked by another process" in done.stderr
        with pytest.raises(LockedError):
            open_wallet(place)
        # The first is not disturbed.
        shown = show_one(wallet)
    assert len(read_record(told_beside(place))) == 1
    told = [*read_record(told_beside(place)), {"what": "shown", "credential": shown}]
    assert complaints_of_wallet(place, told) == []


def test_fi_08_who_dies_leaves_no_lock(holder: Holder, tmp_path: Path) -> None:
    place = copy_home(holder.home, tmp_path / "home")
    files = files_of(tmp_path, holder.copies)
    with subprocess.Popen(scenario(place, "live", *files), cwd=PROJECT) as process:
        wait_until_told(place, process, 5)
        with pytest.raises(LockedError):
            open_wallet(place)
        process.kill()
    assert complaints_of_wallet(place, read_record(told_beside(place))) == []


def wait_until_told(place: Path, process: subprocess.Popen[bytes], lines: int) -> None:
    until = time.monotonic() + MAX_SECONDS
    while len(read_record(told_beside(place))) < lines:
        assert process.poll() is None, "it has ended by itself"
        assert time.monotonic() < until, "it tells nothing"
        time.sleep(0.002)


@pytest.mark.parametrize("number", [*EXITS, *UNHEARD], ids=lambda number: number.name)
def test_fi_16_told_to_stop_while_it_receives_and_shows(
    holder: Holder, tmp_path: Path, number: signal.Signals
) -> None:
    chance = random.Random(seed := secrets.randbits(32))
    print(f"seed {seed}")
    files = files_of(tmp_path, holder.copies)
    codes: list[int] = []
    while len(codes) < ROUNDS:
        place = copy_home(holder.home, tmp_path / f"home-{len(codes)}")
        with subprocess.Popen(
            scenario(place, "live", *files),
            cwd=PROJECT,
            stderr=subprocess.DEVNULL,
            preexec_fn=hear_all_signals,
        ) as process:
            wait_until_told(place, process, 1)
            time.sleep(chance.uniform(0, MOMENT_SECONDS))
            process.send_signal(number)
            code = process.wait(MAX_SECONDS)
        # As a program without a handler of its own ends.
        assert code in (0, -number), code
        codes.append(code)
        assert complaints_of_wallet(place, read_record(told_beside(place))) == []
    assert any(codes)


def command_line(place: Path, *words: object) -> list[str]:
    seconds = int(now().timestamp())
    given = ("--home", place, "--passphrase-fd", 0)
    return python_module("tests.faults.scenarios", "command", seconds, *words, *given)


@pytest.mark.parametrize("number", [*EXITS, *UNHEARD], ids=lambda number: number.name)
@pytest.mark.parametrize("verb", ["add", "present"])
def test_fi_16_a_command_told_to_stop(
    holder: Holder, stocked: Path, tmp_path: Path, verb: str, number: signal.Signals
) -> None:
    chance = random.Random(seed := secrets.randbits(32))
    print(f"seed {seed}")
    place = copy_home(stocked if verb == "present" else holder.home, tmp_path / "home")
    files = files_of(tmp_path, holder.copies[:8])
    codes: list[int] = []
    while sum(map(bool, codes)) < ROUNDS and len(codes) < 5 * ROUNDS:
        out = tmp_path / f"out-{len(codes)}.sdjwt"
        present = ("present", NAME, "--disclose", ",".join(PATHS), "--out", out)
        words = present if verb == "present" else ("wallet", "add", *files)
        code, said = run_and_stop(command_line(place, *words), place, number, chance.uniform(0, STOP_SECONDS))
        assert code in (0, EXITS.get(number, -number)), said
        codes.append(code)
        assert out.exists() or verb == "add" or code != 0
    # Stopped indeed, before it had ended by itself.
    assert any(codes)
    told = [
        {"what": "shown", "credential": fingerprint(out.read_text("ascii").strip())}
        for out in sorted(tmp_path.glob("out-*.sdjwt"))
    ]
    assert complaints_of_wallet(place, told) == []
    if verb == "add":
        with open_wallet(place) as wallet:
            for text in holder.copies[:8]:
                wallet.credentials.receive(text)
            assert [one.copies for one in wallet.credentials.list()] == [8]


def run_and_stop(
    command: Sequence[str], place: Path, number: signal.Signals, seconds: float
) -> tuple[int, str]:
    """Run a command that is told to stop a moment after it has opened the store: exit code, stderr."""
    # What a process that died has left is no sign of the next one.
    with open_wallet(place):
        pass
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_all_signals,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(OLD.secret + b"\n")
        process.stdin.close()
        until = time.monotonic() + MAX_SECONDS
        while process.poll() is None and not (place / f"{STORE_FILE}-wal").exists():
            assert time.monotonic() < until, "it opens nothing"
            time.sleep(0.001)
        time.sleep(seconds)
        process.send_signal(number)
        code = process.wait(MAX_SECONDS)
        return code, process.stderr.read().decode()
