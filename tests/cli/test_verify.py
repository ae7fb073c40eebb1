# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred verify` on real presentations: words, JSON and exit codes."""

import json

import pytest

from tests.architecture.test_fresh_interpreter import HEAVY, modules_after
from tests.cli.town import Town

EVIDENCE = {"size", "root", "trust_as_of", "status_as_of", "status_list_small"}
CONTRACT = {
    "decision",
    "axes",
    "audit",
    "binding",
    "evidence",
    "reasons",
    "checks",
    "issuer",
    "type",
    "claims",
}


def test_an_accepted_code_in_words(town: Town) -> None:
    outcome = town.verify(town.show("match", "test"))
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0] == (
        "accepted   health-code   Guangdong Health Code Centre   recognised in Macao, status 5 s old"
    )
    assert "           colour = green" in lines
    assert "           match.name = 杨𠮷祥" in lines
    assert not any("identity" in line for line in lines)
    assert lines[-1].split()[:6] == ["authentic", "yes", "authorised", "yes", "current", "yes"]
    assert outcome.said == ["vcred: accepted"]


def test_in_the_language_of_the_officer(town: Town) -> None:
    lines = town.verify(town.show("match"), "--lang", "zh-MO").out.splitlines()
    assert lines[0].split()[:3] == ["接受", "health-code", "廣東健康碼中心"]
    assert "           顏色 = 綠碼" in lines


def test_an_accepted_code_as_json(town: Town) -> None:
    outcome = town.verify(town.show("match"), "--json")
    assert outcome.code == 0
    report = json.loads(outcome.out)
    assert set(report) == CONTRACT
    assert (report["decision"], report["audit"], report["binding"]) == ("accepted", False, "live")
    assert report["axes"] == {"authentic": "yes", "authorised": "yes", "current": "yes"}
    assert set(report["evidence"]) == EVIDENCE
    assert all(set(check) == {"name", "status", "reason", "cause", "age"} for check in report["checks"])
    assert report["claims"]["match"]["last_four"] == "3453"
    assert outcome.err == ""


def test_the_same_code_again_is_rejected(town: Town) -> None:
    code = town.show("match")
    assert town.verify(code).code == 0
    again = town.verify(code)
    assert again.code == 1
    assert again.out.startswith("rejected   health-code")
    assert again.said[-1] == "vcred: rejected (replayed)"
    assert "杨" not in again.out + again.err


def test_what_is_not_shown_is_missed(town: Town) -> None:
    outcome = town.verify(town.show("test"), "--json")
    assert outcome.code == 1
    report = json.loads(outcome.out)
    assert report["reasons"] == ["policy_unmet"]
    assert report["claims"] is None


def test_old_evidence_is_indeterminate(town: Town) -> None:
    assert town.verify(town.show("match")).code == 0
    town.later(hours=30)
    outcome = town.verify(town.show("match"))
    assert outcome.code == 3
    assert outcome.said[-1] == "vcred: indeterminate (stale)"
    assert any(line.startswith("vcred: hint: ") for line in outcome.said)


def test_a_revoked_code_is_rejected_after_the_next_bundle(town: Town) -> None:
    assert town.verify(town.show("match")).code == 0
    town.done("status", "revoke", "HC0000001", home="issuer-gd")
    town.later(seconds=5)
    assert town.verify(town.show("match")).code == 0
    town.publish()
    outcome = town.verify(town.show("match"))
    assert outcome.code == 1
    told = "revocation and suspension: the issuer has revoked the credential (for good)"
    assert f"vcred: error: {told}" in outcome.said
    assert outcome.said[-1] == "vcred: rejected (revoked)"


def test_a_withdrawn_recognition_ends_with_the_next_bundle(town: Town) -> None:
    assert town.verify(town.show("match")).code == 0
    log = json.loads(town.done("ledger", "log", "--json", home="ledger"))
    (entry,) = (row["hash"] for row in log["entries"] if row["kind"] == "recognise")
    withdraw = ("ledger", "withdraw", entry, "--ledger", town.path / "ledger")
    assert town.run(*withdraw, home="authority-mo").code == 2, "there is no default effect"
    town.done(*withdraw, "--effect", "void", home="authority-mo")
    town.publish()
    assert town.verify(town.show("match")).said[-1] == "vcred: rejected (not_recognised)"


def test_an_audit_question_changes_nothing(town: Town) -> None:
    code = town.show("match")
    at = f"{town.now:%Y-%m-%dT%H:%M:%SZ}"
    town.later(days=3)
    for _ in range(2):
        outcome = town.verify(code, "--at", at)
        assert outcome.code == 0
        assert outcome.out.splitlines()[0].endswith("   audit")
    assert json.loads(town.verify(code, "--at", at, "--json").out)["audit"] is True


def test_a_time_without_a_zone_is_usage(town: Town) -> None:
    outcome = town.verify(town.show("match"), "--at", "2026-11-20T09:00:00")
    assert outcome.code == 2
    assert outcome.said == [
        "vcred: error: --at: a date with a time and its zone is needed",
        'vcred: hint: write it as "--at 2026-11-20T09:00:00+08:00"',
    ]


def test_another_policy(town: Town) -> None:
    policy = (town.path / "gate-mo" / "policy.toml").read_text(encoding="utf-8")
    strict = town.path / "strict.toml"
    strict.write_text(policy.replace('["match"]', '["match", "vaccination"]'), encoding="utf-8")
    assert town.verify(town.show("match")).code == 0
    assert town.verify(town.show("match"), "--policy", strict).said[-1] == "vcred: rejected (policy_unmet)"
    strict.write_text(policy.replace('["match"]', "[]"), encoding="utf-8")
    assert town.verify(town.show("match"), "--policy", strict).code == 2


def test_a_picture(town: Town) -> None:
    credential = town.path / "issued" / "HC0000001.sdjwt"
    for suffix in ("png", "txt", "sdjwt"):
        file = town.path / f"code.{suffix}"
        town.done("present", credential, "--disclose", "match", "--out", file, home="holder")
        assert file.stat().st_mode & 0o777 == 0o600
        assert town.run("verify", file, home="gate-mo").code == 0
    town.done("present", credential, "--disclose", "match", "--out", town.path / "code.svg", home="holder")
    assert town.run("verify", town.path / "code.svg", home="gate-mo").code == 1


def test_hostile_text_is_a_verdict_and_never_a_crash(town: Town) -> None:
    for data in (
        b"",
        b"\x1b[2J",
        b"VC1:",
        b"VC9:AAAA",
        b"javascript:alert(1)",
        b"\xff" * 99,
        b"VC1:" + b"A" * 70_000,
    ):
        outcome = town.verify(data)
        assert outcome.code == 1, data[:10]
        assert outcome.said[-1].startswith("vcred: rejected (")
        assert "\x1b" not in outcome.out + outcome.err


def test_a_home_of_another_role_is_usage_and_names_the_right_one(town: Town) -> None:
    outcome = town.run("verify", "-", home="holder")
    assert outcome.code == 2
    assert "verifier" in outcome.said[0]


def test_the_home_before_the_command_or_in_the_environment(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = town.show("match")
    before = town.run("--home", town.path / "gate-mo", "verify", "-", stdin=code)
    assert before.code == 0
    monkeypatch.setenv("VCRED_HOME", str(town.path / "gate-mo"))
    assert town.run("verify", "-", stdin=code).said[-1] == "vcred: rejected (replayed)"
    assert town.run("--home", town.path / "nowhere", "verify", "-", home="gate-mo", stdin=code).code == 1


def test_a_program_that_only_verifies_loads_nothing_heavy(town: Town) -> None:
    """In an interpreter of its own, up to a verdict."""
    code = town.show("match").decode()
    program = (
        "from datetime import datetime\n"
        "from vcred.verifier import Verifier\n"
        f"with Verifier.open({str(town.path / 'gate-mo')!r}) as gate:\n"
        f"    report = gate.evaluate({code!r}, at=datetime.fromisoformat({town.now.isoformat()!r}))\n"
        "assert report.decision == 'accepted', report.reasons"
    )
    loaded = {name.split(".")[0] for name in modules_after(program)}
    assert loaded & HEAVY == set()
