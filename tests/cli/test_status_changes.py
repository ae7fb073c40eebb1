# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status`: what is changed, what waits for a second person, and what was changed."""

import json
from hashlib import sha256

import pytest

from tests.cli.run import Outcome
from tests.cli.town import ROW, Town
from vcred.home import read_home
from vcred.issuer.engines.store.store import open_issuer_store

UNKNOWN = "HC9999999"


def issuer(town: Town, *arguments: object, **more: bytes) -> Outcome:
    return town.run("status", *arguments, home="issuer-gd", **more)


def credential_id(town: Town) -> str:
    shown = json.loads(town.done("status", "show", ROW, "--json", home="issuer-gd"))
    found: str = shown["credentials"][0]["credential_id"]
    return found


def status(town: Town) -> str:
    return town.done("status", "show", ROW, home="issuer-gd").split()[0]


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
        assert done.said == [
            "vcred: 1 credential suspended now; publish:"
            f' "vcred status publish --home {town.path / "issuer-gd"} --out DIR"'
        ]
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


@pytest.mark.parametrize("name", ["revoke", "suspend", "reinstate", "show"])
def test_each_hint_names_its_own_command(town: Town, name: str) -> None:
    for ways in ((), ("--row", ROW, UNKNOWN)):
        outcome = issuer(town, name, *ways)
        assert outcome.code == 2
        assert outcome.said[1].startswith(f'vcred: hint: "vcred status {name} HC0000001", or')
    forget = issuer(town, "forget")
    assert forget.code == 2 and '"vcred status forget --row' in forget.said[1]
    assert "--holder" not in forget.err


def test_a_holder_is_a_did(town: Town) -> None:
    outcome = issuer(town, "suspend", "--holder", "did:key:zzz")
    assert outcome.code == 2
    assert outcome.said[0].startswith("vcred: error: --holder: ")
    assert outcome.said[1].startswith("vcred: hint: give the whole did:key")


@pytest.mark.parametrize("name", ["revoke", "suspend", "reinstate", "show"])
def test_a_holder_to_whom_nothing_was_issued_is_told_how_to_find_the_row(town: Town, name: str) -> None:
    phone = town.done("wallet", "apply", town.done("did", "show", home="issuer-gd").strip(), home="holder")
    outcome = issuer(town, name, "--holder", phone.strip())
    assert outcome.code == 2
    assert outcome.said[0] == "vcred: error: nothing was issued to this holder"
    assert outcome.said[1].startswith("vcred: hint: a wallet makes a new key for each credential")
    assert "vcred status show --row ROW" in outcome.said[1]


def test_what_is_left_as_before_is_told_apart(town: Town) -> None:
    """A row that was issued anew: its former credential is revoked for good, its new one is valid."""
    again = town.path / "again"
    phone = town.done("wallet", "apply", town.done("did", "show", home="issuer-gd").strip(), home="holder")
    files = ("--roster", town.path / "roster.csv", "--holders", town.path / "holders.csv")
    (town.path / "holders.csv").write_text(f"row_id,holder\n{ROW},{phone}\n", encoding="utf-8")
    options = (*files, "--encoding", "gb18030", "--reissue", "--out", again)
    town.done("issue", "health-code", *options, home="issuer-gd")
    outcome = issuer(town, "reinstate", "--row", ROW)
    assert outcome.code == 0, outcome.err
    assert outcome.said == [
        "vcred: 1 credential left as before: valid already",
        "vcred: 1 credential left as before: revoked for good",
    ]
    told = json.loads(issuer(town, "reinstate", "--row", ROW, "--json").out)
    assert (told["changed"], told["unchanged"], told["revoked_for_good"]) == (0, 2, 1)
    (valid,) = (one for one in told["credentials"] if one["status"] == "valid")
    done = issuer(town, "reinstate", valid["credential_id"])
    assert done.said == ["vcred: 1 credential left as before: valid already"]


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


def test_an_approver_is_named_by_a_did_key(town: Town) -> None:
    outcome = issuer(town, "approver", "add", "did:web:example.org", "--name", "Erin")
    assert outcome.code == 2
    assert "vcred init approver" in outcome.said[1]
    assert issuer(town, "approver", "add", "did:key:z6", "--name", "").code == 2


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
