# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger distrust`, `register`, `withdraw` and `change`: transcripts."""

import json
from typing import Any

import pytest

from tests.cli.run import Outcome
from tests.cli.town import Town


def on_ledger(town: Town) -> tuple[object, ...]:
    return ("--ledger", town.path / "ledger")


def issuer_of(town: Town) -> str:
    return town.done("did", "show", home="issuer-gd")


def first_key(town: Town) -> dict[str, Any]:
    told = town.done("did", "history", issuer_of(town), "--json", *on_ledger(town))
    method: dict[str, Any] = json.loads(told)["methods"][0]
    return method


def last_entry(town: Town) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(town.done("ledger", "log", "--json", home="ledger"))["entries"][-1]
    return entry


def distrust(town: Town, *options: object, home: str) -> Outcome:
    return town.run("ledger", "distrust", first_key(town)["id"], *options, *on_ledger(town), home=home)


# Keys.


def test_the_authority_that_accredited_an_issuer_voids_its_key(town: Town) -> None:
    key = first_key(town)
    assert distrust(town, "--scope", "all", home="authority-mo").code == 1
    assert distrust(town, "--scope", "all", home="authority-gd").code == 0
    assert first_key(town)["distrusted_from"] == "all"
    says = last_entry(town)["says"]
    assert says == (
        f"Guangdong Health distrusts the key {key['id']} of Guangdong Health Code Centre:"
        " all that it ever signed"
    )
    document = json.loads(town.done("did", "resolve", issuer_of(town), *on_ledger(town)))
    assert key["id"] in [method["id"] for method in document["verificationMethod"]]
    assert "assertionMethod" not in document


def test_only_the_issuer_says_since_when(town: Town) -> None:
    town.later(minutes=10)
    scope = ("--scope", "from:2026-11-20T12:05:00+08:00", "--never-left-hsm")
    assert distrust(town, *scope, home="authority-gd").code == 1
    assert distrust(town, *scope, home="issuer-gd").code == 0
    assert first_key(town)["distrusted_from"] == "2026-11-20T04:05:00Z"
    assert "what it signed from 2026-11-20T04:05:00Z on" in last_entry(town)["says"]


@pytest.mark.parametrize(
    "scope",
    [
        ("--scope", "some"),
        ("--scope", "from:2026-11-20T12:05:00+08:00"),
        ("--scope", "all", "--never-left-hsm"),
    ],
)
def test_a_scope_says_all_or_since_when_and_why(town: Town, scope: tuple[str, ...]) -> None:
    outcome = distrust(town, *scope, home="issuer-gd")
    assert outcome.code == 2
    assert distrust(town, home="issuer-gd").code == 2


# Verifiers.


def test_a_verifier_is_registered_and_its_registration_withdrawn(town: Town) -> None:
    verifier = issuer_of(town)
    asked = ("--claims", "colour,match", "--purpose", "Entry", "--purpose", "pt=Entrada", "--until", "+365d")
    register = ("ledger", "register", verifier, "health-code", *asked, *on_ledger(town))
    town.done(*register, home="authority-mo")
    entry = last_entry(town)
    assert entry["says"] == (
        "Macao Health lets Guangdong Health Code Centre ask for colour, match of health-code 1,"
        " for: Entry, until 2027-11-20T04:00:05Z"
    )
    withdraw = ("ledger", "withdraw", entry["hash"], "--effect", "void", *on_ledger(town))
    assert town.run(*withdraw, home="authority-gd").code == 1
    town.done(*withdraw, home="authority-mo")
    assert last_entry(town)["says"] == (
        f"Macao Health withdraws the registration {entry['hash']}, effect void"
    )
    assert town.run(*register, home="issuer-gd").code == 1


# The network.


def test_the_network_changes_when_both_jurisdictions_have_endorsed(town: Town) -> None:
    files = [town.path / f"change-{number}.json" for number in range(3)]
    changed = ("--max-merge-delay", "12h", "--quorum", "MO=1")
    town.done("ledger", "change", *changed, *on_ledger(town), "--out", files[0])
    town.done("ledger", "endorse", files[0], "--out", files[1], *on_ledger(town), home="authority-gd")
    one = town.run("ledger", "append", files[1], home="ledger")
    assert one.code == 1
    town.done("ledger", "endorse", files[1], "--out", files[2], *on_ledger(town), home="authority-mo")
    shown = town.done("ledger", "show", files[2], *on_ledger(town)).splitlines()
    assert shown[0] == (
        "network.change   changes the network: 1 witnesses of Guangdong (CN-44) must cosign;"
        " 1 witnesses of Macao (MO) must cosign; entry_bytes is 7500; max_merge_delay is 43200"
    )
    town.done("ledger", "append", files[2], home="ledger")
    assert last_entry(town)["void"] is None
    # Drafted on the same operation before, a second one comes too late.
    late = ("ledger", "change", "--threshold", "2", *on_ledger(town), "--out", town.path / "late.json")
    town.done(*late)
    assert json.loads((town.path / "late.json").read_bytes())["prev"] == last_entry(town)["hash"]


def test_who_is_in_office_changes(town: Town) -> None:
    """An organisation on the ledger becomes a second authority of Macao."""
    files = [town.path / f"office-{number}.json" for number in range(3)]
    office = ("--add-authority", f"MO={issuer_of(town)}", "--threshold", "3")
    town.done("ledger", "change", *office, *on_ledger(town), "--out", files[0])
    for number, home in enumerate(("authority-gd", "authority-mo")):
        made = ("--out", files[number + 1], *on_ledger(town))
        town.done("ledger", "endorse", files[number], *made, home=home)
    town.done("ledger", "append", files[2], home="ledger")
    assert last_entry(town)["says"] == (
        "changes the network: Guangdong Health Code Centre becomes an authority of Macao (MO);"
        " 3 authorities must agree to a change"
    )


@pytest.mark.parametrize(
    "option",
    [
        (),
        ("--quorum", "MO"),
        ("--quorum", "MO=none"),
        ("--add-authority", "did:vcred:x"),
        ("--threshold", "0"),
    ],
)
def test_what_changes_nothing_or_cannot_be_read_is_usage(town: Town, option: tuple[str, ...]) -> None:
    outcome = town.run("ledger", "change", *option, *on_ledger(town), "--out", town.path / "x.json")
    assert outcome.code == 2
    assert not (town.path / "x.json").exists()


def test_a_statement_is_not_endorsed(town: Town) -> None:
    statement = town.path / "statement.json"
    town.done(
        "ledger", "distrust", first_key(town)["id"], "--scope", "all", "--out", statement, *on_ledger(town),
        home="authority-gd",
    )  # fmt: skip
    outcome = town.run("ledger", "endorse", statement, "--out", town.path / "x.json", home="authority-mo")
    assert outcome.code == 2
    assert outcome.said[0] == (
        "vcred: error: only a network.genesis or .change, a did.create or .update is endorsed"
    )
