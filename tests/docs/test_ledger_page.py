# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/ledger.md is run as it stands, with real servers on loopback."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import PROJECT
from tests.docs.pages import Shell, blocks, check, steps
from tests.docs.serving_shell import ServingShell
from vcred.trust.gossip import Comparison

PAGE = "docs/operate/ledger.md"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServingShell]:
    """A shell in the folder that docs/FOUNDING.md has filled some minutes ago."""
    monkeypatch.chdir(tmp_path)
    page = blocks("docs/FOUNDING.md")
    needed = timedelta(seconds=20 * sum(len(steps(block)) for block in page))
    # From a full minute: status lists are dated at one, and the page shows how old they are.
    founding = Shell(now=(datetime.now(UTC) - needed).replace(second=0, microsecond=0))
    founding.run_page(page)
    with ServingShell(names=dict(founding.names)) as serving:
        yield serving


@pytest.mark.online
@pytest.mark.enable_socket
def test_the_page_is_run(shell: ServingShell) -> None:
    for block in blocks(PAGE):
        if block.language == "sh":
            shell.run_script(block)
        for step in steps(block):
            look_up(step.command, shell)
            check(step, shell.run)
    what_has_come_of_it(shell)
    assert not any("Traceback" in line for server in shell.jobs for line in server.lines)


def what_has_come_of_it(shell: Shell) -> None:
    """The commands have done what the page says that they do."""
    home = "--home ledger"
    members = told(shell, f"vcred ledger members {home}")
    assert members["log_key"] == json.loads(Path("log-key.json").read_bytes())["public"]
    names = [row["name"] for row in members["witnesses"] if row["jurisdiction"] == "CN-44"]
    assert names == [f"{shell.names['OLD']}/2"]
    history = told(shell, f"vcred did history $ISSUER {home}")
    assert len(history["versions"]) == 4
    distrusted = [row["id"] for row in history["methods"] if row["distrusted_from"] is not None]
    assert distrusted == [shell.names["STOLEN"]]
    shown = told(shell, "vcred trust show --home gate-mo")
    assert [row["standing"] for row in shown["accredited"]] == ["in force", "ceased"]
    assert [row["standing"] for row in shown["recognised"]] == ["void"]
    assert shown["pending"] == 1
    log = told(shell, f"vcred ledger log {home}")
    assert [row["void"] for row in log["entries"] if row["void"] is not None] == []
    assert log["published"] == len(log["entries"])


def look_up(command: str, shell: Shell) -> None:
    """Give the names that the page lets its reader look up."""
    for name, found in LOOKED_UP.items():
        if f"${name}" in command and name not in shell.names:
            shell.names[name] = found(shell)


def told(shell: Shell, command: str) -> Any:
    outcome = shell.run(f"{command} --json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def spare(home: str, member: str, place: int) -> Callable[[Shell], str]:
    return lambda shell: str(told(shell, f"vcred did key --home {home}")["keys"][place][member])


def entry(kind: str, words: str) -> Callable[[Shell], str]:
    def find(shell: Shell) -> str:
        rows = told(shell, "vcred ledger log --home ledger")["entries"]
        return next(str(row["hash"]) for row in rows if row["kind"] == kind and words in row["says"])

    return find


def first_issuing_key(shell: Shell) -> str:
    methods = told(shell, "vcred did history $ISSUER --home issuer-gd")["methods"]
    return next(str(row["id"]) for row in methods if row["purpose"] == "assertionMethod")


def witness_of_guangdong(shell: Shell) -> str:
    witnesses = told(shell, "vcred ledger members --home ledger")["witnesses"]
    return next(str(row["name"]) for row in witnesses if row["jurisdiction"] == "CN-44")


LOOKED_UP: dict[str, Callable[[Shell], str]] = {
    "GD": spare("authority-gd", "commitment", 0),
    "MO": spare("authority-mo", "commitment", 0),
    "KEY": spare("authority-mo", "key", 0),
    "NEW": spare("authority-mo", "commitment", 1),
    "STOLEN": first_issuing_key,
    "ACCREDITATION": entry("issuer.accredit", "professional-certificate"),
    "OTHER": entry("recognise", "health-code"),
    "OLD": witness_of_guangdong,
    "REGISTRATION": entry("verifier.register", ""),
    "LINE": lambda shell: str(told(shell, "vcred trust show --home gate-mo")["gossip"]),
}


def test_every_answer_of_a_comparison_is_in_its_table() -> None:
    text = (PROJECT / PAGE).read_text(encoding="utf-8")
    listed = [row for row in text.splitlines() if row.startswith("| `")]
    assert all(any(f"`{answer}`" in row.split("|")[1] for row in listed) for answer in Comparison)
