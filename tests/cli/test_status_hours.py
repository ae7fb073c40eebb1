# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status hours`, and `vcred issue` outside them (ISS-22)."""

import json

import pytest

from tests.cli.run import Outcome
from tests.cli.test_issue_words import ONE, ROWS, TWO, did_key, holders, issue, roster
from tests.cli.test_status_changes import issuer
from tests.cli.town import ROW, Town
from tests.unit.credential.claims import health_claims
from vcred.issuer.engines.store.store import IssuerStore

# The town's clock begins at noon in this place.
OPEN = ("06:00-22:00", "--timezone", "Asia/Macau")


@pytest.fixture
def carol(town: Town) -> str:
    """An approver in office, with a home of her own."""
    did = town.done("init", "approver", home="carol")
    town.done("status", "approver", "add", did, "--name", "Carol Vong", home="issuer-gd")
    return did


def set_hours(town: Town, *words: object) -> None:
    waiting = issuer(town, "hours", *words, "--json")
    assert waiting.code == 3, waiting.err
    request = json.loads(waiting.out)["waiting"]["id"]
    file, approval = town.path / f"{request}.json", town.path / f"{request}.jwt"
    town.done("status", "request", request, "--out", file, home="issuer-gd")
    town.done("status", "approve", file, "--out", approval, home="carol")
    town.done("status", "apply", approval, home="issuer-gd")


def one(town: Town, name: str) -> Outcome:
    claims = town.path / "one.json"
    claims.write_text(json.dumps(health_claims()), encoding="utf-8")
    options = ("--row-id", name, "--holder", did_key(), "--out", town.path / f"{name}.sdjwt")
    return town.run("issue", "health-code", "--claims", claims, *options, home="issuer-gd")


def test_shown_asked_approved_and_lifted(town: Town, carol: str) -> None:
    assert town.done("status", "hours", home="issuer-gd") == "any"
    assert json.loads(issuer(town, "hours", "--json").out) == {"hours": None, "timezone": None}
    asked = issuer(town, "hours", *OPEN)
    assert (asked.code, asked.out, asked.said[-1]) == (3, "", "vcred: indeterminate (approval_required)")
    assert asked.said[0].endswith(
        "approve that you let issuing keys sign in the hours 06:00-22:00, Asia/Macau, alone"
    )
    assert town.done("status", "hours", home="issuer-gd") == "any"
    assert issuer(town, "hours", *OPEN, "--json").code == 3
    assert len(issuer(town, "requests").out.splitlines()) == 1
    set_hours(town, *OPEN)
    assert town.done("status", "hours", home="issuer-gd") == "06:00-22:00 Asia/Macau"
    told = json.loads(issuer(town, "hours", "--json").out)
    assert told == {"hours": "06:00-22:00", "timezone": "Asia/Macau"}
    lifting = issuer(town, "hours", "--any")
    assert lifting.said[0].endswith("approve that you let issuing keys sign at any hour")
    set_hours(town, "--any")
    assert town.done("status", "hours", home="issuer-gd") == "any"
    log = issuer(town, "audit")
    assert log.code == 0 and "hours=06:00-22:00 Asia/Macau" in log.out and "hours=any" in log.out


def test_nobody_sets_them_alone(town: Town) -> None:
    refused = issuer(town, "hours", *OPEN)
    assert (refused.code, refused.said[-1]) == (1, "vcred: rejected (approval_required)")


@pytest.mark.parametrize(
    "words",
    [("06:00-22:00",), ("--timezone", "UTC"), ("--any", *OPEN), ("6-22", "--timezone", "UTC"),
     ("06:00-06:00", "--timezone", "UTC"), ("06:00-22:00", "--timezone", "../etc")],
)  # fmt: skip
def test_what_cannot_be_meant(town: Town, carol: str, words: tuple[str, ...]) -> None:
    assert issuer(town, "hours", *words).code == 2
    assert issuer(town, "requests").out == ""


def test_a_timezone_that_this_machine_does_not_know(town: Town, carol: str) -> None:
    for name in ("Asia/Atlantis", "Macau"):
        refused = issuer(town, "hours", "06:00-22:00", "--timezone", name)
        assert refused.code == 2
        assert refused.said == [
            f"vcred: error: this machine does not know the timezone {name}",
            "vcred: hint: a name of the tz database is needed, such as Asia/Macau",
        ]
    assert "is Asia/Tokyo meant?" in issuer(town, "hours", "06:00-22:00", "--timezone", "tokyo").said[1]


def test_any_where_they_are_any_asks_nobody(town: Town, carol: str) -> None:
    set_hours(town, *OPEN)
    assert issuer(town, "hours", "--any").code == 3
    set_hours(town, "--any")
    done = issuer(town, "hours", "--any")
    assert (done.code, done.out.strip()) == (0, "any")
    assert done.said == ["vcred: issuing keys sign at any hour already: nothing is asked"]
    assert json.loads(issuer(town, "hours", "--any", "--json").out) == {"hours": None, "timezone": None}
    assert issuer(town, "requests").out == ""


@pytest.mark.parametrize("period", ["any", "6-22"])
def test_the_form_of_hours_is_named(town: Town, carol: str, period: str) -> None:
    for extra in ((), ("--timezone", "Asia/Macau")):
        refused = issuer(town, "hours", period, *extra)
        assert refused.code == 2
        assert refused.said[0] == "vcred: error: these are no hours"
        assert "HH:MM-HH:MM" in refused.said[1] and "--any" in refused.said[1]


def test_outside_them_nothing_is_issued_and_the_log_has_it(town: Town, carol: str) -> None:
    set_hours(town, *OPEN)
    assert one(town, "EARLY").code == 0
    town.later(hours=11)
    refused = one(town, "LATE")
    assert (refused.code, refused.said[-1]) == (1, "vcred: rejected (rate_limited)")
    assert refused.said[0] == (
        "vcred: warning: an issuing key was to sign outside its hours; the audit log has noted it"
    )
    assert refused.said[1] == (
        "vcred: error: this issuer's keys sign in the hours 06:00-22:00, Asia/Macau; there it is 23:00 now"
    )
    assert refused.said[2].startswith("vcred: hint: nothing is lost: the same command goes on from 06:00 on")
    assert not (town.path / "LATE.sdjwt").exists() and issuer(town, "show", "LATE").code == 2
    rows, named = roster(town, ROWS[5], ROWS[6]), holders(town, ONE, TWO)
    for extra in ((), ("--check",), ("--json",)):
        assert issue(town, *rows, *named, *extra).said[-1] == "vcred: rejected (rate_limited)"
    entries = [line for line in issuer(town, "audit").out.splitlines() if " refused " in line]
    assert len(entries) == 1 and entries[0].endswith("what=hours")
    # Taking back, and saying so, go on.
    assert issuer(town, "revoke", ROW).code == 0
    town.publish()
    town.later(hours=7)
    assert one(town, "LATE").code == 0
    assert issue(town, *rows, *named).code == 0


def test_a_roster_says_how_many_have_gone_out(
    town: Town, carol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vcred.issuer.engines.runs.roster_chunks.CHUNK_CREDENTIALS", 1)
    set_hours(town, *OPEN)
    town.later(hours=9, minutes=59)
    rows, named = roster(town, ROWS[5], ROWS[6]), holders(town, ONE, TWO)
    delivered = IssuerStore.delivered

    def and_time_passes(store: IssuerStore, *given: object, **named: object) -> None:
        delivered(store, *given, **named)  # type: ignore[arg-type]
        town.later(minutes=2)

    monkeypatch.setattr(IssuerStore, "delivered", and_time_passes)
    stopped = issue(town, *rows, *named)
    assert (stopped.code, stopped.said[-1]) == (1, "vcred: rejected (rate_limited)")
    assert any(
        line.startswith("vcred: hint: 1 credential has gone out; nothing is lost") for line in stopped.said
    )
    monkeypatch.setattr(IssuerStore, "delivered", delivered)
    town.later(hours=9)
    assert (
        issue(town, *rows, *named).said[-1].startswith("vcred: 2 rows: 1 credential issued, 1 issued before")
    )
