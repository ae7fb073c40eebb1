# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status publish|interval|purposes|reconcile`: transcripts, and a restored home from end to end."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.run import NOON
from tests.cli.stories import assert_accepted, assert_rejected, issue, verdict
from tests.cli.town import ROW, Town, found_before_lists

HOME = "issuer-gd"


def publish(town: Town, *options: object) -> dict[str, object]:
    out = ("--out", town.path / "lists")
    (told,) = json.loads(town.done("status", "publish", *out, *options, "--json", home=HOME))["lists"]
    assert isinstance(told, dict)
    return told


def test_publishing_says_entries_and_when_the_next_can_be(town: Town) -> None:
    town.later(minutes=1, seconds=8)
    outcome = town.run("status", "publish", "--out", town.path / "lists", home=HOME)
    file = town.path / "lists" / "0.jwt"
    assert outcome.code == 0
    line = " ".join(outcome.out.split())
    assert line.startswith(f"{file} 131,072 entries 2026-11-20T04:01:00Z https://")
    assert outcome.said == [
        f"vcred: 1 status list in {file.parent}; the next can be signed at 2026-11-20T04:02:00Z"
    ]
    first = file.read_bytes()
    # The folder is lost: within the minute the same token is written again.
    shutil.rmtree(file.parent)
    told = publish(town)
    assert told == {
        "uri": told["uri"],
        "issued_at": "2026-11-20T04:01:00Z",
        "entries": 131_072,
        "next_at": "2026-11-20T04:02:00Z",
        "file": str(file),
    }
    assert file.read_bytes() == first


def test_a_change_waits_for_the_grid_and_says_so(town: Town) -> None:
    town.later(minutes=1)
    publish(town)
    town.later(seconds=20)
    town.done("status", "revoke", ROW, home=HOME)
    outcome = town.run("status", "publish", "--out", town.path / "lists", home=HOME)
    assert outcome.said[0] == (
        "vcred: statuses have changed since the lists of this interval: waiting until 2026-11-20T04:02:00Z"
    )
    assert (outcome.code, f"{town.now:%H:%M:%S}") == (0, "04:02:00")


def test_where_the_next_interval_is_far_it_ends_with_3(town: Town) -> None:
    assert town.done("status", "interval", home=HOME) == "1 min"
    assert town.done("status", "interval", "1h", home=HOME) == "1 h"
    assert json.loads(town.done("status", "interval", "--json", home=HOME)) == {"seconds": 3600}
    assert town.run("status", "interval", "7m", home=HOME).code == 2
    town.later(hours=1)
    publish(town)
    town.done("status", "revoke", ROW, home=HOME)
    outcome = town.run("status", "publish", "--out", town.path / "lists", home=HOME)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.said == [
        "vcred: error: statuses have changed, and lists of this interval are published already",
        "vcred: hint: nothing is lost; run the command again at 2026-11-20T06:00:00Z or later",
    ]
    town.later(hours=1)
    assert publish(town)["issued_at"] == "2026-11-20T06:00:00Z"


def test_the_first_lists_wait_for_the_status_key_and_nothing_has_changed(tmp_path: Path) -> None:
    """The key came into force within the interval, as it does for whoever tries it all out."""
    town = found_before_lists(tmp_path, now=NOON + timedelta(seconds=10))
    town.done("status", "interval", "1h", home=HOME)
    command = ("status", "publish", "--out", town.path / "lists")
    far = town.run(*command, home=HOME)
    assert (far.code, far.said) == (
        3,
        [
            "vcred: error: the status key came into force in this interval:"
            " the first lists are those of the next",
            "vcred: hint: nothing is lost; run the command again at 2026-11-20T05:00:00Z or later",
        ],
    )
    town.done("status", "interval", "1m", home=HOME)
    near = town.run(*command, home=HOME)
    assert (near.code, near.said[0]) == (
        0,
        "vcred: the first lists cannot be dated before the status key came into force:"
        " waiting until 2026-11-20T04:01:00Z",
    )
    # From then on it is a change that waits.
    town.done("status", "revoke", ROW, home=HOME)
    assert town.run(*command, home=HOME).said[0].startswith("vcred: statuses have changed since the lists")


def test_purposes(town: Town) -> None:
    assert town.done("status", "purposes", home=HOME) == "revocation,suspension"
    told = town.done("status", "purposes", "revocation", "--json", home=HOME)
    assert json.loads(told) == {"purposes": "revocation"}
    assert town.run("status", "purposes", "suspension", home=HOME).code == 2
    issue(town, HOME, "HC7777777")
    # The credential of before keeps its list, and can be suspended; the new one cannot.
    assert town.run("status", "suspend", ROW, home=HOME).code == 0
    refused = town.run("status", "suspend", "HC7777777", home=HOME)
    assert refused.code == 2
    assert refused.said[1].startswith("vcred: hint: ")
    assert town.run("status", "revoke", "HC7777777", home=HOME).code == 0
    town.later(minutes=1)
    town.done("status", "publish", "--out", town.path / "lists", home=HOME)
    assert len([*(town.path / "lists").glob("*.jwt")]) == 2


@pytest.fixture
def restored(town: Town) -> Path:
    """An issuer whose home was put back to before a revocation that is published; returns its lists."""
    backup = town.path / "backup"
    shutil.copytree(town.path / HOME, backup)
    town.done("status", "revoke", ROW, home=HOME)
    town.later(minutes=1)
    town.publish()
    assert_rejected(verdict(town), "revoked")
    shutil.rmtree(town.path / HOME)
    shutil.move(backup, town.path / HOME)
    return town.path / "status"


def test_a_restored_home_goes_on_only_after_it_is_reconciled(town: Town, restored: Path) -> None:
    """FI-13."""
    refused = town.run("status", "publish", "--out", town.path / "lists", home=HOME)
    assert refused.code == 1
    assert refused.said[0].startswith("vcred: error: the home of this issuer is a copy")
    assert '"vcred status reconcile"' in refused.said[1]
    with pytest.raises(AssertionError, match="restored from a backup"):
        issue(town, HOME, "HC7777777")
    outcome = town.run("status", "reconcile", "--lists", restored, home=HOME)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.said[:2] == [
        "vcred: took over 1 status list that had been published later than this store knew",
        "vcred: 1 credential revoked again, 0 suspended again",
    ]
    home = town.path / HOME
    assert outcome.said[-1].endswith(f'now "vcred status publish --home {home} --out DIR"')
    new = issue(town, HOME, "HC7777777")
    # It has used up what one person alone may do, and says so.
    nobody = town.run("status", "revoke", "HC7777777", home=HOME)
    assert nobody.code == 1
    assert nobody.said[0].endswith(
        "nobody is in office who could give it:"
        " one person alone may change 1,000 in 24 hours, and 1,001 are used, by a reconciliation too"
    )
    town.later(minutes=1)
    town.publish()
    assert_rejected(verdict(town), "revoked")
    assert_accepted(verdict(town, credential=new))
    assert "revoked" in town.done("status", "show", ROW, home=HOME)


def test_reconcile_takes_the_bundle_too_and_no_strange_folder(town: Town, restored: Path) -> None:
    newest = max(town.path.glob("bundle-*.vtb"), key=lambda path: path.stat().st_mtime_ns)
    town.done("trust", "import", newest, home=HOME)
    (restored / "9.jwt").write_text("no token\n")
    assert town.run("status", "reconcile", "--lists", restored, home=HOME).code == 1
    assert town.run("status", "reconcile", "--lists", restored / "nowhere", home=HOME).code == 4
    told = json.loads(town.done("status", "reconcile", "--json", home=HOME))
    assert (told["lists"], told["revoked"], told["suspended"]) == (1, 1, 0)
    assert told["first_list"] > 1000
