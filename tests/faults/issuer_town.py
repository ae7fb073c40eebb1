# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer in good standing, founded by commands; its own commands run as processes, at the town's time."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.cli.run import Outcome, run
from tests.cli.town import ACCREDITED, Town, found_network
from tests.kill import PROJECT, python_module
from tests.unit.ledger.homes import pass_marks_for_original

HOME = "issuer"
NAME = "Guangdong Health Code Centre"
_NAME = ("--name", NAME, "--status-base", "https://status.example/gd/")
_MAX_SECONDS = 900


@dataclass(frozen=True)
class IssuerTown:
    """A network with one issuer. `home` is hers; copies of it are told that they are no copies."""

    town: Town

    @property
    def path(self) -> Path:
        return self.town.path

    @property
    def home(self) -> Path:
        return self.path / HOME

    @property
    def ledger_file(self) -> Path:
        """By which a checker knows the issuer's keys."""
        return self.path / "ledger" / "ledger.sqlite"

    def copied(self, to: Path, *, of: Path | None = None) -> Path:
        """A copy of a home, by default the issuer's, to work in."""
        shutil.copytree(of or self.home, to)
        pass_marks_for_original(to)
        return to

    def command(self, *words: object, home: Path | None = None, rows: int | None = None) -> list[str]:
        """The process that runs one command of `vcred` in a home, by default the issuer's.

        With `rows` a roster is issued so many rows at a time.
        """
        seconds, where = int(self.town.now.timestamp()), ("--home", home or self.home)
        scenario = ("command", seconds) if rows is None else ("chunked", seconds, rows)
        return python_module("tests.faults.scenarios", *scenario, *words, *where)

    def here(self, *words: object, home: Path | None = None) -> Outcome:
        """Run a command to its end in this process, which is quicker."""
        return run(*words, "--home", home or self.home, clock=lambda: self.town.now)

    def run(
        self, *words: object, home: Path | None = None, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*words, home=home),
            cwd=PROJECT,
            check=False,
            capture_output=True,
            text=True,
            timeout=_MAX_SECONDS,
            env=os.environ | (environment or {}),
        )


def found_issuer(path: Path, *key_options: object) -> IssuerTown:
    """Found a network and an issuer in it.

    Args:
        path: An empty folder.
        key_options: Of `vcred did create`: where the keys are made.
    """
    town = Town(path=path)
    found_network(town)
    network, ledger = ("--network", path / "network.json"), ("--ledger", path / "ledger")
    town.done("init", "issuer", *network, home=HOME)
    sponsor = town.done("did", "show", home="authority-gd")
    made, endorsed = path / "create.json", path / "endorsed.json"
    town.done("did", "create", *_NAME, "--sponsor", sponsor, *key_options, "--out", made, home=HOME)
    town.done("ledger", "endorse", made, "--out", endorsed, home="authority-gd")
    town.done("ledger", "append", endorsed, home="ledger")
    issuer = town.done("did", "show", home=HOME)
    town.done("type", "add", "health-code", *ledger, home="authority-gd")
    town.done("ledger", "accredit", issuer, "health-code", *ACCREDITED, *ledger, home="authority-gd")
    witnesses = ("--witness", path / "authority-gd", "--witness", path / "authority-mo")
    town.done("ledger", "publish", *witnesses, home="ledger")
    town.done("trust", "build", *network, "--out", path / "first.vtb", home="ledger")
    town.done("trust", "import", path / "first.vtb", home=HOME)
    return IssuerTown(town)
