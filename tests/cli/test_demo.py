# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred demo`: the contract of its JSON, and that its gates answer again."""

import json
from pathlib import Path

import pytest

from tests.cli.run import done, run

HOMES = {
    "authority-gd",
    "authority-mo",
    "ledger",
    "issuer-gd-health",
    "issuer-mo-health",
    "issuer-fintech",
    "holder-1",
    "holder-2",
    "holder-3",
    "gate-gd",
    "gate-mo",
}
EXITS = {"accepted": 0, "rejected": 1, "indeterminate": 3}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    out = tmp_path_factory.mktemp("demo") / "demo"
    outcome = done("demo", "--out", out, "--json")
    played: dict[str, object] = json.loads(outcome.out)
    return played


def test_the_json_of_the_contract(played: dict[str, object]) -> None:
    assert {"network", "homes", "credentials", "presentations", "seconds"} <= set(played)
    homes, credentials, shown = played["homes"], played["credentials"], played["presentations"]
    assert isinstance(homes, dict) and isinstance(credentials, list) and isinstance(shown, list)
    assert set(homes) == HOMES
    assert all(
        {"file", "type", "holder", "issuer"} <= set(item) and Path(item["file"]).is_file()
        for item in credentials
    )
    assert all({"file", "gate", "at", "expected", "found"} <= set(item) for item in shown)
    assert all(item["expected"] == item["found"] for item in shown)
    assert {item["found"]["decision"] for item in shown} == set(EXITS)


def test_a_gate_answers_an_audit_question_later(played: dict[str, object]) -> None:
    homes, shown = played["homes"], played["presentations"]
    assert isinstance(homes, dict) and isinstance(shown, list)
    first = shown[0]
    outcome = run("verify", first["file"], "--home", homes[first["gate"]], "--at", first["at"], "--json")
    assert outcome.code == EXITS[first["audit"]["decision"]]
    assert json.loads(outcome.out)["decision"] == first["audit"]["decision"]


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    assert run("demo", "--out", tmp_path).code == 2
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"
