# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Thieves: one of an issuing key, who dates credentials back, and one of every key that a DID has now."""

import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import Outcome
from tests.cli.stories import (
    assert_accepted,
    assert_rejected,
    carry,
    issue,
    on_ledger,
    try_to_publish,
    verdict,
)
from tests.cli.town import Town
from tests.unit.ledger.homes import pass_marks_for_original
from vcred.home import read_home
from vcred.keys.home_keys import open_home_keyring
from vcred.ledger.drafts import draft_update
from vcred.securing.data_integrity.jcs_suites import add_proof

NEXT = "control-2"
CURRENT = ("control-1", "issuing", "statement", "status")


def did_of(town: Town) -> str:
    return town.done("did", "show", home="issuer-gd")


def history(town: Town) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(town.done("did", "history", did_of(town), "--json", *on_ledger(town)))
    return value


@pytest.fixture
def thief(town: Town) -> Path:
    """A copy of the issuer's home: every key that has ever signed, and not the committed next one."""
    home = town.path / "thief"
    shutil.copytree(town.path / "issuer-gd", home)
    pass_marks_for_original(home)
    (home / "keys" / f"{NEXT}.key.jwe").unlink()
    return home


def test_an_earlier_date_does_not_save_what_a_thief_has_issued(town: Town, thief: Path) -> None:
    issuing = next(row["id"] for row in history(town)["methods"] if row["purpose"] == "assertionMethod")
    town.later(seconds=5)
    earlier = Town(path=town.path, now=town.now)
    town.later(hours=1)
    town.done("ledger", "distrust", issuing, "--scope", "all", *on_ledger(town), home="authority-gd")
    # Whoever has a key chooses the date: an hour before it was distrusted.
    forged = issue(earlier, thief.name, "HC7777777")
    assert_accepted(verdict(town, credential=forged))
    assert try_to_publish(town).code == 0
    carry(town, "gate-mo")
    assert_rejected(verdict(town, credential=forged), "key_distrusted")
    # The price: what the issuer signed with that key is void too, and is issued anew with the next key.
    assert_rejected(verdict(town), "key_distrusted")
    town.done("did", "rotate", "--key", "issuing", *on_ledger(town), home="issuer-gd")
    town.publish()
    anew = issue(town, "issuer-gd", "HC8888888")
    town.publish()
    assert_accepted(verdict(town, credential=anew))
    assert_rejected(verdict(town, credential=forged), "key_distrusted")


CHANGES = [("rotate",), ("rotate", "--key", "issuing"), ("update", "--name", "Mine"), ("deactivate", "--yes")]


@pytest.mark.parametrize("change", CHANGES, ids=" ".join)
def test_the_commands_change_nothing_without_the_committed_key(
    town: Town, thief: Path, change: tuple[str, ...]
) -> None:
    town.done("did", *change, *on_ledger(town), "--out", town.path / "own.json", home="issuer-gd")
    before = history(town)
    outcome = town.run("did", *change, *on_ledger(town), home=thief.name)
    assert outcome.code == 2
    assert outcome.said[0].startswith("vcred: error: this home holds none of the control keys")
    assert history(town) == before


def end_of_the_did(town: Town, names: Collection[str]) -> Path:
    """Write a deactivation that reveals these keys of the issuer, and that all of them have signed."""
    with open_home_keyring(read_home(town.path / "issuer-gd")) as keyring:
        signers = [keyring.signer(name) for name in names]
    operation = draft_update(
        network=json.loads((town.path / "network.json").read_bytes())["network"],
        did=did_of(town),
        prev=history(town)["versions"][-1]["hash"],
        revealed=[signer.public_key for signer in signers],
        next_keys=None,
        profile=None,
    )
    for signer in signers:
        operation = add_proof(operation, signer, created=town.now)
    out = town.path / f"{'-'.join(names)}.json"
    out.write_text(json.dumps(operation), encoding="utf-8")
    return out


def hold_back(town: Town, operation: Path) -> Outcome:
    """Put an operation beside the log, where what takes trust away counts at once."""
    network = ("--network", town.path / "network.json", "--out", town.path / f"{operation.stem}.vtb")
    return town.run("trust", "build", *network, "--pending", operation, home="ledger")


@pytest.mark.parametrize("names", [*((name,) for name in CURRENT), CURRENT], ids=" ".join)
def test_what_current_keys_sign_neither_the_log_nor_a_gate_takes(town: Town, names: tuple[str, ...]) -> None:
    good = end_of_the_did(town, (NEXT,))
    assert hold_back(town, good).code == 0
    forged = end_of_the_did(town, names)
    before = history(town)
    for outcome in (hold_back(town, forged), town.run("ledger", "append", forged, home="ledger")):
        assert outcome.code == 1
        assert "a control key is not one that was committed to" in outcome.err
    assert history(town) == before
    town.done("ledger", "append", good, home="ledger")
    assert history(town)["deactivated_at"] is not None
