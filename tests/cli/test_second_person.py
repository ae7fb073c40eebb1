# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A second person: what waits for one, what they read and sign, and who they are."""

import json
from pathlib import Path

import pytest

from tests.cli.run import Outcome
from tests.cli.stories import issue
from tests.cli.test_status_changes import credential_id, issuer, status
from tests.cli.town import ROW, Town
from vcred.home import read_home
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.store.store import open_issuer_store


def limit_to(town: Town, number: int) -> None:
    """Let one person alone change so many, as an approval of old would have."""
    event = AuditEvent(kind=AuditKind.LIMIT_CHANGED, members={"limit": "changes", "number": number})
    with open_issuer_store(read_home(town.path / "issuer-gd")) as store, store.db.transaction():
        store.changes.audit.append([event], at=0)


@pytest.fixture
def carol(town: Town) -> str:
    """An approver in office, with a home of her own; her DID. One person alone changes nothing."""
    did = town.done("init", "approver", home="carol")
    town.done("status", "approver", "add", did, "--name", "Carol Vong", home="issuer-gd")
    limit_to(town, 0)
    return did


def approve(town: Town) -> Path:
    """Carry the one request to Carol, and her approval back."""
    file, approval = town.path / "request.json", town.path / "approval.jwt"
    town.done("status", "request", "--out", file, home="issuer-gd")
    town.done("status", "approve", file, "--out", approval, home="carol")
    return approval


def test_a_mass_change_waits_for_a_second_person(town: Town, carol: str) -> None:
    outcome = issuer(town, "revoke", ROW, "--why", "lost phone")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.said[0].endswith("a second person has to approve that you revoke 1 credential")
    assert outcome.said[-1] == "vcred: indeterminate (approval_required)"
    assert status(town) == "valid"
    (line,) = town.done("status", "requests", home="issuer-gd").splitlines()
    assert line.split()[0] in outcome.said[1]
    assert line.endswith(f"revoke 1 credential: {ROW}; lapses 2026-11-27T04:00:05Z; because lost phone")

    approval = approve(town)
    applied = issuer(town, "apply", approval)
    home = town.path / "issuer-gd"
    assert applied.said == [
        "vcred: done, as approved: revoke 1 credential",
        f'vcred: hint: a gate knows it once it is published: "vcred status publish --home {home} --out DIR"',
    ]
    assert status(town) == "revoked"
    assert issuer(town, "requests").said == ["vcred: nothing waits"]
    again = issuer(town, "apply", approval)
    assert again.code == 1
    assert "applied before" in again.said[0]


def test_in_json_what_waits_is_told_likewise(town: Town, carol: str) -> None:
    outcome = issuer(town, "revoke", ROW, "--json")
    waiting = json.loads(outcome.out)["waiting"]
    assert (outcome.code, waiting["kind"], waiting["count"]) == (3, "status", 1)
    few = {"credentials": [credential_id(town)], "rows": [ROW]}
    assert json.loads(issuer(town, "requests", "--json").out) == {"requests": [waiting | few]}
    assert json.loads(issuer(town, "request", waiting["id"], "--json").out) == waiting
    file, approval = town.path / "request.json", town.path / "approval.jwt"
    issuer(town, "request", waiting["id"], "--out", file)
    command = ("status", "approve", file, "--out", approval, "--json")
    approved = json.loads(town.done(*command, home="carol"))
    assert approved == {"approver": carol, "request": waiting}
    assert json.loads(issuer(town, "apply", approval, "--json").out) == {"applied": waiting}


def test_an_approver_reads_before_signing(town: Town, carol: str) -> None:
    issuer(town, "revoke", ROW, "--why", "lost phone")
    file = town.path / "request.json"
    shown = issuer(town, "request", "--out", file)
    looked = town.run("status", "approve", file, home="carol")
    assert looked.code == 0 and looked.out == shown.out
    assert "asks to  revoke 1 credential" in looked.out and "because  lost phone" in looked.out
    assert "lapses   2026-11-27T" in looked.out
    assert looked.said == [
        "vcred: which credentials it is about is not checked: --ids LIST would",
        "vcred: nothing is signed; to approve it, give --out APPROVAL",
    ]
    assert shown.said[0].startswith("vcred: the request is written; it lapses at 2026-11-27T")
    assert f'"vcred status approve {file} --home DIR --out APPROVAL"' in shown.said[1]
    signed = town.run("status", "approve", file, "--out", "-", home="carol")
    assert signed.code == 0 and signed.out.count(".") == 2
    approval = town.path / "approval.jwt"
    done = town.run("status", "approve", file, "--out", approval, home="carol")
    assert done.said[-2].startswith("vcred: approved; the approval stands until 2026-11-21T")
    assert (
        done.said[-1]
        == f'vcred: hint: hand it back to the issuer: "vcred status apply {approval} --home DIR"'
    )


def test_an_approver_holds_the_request_against_a_list(town: Town, carol: str) -> None:
    issuer(town, "revoke", ROW)
    file, ids, approval = (town.path / name for name in ("request.json", "ids.txt", "approval.jwt"))
    assert issuer(town, "request", "--out", file, "--ids", ids).code == 0
    known = credential_id(town)
    assert ids.read_text(encoding="ascii") == f"{known}\n"

    def approve_by(text: str, request: Path = file) -> Outcome:
        ids.write_text(text, encoding="ascii")
        options = ("--ids", ids, "--out", approval)
        return town.run("status", "approve", request, *options, home="carol")

    fits = approve_by(f"# recalled\n{known}\n")
    assert fits.code == 0, fits.err
    assert fits.said[0] == f"vcred: it is about the 1 credential of {ids}, and about no other"
    assert not any("not checked" in line for line in fits.said)
    approval.unlink()
    other = "0" * 32
    for text in (f"{other}\n", f"{known}\n{other}\n"):
        refused = approve_by(text)
        assert refused.code == 1
        assert "about other credentials than those of the list: it says 1" in refused.said[0]
        assert not approval.exists()
    by_row = approve_by(f"{ROW}\n")
    assert by_row.code == 2 and "id 1 of the list is not a credential's" in by_row.said[0]
    # Whoever wrote the request cannot make it look smaller than it is.
    lying = town.path / "lying.json"
    lying.write_bytes(file.read_bytes().replace(b'"count":1', b'"count":2'))
    refused = approve_by(f"{known}\n", lying)
    assert refused.code == 1 and "it says 2, the list has 1" in refused.said[0]


def test_a_request_about_no_credentials_has_no_list_of_them(town: Town, carol: str) -> None:
    issuer(town, "approver", "limit", 5)
    file, ids = town.path / "request.json", town.path / "ids.txt"
    refused = issuer(town, "request", "--ids", ids)
    assert refused.code == 2 and "about no credentials" in refused.said[0]
    assert not ids.exists()
    ids.write_text(f"{credential_id(town)}\n", encoding="ascii")
    issuer(town, "request", "--out", file)
    refused = town.run("status", "approve", file, "--ids", ids, home="carol")
    assert refused.code == 2 and "about no credentials" in refused.said[0]


def test_the_only_approver_is_not_removed(town: Town, carol: str) -> None:
    refused = issuer(town, "approver", "remove", carol)
    assert refused.code == 1
    assert "the only one in office is the one it is about" in refused.said[0]
    assert "name a second one first" in refused.said[1]


def test_without_an_approver_a_mass_change_is_refused(town: Town) -> None:
    limit_to(town, 0)
    outcome = issuer(town, "revoke", ROW)
    assert outcome.code == 1
    assert "nobody is in office" in outcome.said[0]
    assert outcome.said[0].endswith(": one person alone may change 0 in 24 hours, and 0 are used")
    assert "vcred status approver add" in outcome.said[1]


def test_approvers_and_limits_change_with_an_approval(town: Town, carol: str) -> None:
    david = town.done("init", "approver", home="david")
    assert issuer(town, "approver", "add", david, "--name", "David").code == 3
    issuer(town, "apply", approve(town))
    (town.path / "request.json").unlink()
    (town.path / "approval.jwt").unlink()
    assert issuer(town, "approver", "limit", 5).code == 3
    issuer(town, "apply", approve(town))
    listed = json.loads(issuer(town, "approver", "list", "--json").out)
    assert {approver["did"] for approver in listed["approvers"]} == {carol, david}
    assert listed["limits"] == {"changes": 5, "issuing": 20_000_000}
    assert listed["changes_left"] == 5
    text = issuer(town, "approver", "list").out
    assert "Carol Vong" in text and "limit of changes by one person in 24 hours: 5" in text
    assert issuer(town, "approver", "remove", david).code == 3
    assert issuer(town, "allow-issuing", 100, "--until", "+2h").code == 3
    assert len(issuer(town, "requests").out.splitlines()) == 2
    assert issuer(town, "request").code == 2


def test_homes_of_other_roles_neither_approve_nor_apply(town: Town, carol: str) -> None:
    issuer(town, "revoke", ROW)
    file = town.path / "request.json"
    issuer(town, "request", "--out", file)
    for home in ("issuer-gd", "holder", "authority-gd"):
        outcome = town.run("status", "approve", file, "--out", town.path / "a.jwt", home=home)
        assert outcome.code == 2 and "a home of the role approver" in outcome.said[0]
    assert town.run("status", "apply", file, home="carol").code == 2
    not_one = issuer(town, "apply", file)
    assert not_one.code == 1 and "vcred status approve" in not_one.said[1]
    wrong = town.run("status", "approve", town.path / "holders.csv", home="carol")
    assert wrong.code == 1 and "vcred status request" in wrong.said[1]


def test_each_request_says_what_it_is_about_and_when_it_lapses(town: Town, carol: str) -> None:
    """Four that only said "revoke 1 credential" could not be told apart."""
    others = [issue(town, "issuer-gd", f"HC700000{number}") for number in range(5)]
    assert len(others) == 5
    issuer(town, "revoke", ROW, "--why", "lost phone")
    town.later(hours=1)
    issuer(town, "suspend", "HC7000000")
    many = town.path / "many.txt"
    many.write_text("".join(f"{name}\n" for name in (ROW, *(f"HC700000{n}" for n in range(5)))))
    issuer(town, "revoke", "--file", many, "--why", "recall")
    issuer(town, "approver", "limit", 5)
    lines = [line.partition("Z  ")[2] for line in issuer(town, "requests").out.splitlines()]
    assert sorted(lines) == [
        "let one person alone make 5 changes of status in 24 hours; lapses 2026-11-27T05:00:05Z",
        f"revoke 1 credential: {ROW}; lapses 2026-11-27T04:00:05Z; because lost phone",
        "revoke 6 credentials; lapses 2026-11-27T05:00:05Z; because recall",
        "suspend 1 credential: HC7000000; lapses 2026-11-27T05:00:05Z",
    ]
    told = json.loads(issuer(town, "requests", "--json").out)["requests"]
    rows = {one["kind"] + str(one.get("count", "")): one["rows"] for one in told if one["why"]}
    assert rows == {"status1": [ROW], "status6": []}


def test_a_request_that_waits_is_withdrawn(town: Town, carol: str) -> None:
    issuer(town, "revoke", ROW)
    approval = approve(town)
    (waiting,) = json.loads(issuer(town, "requests", "--json").out)["requests"]
    assert issuer(town, "withdraw", "00" * 16).code == 2
    done = issuer(town, "withdraw", waiting["id"])
    assert (done.code, done.out) == (0, "")
    assert done.said == ["vcred: withdrawn, and nothing is changed: revoke 1 credential"]
    assert issuer(town, "requests").said == ["vcred: nothing waits"]
    refused = issuer(town, "apply", approval)
    assert refused.code == 1
    assert refused.said[0] == "vcred: error: the request was withdrawn"
    assert refused.said[-1] == "vcred: rejected (request_invalid)"
    assert status(town) == "valid"
    assert f"withdrawn        request={waiting['id']}" in issuer(town, "audit").out
    # Asked again, it is another request; and what was applied is not withdrawn.
    again = json.loads(issuer(town, "revoke", ROW, "--json").out)["waiting"]
    assert again["id"] != waiting["id"]
    (town.path / "request.json").unlink()
    approval.unlink()
    assert issuer(town, "apply", approve(town)).code == 0
    too_late = issuer(town, "withdraw", again["id"])
    assert too_late.code == 2 and "no request of this id waits" in too_late.said[0]
    assert status(town) == "revoked"


def test_in_json_what_was_withdrawn_is_told_whole(town: Town, carol: str) -> None:
    waiting = json.loads(issuer(town, "revoke", ROW, "--json").out)["waiting"]
    assert json.loads(issuer(town, "withdraw", waiting["id"], "--json").out) == {"withdrawn": waiting}


def test_request_and_list_are_written_both_or_neither(town: Town, carol: str) -> None:
    issuer(town, "revoke", ROW)
    file, ids, other = (town.path / name for name in ("request.json", "ids.txt", "other.txt"))
    assert issuer(town, "request", "--ids", ids, "--out", file).code == 0
    assert ids.read_text(encoding="ascii").strip() == credential_id(town)
    ids.unlink()

    def refused(expected: str, out: object, listed: object, *, code: int = 4) -> None:
        outcome = issuer(town, "request", "--ids", listed, "--out", out)
        assert outcome.code == code
        assert outcome.out == ""
        assert expected in outcome.said[0]
        assert not ids.exists() and not other.exists()

    refused(f"{file} exists already", file, ids)
    refused(f"{file} exists already", ids, file)
    refused(f"cannot write {town.path / 'none' / 'a'}: no such folder", town.path / "none" / "a", ids)
    refused("--out and --ids name the same file", ids, ids, code=2)
    # What only writing tells: a place that is there and takes no file.
    refused("cannot write /proc/request.json", "/proc/request.json", ids)
    refused("cannot write /proc/ids.txt", other, "/proc/ids.txt")
    refused("cannot write /proc/ids.txt", "-", "/proc/ids.txt")
