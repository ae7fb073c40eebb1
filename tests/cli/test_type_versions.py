# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An authority publishes version 2 of a type: no row is issued once more, whatever has become of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import Outcome
from tests.cli.stories import (
    CLAIMS,
    assert_accepted,
    assert_rejected,
    carry,
    issue,
    on_ledger,
    try_to_publish,
    verdict,
)
from tests.cli.town import ACCREDITED, ROW, Town
from vcred.credential.type_definition import shipped_type

OTHER_CONTENT = "vcred: error: row_id: issued before with other content"


def publish_version_2(town: Town) -> None:
    """The shipped type with another number, and the issuer accredited for it."""
    document = dict(shipped_type("health-code").document)
    file = town.path / "health-code-2.json"
    file.write_text(json.dumps(document | {"version": 2}), encoding="utf-8")
    issuer = town.done("did", "show", home="issuer-gd")
    words = ("--from-jurisdiction", "CN-44", *on_ledger(town))
    town.done("type", "add", file, *on_ledger(town), home="authority-gd")
    town.done("ledger", "accredit", issuer, "health-code", *ACCREDITED, *on_ledger(town), home="authority-gd")
    town.done("ledger", "recognise", "health-code", *words, home="authority-mo")
    assert try_to_publish(town).code == 0
    for home in ("issuer-gd", "holder", "gate-mo"):
        town.later(minutes=1)
        bring(town, home)


def bring(town: Town, home: str) -> None:
    """Carry what is published to a home, with the definition, which is in no shipped file."""
    carry(town, home, "--type", town.path / "health-code-2.json")


def try_to_issue(town: Town, row_id: str, out: str, *options: object, **claims: Any) -> tuple[Outcome, Path]:
    """Issue a row once more, to a new key of the holder."""
    file, path = town.path / "again.json", town.path / out
    file.write_text(json.dumps(CLAIMS | claims), encoding="utf-8")
    holder = town.done("wallet", "apply", town.done("did", "show", home="issuer-gd"), home="holder")
    words = ("--claims", file, "--holder", holder, "--row-id", row_id, "--out", path)
    return town.run("issue", "health-code", *words, *options, home="issuer-gd"), path


def shown(town: Town, row_id: str) -> list[tuple[str, str]]:
    """Version and status of all that was issued for a row."""
    told = json.loads(town.done("status", "show", "--row", row_id, "--json", home="issuer-gd"))
    return [(one["type"].rpartition("/")[2], one["status"]) for one in told["credentials"]]


@pytest.fixture
def issued(town: Town) -> dict[str, Path]:
    """One that is good, one revoked, one suspended: all under version 1."""
    files = {row_id: issue(town, "issuer-gd", row_id) for row_id in ("V7", "V1", "S1")}
    town.done("status", "revoke", "V1", home="issuer-gd")
    town.done("status", "suspend", "S1", home="issuer-gd")
    return files


def test_no_row_is_issued_once_more_under_a_new_version(town: Town, issued: dict[str, Path]) -> None:
    refused, _ = try_to_issue(town, "V7", "red.sdjwt", colour="red")
    assert (refused.code, refused.said[0]) == (1, OTHER_CONTENT)
    publish_version_2(town)
    for row_id in issued:
        for claims in ({}, {"colour": "red"}):
            outcome, out = try_to_issue(town, row_id, "again.sdjwt", **claims)
            assert (outcome.code, outcome.said[0]) == (1, OTHER_CONTENT)
            assert not out.exists()
    assert [shown(town, row_id) for row_id in issued] == [
        [("1", "valid")],
        [("1", "revoked")],
        [("1", "suspended")],
    ]
    # A whole roster, too.
    files = ("--roster", town.path / "roster.csv", "--holders", town.path / "holders.csv")
    words = (*files, "--encoding", "gb18030", "--out", town.path / "again")
    outcome = town.run("issue", "health-code", *words, "--json", home="issuer-gd")
    told = json.loads(outcome.out)
    assert (outcome.code, told["issued"], told["refused_count"]) == (1, 0, 1)
    assert shown(town, ROW) == [("1", "valid")]


def test_a_lost_phone_under_a_new_version_loses_what_it_had(town: Town, issued: dict[str, Path]) -> None:
    publish_version_2(town)
    halted, _ = try_to_issue(town, "S1", "s1.sdjwt", "--reissue")
    assert (halted.code, halted.said[0]) == (1, "vcred: error: row_id: issued before, and suspended")
    new, out = try_to_issue(town, "V7", "new.sdjwt", "--reissue")
    assert new.code == 0, new.err
    assert shown(town, "V7") == [("1", "revoked"), ("2", "valid")]
    town.later(minutes=2)
    bring(town, "gate-mo")
    assert_rejected(verdict(town, credential=issued["V7"]), "revoked")
    assert_accepted(verdict(town, credential=out))

    # And by its row id it is taken back, of whatever version it is.
    for words in (("suspend", "V7"), ("reinstate", "--row", "V7"), ("revoke", "--row", "V7")):
        assert town.run("status", *words, home="issuer-gd").code == 0
    assert shown(town, "V7") == [("1", "revoked"), ("2", "revoked")]
    town.later(minutes=2)
    bring(town, "gate-mo")
    assert_rejected(verdict(town, credential=out), "revoked")
