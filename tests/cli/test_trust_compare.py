# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred trust show`, `compare`, `export`, and `build` with what came since or is pending: transcripts."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.town import Town
from vcred.trust.gossip import parse_gossip


def gossip(town: Town, home: str = "gate-mo") -> str:
    line: str = shown(town, home)["gossip"]
    return line


def shown(town: Town, home: str = "gate-mo") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(town.done("trust", "show", "--json", home=home))
    return found


def lines_of(town: Town) -> list[str]:
    """The lines that a person reads."""
    return town.done("trust", "show", home="gate-mo").splitlines()


def second_gate(town: Town) -> None:
    """Another gate of Macao, which holds nothing yet."""
    network = ("--network", town.path / "network.json")
    town.done("init", "verifier", *network, "--jurisdiction", "MO", home="gate-2")


def withdraw(town: Town, effect: str = "void", *more: object) -> None:
    """Guangdong withdraws its accreditation."""
    entry = shown(town)["accredited"][0]["entry"]
    words = ("ledger", "withdraw", entry, "--effect", effect, "--ledger", town.path / "ledger", *more)
    town.done(*words, home="authority-gd")


def build(town: Town, out: str, *options: object) -> Path:
    network = ("--network", town.path / "network.json")
    town.done("trust", "build", *network, *options, "--out", town.path / out, home="ledger")
    return town.path / out


def publish(town: Town) -> None:
    watching = ("--witness", town.path / "authority-gd", "--witness", town.path / "authority-mo")
    town.done("ledger", "publish", *watching, home="ledger")


# Show.


def test_show_tells_issuers_and_what_is_recognised(town: Town) -> None:
    lines, told = lines_of(town), shown(town)
    assert lines == [
        f"network       {told['network']}",
        f"size, root    5  {told['root']}",
        "trust as of   2026-11-20T04:00:05Z",
        "status lists  1, oldest 2026-11-20T04:00:00Z",
        "issuer        Guangdong Health Code Centre   health-code/1 for CN-44   in force   "
        f"entry {told['accredited'][0]['entry']}",
        "recognised    MO accepts health-code/1 of CN-44   in force   "
        f"entry {told['recognised'][0]['entry']}",
        f"gossip        {told['gossip']}",
    ]
    assert (told["size"], told["issuers"], told["pending"], told["evidence_of_forks"]) == (5, 1, 0, 0)
    assert (told["void_entries"], told["version_supported"], told["below_floor"]) == (0, True, False)
    assert (told["accredited"][0]["standing"], told["recognised"][0]["standing"]) == ("in force", "in force")
    assert (told["recognised"][0]["jurisdiction"], told["recognised"][0]["of"]) == ("MO", "CN-44")


@pytest.mark.parametrize(("effect", "standing"), [("cease", "ceased"), ("void", "void")])
def test_show_tells_what_has_been_taken_back(town: Town, effect: str, standing: str) -> None:
    withdraw(town, effect)
    town.publish()
    assert shown(town)["accredited"][0]["standing"] == standing
    assert any(f"for CN-44   {standing}   entry " in line for line in lines_of(town))


def forged(town: Town) -> str:
    """The line of a post that was shown another ledger of the same size."""
    return str(replace(parse_gossip(gossip(town)), root=bytes(32)))


# Compare.


def test_two_posts_that_hold_the_same(town: Town) -> None:
    outcome = town.run("trust", "compare", gossip(town, "issuer-gd"), home="gate-mo")
    assert (outcome.code, outcome.out, outcome.err) == (
        0,
        "same   both posts hold the same ledger and status lists\n",
        "",
    )
    # As typed from a sheet of paper, in words.
    assert town.run("trust", "compare", *gossip(town).split(), home="gate-mo").out == outcome.out


def test_a_word_that_begins_with_a_hyphen_needs_no_quotes(town: Town) -> None:
    theirs = str(replace(parse_gossip(gossip(town)), lists=b"\xfb" + bytes(31)))
    assert theirs.split()[2].startswith("-")
    outcome = town.run("trust", "compare", *theirs.split(), "--json", home="gate-mo")
    assert (outcome.code, json.loads(outcome.out)["result"]) == (0, "lists_differ")
    assert json.loads(outcome.out)["theirs"] == theirs


def test_a_post_that_holds_less_and_one_that_holds_more(town: Town) -> None:
    old = gossip(town)
    withdraw(town)
    publish(town)
    second_gate(town)
    town.done("trust", "import", build(town, "new.vtb"), home="gate-2")
    ahead = town.run("trust", "compare", old, home="gate-2")
    assert (ahead.code, ahead.out.split()[0]) == (0, "ahead")
    assert ahead.said == ["vcred: hint: let the other post import a newer bundle"]
    behind = town.run("trust", "compare", gossip(town, "gate-2"), home="gate-mo")
    assert (behind.code, behind.out.split()[0]) == (3, "behind")
    assert behind.said[0].startswith("vcred: hint: import a newer bundle, then compare again")
    told = json.loads(town.run("trust", "compare", old, "--json", home="gate-2").out)
    assert told == {"result": "ahead", "mine": gossip(town, "gate-2"), "theirs": old, "floor": False}


def test_lists_that_differ_are_no_fork(town: Town) -> None:
    second_gate(town)
    town.done("trust", "import", build(town, "bare.vtb"), home="gate-2")
    outcome = town.run("trust", "compare", gossip(town), home="gate-2")
    assert (outcome.code, outcome.out.split()[0]) == (0, "lists_differ")
    assert outcome.said == ["vcred: hint: import the newest bundle at both, then compare again"]


def test_led_15_a_fork_is_told_and_kept(town: Town) -> None:
    other = forged(town)
    for number in range(2):
        outcome = town.run("trust", "compare", other, home="gate-mo")
        assert (outcome.code, outcome.out.split()[0]) == (1, "fork"), number
        assert outcome.said[0].startswith("vcred: hint: rely on neither")
    assert shown(town)["evidence_of_forks"] == 2
    assert "forks         2" in lines_of(town)
    told = town.run("trust", "compare", other, "--json", home="gate-mo")
    assert (told.code, json.loads(told.out)["result"]) == (1, "fork")


@pytest.mark.parametrize("line", ["", "5", "5 x y", "5 AAAA AAAA", "five words are too many here"])
def test_what_is_no_gossip_line_is_usage(town: Town, line: str) -> None:
    outcome = town.run("trust", "compare", line, home="gate-mo")
    assert outcome.code == 2
    assert outcome.said[0].startswith("vcred: error: LINE: ")
    assert outcome.said[1].startswith("vcred: hint: copy the whole line")
    assert shown(town)["evidence_of_forks"] == 0


def test_before_the_first_bundle_there_is_nothing_to_compare(town: Town) -> None:
    second_gate(town)
    outcome = town.run("trust", "compare", gossip(town), home="gate-2")
    assert outcome.code == 4
    assert outcome.said == [
        "vcred: error: no trust bundle is held",
        'vcred: hint: import one with "vcred trust import FILE"',
    ]


def test_bnd_10_a_floor_after_a_restored_backup(town: Town) -> None:
    """The gate decides nothing until it holds as much as the other post."""
    code = town.show("match")
    assert town.verify(code).code == 0
    town.done(
        "type", "add", "professional-certificate", "--ledger", town.path / "ledger", home="authority-mo"
    )
    publish(town)
    second_gate(town)
    newer = build(town, "new.vtb")
    town.done("trust", "import", newer, home="gate-2")
    entered = town.run("trust", "compare", gossip(town, "gate-2"), "--floor", "--json", home="gate-mo")
    assert (entered.code, json.loads(entered.out)["floor"]) == (3, True)
    assert (shown(town)["below_floor"], shown(town)["size"]) == (True, 5)
    assert any("floor that was entered" in line for line in lines_of(town))
    report = town.verify(town.show("match"), "--json")
    assert report.code == 3
    verdict = json.loads(report.out)
    assert (verdict["decision"], verdict["reasons"]) == ("indeterminate", ["rollback"])
    town.done("trust", "import", newer, home="gate-mo")
    assert not shown(town)["below_floor"]
    assert town.verify(town.show("match")).code == 0


def test_a_fork_is_never_entered_as_a_floor(town: Town) -> None:
    assert town.run("trust", "compare", forged(town), "--floor", home="gate-mo").code == 1
    assert shown(town)["below_floor"] is False
    assert town.verify(town.show("match")).code == 0


# Export, and build with --since.


def test_one_post_hands_on_what_it_holds(town: Town) -> None:
    second_gate(town)
    whole = town.path / "whole.vtb"
    said = town.run("trust", "export", "--out", whole, home="gate-mo")
    assert (said.out, said.err) == ("", f"vcred: exported entries 0 to 5, {whole.stat().st_size} bytes\n")
    town.done("trust", "import", whole, home="gate-2")
    assert gossip(town, "gate-2") == gossip(town)
    part = town.path / "part.vtb"
    told = json.loads(town.done("trust", "export", "--since", "5", "--out", part, "--json", home="gate-mo"))
    assert told == {"out": str(part), "bytes": part.stat().st_size, "since": 5, "size": 5}
    assert told["bytes"] < whole.stat().st_size
    again = json.loads(town.done("trust", "import", part, "--json", home="gate-2"))
    assert (again["changed"], again["size_before"], again["size"]) == (False, 5, 5)
    for since, code in ((6, 4), (-1, 2)):
        refused = town.run("trust", "export", "--since", since, "--out", town.path / "x.vtb", home="gate-mo")
        assert refused.code == code
    assert town.run("trust", "export", "--out", whole, home="gate-mo").code == 4


def test_an_incremental_bundle_is_small_and_needs_what_came_before(town: Town) -> None:
    withdraw(town)
    publish(town)
    whole, part = build(town, "whole.vtb"), build(town, "part.vtb", "--since", 5)
    assert part.stat().st_size < whole.stat().st_size / 2
    told = json.loads(town.done("trust", "import", part, "--json", home="gate-mo"))
    assert told == {"changed": True, "size_before": 5, "size": 6, "statuses": 0, "pending": 0}
    second_gate(town)
    gap = town.run("trust", "import", part, home="gate-2")
    assert gap.code == 1
    assert gap.said[-2:] == [
        f"vcred: error: {part}: the bundle begins at entry 5, 0 are held",
        "vcred: hint: import the bundles between, or a full one",
    ]
    network = ("--network", town.path / "network.json", "--out", town.path / "x.vtb")
    beyond = town.run("trust", "build", *network, "--since", 7, home="ledger")
    assert (beyond.code, beyond.said[0]) == (2, "vcred: error: --since: 6 entries are published")


# Build with --pending.


def test_a_withdrawal_that_the_log_has_not_is_obeyed(town: Town) -> None:
    code = town.show("match")
    assert town.verify(code).code == 0
    signed = town.path / "withdrawal.json"
    withdraw(town, "void", "--out", signed)
    assert (
        json.loads(town.done("ledger", "log", "--json", home="ledger"))["entries"][-1]["kind"] == "recognise"
    )
    bundle = build(town, "pending.vtb", "--since", 5, "--pending", signed)
    said = town.run("trust", "import", bundle, home="gate-mo")
    assert said.said == [
        "vcred: imported 0 new entries and 0 newer status lists",
        "vcred: 1 pending operation takes trust away that the log still has",
    ]
    assert "pending       1" in lines_of(town)
    assert (shown(town)["pending"], shown(town)["accredited"][0]["standing"]) == (1, "void")
    report = town.verify(town.show("match"), "--json")
    assert report.code == 1
    verdict = json.loads(report.out)
    assert (verdict["decision"], verdict["reasons"]) == ("rejected", ["issuer_not_accredited"])
    # The same again is nothing new; once the log has it, it is pending no more.
    assert json.loads(town.done("trust", "import", bundle, "--json", home="gate-mo"))["changed"] is False
    town.done("ledger", "append", signed, home="ledger")
    town.publish()
    assert (shown(town)["pending"], shown(town)["accredited"][0]["standing"]) == (0, "void")


def test_what_adds_trust_does_not_travel_as_pending(town: Town) -> None:
    signed = town.path / "recognition.json"
    words = ("recognise", "health-code", "--from-jurisdiction", "MO", "--ledger", town.path / "ledger")
    town.done("ledger", *words, "--out", signed, home="authority-gd")
    network = ("--network", town.path / "network.json", "--out", town.path / "x.vtb")
    outcome = town.run("trust", "build", *network, "--pending", signed, home="ledger")
    assert outcome.code == 1
    assert "only what takes trust away counts before it is logged" in outcome.said[0]
    assert not (town.path / "x.vtb").exists()


def test_a_post_hands_on_what_is_pending(town: Town) -> None:
    signed = town.path / "withdrawal.json"
    withdraw(town, "void", "--out", signed)
    town.done("trust", "import", build(town, "pending.vtb", "--pending", signed), home="gate-mo")
    second_gate(town)
    town.done("trust", "export", "--out", town.path / "on.vtb", home="gate-mo")
    told = json.loads(town.done("trust", "import", town.path / "on.vtb", "--json", home="gate-2"))
    assert told["pending"] == 1
    assert shown(town, "gate-2")["accredited"][0]["standing"] == "void"
