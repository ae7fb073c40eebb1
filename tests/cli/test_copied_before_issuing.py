# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13, INV-4: a home that is put back from before it had issued anything bears a sign of it."""

import shutil
from pathlib import Path

import pytest

from tests.cli.town import ROW, Town, found_before_lists

HOME = "issuer-gd"


def keep_early(town: Town) -> None:
    shutil.copytree(town.path / HOME, town.path / "early")


def run_roster(town: Town, out: str) -> list[str]:
    files = ("--roster", town.path / "roster.csv", "--holders", town.path / "holders.csv")
    outcome = town.run(
        "issue", "health-code", *files, "--encoding", "gb18030", "--out", town.path / out, home=HOME
    )
    return outcome.said


def test_it_deals_nothing_from_a_first_list_of_the_same_name(tmp_path: Path) -> None:
    town = found_before_lists(tmp_path, on_admitted=keep_early)
    # The good case: nothing was put back.
    assert "1 issued before" in " ".join(run_roster(town, "issued"))
    shutil.rmtree(town.path / HOME)
    shutil.copytree(town.path / "early", town.path / HOME)
    town.done("trust", "import", town.path / "bundle-0.vtb", home=HOME)
    assert run_roster(town, "again")[-1] == "vcred: rejected (rollback)"
    town.done("status", "reconcile", "--nothing-was-published", home=HOME)
    run_roster(town, "again")
    first, second = (
        (town.path / out / "receipts.csv").read_text(encoding="utf-8") for out in ("issued", "again")
    )
    assert ROW in first and ROW in second
    assert "/gd/0," in first and "/gd/0," not in second


@pytest.mark.parametrize("issued", [True, False], ids=["after issuing", "before"])
def test_a_store_that_is_gone_with_its_mark_is_missed(issued: bool, tmp_path: Path) -> None:
    """A new one would deal from a first list of the old one's name: who was revoked is good again in it."""
    town = found_before_lists(tmp_path)
    if issued:
        assert "1 issued before" in " ".join(run_roster(town, "issued"))
        town.done("status", "revoke", "--row", ROW, home=HOME)
    for path in (town.path / HOME).glob("issuer.*"):
        path.unlink()
    for _ in range(2):
        assert run_roster(town, "again")[-1] == "vcred: rejected (rollback)"
    refused = town.run("status", "publish", "--out", town.path / "lists", home=HOME)
    assert refused.said[-1] == "vcred: rejected (rollback)"
    town.done("status", "reconcile", "--nothing-was-published", home=HOME)
    run_roster(town, "again")
    assert "/gd/0," not in (town.path / "again" / "receipts.csv").read_text(encoding="utf-8")


def test_two_copies_of_one_home_share_their_secrets(tmp_path: Path) -> None:
    """Made with the DID, not by whichever of them is first at work: see docs/operate/bulk.md, section 8."""
    town = found_before_lists(tmp_path, on_admitted=keep_early)
    for name in ("journal", "outbox"):
        early, later = (town.path / home / "keys" / f"{name}.secret.jwe" for home in ("early", HOME))
        assert early.read_bytes() == later.read_bytes()
