# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The examples run, and say what their documentation says."""

import subprocess
import sys
from pathlib import Path

import pytest

from vcred.credential.type_definition import parse_type_definition
from vcred.issuer.applications import parse_applications
from vcred.issuer.possession import resolve_holder

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an example as its reader does."""
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
        timeout=60,
        check=False,
    )


def test_the_dirty_roster_is_looked_through() -> None:
    found = run("read_roster.py", "health-code", str(EXAMPLES / "rosters" / "health_codes_dirty.csv"))
    assert found.returncode == 1, found.stderr
    assert found.stdout.splitlines()[-1] == "189 rows ready, 11 refused"
    assert "line 5, HC0000004: refused, birth_date: no such day" in found.stdout


@pytest.mark.parametrize("type_name", ["health-code", "professional-certificate"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs"])
def test_a_made_roster_is_in_order(type_name: str, encoding: str, tmp_path: Path) -> None:
    out = tmp_path / "roster.csv"
    made = run("make_roster.py", type_name, "500", "--encoding", encoding, "--out", str(out))
    assert made.returncode == 0, made.stderr
    found = run("read_roster.py", type_name, str(out), encoding)
    assert (found.returncode, found.stdout) == (0, "500 rows ready, 0 refused\n"), found.stderr


def test_a_made_roster_is_the_same_for_the_same_seed() -> None:
    arguments = ("health-code", "20", "--at", "2026-11-20T09:00:00+08:00", "--seed")
    first = run("make_roster.py", *arguments, "7").stdout
    assert len(first.splitlines()) == 21
    assert run("make_roster.py", *arguments, "7").stdout == first
    assert run("make_roster.py", *arguments, "8").stdout != first


def test_a_type_of_ones_own() -> None:
    definition = parse_type_definition((EXAMPLES / "own_type.json").read_bytes())
    found = run("own_type.py")
    assert found.returncode == 0, found.stderr
    assert definition.digest.hex() in found.stdout
    assert found.stdout.count(": ready") == 2


def test_the_holders_that_are_shipped_are_those_that_are_made(tmp_path: Path) -> None:
    shipped = (EXAMPLES / "holders.csv").read_bytes()
    out, roster = tmp_path / "holders.csv", tmp_path / "roster.csv"
    made = run("make_roster.py", "health-code", "5", "--out", str(roster), "--holders", str(out))
    assert made.returncode == 0, made.stderr
    assert out.read_bytes() == shipped
    holders = parse_applications(shipped)
    row_ids = [line.split(b",")[0].decode() for line in roster.read_bytes().splitlines()[1:]]
    assert list(holders) == row_ids
    keys = {resolve_holder(item.did or "") for items in holders.values() for item in items}
    assert len(keys) == 5


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("embed_verifier.py", ()),
        ("embed_verifier.py", ("home", "file", "yesterday")),
        ("embed_verifier.py", ("home", "file", "2026-11-20T09:00:00")),
        ("make_roster.py", ()),
        ("make_roster.py", ("health-code", "-1")),
        ("own_type.py", ("more",)),
        ("read_roster.py", ()),
        ("read_roster.py", ("fishing-licence", "roster.csv")),
    ],
)
def test_wrong_arguments_print_the_usage(name: str, arguments: tuple[str, ...]) -> None:
    outcome = run(name, *arguments)
    assert outcome.returncode == 2
    assert outcome.stderr.startswith(f"usage: {name}")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("embed_verifier.py", ("home", "nothing.png")),
        ("make_roster.py", ("health-code", "1", "--out", "nowhere/roster.csv")),
        ("read_roster.py", ("health-code", "nothing.csv")),
    ],
)
def test_a_missing_file_is_named(name: str, arguments: tuple[str, ...]) -> None:
    outcome = run(name, *arguments)
    assert outcome.returncode == 4
    assert outcome.stderr.startswith(f"{name}: error: {arguments[-1]}: ")
