# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An operator never appends a withdrawal: for how long he misleads whom, to the second.

Guangdong withdraws its accreditation with the effect void and hands the operation over. Its own
witness stops cosigning when the merge delay is over; a gate is in doubt when the last head is too
old; a gate that is handed the operation itself obeys it at once.
"""

import json
from pathlib import Path

import pytest

from tests.cli.stories import assert_accepted, assert_rejected, carry, on_ledger, try_to_publish, verdict
from tests.cli.town import Town

MERGE_DELAY = 86_400
TRUST_AGE = 86_400


@pytest.fixture
def withdrawal(town: Town) -> Path:
    """Signed and handed over; the gate of Macao asks for a head of at most a day."""
    policy = town.path / "gate-mo" / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    assert 'max_trust_age = "7d"' in text
    # So that the codes of the roster outlive the story.
    policy.write_text(text.replace('max_trust_age = "7d"', 'max_trust_age = "1d"'), encoding="utf-8")
    entries = json.loads(town.done("ledger", "log", "--json", home="ledger"))["entries"]
    accredited = next(row["hash"] for row in entries if row["kind"] == "issuer.accredit")
    signed = town.path / "withdrawal.json"
    words = ("withdraw", accredited, "--effect", "void", *on_ledger(town), "--out", signed)
    town.done("ledger", *words, home="authority-gd")
    return signed


def published(town: Town) -> object:
    """What everybody can read: the newest head's size, and who has cosigned it when."""
    witnesses = json.loads(town.done("ledger", "members", "--json", home="ledger"))["witnesses"]
    return json.loads(town.done("ledger", "log", "--json", home="ledger"))["published"], witnesses


def test_nothing_is_published_one_second_after_the_merge_delay(town: Town, withdrawal: Path) -> None:
    # He hides one entry only: the log goes on growing.
    town.done("type", "add", "professional-certificate", *on_ledger(town), home="authority-mo")
    for seconds in (1, MERGE_DELAY - 1):
        town.later(seconds=seconds)
        assert try_to_publish(town).code == 0
    last = published(town)
    town.later(seconds=1)
    refused = try_to_publish(town)
    assert refused.code == 1
    assert refused.said[0].startswith("vcred: error: nothing is published")
    hint = 'append what is missing: "vcred ledger handed --home AUTHORITY" lists it'
    assert refused.said[1].startswith(f"vcred: hint: {hint}")
    assert published(town) == last
    for name, code in (("authority-gd", "missing"), ("authority-mo", "quorum")):
        alone = town.run("ledger", "publish", "--witness", town.path / name, home="ledger")
        assert alone.code == 1
        assert code in alone.said[0], alone.err
    # It was this and nothing else: with it the same witnesses go on.
    town.done("ledger", "append", withdrawal, home="ledger")
    assert try_to_publish(town).code == 0
    assert published(town) != last


def test_a_gate_is_misled_for_the_merge_delay_and_its_own_trust_age(town: Town, withdrawal: Path) -> None:
    town.later(seconds=MERGE_DELAY)
    assert try_to_publish(town).code == 0
    last_quorum_time = town.now
    carry(town, "gate-mo")
    assert_accepted(verdict(town))
    # Now he has nothing but old heads, with status lists as new as he likes.
    town.later(seconds=TRUST_AGE - 3600)
    assert try_to_publish(town).code == 1
    carry(town, "gate-mo")
    town.later(seconds=3600)
    assert (town.now - last_quorum_time).total_seconds() == TRUST_AGE
    assert_accepted(verdict(town))
    town.later(seconds=1)
    report = verdict(town)
    assert (report["decision"], report["reasons"]) == ("indeterminate", ["stale"])
    assert (report["axes"]["authentic"], report["claims"]) == ("yes", None)
    # Once it is logged there is no doubt any more.
    town.done("ledger", "append", withdrawal, home="ledger")
    assert try_to_publish(town).code == 0
    carry(town, "gate-mo")
    assert_rejected(verdict(town), "issuer_not_accredited", "accreditation_void")


def test_a_gate_that_is_handed_the_withdrawal_obeys_it_at_once(town: Town, withdrawal: Path) -> None:
    network = ("--network", town.path / "network.json")
    town.done("init", "verifier", *network, "--jurisdiction", "MO", home="gate-2")
    carry(town, "gate-2")
    assert_accepted(verdict(town, gate="gate-2"))
    carry(town, "gate-2", "--pending", withdrawal)
    assert_rejected(verdict(town, gate="gate-2"), "issuer_not_accredited", "accreditation_void")
    # The other gate has not heard of it. What has been heard is not forgotten for a newer bundle.
    assert_accepted(verdict(town))
    town.later(seconds=5)
    carry(town, "gate-2")
    assert_rejected(verdict(town, gate="gate-2"), "issuer_not_accredited", "accreditation_void")


def test_the_operator_is_not_needed_to_carry_it(town: Town, withdrawal: Path) -> None:
    """The authority makes the bundle in its own home, of what it holds like everybody."""
    network = ("--network", town.path / "network.json")
    town.done("init", "authority", *network, home="authority-gd")
    town.done("init", "verifier", *network, "--jurisdiction", "MO", home="gate-2")
    carry(town, "gate-mo")
    town.later(seconds=5)
    carry(town, "authority-gd")
    assert_accepted(verdict(town))
    bundle, again = town.path / "withdrawn.vtb", town.path / "again.vtb"
    for home, made, taker in (("authority-gd", bundle, "gate-mo"), ("gate-mo", again, "gate-2")):
        town.done("trust", "export", "--pending", withdrawal, "--out", made, home=home)
        told = json.loads(town.done("trust", "import", made, "--json", home=taker))
        assert told["pending"] == 1
        assert_rejected(verdict(town, gate=taker), "issuer_not_accredited", "accreditation_void")


def test_a_gate_takes_the_bare_operation_into_what_it_holds(town: Town, withdrawal: Path) -> None:
    assert_accepted(verdict(town))
    bundle = town.path / "own.vtb"
    town.done("trust", "export", "--pending", withdrawal, "--out", bundle, home="gate-mo")
    town.done("trust", "import", bundle, home="gate-mo")
    assert_rejected(verdict(town), "issuer_not_accredited", "accreditation_void")


def test_what_adds_trust_is_not_carried(town: Town, withdrawal: Path) -> None:
    carry(town, "gate-mo")
    town.done("trust", "export", "--pending", withdrawal, "--out", town.path / "good.vtb", home="gate-mo")
    words = ("ledger", "recognise", "health-code", "--from-jurisdiction", "MO", *on_ledger(town))
    adds = town.path / "recognition.json"
    town.done(*words, "--out", adds, home="authority-gd")
    out = town.path / "bad.vtb"
    outcome = town.run("trust", "export", "--pending", adds, "--out", out, home="gate-mo")
    assert outcome.code == 1
    assert "only what takes trust away counts before it is logged" in outcome.said[0]
    assert not out.exists()
