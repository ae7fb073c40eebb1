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


def test_a_statement_that_is_written_says_what_it_is_and_what_is_next(town: Town) -> None:
    made = ("--scope", "all", "--out", town.path / "distrust.json", *on_ledger(town))
    written = town.run("ledger", "distrust", first_key(town)["id"], *made, home="authority-gd")
    assert (written.code, written.out) == (0, "")
    assert written.said[0].startswith("vcred: signed: Guangdong Health distrusts the key did:vcred:")
    assert (
        written.said[1] == 'vcred: next: append it with "vcred ledger append"; it counts once it is published'
    )
    made = ("--scope", "all", "--out", town.path / "again.json", *on_ledger(town), "--json")
    told = json.loads(town.done("ledger", "distrust", first_key(town)["id"], *made, home="authority-gd"))
    assert (told["kind"], told["out"]) == ("key.distrust", str(town.path / "again.json"))
    town.done("ledger", "append", town.path / "again.json", home="ledger")
    assert last_entry(town)["hash"] == told["hash"]


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
        "network.change   changes the network: 1 witness of Guangdong (CN-44) must cosign (as now);"
        " 1 witness of Macao (MO) must cosign (as now); an operation has at most 7500 bytes (as now);"
        " the log may keep an operation waiting for 12 h (now 1 d)"
    )
    town.done("ledger", "append", files[2], home="ledger")
    assert last_entry(town)["void"] is None
    # Drafted on the same operation before, a second one comes too late.
    late = ("ledger", "change", "--threshold", "2", *on_ledger(town), "--out", town.path / "late.json")
    town.done(*late)
    assert json.loads((town.path / "late.json").read_bytes())["prev"] == last_entry(town)["hash"]


def test_what_the_rules_refuse_is_not_drafted(town: Town) -> None:
    draft = ("ledger", "change", *on_ledger(town), "--out", town.path / "x.json")
    town.done(*draft[:-1], town.path / "good.json", "--quorum", "MO=1")
    # One witness stands for Macao: two of them cannot cosign.
    refused = town.run(*draft, "--quorum", "MO=2")
    assert refused.code == 1
    assert not (town.path / "x.json").exists()


def test_an_unsigned_change_is_refused_with_what_is_next(town: Town) -> None:
    draft = town.path / "draft.json"
    town.done("ledger", "change", "--quorum", "MO=1", *on_ledger(town), "--out", draft)
    refused = town.run("ledger", "append", draft, home="ledger")
    assert refused.code == 1
    assert refused.said[1] == (
        'vcred: hint: if signatures are missing: "vcred ledger endorse" in the home of each authority'
    )


def test_a_new_key_is_named_in_words(town: Town) -> None:
    key, draft = town.path / "log-key.json", town.path / "draft.json"
    witness = town.path / "witness.json"
    town.done("ledger", "log-key", "--out", key, home="ledger")
    town.done("ledger", "witness-key", "--out", witness, home="authority-gd")
    members = json.loads(town.done("ledger", "members", "--json", home="ledger"))
    former = next(row["name"] for row in members["witnesses"] if row["jurisdiction"] == "CN-44")
    swap = ("--add-witness", witness, "--remove-witness", former, "--log-key", key)
    town.done("ledger", "change", *swap, *on_ledger(town), "--out", draft)
    says = json.loads(town.done("ledger", "show", draft, "--json", *on_ledger(town)))["says"]
    new_key = json.loads(key.read_bytes())["public"]
    assert f"the log signs with the key {new_key} (now {members['log_key']})" in says
    assert f", with the key {json.loads(witness.read_bytes())['key']['public']}" in says


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
