# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-08: eight processes append to one ledger; each acknowledged entry has one index for ever."""

import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path

from tests.faults.amounts import amount
from tests.faults.record import Told, read_record, told_of
from tests.faults.stage import complaints_of_network, publish
from tests.kill import PROJECT, python_module
from tests.unit.ledger.homes import AUTHORITIES, Network, found_network
from vcred.desk.party import Party
from vcred.errors import StoreError
from vcred.home import Role

WRITERS = 8
MAX_SECONDS = 600
SCENARIOS = "tests.faults.scenarios"


def with_issuers(network: Network) -> list[str]:
    """Eight authors, so that writers meet at the head of the log and not at one author's last word."""
    names = [f"issuer-{number}" for number in range(WRITERS - len(AUTHORITIES))]
    with network.ledger() as ledger, network.party("gd") as sponsor:
        for name in names:
            Party.create(network.folder / name, Role.ISSUER)
            with network.party(name) as issuer:
                create = issuer.create_did(
                    name={"en": name},
                    status_base=None,
                    network=ledger.state.require_network().id,
                    sponsor=sponsor.did,
                )
            ledger.append(sponsor.endorse(create))
    return [*AUTHORITIES, *names]


def run_writers(scenario: str, network: Network, each: int) -> list[Told]:
    """Let all append at the same time; what they were told."""
    authors = with_issuers(network)
    processes = []
    for number, author in enumerate(authors, start=1):
        record = network.folder / f"{author}.told"
        command = python_module(SCENARIOS, scenario, network.folder, record, author, 5_000 * number, each)
        processes.append(subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE))
    # Each waits at its first line until all have been started.
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait(timeout=MAX_SECONDS) for process in processes] == [0] * WRITERS
    return read_record(*(network.folder / f"{author}.told" for author in authors))


def test_fi_08_eight_processes_append_to_one_ledger(tmp_path: Path) -> None:
    network, each = found_network(tmp_path / "network"), amount(12, 500)
    record = run_writers("append", network, each)
    appended = told_of(record, "appended")
    first = WRITERS - len(AUTHORITIES) + 1
    assert sorted(told["index"] for told in appended) == list(range(first, first + WRITERS * each))
    assert complaints_of_network(network.folder, record) == []
    with network.ledger() as ledger:
        assert ledger.fsck().void == 0
    # Writers that never met would prove nothing: some entry stands between two of another author.
    order = [told["author"] for told in sorted(appended, key=lambda told: int(told["index"]))]
    assert sum(one != other for one, other in pairwise(order)) > WRITERS


def test_fi_08_of_two_that_publish_at_once_the_larger_head_stays(tmp_path: Path) -> None:
    network = found_network(tmp_path / "network")
    with ExitStack() as stack:
        slow, quick = (stack.enter_context(network.ledger()) for _ in range(2))
        gd, mo = (network.witness(name, stack, slow) for name in AUTHORITIES)

        class Overtaken:
            """The last witness that the slow one asks; then it sleeps, and another publishes more."""

            def __getattr__(self, name: str) -> object:
                return getattr(mo, name)

            def cosign(self, note: bytes, *, old_size: int, proof: Sequence[bytes]) -> object:
                lines = mo.cosign(note, old_size=old_size, proof=proof)
                network.say(quick, 1)
                assert publish(network, quick).size == 2
                return lines

        with suppress(StoreError):
            slow.publish([gd, Overtaken()])  # type: ignore[list-item]
        published = slow.published()
        assert published is not None
        assert published.size == 2
    assert complaints_of_network(network.folder, []) == []


def test_fi_08_control_writers_who_ignore_the_head_are_noticed(tmp_path: Path) -> None:
    network = found_network(tmp_path / "network")
    complaints = complaints_of_network(network.folder, run_writers("heedless", network, amount(12, 100)))
    assert any(line.startswith("INV-3") for line in complaints)
