# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status audit` and `publish` against somebody who can write the store, or read it."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.run import Outcome
from tests.cli.town import ROW, Town
from vcred.home import read_home
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.store.store import STORE_FILE, open_issuer_store


def issuer(town: Town, *arguments: object) -> Outcome:
    return town.run("status", *arguments, home="issuer-gd")


def edited(town: Town, statement: str) -> None:
    with closing(sqlite3.connect(town.path / "issuer-gd" / STORE_FILE)) as file, file:
        file.execute("DROP TRIGGER IF EXISTS journal_keeps_what_is_revoked")
        file.execute(statement)


def test_a_status_that_was_edited_is_told_and_not_published(town: Town) -> None:
    assert issuer(town, "revoke", ROW).code == 0
    assert issuer(town, "audit").said[-1].startswith("vcred: the audit log holds: ")
    (shown,) = json.loads(issuer(town, "show", ROW, "--json").out)["credentials"]
    edited(town, f"UPDATE journal SET status = 0 WHERE row_id = '{ROW}'")
    outcome = issuer(town, "audit")
    assert outcome.code == 1
    assert outcome.said[-2:] == [
        "vcred: the store says something else than the log (status): 1,"
        f" the first is {shown['credential_id']}",
        "vcred: rejected (altered beside the log); keep the store as it is, publish nothing, restore a copy",
    ]
    told = issuer(town, "audit", "--json")
    assert told.code == 1
    assert json.loads(told.out)["differences"] == [
        {"kind": "status", "count": 1, "first": shown["credential_id"]}
    ]
    town.later(seconds=120)
    published = issuer(town, "publish", "--out", town.path / "edited")
    assert published.code == 1
    assert "other numbers of revoked or suspended" in published.said[0]
    assert "vcred status audit" in published.said[1]


def appended(town: Town, kind: AuditKind, **members: str | int) -> None:
    """Do what somebody may who has the store: append to its log, with right hashes."""
    event = AuditEvent(kind=kind, members={**members})
    with open_issuer_store(read_home(town.path / "issuer-gd")) as store, store.db.transaction():
        store.changes.audit.append([event], at=int(town.now.timestamp()))


def test_what_was_appended_to_the_log_is_told(town: Town) -> None:
    carol = town.done("init", "approver", home="carol")
    assert issuer(town, "approver", "add", carol, "--name", "Carol").code == 0
    sound = issuer(town, "audit", "--json")
    assert (sound.code, json.loads(sound.out)["differences"]) == (0, [])
    assert json.loads(sound.out)["notices"] == [{"kind": "first", "count": 1, "first": carol}]
    first = "vcred: came as the first approver, and nobody approved it: 1, the first is "
    assert issuer(town, "audit").said[0] == first + carol

    appended(town, AuditKind.APPROVAL, request="00" * 16, approver=carol)
    appended(town, AuditKind.LIMIT_CHANGED, limit="changes", number=9_999_999)
    edited(town, "INSERT INTO setting VALUES ('change_limit', '9999999')")
    appended(town, AuditKind.APPROVER_REMOVED, approver=carol)
    edited(town, "UPDATE approver SET removed_at = 1")
    outcome = issuer(town, "audit", "--json")
    assert outcome.code == 1
    assert json.loads(outcome.out)["differences"] == [
        {"kind": "approver", "count": 1, "first": carol},
        {"kind": "approval", "count": 1, "first": carol},
    ]


def test_a_limit_that_was_inserted_is_told(town: Town) -> None:
    assert json.loads(issuer(town, "audit", "--json").out)["differences"] == []
    edited(town, "INSERT INTO setting VALUES ('change_limit', '100000000')")
    told = issuer(town, "audit", "--json")
    assert (told.code, json.loads(told.out)["differences"]) == (
        1,
        [{"kind": "setting", "count": 1, "first": "change_limit"}],
    )


def test_a_store_is_kept_under_the_keyring_of_one_home(town: Town) -> None:
    assert issuer(town, "show", ROW).code == 0
    (town.path / "issuer-gd" / "keys" / "journal.secret.jwe").unlink()
    outcome = issuer(town, "show", ROW)
    assert outcome.code == 4
    assert "belongs to the keyring of another home" in outcome.said[0]
    assert "share keys/" in outcome.said[1]


def test_a_pipe_in_a_folder_of_lists_is_refused_and_not_waited_for(town: Town) -> None:
    folder = Path(town.path / "lf")
    folder.mkdir()
    os.mkfifo(folder / "0.jwt")
    outcome = issuer(town, "reconcile", "--lists", folder)
    assert outcome.code == 4
    assert "0.jwt is not a file" in outcome.said[0]
