# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13 and a clock that is ahead, as a person meets them: exit codes, words, and what to do next."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.test_status_changes import issuer, status
from tests.cli.town import ROW, Town

HOME = "issuer-gd"
NOTHING = ("reconcile", "--nothing-was-published")


@pytest.fixture
def put_back(town: Town) -> Path:
    """As `put_store_back`, and nothing is left that proves how far the store was."""
    put_store_back(town)
    (town.path / HOME / "issuer.mark").unlink()
    assert status(town) == "valid"
    return town.path


def put_store_back(town: Town) -> None:
    """Carol is in office. After a backup of the store one credential was revoked; the store is put back."""
    did = town.done("init", "approver", home="carol")
    town.done("status", "approver", "add", did, "--name", "Carol Vong", home=HOME)
    store, backup = town.path / HOME / "issuer.sqlite", town.path / "backup.sqlite"
    shutil.copy2(store, backup)
    town.later(minutes=2)
    town.done("status", "revoke", ROW, home=HOME)
    town.done("status", "publish", "--out", town.path / "newer", home=HOME)
    shutil.copy2(backup, store)


def test_to_go_on_with_nothing_newer_waits_for_a_second_person(town: Town, put_back: Path) -> None:
    request, approval = put_back / "request.json", put_back / "approval.jwt"
    outcome = issuer(town, *NOTHING)
    assert (outcome.code, outcome.out) == (3, "")
    asked = "go on from a backup, with the status lists of 2026-11-20T04:00:00Z as the last published"
    assert outcome.said[0].endswith(f"a second person has to approve that you {asked}")
    assert 'hint: "vcred status request ' in outcome.said[1]
    assert outcome.said[-1] == "vcred: indeterminate (approval_required)"
    assert issuer(town, "publish", "--out", put_back / "status").code == 1
    waiting = json.loads(issuer(town, *NOTHING, "--json").out)["waiting"]
    assert (waiting["kind"], waiting["newest"]) == ("reconcile", "2026-11-20T04:00:00Z")

    written = issuer(town, "request", waiting["id"], "--out", request)
    assert f"asks to  {asked}" in written.out
    town.done("status", "approve", request, "--out", approval, home="carol")
    applied = issuer(town, "apply", approval)
    assert applied.said[0] == f"vcred: done, as approved: {asked}"
    assert 'run "vcred status reconcile" as before' in applied.said[1]
    done = issuer(town, *NOTHING)
    assert done.code == 0, done.err
    assert issuer(town, *NOTHING).code == 3
    assert issuer(town, "audit").code == 0
    town.later(minutes=2)
    assert issuer(town, "publish", "--out", put_back / "status").code == 0


def test_with_the_newest_lists_and_the_mark_nobody_has_to_be_asked(town: Town) -> None:
    put_store_back(town)
    refused = issuer(town, *NOTHING)
    assert refused.code == 1 and "none so new is here" in refused.said[0]
    done = issuer(town, "reconcile", "--lists", town.path / "newer")
    assert done.code == 0, done.err
    assert status(town) == "revoked"


def test_a_clock_that_is_years_ahead_publishes_nothing(town: Town) -> None:
    folder, right = town.path / "status", town.now
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    town.later(days=5 * 365)
    for command in (("publish", "--out", folder), ("revoke", ROW)):
        refused = issuer(town, *command)
        assert refused.code == 1
        assert "this clock shows 2031-11-19T04:00:05Z" in refused.said[0]
        assert "the newest time that is known here is 2026-11-20T04:00:05Z" in refused.said[0]
        assert '"vcred status publish --clock-is-right"' in refused.said[1]
        assert refused.said[-1] == "vcred: rejected (clock_unreliable)"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    town.now = right
    town.later(minutes=1)
    assert issuer(town, "publish", "--out", folder).code == 0


def test_where_the_issuer_has_rested_somebody_says_that_the_clock_is_right(town: Town) -> None:
    town.later(days=40)
    folder = town.path / "status"
    assert issuer(town, "publish", "--out", folder).code == 1
    done = issuer(town, "publish", "--clock-is-right", "--out", folder)
    assert done.code == 0, done.err
    town.later(minutes=2)
    assert issuer(town, "revoke", ROW).code == 0
    audited = issuer(town, "audit")
    assert audited.code == 0 and "setting=clock" in audited.out
