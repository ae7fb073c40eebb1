# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Two writers, one head: what is acknowledged stays where it is, and nothing stands twice. LED-10."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.architecture.source import PROJECT
from tests.unit.ledger.homes import Network
from vcred.errors import LedgerError, StoreError
from vcred.ledger.entries import Entry, parse_leaf
from vcred.reasons import Reason

COUNT = 150


def run_together(network: Network, names: Sequence[str]) -> list[tuple[int, str]]:
    """Let one process for each name append at the same time; what they were told was appended."""
    command = [sys.executable, "-m", "tests.unit.ledger.appender", str(network.folder)]
    processes = [
        subprocess.Popen(
            [*command, name, str(1000 * number), str(COUNT)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, name in enumerate(names, start=1)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    acknowledged, told, refusals = [], [], 0
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        *lines, last = out.splitlines()
        told.append(lines)
        acknowledged += [(int(index), text) for index, text in (line.split() for line in lines)]
        refusals += sum(map(int, last.split()))
    # Two that never met would prove nothing: of one author one is refused, two authors take turns.
    firsts = [min(int(line.split()[0]) for line in out) for out in told]
    lasts = [max(int(line.split()[0]) for line in out) for out in told]
    assert max(firsts) < min(lasts)
    assert refusals > 0 or len(set(names)) > 1
    return acknowledged


def entries(network: Network) -> list[Entry]:
    with network.ledger() as ledger:
        assert ledger.fsck().void == 0
        return [parse_leaf(leaf) for leaf in ledger.leaves(0, ledger.state.size)]


@pytest.mark.parametrize("names", [("gd", "mo"), ("gd", "gd")], ids=["two authors", "one author"])
def test_led_10_two_processes_append_to_one_ledger(network: Network, names: tuple[str, ...]) -> None:
    acknowledged = run_together(network, names)
    stored = entries(network)
    # Every acknowledged entry stands at its index, and nothing else stands there.
    assert sorted(index for index, _ in acknowledged) == list(range(1, 1 + 2 * COUNT))
    assert [entry.hash for entry in stored[1:]] == [text for _, text in sorted(acknowledged)]
    # Of two statements after one, one was taken: each author's make one line.
    last: dict[object, str | None] = {}
    for entry in stored[1:]:
        author = entry.operation["author"]
        assert entry.operation["previous"] == last.get(author)
        last[author] = entry.hash
    assert [entry.logged_at for entry in stored] == sorted(entry.logged_at for entry in stored)


def test_led_10_of_two_open_ledgers_one_appends_at_a_head(network: Network) -> None:
    with network.ledger() as one, network.ledger() as two:
        first, second = (network.statement("gd", number, ledger=one) for number in (1, 2))
        assert one.append(first).index == 1
        # The other one sees it, and the rules refuse what does not follow it.
        with pytest.raises(LedgerError) as caught:
            two.append(second)
        assert caught.value.reason is Reason.REPLAYED
        assert two.append(first).index == 1
        assert two.state == one.state
        assert network.say(two, 2).index == 2


def test_led_10_a_head_that_moves_between_look_and_append(network: Network) -> None:
    with network.ledger() as one, network.ledger() as two:
        theirs = network.statement("mo", 1, ledger=one)
        mine = network.statement("gd", 2, ledger=two)

        def overtaken() -> None:
            one.append(theirs)

        two._catch_up = overtaken  # type: ignore[method-assign]
        with pytest.raises(StoreError) as caught:
            two.append(mine)
        assert caught.value.hint == "try again"
        del two._catch_up  # type: ignore[method-assign]
        assert two.append(mine).index == 2
        assert two.fsck().size == 3
