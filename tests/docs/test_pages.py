# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""README and docs/FOUNDING.md are run as they stand; links lead somewhere."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

import vcred.clock
from tests.architecture.source import PROJECT
from tests.cli.run import NOON, done
from tests.cli.town import ROSTER
from tests.docs.pages import Shell, blocks, check, steps
from vcred.verifier.policy_file import parse_policy

POLICY_MEMBERS = {
    "version",
    "jurisdiction",
    "algorithms",
    "bindings",
    "max_trust_age",
    "max_status_age",
    "clock_skew",
    "require_status",
    "accept",
}
ACCEPT_MEMBERS = {"issuer", "type", "require", "claims", "max_age"}
PAGES = sorted(
    str(path.relative_to(PROJECT)) for path in (*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"))
)


FOUNDING = blocks("docs/FOUNDING.md")


@pytest.fixture
def founded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in the folder that docs/FOUNDING.md fills, up to the first bundle with a status list."""
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    shell.run_page(FOUNDING[:-2])
    return shell


@pytest.mark.parametrize("days", [0, 3, 400])
def test_founding_on_any_day(days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Shell(now=NOON + timedelta(days=days)).run_page(FOUNDING)


def test_no_page_that_is_run_on_any_day_has_a_date() -> None:
    assert [block for block in FOUNDING if re.search(r"20[0-9]{2}-", block.text)] == []


def test_every_policy_of_the_page_can_be_used() -> None:
    policies = [parse_policy(block.text) for block in blocks("docs/POLICY.md", "toml")]
    assert len(policies) == 3
    (whole, *_) = blocks("docs/POLICY.md", "toml")
    assert {*tomllib.loads(whole.text)} == POLICY_MEMBERS
    text = (PROJECT / "docs" / "POLICY.md").read_text(encoding="utf-8")
    assert all(f"`{name} = " in text for name in ACCEPT_MEMBERS)


def test_the_first_two_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    demo, verify = steps(blocks("README.md", "console")[0])
    assert demo.command.split("#")[0].strip() == "make demo"
    recipe = (PROJECT / "Makefile").read_text(encoding="utf-8").split("\ndemo:")[1].split("\n\n")[0]
    assert "vcred demo --out demo" in recipe
    done("demo", "--out", "demo")
    check(verify, Shell().run)


def test_three_ways(founded: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_roster(founded)
    names: dict[str, object] = {}
    console, python = blocks("README.md", "console")[1:], blocks("README.md", "python")
    assert len(console) == len(python) == 3
    _publish_new_list(founded, steps(console[0])[0].command)
    # The library's doors ask the system for the time by default: here it is the page's time.
    monkeypatch.setattr(vcred.clock, "datetime", _StoppedTime(founded))
    exec(compile(python[0].text, "README.md", "exec"), names)
    for block in console[1:]:
        for step in steps(block):
            check(step, founded.run)
    for block in python[1:]:
        exec(compile(block.text, "README.md", "exec"), names)


def test_both_readmes_show_the_same() -> None:
    assert blocks("README.md") == blocks("README.zh-Hant.md")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not ((PROJECT / page).parent / link).exists()] == []


class _StoppedTime:
    """Stands for `datetime` where a door asks for now."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def now(self, _: object) -> object:
        return self._shell.clock()


def _write_roster(shell: Shell) -> None:
    """Three rows of the example as UTF-8, with a holder each; the first is issued anew."""
    rows = ROSTER.read_bytes().decode("gb18030").splitlines()[:4]
    Path("roster.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    lines = ["row_id,holder"]
    for row in rows[1:]:
        shell.run("HOLDER=$(vcred wallet apply $ISSUER --home holder)")
        lines.append(f"{row.split(',')[0]},{shell.names['HOLDER']}")
    Path("holders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _publish_new_list(shell: Shell, issue: str) -> None:
    """Issue the roster, and carry a bundle whose status list knows of it."""
    assert shell.run(issue).code == 0
    # Lists are dated at the begin of a minute: publish then, as the age that the page shows has it.
    shell.sleep((40 - shell.now.second) % 60)
    assert shell.run("vcred status publish --home issuer-gd --out status").code == 0
    build = "vcred trust build --network network.json --status status --home ledger --out new.vtb"
    assert shell.run(build).code == 0
    for home in ("holder", "gate-mo"):
        assert shell.run(f"vcred trust import new.vtb --home {home}").code == 0
