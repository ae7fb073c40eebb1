# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status forget`: what is left to delete is said, and the credential stays revoked (PRV-10)."""

import json
from pathlib import Path

from tests.cli.town import ROW, Town
from vcred.ledger.evidence.leaf import credential_hash
from vcred.securing.sd_jwt.combined import split_sd_jwt


def homes_with(folder: Path, text: bytes) -> set[str]:
    """Homes in a file of which a text stands."""
    return {
        path.relative_to(folder).parts[0]
        for path in folder.rglob("*")
        if path.is_file() and path.parent != folder and text in path.read_bytes()
    }


def test_a_person_is_forgotten(town: Town) -> None:
    code = town.show("match", "test")
    assert town.verify(code).code == 0
    refused = town.run("status", "forget", "--row", ROW, home="issuer-gd")
    assert (refused.code, refused.out) == (2, "")
    assert "vcred: error: a credential of the row is not revoked, and could not be any more" in refused.said
    assert homes_with(town.path, ROW.encode()) >= {"issuer-gd", "issued"}
    town.done("status", "revoke", "--row", ROW, home="issuer-gd")
    done = town.run("status", "forget", "--row", ROW, "--json", home="issuer-gd")
    assert (done.code, json.loads(done.out)) == (0, {"forgotten": 1, "events": 0})
    assert any("yours to delete" in line and "receipts.csv" in line for line in done.said)
    # Of the homes, the ledger's and the gate's never had it.
    assert not homes_with(town.path, ROW.encode()) & {"issuer-gd", "ledger", "gate-mo", "status"}
    unknown = town.run("status", "show", ROW, home="issuer-gd")
    assert (unknown.code, unknown.said[0]) == (2, f"vcred: error: nothing was issued under this id: {ROW}")
    town.publish()
    assert "revoked" in town.verify(town.show("match", "test")).err
    assert town.run("status", "forget", "--row", ROW, home="issuer-gd").code == 2


def test_one_row_is_named(town: Town) -> None:
    town.done("status", "revoke", "--row", ROW, home="issuer-gd")
    for way in ((), (ROW, "--row", ROW)):
        assert town.run("status", "forget", *way, home="issuer-gd").code == 2
    assert town.run("status", "forget", ROW, home="issuer-gd").code == 0


def add_event(town: Town, certificate: str, *more: object) -> None:
    town.done("evidence", "add", certificate, "--event", "issued", *more, home="issuer-gd")


def holder_key(town: Town) -> str:
    """The part of the holder's DID that is the key."""
    return (town.path / "holders.csv").read_text(encoding="utf-8").split("did:key:")[1].strip()


def test_nothing_in_the_home_finds_the_person(town: Town) -> None:
    """Every file: row id, key, credential id, the note and the hash of the credential in its history."""
    credential = json.loads(town.done("status", "show", ROW, "--json", home="issuer-gd"))["credentials"][0][
        "credential_id"
    ]
    file = town.path / "issued" / f"{ROW}.sdjwt"
    add_event(town, ROW, "--credential", file, "--note", "Canary note 1")
    add_event(town, credential, "--note", "Canary note 2")
    town.done("evidence", "record", "--ledger", town.path / "ledger", home="issuer-gd")
    add_event(town, ROW, "--note", "Canary note 3", "--at", "-1h")
    add_event(town, "FT-OTHER", "--note", "of somebody else")
    named = credential_hash(split_sd_jwt(file.read_text(encoding="ascii").strip()).issuer_jwt)
    private = [ROW, named, *(f"Canary note {number}" for number in (1, 2, 3))]
    # The control: what is looked for stands there, and what never should does not.
    assert all("issuer-gd" in homes_with(town.path, text.encode()) for text in private)
    assert "issuer-gd" not in homes_with(town.path, holder_key(town).encode())
    town.done("status", "revoke", "--row", ROW, home="issuer-gd")
    done = town.run("status", "forget", "--row", ROW, "--json", home="issuer-gd")
    assert (done.code, json.loads(done.out)) == (0, {"forgotten": 1, "events": 3})
    for text in (*private, holder_key(town)):
        assert "issuer-gd" not in homes_with(town.path, text.encode()), text
    # The id stands in the audit log, which names no row: it leads to a place in a list, and to nobody.
    files = {
        path.name.removesuffix("-wal")
        for path in (town.path / "issuer-gd").iterdir()
        if path.is_file() and credential.encode() in path.read_bytes()
    }
    assert files == {"issuer.sqlite"}
    shown = json.loads(town.done("status", "show", credential, "--json", home="issuer-gd"))
    assert [item["row_id"] == ROW for item in shown["credentials"]] == [False]
    assert town.run("evidence", "prove", "FT-OTHER", "--out", town.path / "p", home="issuer-gd").code in (
        0,
        3,
    )
    assert town.run("evidence", "prove", ROW, "--out", town.path / "q", home="issuer-gd").code == 2


def test_a_history_under_another_number_is_forgotten_by_itself(town: Town) -> None:
    add_event(town, "FT-1", "--note", "Canary note")
    add_event(town, "FT-2")
    done = town.run("evidence", "forget", "FT-1", "--json", home="issuer-gd")
    assert (done.code, json.loads(done.out)) == (0, {"forgotten": 1})
    assert not homes_with(town.path, b"Canary note") and not homes_with(town.path, b"FT-1")
    assert "issuer-gd" in homes_with(town.path, b"FT-2")
    again = town.run("evidence", "forget", "FT-1", home="issuer-gd")
    assert (again.code, again.said[0]) == (2, "vcred: error: no event is kept of that certificate")
    assert town.run("evidence", "forget", "vcred:audit-log", home="issuer-gd").code == 2
