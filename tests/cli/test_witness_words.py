# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger handed` and `vcred ledger witness-key`, as an authority types them."""

import json
from typing import Any

import pytest

from tests.cli.town import Town
from vcred.desk.party import Party


def handed(town: Town) -> list[Any]:
    return json.loads(town.done("ledger", "handed", "--json", home="authority-gd"))["handed"]  # type: ignore[no-any-return]


@pytest.fixture
def signed(town: Town) -> str:
    """Guangdong has withdrawn, and nobody has logged it; returns the hash."""
    rows = json.loads(town.done("ledger", "log", "--json", home="ledger"))["entries"]
    accredited = next(row["hash"] for row in rows if row["kind"] == "issuer.accredit")
    assert handed(town) == []
    withdraw = ("ledger", "withdraw", accredited, "--effect", "cease", "--ledger", town.path / "ledger")
    town.done(*withdraw, "--out", town.path / "withdrawal.json", home="authority-gd")
    (row,) = handed(town)
    return str(row["hash"])


def test_it_lists_what_the_ledger_has_not_yet(town: Town, signed: str) -> None:
    outcome = town.run("ledger", "handed", home="authority-gd")
    assert outcome.code == 0
    assert signed in outcome.out and "issuer.withdraw" in outcome.out and "withdraws" in outcome.out
    assert outcome.err == "vcred: 1 operation waits to be logged\n"
    (row,) = handed(town)
    assert row["operation"] == json.loads((town.path / "withdrawal.json").read_text())
    assert row["handed_at"].endswith("Z")
    town.done("ledger", "append", town.path / "withdrawal.json", home="ledger")
    town.done("ledger", "publish", *town._witnesses(), home="ledger")
    assert handed(town) == []


def test_without_it_nothing_is_published_after_a_day(town: Town, signed: str) -> None:
    town.later(days=1)
    town.done("ledger", "publish", *town._witnesses(), home="ledger")
    town.later(seconds=1)
    outcome = town.run("ledger", "publish", *town._witnesses(), home="ledger")
    assert outcome.code == 1
    assert "nothing is published" in outcome.err
    # Of two places, one does not cosign: nobody else can stand in for it.
    town.done("ledger", "handed", "--drop", signed, home="authority-gd")
    assert handed(town) == []
    town.done("ledger", "publish", *town._witnesses(), home="ledger")


def test_only_what_waits_can_be_taken_back(town: Town, signed: str) -> None:
    outcome = town.run("ledger", "handed", "--drop", signed[:-1] + "x", home="authority-gd")
    assert outcome.code == 2
    assert "vcred: hint: list them" in outcome.err
    assert len(handed(town)) == 1


def test_a_new_witness_key_is_ready_for_a_change_of_the_network(town: Town) -> None:
    out = town.path / "witness.json"
    made = json.loads(town.done("ledger", "witness-key", "--out", out, "--json", home="authority-gd"))
    value = json.loads(out.read_text())
    did = town.done("did", "show", home="authority-gd")
    assert value["name"] == made["name"] == f"vcred/witness/{did.rpartition(':')[2]}/2"
    assert (value["jurisdiction"], value["key"]["algorithm"]) == ("CN-44", "Ed25519")
    again = json.loads(town.done("ledger", "witness-key", "--out", "-", home="authority-gd"))
    assert again == value
    # Until the network lists it, the first one goes on.
    town.done("ledger", "publish", *town._witnesses(), home="ledger")


def test_an_authority_that_is_no_founder_names_its_jurisdiction(town: Town) -> None:
    sponsor = town.done("did", "show", home="authority-mo")
    network = ("--network", town.path / "network.json")
    town.done("init", "authority", *network, home="authority-3")
    with Party.open(town.path / "authority-3") as party:
        party.create_did(name={"en": "Third"}, status_base=None, network="n", sponsor=sponsor)
    key = ("ledger", "witness-key", "--out", "-")
    outcome = town.run(*key, home="authority-3")
    assert outcome.code == 2
    assert "--jurisdiction CODE" in outcome.err
    made = json.loads(town.done(*key, "--jurisdiction", "MO", home="authority-3"))
    assert made["jurisdiction"] == "MO"
