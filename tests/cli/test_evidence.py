# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred evidence`: an issuer records, a holder proves, a gate of the other side checks; transcripts."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.run import Outcome
from tests.cli.town import ROW, Town
from vcred.did.methods.vcred import hash_text
from vcred.issuer.evidence_book import AUDIT_LOG

NUMBER = "HC-CANARY-0001"
NOTE = "canary note"


@pytest.fixture
def credential(town: Town) -> Path:
    return town.path / "issued" / f"{ROW}.sdjwt"


def add(town: Town, *options: object) -> str:
    return town.done("evidence", "add", *options, home="issuer-gd")


def record(town: Town, *options: object) -> Outcome:
    where = options or ("--ledger", town.path / "ledger")
    return town.run("evidence", "record", *where, home="issuer-gd")


def recorded(town: Town, credential: Path) -> Path:
    """Add three events of one certificate and one of another, and prove them; returns the folder."""
    add(town, NUMBER, "--event", "issued", "--credential", credential, "--note", NOTE)
    add(town, NUMBER, "--event", "suspended", "--at", "-1h")
    add(town, NUMBER, "--event", "reinstated", "--at", "2026-11-20T12:00:00+08:00")
    add(town, "HC-OTHER", "--event", "issued")
    outcome = record(town)
    assert outcome.code == 0, outcome.err
    town.publish()
    folder = town.path / "proofs"
    town.done("evidence", "prove", NUMBER, "--out", f"{folder}/", home="issuer-gd")
    return folder


def check(town: Town, proof: object, *options: object) -> Outcome:
    return town.run("evidence", "check", proof, *options, home="gate-mo")


def test_the_whole_story(town: Town, credential: Path) -> None:
    folder = recorded(town, credential)
    files = {file.name.split("-")[3]: file for file in folder.iterdir()}
    assert set(files) == {"issued", "suspended", "reinstated"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in files.values())
    shown = check(town, files["issued"], "--credential", credential)
    assert (shown.code, shown.err) == (0, "")
    author = town.done("did", "show", home="issuer-gd")
    lines = shown.out.splitlines()
    assert lines[0] == f"issued       {NUMBER}"
    assert lines[1] == "at           2026-11-20T04:00:05Z"
    assert lines[2] == f"by           Guangdong Health Code Centre  {author}"
    assert lines[3].startswith("recorded at  2026-11-20T04:00:05Z  ")
    assert lines[4].startswith("credential   ")
    assert lines[5] == f"note         {NOTE}"
    assert lines[6] == "as of        2026-11-20T04:00:10Z, size 6"
    told = json.loads(check(town, files["suspended"], "--json").out)
    assert (told["decision"], told["reason"], told["event"]) == ("accepted", None, "suspended")
    assert (told["certificate"], told["author"]) == (NUMBER, author)
    assert told["at"] == "2026-11-20T03:00:05Z"
    assert (told["credential"], told["note"]) == (None, None)
    assert told["evidence"]["size"] == 6


def test_a_presentation_of_the_credential_will_do(town: Town, credential: Path) -> None:
    (issued,) = recorded(town, credential).glob("*-issued-*.json")
    shown = town.path / "shown.txt"
    shown.write_bytes(credential.read_bytes().strip().split(b"~")[0] + b"~\n")
    assert check(town, issued, "--credential", shown).code == 0
    shown.write_bytes(shown.read_bytes().replace(b"~", b"A~"))
    other = check(town, issued, "--credential", shown)
    assert (other.code, other.out) == (1, "")
    assert other.said == [
        "vcred: error: the evidence is about another credential",
        "vcred: rejected (policy_unmet)",
    ]
    (suspended,) = issued.parent.glob("*-suspended-*.json")
    assert check(town, suspended, "--credential", credential).code == 1


def test_a_gate_that_does_not_hold_the_entry_yet(town: Town, credential: Path) -> None:
    add(town, NUMBER, "--event", "issued")
    assert record(town).code == 0
    proof = town.path / "proof.json"
    ledger = ("--ledger", town.path / "ledger")
    town.done("evidence", "prove", NUMBER, "--out", proof, *ledger, home="issuer-gd")
    early = check(town, proof, "--json")
    assert early.code == 3
    told = json.loads(early.out)
    assert (told["decision"], told["reason"], told["certificate"]) == (
        "indeterminate",
        "reference_unknown",
        None,
    )
    assert early.said[1] == 'vcred: hint: import a newer bundle with "vcred trust import FILE"'
    assert early.said[2] == "vcred: indeterminate (reference_unknown)"
    town.publish()
    assert check(town, proof).code == 0


def test_a_changed_proof_is_rejected(town: Town, credential: Path) -> None:
    (issued,) = recorded(town, credential).glob("*-issued-*.json")
    data = issued.read_bytes()
    assert check(town, issued).code == 0
    for changed, code in (
        (data.replace(NUMBER.encode(), b"HC-CANARY-0002"), "inclusion"),
        (data.replace(b'"issued"', b'"renewed"'), "inclusion"),
        (data.replace(b'"version":1', b'"version":2'), "malformed"),
        (data[:-5], "malformed"),
        (b"", "malformed"),
    ):
        outcome = town.run("evidence", "check", "-", "--json", home="gate-mo", stdin=changed)
        assert (outcome.code, json.loads(outcome.out)["reason"]) == (1, code)
        assert NUMBER not in outcome.out + outcome.err


def test_the_audit_log_is_recorded_where_nothing_else_is(town: Town) -> None:
    assert record(town).said == ["vcred: recorded 1 event as entry 5; it counts once it is published"]
    town.publish()
    proof = town.path / "audit.json"
    town.done("evidence", "prove", AUDIT_LOG, "--out", proof, home="issuer-gd")
    told = json.loads(check(town, proof, "--json").out)
    assert (told["decision"], told["event"], told["certificate"]) == ("accepted", "audited", AUDIT_LOG)
    seq, head = told["note"].split()
    log = town.path / "audit.jsonl"
    town.done("status", "audit", "--out", log, home="issuer-gd")
    entries = log.read_bytes().splitlines()
    # What was recorded is the hash of that entry, and the places that were dealt stand before it.
    assert head == hash_text(sha256(entries[int(seq) - 1]).digest())
    assert b'"kind":"dealt","limits":0,"list":0' in b"".join(entries[: int(seq)])
    # Nobody enters one by hand.
    for words in ((AUDIT_LOG, "--event", "issued"), ("x", "--event", "audited")):
        assert town.run("evidence", "add", *words, home="issuer-gd").code == 2
    # Publishing is in the log: there is a new head, once the hour is over.
    town.later(minutes=1)
    town.publish()
    assert record(town).said[0] == "vcred: error: the last record is less than an hour old"
    town.later(hours=1)
    assert record(town).said == ["vcred: recorded 1 event as entry 6; it counts once it is published"]


def test_nothing_queued(town: Town) -> None:
    assert record(town).code == 0
    outcome = record(town)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.said == ['vcred: nothing to record: events are added with "vcred evidence add"']
    assert json.loads(record(town, "--ledger", town.path / "ledger", "--json").out) == {"events": 0}
    assert json.loads(town.done("ledger", "log", "--json", home="ledger"))["entries"][-1]["index"] == 5


def test_a_second_record_within_the_hour(town: Town) -> None:
    add(town, NUMBER, "--event", "issued")
    first = json.loads(record(town, "--ledger", town.path / "ledger", "--json").out)
    # The other is how far the audit log has come.
    assert (first["events"], first["index"], first["new"]) == (2, 5, True)
    again = record(town)
    assert (again.code, again.said[0]) == (0, record(town).said[0])
    add(town, NUMBER, "--event", "renewed")
    town.later(minutes=10)
    outcome = record(town)
    assert outcome.code == 1
    assert outcome.said == [
        "vcred: error: the last record is less than an hour old",
        "vcred: hint: nothing is lost; run the command again at 2026-11-20T05:00:05Z or later",
        "vcred: rejected (rate_limited)",
    ]
    town.later(minutes=50)
    assert json.loads(record(town, "--ledger", town.path / "ledger", "--json").out)["index"] == 6


def test_a_record_travels_as_a_file(town: Town) -> None:
    """Written twice before the ledger has it, it is one operation, and one entry."""
    add(town, NUMBER, "--event", "issued")
    files = [town.path / f"record-{number}.json" for number in range(2)]
    for file in files:
        assert record(town, "--out", file).code == 0
        add(town, NUMBER, "--event", "amended", "--note", file.name)
        town.later(seconds=30)
    first, second = (json.loads(town.done("ledger", "append", f, "--json", home="ledger")) for f in files)
    assert (first["new"], second["new"], second["index"]) == (True, False, first["index"])
    waiting = town.run("evidence", "prove", NUMBER, "--out", "-", home="issuer-gd")
    assert (waiting.code, waiting.out) == (3, "")
    town.publish()
    proof = town.path / "proof.json"
    outcome = town.run("evidence", "prove", NUMBER, "--out", proof, "--json", home="issuer-gd")
    told = json.loads(outcome.out)
    assert [item["event"] for item in told["proofs"]] == ["issued"]
    assert [item["event"] for item in told["waiting"]] == ["amended", "amended"]
    assert check(town, proof).code == 0


def test_no_place_to_record(town: Town) -> None:
    add(town, NUMBER, "--event", "issued")
    outcome = town.run("evidence", "record", home="issuer-gd")
    assert (outcome.code, outcome.said[0]) == (2, "vcred: error: the ledger does not lie on this machine")


def test_many_events_from_a_file(town: Town, credential: Path) -> None:
    lines = [
        {"certificate": f"HC-{number}", "event": "issued", "at": "2026-11-20T11:00:00+08:00"}
        for number in range(30)
    ]
    lines[0] |= {"credential": credential.read_text().strip(), "note": NOTE}
    file = town.path / "events.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    assert json.loads(add(town, "--from", file, "--json")) == {"added": 30, "known": 0, "queued": 30}
    again = town.run("evidence", "add", "--from", "-", home="issuer-gd", stdin=file.read_bytes())
    assert again.said[1] == "vcred: 30 events had been added before"
    assert record(town).code == 0
    town.publish()
    proof = town.path / "proof.json"
    town.done("evidence", "prove", "HC-0", "--out", proof, home="issuer-gd")
    assert check(town, proof, "--credential", credential).code == 0
    assert json.loads(check(town, proof, "--json").out)["at"] == "2026-11-20T03:00:00Z"


def test_one_bad_line_and_nothing_is_added(town: Town) -> None:
    good = b'{"certificate": "HC-1", "event": "issued"}\n'
    for bad in (
        b"{",
        b"[]",
        b'{"certificate": "HC-2"}',
        b'{"certificate": "HC-2", "event": "lost"}',
        b'{"certificate": "HC-2", "event": "issued", "at": 5}',
        b'{"certificate": "HC-2", "event": "issued", "at": "1969-12-31T00:00:00Z"}',
        b'{"certificate": "HC-2", "event": "issued", "credential": "no"}',
        b'{"certificate": "HC-2", "event": "issued", "salt": "AAAA"}',
    ):
        outcome = town.run("evidence", "add", "--from", "-", home="issuer-gd", stdin=good + bad)
        assert (outcome.code, outcome.said[0][:28]) == (1, "vcred: error: stdin: line 2:")
        assert outcome.said[1] == "vcred: hint: nothing has been added"
        assert "HC-2" not in outcome.err
    assert json.loads(add(town, "HC-1", "--event", "issued", "--json"))["queued"] == 1


@pytest.mark.parametrize(
    "options",
    [
        (NUMBER,),
        ("--event", "issued"),
        (NUMBER, "--event", "lost"),
        (NUMBER, "--event", "issued", "--at", "yesterday"),
        (NUMBER, "--event", "issued", "--at", "+1h"),
        (NUMBER, "--event", "issued", "--note", ""),
        (NUMBER * 20, "--event", "issued"),
        (NUMBER, "--event", "issued", "--from", "events.jsonl"),
    ],
)
def test_what_add_does_not_take(town: Town, options: tuple[str, ...]) -> None:
    outcome = town.run("evidence", "add", *options, home="issuer-gd")
    assert outcome.code == 2
    assert NUMBER not in outcome.err
    assert record(town).said[0].startswith("vcred: recorded 1 event ")
    assert town.run("evidence", "prove", NUMBER, "--out", "-", home="issuer-gd").code == 2


def test_prove_says_what_it_cannot(town: Town, credential: Path) -> None:
    folder = recorded(town, credential)
    several = town.run("evidence", "prove", NUMBER, "--out", town.path / "one.json", home="issuer-gd")
    assert (several.code, several.said[0]) == (2, "vcred: error: 3 events of that certificate are recorded")
    nobody = town.run("evidence", "prove", "HC-NOBODY", "--out", "-", home="issuer-gd")
    assert (nobody.code, nobody.out) == (2, "")
    # The same folder again: what is there stays, and only what is new is written.
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    town.done("evidence", "prove", NUMBER, "--out", folder, home="issuer-gd")
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    stolen = next(iter(before))
    stolen.write_bytes(b"{}")
    assert town.run("evidence", "prove", NUMBER, "--out", folder, home="issuer-gd").code == 4


def test_nothing_of_it_leaves_the_issuers_home(town: Town, credential: Path) -> None:
    """Canaries: on the ledger, in the bundles, at the gate, in what is said, there is none."""
    said = []
    for arguments in (
        ("add", NUMBER, "--event", "issued", "--credential", credential, "--note", NOTE),
        ("record", "--ledger", town.path / "ledger"),
        ("record", "--out", town.path / "record.json"),
        ("prove", NUMBER, "--out", town.path / "issuer-gd" / "proof.json", "--ledger", town.path / "ledger"),
    ):
        outcome = town.run("evidence", *arguments, home="issuer-gd")
        assert outcome.code == 0, outcome.err
        said.append(outcome.out + outcome.err)
    town.publish()
    proof = json.loads((town.path / "issuer-gd" / "proof.json").read_bytes())
    canaries = [NUMBER, NOTE, proof["leaf"]["salt"], proof["leaf"]["credential"]]
    assert not [canary for canary in canaries for words in said if canary in words]
    places = [path for path in town.path.iterdir() if path.name != "issuer-gd"]
    files = [file for place in places for file in (place.rglob("*") if place.is_dir() else [place])]
    contents = [file.read_bytes() for file in files if file.is_file()]
    assert len(contents) > 20
    assert not [canary for canary in canaries for content in contents if canary.encode() in content]
    private = list((town.path / "issuer-gd").rglob("evidence.sqlite*"))
    assert private and all(file.stat().st_mode & 0o077 == 0 for file in private)


def test_only_an_issuer_keeps_histories(town: Town) -> None:
    for words in (("add", NUMBER, "--event", "issued"), ("record",), ("prove", NUMBER, "--out", "-")):
        assert town.run("evidence", *words, home="gate-mo").code == 2
