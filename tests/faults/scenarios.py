# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is faulted, each as a process: `python -m tests.faults.scenarios NAME ARGUMENTS`.

    append FOLDER RECORD AUTHOR FIRST COUNT   append statements, when it is told to on stdin
    heedless ...                              the same, whatever head the ledger has meanwhile
    live FOLDER RECORD COUNT                  append; publish after every third
    import HOME RECORD SECONDS BUNDLE...      import bundles into a gate
    stubborn FOLDER RECORD                    append, and try again after a refusal, twice
    command SECONDS ARGUMENTS...              one command of `vcred`, at that time
    chunked SECONDS ROWS ARGUMENTS...         the same, which issues so many rows at a time
    delivering RECORD SECONDS ROWS ...        the same, and notes which rows have been delivered

RECORD is where acknowledgements are noted. Whatever vcred refuses ends a scenario with 4, as it
ends a command.
"""

import sys
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from unittest.mock import patch

from tests.faults.formats import digest_of
from tests.faults.record import Record
from tests.faults.stage import publish
from tests.unit.ledger.homes import Network
from vcred.cli.main import main as command_line
from vcred.codec.json_types import JsonObject
from vcred.errors import HeadMovedError, StoreError, VcredError
from vcred.home import read_home
from vcred.issuer.engines.outputs.output import Output
from vcred.issuer.engines.runs import roster_chunks
from vcred.issuer.engines.runs.outbox_desk import OutboxDesk
from vcred.issuer.outbox import OutboxItem
from vcred.ledger.engines.sqlite import SqliteLog
from vcred.ledger.ledger import Ledger
from vcred.tlog.tree import TreeNode, frontier_at, leaf_hash
from vcred.trust.store import TrustStore

ENVIRONMENT: Final = 4
MAX_ATTEMPTS: Final = 2000


def append_noted(ledger: Ledger, operation: JsonObject, record: Record) -> None:
    """Append, and note what was told, with the times of before and after."""
    handed_at = time.monotonic_ns()
    appended = ledger.append(operation)
    record.add(
        "appended",
        index=appended.index,
        logged_at=appended.logged_at,
        author=operation["author"],
        operation=digest_of(operation),
        handed_at=handed_at,
        told_at=time.monotonic_ns(),
    )


def append(folder: str, record_file: str, author: str, first: str, count: str) -> None:
    """Others may append at the same time: what says so is tried again."""
    network, record = Network(Path(folder)), Record(Path(record_file))
    with network.ledger() as ledger:
        record.add("ready")
        sys.stdin.readline()
        for number in range(int(first), int(first) + int(count)):
            _append_among_others(network, ledger, author, number, record)


def _append_among_others(network: Network, ledger: Ledger, author: str, number: int, record: Record) -> None:
    for _ in range(MAX_ATTEMPTS):
        operation = network.statement(author, number, ledger=ledger)
        try:
            return append_noted(ledger, operation, record)
        except HeadMovedError:
            continue
    raise AssertionError("never acknowledged")


def heedless(*arguments: str) -> None:
    """The control: an engine that does not ask which head the writer has seen."""
    with_expected_size = SqliteLog.append

    def append_anywhere(
        self: SqliteLog, leaves: Sequence[bytes], nodes: Sequence[TreeNode], *, expected_size: int
    ) -> None:
        while True:
            size = self.size()
            _, fitting = frontier_at(self.node, size).grow(map(leaf_hash, leaves))
            try:
                return with_expected_size(self, leaves, fitting, expected_size=size)
            except StoreError:
                continue

    with patch.object(SqliteLog, "append", append_anywhere):
        append(*arguments)


def live(folder: str, record_file: str, count: str) -> None:
    """A ledger's day: entries come, and now and then a checkpoint is published."""
    network, record = Network(Path(folder)), Record(Path(record_file))
    with network.ledger() as ledger:
        for number in range(ledger.state.size, ledger.state.size + int(count)):
            network.clock.later(seconds=10)
            append_noted(ledger, network.statement("gd", number, ledger=ledger), record)
            if number % 3 == 0:
                published = publish(network, ledger, record)
                record.add("published", size=published.size, note=b64encode(published.note).decode())


def import_(home: str, record_file: str, seconds: str, *bundles: str) -> None:
    """A gate takes in one bundle after the other."""
    now, record = _time(seconds), Record(Path(record_file))
    with TrustStore.open(read_home(Path(home)), clock=lambda: now) as store:
        for bundle in bundles:
            imported = store.import_bundle(Path(bundle).read_bytes())
            record.add("imported", size=imported.size, floor=store.held.time_floor)


def stubborn(folder: str, record_file: str) -> None:
    """Whoever calls the ledger may not know that a disk which failed once is not to be trusted."""
    network, record = Network(Path(folder)), Record(Path(record_file))
    with network.ledger() as ledger:
        operation = network.statement("gd", 1, ledger=ledger)
        for _ in range(3):
            try:
                append_noted(ledger, operation, record)
            except StoreError as error:
                record.add("refused", message=str(error))


def command(seconds: str, *arguments: str) -> int:
    """What a person types."""
    now = _time(seconds)
    return command_line(arguments, clock=lambda: now)


def chunked(seconds: str, rows: str, *arguments: str) -> int:
    """A small roster has many chunks."""
    with patch.object(roster_chunks, "CHUNK_CREDENTIALS", int(rows)):
        return command(seconds, *arguments)


def delivering(record_file: str, *arguments: str) -> int:
    """Whoever runs it sees nothing of a chunk; here it is noted when its files are said to be durable."""
    record, deliver = Record(Path(record_file)), OutboxDesk.deliver

    def deliver_noted(self: OutboxDesk, chunk: int, items: Sequence[OutboxItem], output: Output) -> None:
        deliver(self, chunk, items, output)
        record.add("delivered", rows=[item.row_id for item in items])

    with patch.object(OutboxDesk, "deliver", deliver_noted):
        return chunked(*arguments)


def _time(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


SCENARIOS: Final[dict[str, Callable[..., int | None]]] = {
    "append": append,
    "heedless": heedless,
    "live": live,
    "import": import_,
    "stubborn": stubborn,
    "command": command,
    "chunked": chunked,
    "delivering": delivering,
}


def main() -> int:
    name, *arguments = sys.argv[1:]
    try:
        return SCENARIOS[name](*arguments) or 0
    except VcredError as error:
        print(f"vcred: error: {error}", file=sys.stderr)
        return ENVIRONMENT


if __name__ == "__main__":
    sys.exit(main())
