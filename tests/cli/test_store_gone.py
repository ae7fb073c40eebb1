# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A store that is gone, or was put back and not reconciled, is not answered from as if all were well."""

import json
import shutil
from collections.abc import Callable

import pytest

from tests.cli.run import Outcome
from tests.cli.stories import assert_accepted, assert_rejected, verdict
from tests.cli.town import ROW, Town
from vcred.issuer.engines.statuses.safeguard import RESTORED_HINT
from vcred.issuer.kept_receipts import STRANGE
from vcred.issuer.restored import Loss

HOME = "issuer-gd"
READING = [("show", ROW), ("audit",), ("requests",), ("approver", "list")]


def status(town: Town, *words: object) -> Outcome:
    return town.run("status", *words, home=HOME)


def lose(town: Town) -> None:
    """The store and the mark beside it are deleted; nobody has a copy."""
    for path in (town.path / HOME).glob("issuer.*"):
        path.unlink()


def set_back(town: Town) -> None:
    """The store alone comes back from before the last revocation."""
    for path in (town.path / HOME).glob("issuer.sqlite*"):
        path.unlink()
    for path in (town.path / "backup").glob("issuer.sqlite*"):
        shutil.copy(path, town.path / HOME)


def keep_and_go_on(town: Town) -> None:
    shutil.copytree(town.path / HOME, town.path / "backup")
    assert status(town, "suspend", ROW).code == 0


@pytest.mark.parametrize("words", READING, ids=" ".join)
@pytest.mark.parametrize("harm", [lose, set_back])
def test_what_is_read_from_it_comes_with_a_warning(
    town: Town, harm: Callable[[Town], None], words: tuple[str, ...]
) -> None:
    keep_and_go_on(town)
    # The good case: nothing is lost.
    good = status(town, *words)
    assert good.code == 0 and "warning" not in good.err
    harm(town)
    told = status(town, *words)
    assert any(line.startswith(f"vcred: warning: {told_loss(harm)}: ") for line in told.said), told.err
    assert f"vcred: hint: {RESTORED_HINT}" in told.said
    # The second time it is no better.
    assert "vcred: warning: " in status(town, *words).err


def told_loss(harm: Callable[[Town], None]) -> Loss:
    return Loss.STORE_GONE if harm is lose else Loss.SET_BACK


@pytest.mark.parametrize("harm", [lose, set_back])
def test_its_log_does_not_hold(town: Town, harm: Callable[[Town], None]) -> None:
    keep_and_go_on(town)
    assert json.loads(status(town, "audit", "--json").out)["loss"] is None
    harm(town)
    told = status(town, "audit")
    assert told.code == 1
    assert "the audit log holds" not in told.err
    assert told.said[-1] == "vcred: rejected (rollback); it says nothing of what this store has lost"
    as_json = status(town, "audit", "--json")
    assert as_json.code == 1
    assert json.loads(as_json.out)["loss"] == told_loss(harm)
    assert status(town, "reconcile", "--nothing-was-published").code == 0
    assert status(town, "audit").code == 0


@pytest.mark.parametrize("verb", ["show", "revoke", "suspend", "reinstate"])
def test_that_nothing_is_found_there_is_no_news(town: Town, verb: str) -> None:
    # The good case: a slip in a store that has everything.
    slip = status(town, verb, "HC7777777")
    assert slip.code == 2 and "old copy" not in slip.err
    lose(town)
    refused = status(town, verb, ROW)
    assert refused.code == 2
    assert f"vcred: error: nothing was issued under this id: {ROW}" in refused.said
    assert refused.said[-1].startswith("vcred: hint: the store is an old copy, or is gone")


def test_what_is_taken_back_from_an_old_copy_comes_with_the_warning(town: Town) -> None:
    keep_and_go_on(town)
    set_back(town)
    # It works, with a second person where it is many: but nobody shall think that it was published.
    assert "vcred: warning: " in status(town, "revoke", ROW).err


def test_no_receipt_brings_back_what_a_lost_store_had(town: Town) -> None:
    lose(town)
    table = town.path / "issued" / "receipts.csv"
    reconciled = status(town, "reconcile", "--nothing-was-published")
    assert reconciled.code == 0
    assert reconciled.said[0].startswith("vcred: warning: this store never had anything in it")
    assert not any("bring it back" in line for line in reconciled.said)
    refused = status(town, "reconcile", "--receipts", table)
    assert refused.code == 1
    assert STRANGE in refused.said[0]
    assert "of a store that is gone altogether nothing does" in refused.said[1]


def test_a_store_that_was_put_back_is_not_called_gone(town: Town) -> None:
    keep_and_go_on(town)
    set_back(town)
    reconciled = status(town, "reconcile", "--nothing-was-published")
    assert reconciled.code == 0
    assert "never had anything in it" not in reconciled.err
    assert any("receipts bring it back" in line for line in reconciled.said)


def test_a_table_is_no_file_of_ids_and_the_hint_makes_one_of_it(town: Town) -> None:
    table = town.path / "issued" / "receipts.csv"
    ids = town.path / "ids.txt"
    lines = table.read_text(encoding="utf-8").splitlines()
    # What the command of the hint writes.
    ids.write_text("".join(f"{line.split(',')[1]}\n" for line in lines[1:]), encoding="utf-8")
    assert status(town, "show", "--file", ids).code == 0
    refused = status(town, "show", "--file", table)
    assert refused.code == 1
    assert '"cut -d, -f2 receipts.csv | tail -n +2"' in refused.said[-1]


def approved(town: Town, *, by: str) -> None:
    """Carry the one request to an approver, and the approval back."""
    file, approval = town.path / "request.json", town.path / "approval.jwt"
    for path in (file, approval):
        path.unlink(missing_ok=True)
    town.done("status", "request", "--out", file, home=HOME)
    town.done("status", "approve", file, "--out", approval, home=by)
    town.done("status", "apply", approval, home=HOME)


def test_of_approvers_that_a_new_store_takes_over_nothing_was_verified(town: Town) -> None:
    """Also of whom the copy has a signed approval: it is not said that nobody has signed it."""
    for name in ("carol", "david"):
        did = town.done("init", "approver", home=name)
        status(town, "approver", "add", did, "--name", name)
    approved(town, by="carol")
    # The good case: one came first, the other one by what the first has signed.
    good = status(town, "audit")
    assert good.code == 0 and "taken over" not in good.err
    lose(town)
    assert status(town, "reconcile", "--nothing-was-published").code == 3
    told = status(town, "audit").err
    assert "taken over from the home's copy of the approvers; no signature was verified: 2" in told
    assert "signed by nobody" not in told
    # It cannot be approved afterwards.
    again = status(town, "approver", "add", did, "--name", "david")
    assert again.code == 2 and "in office already" in again.err


def test_what_a_lost_store_had_revoked_and_published_stays_revoked(town: Town) -> None:
    assert_accepted(verdict(town))
    town.done("status", "revoke", ROW, home=HOME)
    town.later(minutes=1)
    town.publish()
    assert_rejected(verdict(town), "revoked")
    newest = max(town.path.glob("bundle-*.vtb"), key=lambda path: path.stat().st_mtime_ns)
    lose(town)
    town.done("trust", "import", newest, home=HOME)
    reconciled = status(town, "reconcile")
    assert reconciled.code == 0, reconciled.err
    town.later(hours=1)
    town.publish()
    assert_rejected(verdict(town), "revoked")
