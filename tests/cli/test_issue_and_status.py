# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue` and `vcred status`: what leaves, what is refused, what is taken back."""

import json
from pathlib import Path

from tests.cli.town import ROSTER, ROW, Town

ROWS = ROSTER.read_bytes().splitlines(keepends=True)


def roster(town: Town, *lines: bytes) -> tuple[object, ...]:
    """Write a roster, and a holder for each of its rows."""
    (town.path / "new.csv").write_bytes(ROWS[0] + b"".join(lines))
    issuer = town.done("did", "show", home="issuer-gd")
    ids = [line.split(b",")[0].decode() for line in lines]
    holders = {row_id: town.done("wallet", "apply", issuer, home="holder") for row_id in ids}
    (town.path / "new.json").write_text(json.dumps(holders), encoding="utf-8")
    files = ("--roster", town.path / "new.csv", "--holders", town.path / "new.json", "--encoding", "gb18030")
    return ("issue", "health-code", *files, "--out", town.path / "new")


def test_a_roster_in_order_ends_with_0_and_again_issues_nothing(town: Town) -> None:
    command = roster(town, ROWS[5], ROWS[6])
    first = json.loads(town.done(*command, "--json", home="issuer-gd"))
    assert (first["rows"], first["issued"], first["refused_count"]) == (2, 2, 0)
    assert len(list((town.path / "new").glob("*.sdjwt"))) == 2
    receipts = Path(first["receipts"]).read_text(encoding="utf-8").splitlines()
    assert len(receipts) == 1 + 2 and "possession" in receipts[0]
    assert all(",did," in line for line in receipts[1:])
    again = json.loads(town.done(*command, "--json", home="issuer-gd"))
    assert (again["issued"], again["skipped"]) == (0, 2)


def test_a_refused_row_ends_with_1_and_quotes_no_cell(town: Town) -> None:
    assert town.run(*roster(town, ROWS[5]), home="issuer-gd").code == 0
    outcome = town.run(*roster(town, ROWS[7].replace(b",green,", b",violet,")), home="issuer-gd")
    assert outcome.code == 1
    assert any("colour: not in the list" in line for line in outcome.said)
    assert "violet" not in outcome.err + outcome.out
    assert b"colour" in (town.path / "new" / "refused.csv").read_bytes()


def test_one_credential_from_claims(town: Town) -> None:
    claims = {
        "colour": "green",
        "valid_until": "2026-11-23T02:58:00+08:00",
        "match": {"name": "杨𠮷祥", "id_type": "mainland_id", "last_four": "3453"},
        "identity": {
            "name": "杨𠮷祥",
            "name_latin": "Yang Jixiang",
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
    file = town.path / "claims.json"
    file.write_text(json.dumps(claims), encoding="utf-8")
    issuer = town.done("did", "show", home="issuer-gd")
    holder = town.done("wallet", "apply", issuer, home="holder")
    command = ("issue", "health-code", "--claims", file, "--holder", holder, "--out", town.path / "one.sdjwt")
    issued = json.loads(town.done(*command, "--json", home="issuer-gd"))
    assert len(issued["credentials"]) == 1
    shown = town.done("present", town.path / "one.sdjwt", "--disclose", "match", "--out", "-", home="holder")
    assert town.verify(shown.encode()).code == 0
    claims["colour"] = "violet"
    file.write_text(json.dumps(claims), encoding="utf-8")
    refused = town.run(*command[:-1], town.path / "two.sdjwt", home="issuer-gd")
    assert refused.code == 1
    assert refused.said[0].startswith("vcred: error: colour: ")
    assert not (town.path / "two.sdjwt").exists()


def test_what_is_asked_must_be_one_thing(town: Town) -> None:
    assert town.run("issue", "health-code", "--out", town.path / "x", home="issuer-gd").code == 2
    command = ("issue", "nothing", "--roster", ROSTER, "--out", town.path / "x")
    # A name that nobody knows is mistyped; one that is only shipped is refused until it is published.
    assert town.run(*command, home="issuer-gd").code == 2
    assert town.run(*command, home="holder").code == 2
    outcome = town.run("issue", "professional-certificate", *command[2:], home="issuer-gd")
    assert outcome.code == 1
    assert "vcred type add professional-certificate" in outcome.said[1]


def test_revoked_is_for_good_and_suspended_is_not(town: Town) -> None:
    def status() -> str:
        shown = json.loads(town.done("status", "show", ROW, "--json", home="issuer-gd"))
        value: str = shown["credentials"][0]["status"]
        return value

    assert status() == "valid"
    assert town.done("status", "suspend", ROW, home="issuer-gd").startswith("suspended")
    town.publish()
    assert town.verify(town.show("match")).said[-1] == "vcred: rejected (suspended)"
    town.done("status", "reinstate", ROW, home="issuer-gd")
    town.later(seconds=60)
    town.publish()
    assert town.verify(town.show("match")).code == 0
    town.done("status", "revoke", ROW, home="issuer-gd")
    assert town.run("status", "reinstate", ROW, home="issuer-gd").code != 0
    assert status() == "revoked"


def test_nothing_was_issued_under_that_id(town: Town) -> None:
    outcome = town.run("status", "revoke", "HC9999999", home="issuer-gd")
    assert outcome.code == 2
    assert outcome.said[0].startswith("vcred: error: ")
    assert "vcred status show" in outcome.said[1]
