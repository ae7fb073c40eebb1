# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a scenario was told, kept outside of the store that is faulted.

The record is a mapped file: writing into it makes no system call, so that no injected fault
hits the record itself, and a killed process has lost nothing of it.
"""

import json
import mmap
from pathlib import Path
from typing import Any, TypeAlias

RECORD_BYTES = 8 * 1024 * 1024

Told: TypeAlias = dict[str, Any]
"""One thing that was acknowledged: `what` and its members, as the scenario wrote it."""


class Record:
    """The record of one process; it goes on where the one before it ended."""

    def __init__(self, path: Path) -> None:
        with path.open("a+b") as file:
            file.truncate(RECORD_BYTES)
            self._bytes = mmap.mmap(file.fileno(), RECORD_BYTES)
        self._end = _content_end(self._bytes[:])

    def add(self, what: str, **members: object) -> None:
        """Note that something was acknowledged."""
        line = json.dumps({"what": what, **members}).encode()
        end = self._end + len(line)
        self._bytes[self._end : end] = line
        # The newline is last: a line without it has never been said.
        self._bytes[end : end + 1] = b"\n"
        self._end = end + 1


def read_record(*paths: Path) -> list[Told]:
    """Everything that was noted, of each file in its order."""
    told: list[Told] = []
    for path in paths:
        data = path.read_bytes() if path.exists() else b""
        told += [json.loads(line) for line in data[: _content_end(data)].splitlines()]
    return told


def told_of(record: list[Told], what: str) -> list[Told]:
    """Those of one kind."""
    return [told for told in record if told["what"] == what]


def _content_end(data: bytes) -> int:
    return data.rfind(b"\n") + 1
