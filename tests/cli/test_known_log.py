# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is read of the ledger on a machine where it does not lie, and kept there: transcripts."""

import json

import pytest

from tests.cli.run import run
from tests.cli.town import Town


@pytest.mark.parametrize("verb", ["log", "members"])
def test_a_gate_reads_its_trust_bundle(verb: str, town: Town) -> None:
    here = json.loads(town.done("ledger", verb, "--json", home="ledger"))
    assert json.loads(town.done("ledger", verb, "--json", home="gate-mo")) == here


def test_a_folder_that_is_no_ledgers_home_is_refused(town: Town) -> None:
    assert town.run("ledger", "log", "--ledger", town.path / "gate-mo").code == 2
    assert town.run("ledger", "log", "--ledger", town.path / "nothing").code == 4
    assert town.run("ledger", "log", home="nothing").code == 4


def test_a_bundle_takes_the_place_of_the_last_one_only_if_it_is_said(town: Town) -> None:
    out = town.path / "full.vtb"
    build = ("trust", "build", "--network", town.path / "network.json", "--out", out)
    export = ("trust", "export", "--out", out)
    for words, home in ((build, "ledger"), (export, "gate-mo")):
        out.unlink(missing_ok=True)
        town.done(*words, home=home)
        first = out.read_bytes()
        out.write_bytes(b"an older one")
        refused = town.run(*words, home=home)
        assert (refused.code, out.read_bytes()) == (4, b"an older one")
        town.done(*words, "--replace", home=home)
        assert out.read_bytes() == first


def test_trust_show_names_the_entries(town: Town) -> None:
    told = json.loads(town.done("trust", "show", "--json", home="gate-mo"))
    lines = town.done("trust", "show", home="gate-mo").splitlines()
    for label, row in (("issuer", told["accredited"][0]), ("recognised", told["recognised"][0])):
        assert any(line.startswith(label) and line.endswith(f"entry {row['entry']}") for line in lines)
    assert told["registered"] == []


def test_trust_show_tells_registered_verifiers(town: Town) -> None:
    verifier = town.done("did", "show", home="issuer-gd")
    asked = ("--claims", "colour,match", "--purpose", "Entry", "--ledger", town.path / "ledger")
    town.done("ledger", "register", verifier, "health-code", *asked, home="authority-mo")
    town.publish()
    (row,) = json.loads(town.done("trust", "show", "--json", home="gate-mo"))["registered"]
    assert (row["verifier"], row["claims"], row["standing"]) == (verifier, ["colour", "match"], "in force")
    shown = town.done("trust", "show", home="gate-mo").splitlines()
    assert (
        "verifier      Guangdong Health Code Centre   colour, match of health-code/1 in MO   in force   "
        f"entry {row['entry']}"
    ) in shown


def test_an_unknown_did_on_a_named_ledger_needs_no_newer_bundle(town: Town) -> None:
    known, unknown = town.done("did", "show", home="issuer-gd"), f"did:vcred:{'2' * 44}"
    ledger = ("--ledger", town.path / "ledger")
    for verb in ("resolve", "history"):
        town.done("did", verb, known, *ledger)
        refused = town.run("did", verb, unknown, *ledger)
        assert refused.code != 0
        assert (
            refused.said[1] == "vcred: hint: is it spelled right, and has its did.create been appended there?"
        )
        held = town.run("did", verb, unknown, home="gate-mo")
        assert held.said[1] == 'vcred: hint: import a newer bundle with "vcred trust import FILE"'


def test_the_control_keys_committed_to_are_counted(town: Town) -> None:
    shown = town.run("did", "show", "--ledger", town.path / "ledger", home="issuer-gd")
    assert "vcred: control     1 of 1 control key must sign the next change" in shown.said
    told = json.loads(town.done("did", "show", "--ledger", town.path / "ledger", "--json", home="issuer-gd"))
    assert (told["control"]["threshold"], told["control"]["keys"]) == (1, 1)


def test_an_error_of_usage_is_one_line_without_control_characters() -> None:
    outcome = run("ledger", "withdraw", "9pV")
    assert outcome.code == 2
    assert len(outcome.said) == 2
    assert "U+000" not in outcome.err
