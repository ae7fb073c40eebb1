# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the stories of a town are told with: publish, carry a bundle to one gate, show, ask the gate."""

import json
from pathlib import Path
from typing import Any

from tests.cli.run import Outcome
from tests.cli.town import ROW, Town

CLAIMS = {
    "colour": "green",
    "valid_until": "2026-11-23T02:58:00+08:00",
    "match": {"name": "陳大文", "id_type": "mainland_id", "last_four": "3453"},
    "identity": {
        "name": "陳大文",
        "name_latin": "Chan Tai Man",
        "region": "CN-44",
        "id_type": "mainland_id",
        "id_number": "440305198704063453",
        "birth_date": "1987-04-06",
    },
    "test": {
        "method": "NAAT",
        "result": "negative",
        "collected": "2026-11-20T02:58:00+08:00",
        "lab": "GD-CDC-017",
    },
}


def on_ledger(town: Town) -> tuple[object, ...]:
    return ("--ledger", town.path / "ledger")


def try_to_publish(town: Town) -> Outcome:
    witnesses = ("--witness", town.path / "authority-gd", "--witness", town.path / "authority-mo")
    return town.run("ledger", "publish", *witnesses, home="ledger")


def carry(town: Town, home: str, *options: object) -> None:
    """Take what is published, and a status list of this moment, to one home."""
    number = len([*town.path.glob("carried-*.vtb")])
    lists, bundle = town.path / f"lists-{number}", town.path / f"carried-{number}.vtb"
    town.done("status", "publish", "--out", lists, home="issuer-gd")
    network = ("--network", town.path / "network.json", "--status", lists)
    town.done("trust", "build", *network, *options, "--out", bundle, home="ledger")
    town.done("trust", "import", bundle, home=home)


def issue(town: Town, home: str, row_id: str) -> Path:
    """Issue a credential to the holder from a home, at the town's time."""
    claims, out = town.path / "claims.json", town.path / f"{row_id}.sdjwt"
    claims.write_text(json.dumps(CLAIMS), encoding="utf-8")
    holder = town.done("wallet", "apply", town.done("did", "show", home=home), home="holder")
    words = ("--claims", claims, "--holder", holder, "--row-id", row_id, "--out", out)
    town.done("issue", "health-code", *words, home=home)
    return out


def verdict(town: Town, *, gate: str = "gate-mo", credential: Path | None = None) -> dict[str, Any]:
    """Show a credential anew at a gate; returns the report. By default the one of the roster."""
    shown = credential or town.path / "issued" / f"{ROW}.sdjwt"
    code = town.done("present", shown, "--disclose", "match,test", "--out", "-", home="holder").encode()
    report: dict[str, Any] = json.loads(town.run("verify", "-", "--json", home=gate, stdin=code).out)
    return report


def assert_accepted(report: dict[str, Any]) -> None:
    assert (report["decision"], report["reasons"]) == ("accepted", [])


def assert_rejected(report: dict[str, Any], reason: str, cause: str | None = None) -> None:
    """Rejected for this reason and no other; `cause` is which of the ways to it."""
    assert (report["decision"], report["reasons"]) == ("rejected", [reason])
    causes = [check["cause"] for check in report["checks"] if check["reason"] == reason]
    assert causes == [cause]
    assert report["claims"] is None
