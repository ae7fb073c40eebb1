# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status reconcile --receipts`: a restored issuer knows again whom it has issued to (ISS-17)."""

import csv
import json
import shutil
from collections.abc import Callable

import pytest

from tests.cli.run import Outcome
from tests.cli.stories import assert_accepted, assert_rejected, issue, verdict
from tests.cli.town import ROW, Town

HOME = "issuer-gd"
LATER, LAST = "HC0000003", "HC0000005"


def run_roster(town: Town, out: str, *options: object) -> Outcome:
    files = ("--roster", town.path / "roster.csv", "--holders", town.path / "holders.csv")
    words = ("--encoding", "gb18030", "--out", town.path / out)
    return town.run("issue", "health-code", *files, *words, *options, home=HOME)


def receipts(town: Town, out: str = "later") -> dict[str, dict[str, str]]:
    with (town.path / out / "receipts.csv").open(encoding="utf-8", newline="") as file:
        return {row["row_id"]: row for row in csv.DictReader(file)}


def reconcile(town: Town, *options: object) -> Outcome:
    return town.run("status", "reconcile", *options, home=HOME)


@pytest.fixture
def put_back(town: Town) -> Callable[[], None]:
    """Two rows are issued after the backup, which is put back; the newest bundle is imported."""
    assert "0 credentials issued, 1 issued before" in run_roster(town, "later").err
    shutil.copytree(town.path / HOME, town.path / "backup")
    issuer = town.done("did", "show", home=HOME)
    with (town.path / "holders.csv").open("a", encoding="utf-8") as file:
        for row_id in (LATER, LAST):
            file.write(f"{row_id},{town.done('wallet', 'apply', issuer, home='holder')}\n")
    assert "2 credentials issued, 1 issued before" in run_roster(town, "later").err
    town.later(minutes=1)
    town.publish()
    newest = max(town.path.glob("bundle-*.vtb"), key=lambda path: path.stat().st_mtime_ns)

    def put() -> None:
        shutil.rmtree(town.path / HOME)
        shutil.copytree(town.path / "backup", town.path / HOME)
        town.done("trust", "import", newest, home=HOME)

    put()
    return put


def test_no_row_twice_and_the_lost_ones_can_be_revoked(town: Town, put_back: Callable[[], None]) -> None:
    outcome = reconcile(town, "--receipts", town.path / "later" / "receipts.csv")
    assert (outcome.code, outcome.out) == (0, "")
    told = "2 credentials entered again by their receipts: 0 revoked, 0 suspended; 0 known already"
    assert f"vcred: {told}" in outcome.said
    again = run_roster(town, "again")
    assert "0 credentials issued, 3 issued before" in again.err
    lost = town.path / "later" / f"{LATER}.sdjwt"
    assert_accepted(verdict(town, credential=lost))
    # What one person may change alone in a day is used up by a reconciliation.
    town.later(hours=25)
    town.done("status", "revoke", receipts(town)[LATER]["credential_id"], home=HOME)
    assert town.done("status", "show", LATER, home=HOME).startswith("revoked")
    town.publish()
    assert_rejected(verdict(town, credential=lost), "revoked")
    assert_accepted(verdict(town))
    audit = town.run("status", "audit", home=HOME)
    assert audit.code == 0, audit.err


def test_a_lost_row_is_replaced_by_reissue_alone(town: Town, put_back: Callable[[], None]) -> None:
    reconcile(town, "--receipts", town.path / "later" / "receipts.csv")
    town.later(hours=25)
    roster = town.path / "roster.csv"
    # Nobody knows what was in it: other content is no reason to refuse it, nor to issue it anew.
    roster.write_bytes(roster.read_bytes().replace(b",green,", b",yellow,"))
    before = receipts(town, "issued") | receipts(town)
    outcome = run_roster(town, "again")
    assert "0 credentials issued, 2 issued before" in outcome.err
    outcome = run_roster(town, "again", "--reissue")
    assert "3 credentials issued, 0 issued before" in outcome.err
    for row_id in (ROW, LATER, LAST):
        shown = json.loads(town.done("status", "show", row_id, "--json", home=HOME))["credentials"]
        told = {item["credential_id"]: item["status"] for item in shown}
        assert told.pop(before[row_id]["credential_id"]) == "revoked"
        assert [*told.values()] == ["valid"]


def test_rows_that_were_issued_twice_are_told(town: Town, put_back: Callable[[], None]) -> None:
    """The attack as it was: reconciled without receipts, the roster issues what was issued."""
    outcome = reconcile(town)
    assert outcome.said[-2] == (
        "vcred: what was issued after the backup is not known here; receipts bring it back:"
        f' "vcred status reconcile --receipts FILE --home {town.path / "issuer-gd"}"'
    )
    assert "2 credentials issued, 1 issued before" in run_roster(town, "again").err
    table = ("--receipts", town.path / "later" / "receipts.csv")
    told = json.loads(reconcile(town, *table, "--json").out)
    assert told == {
        "receipts": {"entered": 2, "known": 0, "revoked": 0, "suspended": 0, "rows_twice": [LATER, LAST]}
    }
    assert f"vcred: two credentials in force: 2 rows: {LATER}, {LAST}" in reconcile(town, *table).said
    town.later(hours=25)
    assert "2 credentials issued, 1 issued before" in run_roster(town, "again", "--reissue").err
    assert not any("in force" in line for line in reconcile(town, *table).said)


def test_the_hint_of_an_output_names_it_before_anything_is_cut_off(
    town: Town, put_back: Callable[[], None]
) -> None:
    reconcile(town)
    refused = run_roster(town, "later")
    assert refused.code == 4
    assert '"vcred status reconcile --receipts FILE"' in refused.said[1]


def test_an_edited_table_changes_nothing(town: Town, put_back: Callable[[], None]) -> None:
    table = town.path / "later" / "receipts.csv"
    good = table.read_text(encoding="utf-8")
    table.write_text(good.replace(receipts(town)[LAST]["credential_id"], "0" * 32), encoding="utf-8")
    refused = reconcile(town, "--receipts", table)
    assert refused.code == 1
    assert refused.said[0] == (f"vcred: error: {table}, line 3: its credential id is none of this store's")
    assert town.run("status", "publish", "--out", town.path / "lists", home=HOME).code == 1
    table.write_text(good, encoding="utf-8", newline="")
    assert reconcile(town, "--receipts", table).code == 0


def test_a_single_credential_is_known_again_by_the_receipt_beside_it(town: Town) -> None:
    shutil.copytree(town.path / HOME, town.path / "backup")
    single = issue(town, HOME, "HC9000001")
    shown = json.loads(town.done("status", "show", "HC9000001", "--json", home=HOME))
    town.later(minutes=1)
    town.publish()
    newest = max(town.path.glob("bundle-*.vtb"), key=lambda path: path.stat().st_mtime_ns)
    shutil.rmtree(town.path / HOME)
    shutil.copytree(town.path / "backup", town.path / HOME)
    town.done("trust", "import", newest, home=HOME)
    assert reconcile(town).code == 0
    assert town.run("status", "show", "HC9000001", home=HOME).code == 2
    outcome = reconcile(town, "--receipts", single.with_name(f"{single.name}.receipt.csv"))
    assert "1 credential entered again by its receipt" in outcome.said[0]
    assert json.loads(town.done("status", "show", "HC9000001", "--json", home=HOME)) == shown
