# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status forget`: what is left to delete is said, and the credential stays revoked (PRV-10)."""

import json
from pathlib import Path

from tests.cli.town import ROW, Town


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
    assert (done.code, json.loads(done.out)) == (0, {"forgotten": 1})
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
