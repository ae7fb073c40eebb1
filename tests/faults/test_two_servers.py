# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-08: two servers on one ledger's home take operations at once; one head, one index each."""

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.amounts import amount
from tests.faults.formats import digest_of
from tests.faults.record import Record, read_record, told_of
from tests.faults.stage import complaints_of_network
from tests.kill import PROJECT, python_module
from tests.unit.ledger.homes import AUTHORITIES, Network, found_network

LISTENING = "listening on "
MAX_SECONDS = 30


@contextmanager
def server(network: Network) -> Iterator[str]:
    """`vcred serve ledger` on the network's ledger; gives its address."""
    words = ("serve", "ledger", "--home", network.folder / "ledger", "--port", "0")
    seconds = int(network.clock.now.timestamp())
    command = python_module("tests.faults.scenarios", "command", seconds, *words)
    process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = next(line for line in process.stderr if LISTENING in line)
        yield line.partition(LISTENING)[2].strip()
    finally:
        process.terminate()
        process.wait(timeout=MAX_SECONDS)


def hand_in(network: Network, address: str, author: str, numbers: range) -> None:
    """Hand in statements, and note what was told."""
    record = Record(network.folder / f"{author}.told")
    with httpx.Client(base_url=address, trust_env=False) as client:
        for number in numbers:
            with network.ledger() as reader:
                operation = network.statement(author, number, ledger=reader)
            handed_at = time.monotonic_ns()
            answer = client.post("/operations", json=operation)
            assert answer.status_code == 201, answer.text
            place = answer.json()
            record.add(
                "appended",
                index=place["index"],
                logged_at=place["logged_at"],
                operation=digest_of(operation),
                handed_at=handed_at,
                told_at=time.monotonic_ns(),
            )


@pytest.mark.online
@pytest.mark.enable_socket
def test_fi_08_two_servers_on_one_home(tmp_path: Path) -> None:
    network, each = found_network(tmp_path / "network"), amount(15, 300)
    with ExitStack() as stack:
        addresses = [stack.enter_context(server(network)) for _ in AUTHORITIES]
        with ThreadPoolExecutor(len(addresses)) as pool:
            runs = [
                pool.submit(hand_in, network, address, author, range(1000 * number, 1000 * number + each))
                for number, (address, author) in enumerate(zip(addresses, AUTHORITIES, strict=True), start=1)
            ]
            for run in runs:
                run.result()
    record = read_record(*(network.folder / f"{author}.told" for author in AUTHORITIES))
    indices = sorted(told["index"] for told in told_of(record, "appended"))
    assert indices == list(range(1, 1 + 2 * each))
    assert complaints_of_network(network.folder, record) == []
