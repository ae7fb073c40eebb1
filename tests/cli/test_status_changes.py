# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status`: what is changed, what waits for a second person, and what was changed."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.run import Outcome
from tests.cli.town import ROW, Town
from vcred.home import read_home
from vcred.issuer.engines.store import open_issuer_store

UNKNOWN = "HC9999999"


def limit_to(town: Town, number: int) -> None:
    """Let one person alone change so many, as an approval of old would have."""
    with open_issuer_store(read_home(town.path / "issuer-gd")) as store, store.db.transaction():
        store.db.execute("INSERT INTO setting (name, value) VALUES ('change_limit', ?)", (str(number),))


@pytest.fixture
def carol(town: Town) -> str:
    """An approver in office, with a home of her own; her DID. One person alone changes nothing."""
    did = town.done("init", "approver", home="carol")
    town.done("status", "approver", "add", did, "--name", "Carol Vong", home="issuer-gd")
    limit_to(town, 0)
    return did


def issuer(town: Town, *arguments: object, **more: bytes) -> Outcome:
    return town.run("status", *arguments, home="issuer-gd", **more)


def credential_id(town: Town) -> str:
    shown = json.loads(town.done("status", "show", ROW, "--json", home="issuer-gd"))
    found: str = shown["credentials"][0]["credential_id"]
    return found


def status(town: Town) -> str:
    return town.done("status", "show", ROW, home="issuer-gd").split()[0]


def approve(town: Town) -> Path:
    """Carry the one request to Carol, and her approval back."""
    file, approval = town.path / "request.json", town.path / "approval.jwt"
    town.done("status", "request", "--out", file, home="issuer-gd")
    town.done("status", "approve", file, "--out", approval, home="carol")
    return approval


def test_each_way_to_name_a_credential(town: Town) -> None:
    file = town.path / "ids.txt"
    file.write_text(f"# recalled\n{credential_id(town)}\n", encoding="utf-8")
    holder = (town.path / "holders.csv").read_text(encoding="utf-8").split(",")[-1].strip()
    ways: list[tuple[object, ...]] = [
        (ROW,),
        (credential_id(town),),
        ("--row", ROW),
        ("--holder", holder),
        ("--file", file),
    ]
    for way in ways:
        done = issuer(town, "suspend", *way)
        assert done.code == 0, done.err
        assert done.said == ['vcred: 1 credential suspended now; publish: "vcred status publish"']
        assert status(town) == "suspended"
        assert issuer(town, "show", *way).out.startswith("suspended")
        issuer(town, "reinstate", *way)
        assert status(town) == "valid"
    by_stdin = issuer(town, "revoke", "--file", "-", stdin=f"{ROW}\n".encode())
    assert (by_stdin.code, by_stdin.out) == (0, "")
    assert status(town) == "revoked"


def test_json_counts_what_was_changed_and_shows_it(town: Town) -> None:
    done = json.loads(issuer(town, "revoke", ROW, "--json").out)
    assert (done["changed"], done["unchanged"]) == (1, 0)
    assert done["credentials"][0]["status"] == "revoked"
    again = issuer(town, "revoke", ROW)
    assert again.code == 0
    assert again.said == ["vcred: 1 credential left as before: revoked already"]


def test_an_id_is_text(town: Town) -> None:
    for way in (("\udcff",), ("--row", "\udcff"), ("--row", "HC1\n")):
        assert issuer(town, "revoke", *way).code == 2
    assert issuer(town, "revoke", "").code == 2


@pytest.mark.parametrize("ways", [(), (ROW, "--row", ROW), ("--row", ROW, "--holder", "did:key:z")])
def test_one_way_and_no_more(town: Town, ways: tuple[str, ...]) -> None:
    outcome = issuer(town, "revoke", *ways)
    assert outcome.code == 2
    assert "one of ID, --row, --holder and --file" in outcome.err


def test_what_was_not_issued_is_named_and_nothing_is_changed(town: Town) -> None:
    outcome = issuer(town, "revoke", "--file", "-", stdin=f"{ROW}\n{UNKNOWN}\n".encode())
    assert outcome.code == 2
    assert outcome.said[0] == f"vcred: error: nothing was issued under this id: {UNKNOWN}"
    assert status(town) == "valid"
    outcome = issuer(town, "revoke", "--file", "-", stdin=b"\x00")
    assert (outcome.code, outcome.said[0]) == (1, "vcred: error: stdin: line 1 is not an id")


def test_revoked_is_final(town: Town) -> None:
    issuer(town, "revoke", ROW)
    outcome = issuer(town, "reinstate", ROW)
    assert outcome.code == 1
    assert outcome.said[0].startswith("vcred: error: it was revoked, and that is final")


def test_a_mass_change_waits_for_a_second_person(town: Town, carol: str) -> None:
    outcome = issuer(town, "revoke", ROW, "--why", "lost phone")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.said[0].endswith("a second person has to approve that you revoke 1 credential")
    assert outcome.said[-1] == "vcred: indeterminate (approval_required)"
    assert status(town) == "valid"
    (line,) = town.done("status", "requests", home="issuer-gd").splitlines()
    assert line.split()[0] in outcome.said[1] and line.endswith("revoke 1 credential")

    approval = approve(town)
    applied = issuer(town, "apply", approval)
    assert applied.said == ["vcred: done, as approved: revoke 1 credential"]
    assert status(town) == "revoked"
    assert issuer(town, "requests").said == ["vcred: nothing waits"]
    again = issuer(town, "apply", approval)
    assert again.code == 1
    assert "applied before" in again.said[0]


def test_in_json_what_waits_is_told_likewise(town: Town, carol: str) -> None:
    outcome = issuer(town, "revoke", ROW, "--json")
    waiting = json.loads(outcome.out)["waiting"]
    assert (outcome.code, waiting["kind"], waiting["count"]) == (3, "status", 1)
    assert json.loads(issuer(town, "requests", "--json").out) == {"requests": [waiting]}
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
    assert looked.said == ["vcred: nothing is signed; to approve it, give --out APPROVAL"]
    signed = town.done("status", "approve", file, "--out", "-", home="carol")
    assert signed.count(".") == 2


def test_without_an_approver_a_mass_change_is_refused(town: Town) -> None:
    limit_to(town, 0)
    outcome = issuer(town, "revoke", ROW)
    assert outcome.code == 1
    assert "nobody is in office" in outcome.said[0]
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


def test_an_approver_is_named_by_a_did_key(town: Town) -> None:
    outcome = issuer(town, "approver", "add", "did:web:example.org", "--name", "Erin")
    assert outcome.code == 2
    assert "vcred init approver" in outcome.said[1]
    assert issuer(town, "approver", "add", "did:key:z6", "--name", "").code == 2


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


def test_the_home_of_an_approver_opens_by_its_key_file_alone(town: Town) -> None:
    made = json.loads(town.done("init", "approver", "--json", home="erin"))
    assert made["role"] == "approver" and made["did"].startswith("did:key:zDn")
    assert town.run("init", "approver", home="erin").code == 4


def test_the_audit_log_is_proved_and_written_out(town: Town) -> None:
    issuer(town, "suspend", ROW)
    shown = issuer(town, "audit")
    assert shown.out.splitlines()[-1].split()[2] == "status"
    assert shown.said[-1].startswith("vcred: the audit log holds: ")
    told = json.loads(issuer(town, "audit", "--json").out)
    file = town.path / "audit.jsonl"
    assert issuer(town, "audit", "--out", file).code == 0
    lines = file.read_bytes().splitlines()
    assert len(lines) == told["entries"]
    assert sha256(lines[-1]).hexdigest() == told["head"]
    assert json.loads(lines[-1])["prev"] == sha256(lines[-2]).hexdigest()
    assert ROW.encode() not in file.read_bytes()
    assert issuer(town, "audit", "--out", "-").out.encode() == file.read_bytes()
    assert issuer(town, "audit", "--out", file).code == 4


def test_an_audit_log_that_was_altered_says_where(town: Town) -> None:
    issuer(town, "suspend", ROW)
    with open_issuer_store(read_home(town.path / "issuer-gd")) as store, store.db.transaction():
        store.db.execute("DROP TRIGGER audit_is_never_changed")
        store.db.execute("UPDATE audit SET entry = x'7b7d' WHERE seq = 1")
    outcome = issuer(town, "audit")
    assert outcome.code == 4
    assert outcome.said[0].startswith("vcred: error: the audit log is broken at entry 1")
