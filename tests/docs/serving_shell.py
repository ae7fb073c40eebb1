# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A page's shell at the real time, with jobs: `vcred serve ... &` and `kill %N`.

The page names ports that may be taken on this machine: each is another one here.
"""

import json
import re
import shlex
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.cli.run import Outcome
from tests.cli.servers import Server, free_port, serving, wait_until
from tests.docs.pages import Shell

_PORT = re.compile(r"\b(80[0-9]{2})\b")
_DONE = Outcome(code=0, out="", err="")


@dataclass
class ServingShell(Shell):
    """Use it as a context manager: its jobs end with it."""

    ports: dict[str, int] = field(default_factory=dict)
    jobs: list[Server] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def clock(self) -> datetime:
        """The real time: servers have no other."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait in earnest."""
        time.sleep(seconds)

    def run(self, command: str) -> Outcome:
        """Run one command; what it has handed to the ledger's server is published when this returns."""
        here = _PORT.sub(lambda port: str(self.ports.setdefault(port[1], free_port())), command)
        if here.endswith(" &"):
            return self._start(here.removesuffix(" &"))
        if here.startswith("kill %"):
            assert self.jobs[int(here.removeprefix("kill %")) - 1].stop() == 0
            return _DONE
        outcome = super().run(here)
        if "--ledger http" in here:
            wait_until(_is_published)
        return outcome

    def _start(self, command: str) -> Outcome:
        vcred, serve, *words = shlex.split(command)
        assert (vcred, serve) == ("vcred", "serve")
        home, port = (_taken(words, option) for option in ("--home", "--port"))
        server = self.stack.enter_context(serving(*words, home=Path(home), port=int(port)))
        assert server.url.endswith(f":{port}")
        self.jobs.append(server)
        return _DONE


def _taken(words: list[str], option: str) -> str:
    """Take an option and its value out of the words; returns the value."""
    place = words.index(option)
    _, value = words[place : place + 2]
    del words[place : place + 2]
    return value


def _is_published() -> bool:
    told = json.loads(Shell().run("vcred ledger log --json --home ledger").out)
    return bool(told["published"] == len(told["entries"]))
