# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred did`: the whole life of an organisation's DID, as transcripts."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.run import Outcome
from tests.cli.town import ROSTER, ROW, Town

LEDGER = "ledger"


def did_of(town: Town, home: str = "issuer-gd") -> str:
    return town.done("did", "show", home=home)


def on_ledger(town: Town) -> tuple[object, ...]:
    return ("--ledger", town.path / LEDGER)


def history(town: Town, home: str = "issuer-gd") -> dict[str, Any]:
    told = town.done("did", "history", did_of(town, home), "--json", *on_ledger(town), home=home)
    value: dict[str, Any] = json.loads(told)
    return value


def resolved(town: Town, *options: object) -> dict[str, Any]:
    told = town.done("did", "resolve", did_of(town), "--json", *options, *on_ledger(town))
    value: dict[str, Any] = json.loads(told)
    return value


def rotate(town: Town, *options: object, home: str = "issuer-gd") -> Outcome:
    return town.run("did", "rotate", *options, home=home)


def issue_again(town: Town, folder: str) -> Outcome:
    """Issue the row anew, under a new row id."""
    lines = ROSTER.read_bytes().splitlines(keepends=True)[:2]
    roster = town.path / f"{folder}.csv"
    roster.write_bytes(b"".join(lines).replace(ROW.encode(), b"HC9999999"))
    (town.path / f"{folder}-holders.csv").write_text(
        (town.path / "holders.csv").read_text(encoding="utf-8").replace(ROW, "HC9999999"), encoding="utf-8"
    )
    files = ("--roster", roster, "--holders", town.path / f"{folder}-holders.csv", "--encoding", "gb18030")
    return town.run("issue", "health-code", *files, "--out", town.path / folder, home="issuer-gd")


# Rotation.


def test_after_a_rotation_old_credentials_hold_and_new_ones_have_the_new_key(town: Town) -> None:
    """DID-11: what a retired key signed stays valid."""
    old = town.show("match")
    assert town.verify(old).code == 0
    town.later(seconds=10)
    assert rotate(town, "--key", "issuing", "--key", "status", *on_ledger(town)).code == 0
    # Which key is in force cannot be known before the bundle has it: nothing is signed by either.
    refused = issue_again(town, "refused")
    assert refused.code == 1
    assert refused.said[0].endswith("are on their way to the ledger, and not in the bundle held here")
    assert 'publish the ledger ("vcred ledger publish"), and import the newest bundle' in refused.said[1]
    town.later(seconds=10)
    witnesses = ("--witness", town.path / "authority-gd", "--witness", town.path / "authority-mo")
    town.done("ledger", "publish", *witnesses, home=LEDGER)
    bundle = town.path / "rotated.vtb"
    town.done("trust", "build", "--network", town.path / "network.json", "--out", bundle, home=LEDGER)
    town.done("trust", "import", bundle, home="issuer-gd")
    assert issue_again(town, "again").code == 0
    town.publish()
    assert town.verify(town.show("match")).code == 0
    code = town.done(
        "present", town.path / "again" / "HC9999999.sdjwt", "--disclose", "match", "--out", "-", home="holder"
    )
    assert town.verify(code.encode()).code == 0
    methods = history(town)["methods"]
    assert [(m["ordinal"], m["purpose"], m["removed_at"] is None) for m in methods] == [
        (0, "assertionMethod", False),
        (1, "statusAssertion", False),
        (2, "capabilityInvocation", True),
        (3, "assertionMethod", True),
        (4, "statusAssertion", True),
    ]


def test_a_revocation_is_published_while_a_rotation_of_the_issuing_key_is_on_its_way(town: Town) -> None:
    assert rotate(town, "--key", "issuing", "--out", town.path / "rotate.json").code == 0
    town.done("status", "publish", "--out", town.path / "lists", home="issuer-gd")
    assert issue_again(town, "refused").code == 1
    assert rotate(town, "--discard", "--out", town.path / "control.json").code == 0
    assert issue_again(town, "again").code == 0
    assert rotate(town, "--key", "status", "--discard", "--out", town.path / "status.json").code == 0
    refused = town.run("status", "publish", "--out", town.path / "lists-2", home="issuer-gd")
    assert refused.code == 1


def test_the_same_again_is_the_same_operation_and_another_is_refused(town: Town) -> None:
    first, second = town.path / "1.json", town.path / "2.json"
    assert rotate(town, "--key", "issuing", "--out", first).code == 0
    town.later(minutes=5)
    assert rotate(town, "--key", "issuing", "--out", second).code == 0
    assert first.read_bytes() == second.read_bytes()
    other = rotate(town, "--key", "status", "--out", town.path / "3.json")
    assert other.code == 2
    assert other.said[0].startswith("vcred: error: an update of this DID is on its way to the ledger: ")
    assert (
        other.said[1]
        == "vcred: hint: append it and import a bundle that has it, or give it up with --discard"
    )
    shown = json.loads(town.done("did", "show", "--json", home="issuer-gd"))
    assert shown["pending"]["request"]["rotate"] == ["assertionMethod"]
    third = town.path / "third.json"
    told = json.loads(rotate(town, "--key", "issuing", "--out", third, "--json").out)
    assert told == {"did": shown["did"], "hash": shown["pending"]["hash"], "out": str(third)}
    town.done("ledger", "append", first, home=LEDGER)
    # Once the ledger has it, the next one may be another.
    assert rotate(town, "--key", "status", *on_ledger(town)).code == 0
    assert (
        json.loads(town.done("did", "show", "--json", *on_ledger(town), home="issuer-gd"))["pending"] is None
    )
    assert len(history(town)["versions"]) == 3


def test_discard_alone_gives_up_what_is_on_its_way_and_makes_nothing(town: Town) -> None:
    assert rotate(town, "--key", "issuing", "--out", town.path / "1.json").code == 0
    pending = json.loads(town.done("did", "show", "--json", home="issuer-gd"))["pending"]
    # The ledger need not answer: nothing goes there.
    given_up = rotate(town, "--discard", "--ledger", "http://127.0.0.1:9")
    assert given_up.code == 0
    assert given_up.said[0].startswith(f"vcred: given up: {pending['hash']}, which updates {did_of(town)}")
    assert len(history(town)["versions"]) == 1
    shown = json.loads(town.done("did", "show", "--json", home="issuer-gd"))
    assert shown["pending"] is None
    again = rotate(town, "--discard", "--json")
    assert json.loads(again.out) == {"did": shown["did"], "discarded": None}
    assert town.run("did", "update", "--discard", home="issuer-gd").said == [
        "vcred: no update is on its way to the ledger"
    ]


def test_an_update_that_was_given_up_leaves_keys_that_the_next_one_takes(town: Town) -> None:
    given_up, taken = town.path / "1.json", town.path / "2.json"
    assert rotate(town, "--key", "issuing", "--out", given_up).code == 0
    assert rotate(town, "--discard", "--key", "issuing", "--key", "status", "--out", taken).code == 0
    first, second = (json.loads(path.read_bytes()) for path in (given_up, taken))
    assert first["control"] == second["control"]
    assert first["next"] == second["next"]
    # Whoever had the first may still append it: every key that it names is here.
    town.done("ledger", "append", given_up, home=LEDGER)
    assert town.run("ledger", "append", taken, home=LEDGER).code == 1
    assert rotate(town, "--key", "issuing", *on_ledger(town)).code == 0
    assert len(history(town)["methods"]) == 5


def test_what_an_authority_gives_up_its_witness_asks_for_no_more(town: Town) -> None:
    def waiting() -> list[str]:
        rows = json.loads(town.done("ledger", "handed", "--json", home="authority-mo"))["handed"]
        return [row["kind"] for row in rows if row["kind"] == "did.update"]

    draft = ("--out", town.path / "1.json", *on_ledger(town))
    assert rotate(town, *draft, home="authority-mo").code == 0
    assert waiting() == ["did.update"]
    other = ("--key", "statement", "--discard", *on_ledger(town))
    assert rotate(town, *other, home="authority-mo").code == 0
    assert town.run("ledger", "append", town.path / "1.json", home=LEDGER).code == 1
    assert len(waiting()) == 1


def test_an_authority_rotates_its_statement_key_and_goes_on(town: Town) -> None:
    town.later(seconds=5)
    assert rotate(town, "--key", "statement", *on_ledger(town), home="authority-gd").code == 0
    assert rotate(town, "--key", "issuing", *on_ledger(town), home="authority-gd").code == 2
    town.later(seconds=5)
    town.done("type", "add", "professional-certificate", *on_ledger(town), home="authority-gd")
    made, endorsed = town.path / "create-2.json", town.path / "endorsed-2.json"
    town.done("init", "issuer", "--network", town.path / "network.json", home="issuer-2")
    sponsor = did_of(town, "authority-gd")
    town.done("did", "create", "--name", "Another", "--sponsor", sponsor, "--out", made, home="issuer-2")
    unknown = town.run("ledger", "endorse", made, "--out", endorsed, home="authority-gd")
    assert unknown.code == 2
    assert unknown.said[0] == "vcred: error: which statement key of this home is in force is not known here"
    town.done("ledger", "endorse", made, "--out", endorsed, *on_ledger(town), home="authority-gd")
    town.done("ledger", "append", endorsed, home=LEDGER)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--control-key", "zDnae"), "--control-key: "),
        (("--next-key", "0OIl"), "--next-key: "),
        (("--next-threshold", "2"), "--next-threshold: from 1 to 1"),
        ((), "the ledger does not lie on this machine"),
    ],
)
def test_what_cannot_be_is_usage_and_makes_no_key(town: Town, option: tuple[str, ...], words: str) -> None:
    keys = sorted(path.name for path in (town.path / "issuer-gd" / "keys").iterdir())
    out = ("--out", town.path / "x.json") if option else ()
    outcome = rotate(town, *option, *out)
    assert outcome.code == 2
    assert outcome.said[0].startswith(f"vcred: error: {words}")
    assert sorted(path.name for path in (town.path / "issuer-gd" / "keys").iterdir()) == keys


# Several hands.


def spare(town: Town, home: str, *options: str) -> list[dict[str, str]]:
    value = json.loads(town.done("did", "key", *options, "--json", home=home))
    keys: list[dict[str, str]] = value["keys"]
    return keys


def test_two_of_three_hands_hold_a_did(town: Town, tmp_path: Path) -> None:
    """Commit to three, act with any two of them, never with one."""
    homes = ("authority-gd", "authority-mo")
    hashes = [spare(town, home)[0]["commitment"] for home in homes]
    assert [spare(town, home)[0]["commitment"] for home in homes] == hashes
    shared = sum((("--next-key", text) for text in hashes), ())
    town.later(seconds=5)
    assert rotate(town, *shared, "--next-threshold", "2", *on_ledger(town)).code == 0

    # Silence must not turn two of three into one of one.
    silent = rotate(town, "--out", tmp_path / "silent.json", *on_ledger(town))
    assert (silent.code, silent.said[0]) == (
        2,
        "vcred: error: 2 of 3 control keys hold this DID; say who does next",
    )
    alone = rotate(town, *shared, "--next-threshold", "2", *on_ledger(town))
    assert alone.said[0] == "vcred: error: 2 control keys must be revealed, 1 are known here"

    # Macao helps; Guangdong's authority stays unrevealed, and is committed to again.
    revealed = spare(town, "authority-mo")[0]["key"]
    following = spare(town, "authority-mo", "--new")
    assert [key["name"] for key in following] == ["spare-1", "spare-2"]
    again = ("--next-key", hashes[0], "--next-key", following[1]["commitment"], "--next-threshold", "2")
    request = ("--key", "issuing", "--control-key", revealed, *again)
    town.later(seconds=5)
    waiting = rotate(town, *request, *on_ledger(town))
    assert (waiting.code, waiting.said[0]) == (2, "vcred: error: 1 more of the control keys must sign")
    draft, signed = tmp_path / "draft.json", tmp_path / "signed.json"
    assert rotate(town, *request, "--out", draft, *on_ledger(town)).code == 0
    few = town.run("ledger", "append", draft, home=LEDGER)
    assert few.code == 1
    assert few.said[1].startswith('vcred: hint: if signatures are missing: "vcred did sign" in the homes')
    stranger = town.run("did", "sign", draft, "--out", tmp_path / "x.json", home="authority-gd")
    assert (stranger.code, stranger.said[0]) == (
        2,
        "vcred: error: none of this home's control keys is in that operation",
    )
    town.done("did", "sign", draft, "--out", signed, home="authority-mo")
    town.done("did", "sign", signed, "--out", tmp_path / "twice.json", home="authority-mo")
    assert (tmp_path / "twice.json").read_bytes() == signed.read_bytes()
    town.done("ledger", "append", signed, home=LEDGER)
    assert [version["changes"] for version in history(town)["versions"]][1:] == [
        ["control keys moved on"],
        ["key 0 (assertionMethod) retired", "key 3 (assertionMethod) new"],
    ]
    # And once more, by the other two hands.
    town.later(seconds=5)
    helper = spare(town, "authority-gd")[0]["key"]
    last = ("--control-key", helper, "--next-threshold", "1", "--out", tmp_path / "last.json")
    assert rotate(town, *last, *on_ledger(town)).code == 0
    town.done("did", "sign", tmp_path / "last.json", "--out", tmp_path / "last-2.json", home="authority-gd")
    town.done("ledger", "append", tmp_path / "last-2.json", home=LEDGER)
    assert rotate(town, *on_ledger(town)).code == 0


def test_a_did_is_made_for_several_hands(town: Town) -> None:
    town.done("init", "issuer", "--network", town.path / "network.json", home="issuer-2")
    made = town.path / "shared.json"
    named = ("--name", "Another", "--sponsor", did_of(town, "authority-mo"))
    shared = ("--next-key", spare(town, "authority-mo")[0]["commitment"], "--next-threshold", "2")
    town.done("did", "create", *named, *shared, "--out", made, home="issuer-2")
    operation = json.loads(made.read_bytes())
    assert operation["next"]["threshold"] == len(operation["next"]["hashes"]) == 2
    town.done("ledger", "endorse", made, "--out", town.path / "ok.json", home="authority-mo")
    town.done("ledger", "append", town.path / "ok.json", home=LEDGER)


# Update and deactivation.


def test_an_update_changes_what_is_given_and_nothing_else(town: Town) -> None:
    assert town.run("did", "update", *on_ledger(town), home="issuer-gd").code == 2
    before = resolved(town)["didDocument"]
    town.later(seconds=5)
    moved = ("--status-base", "https://lists.example/gd/", "--site", "https://health.example")
    town.done("did", "update", "--name", "Renamed", *moved, *on_ledger(town), home="issuer-gd")
    after = resolved(town)["didDocument"]
    assert after["verificationMethod"] == before["verificationMethod"]
    assert [(item["id"].rpartition("#")[2], item["serviceEndpoint"]) for item in after["service"]] == [
        ("status-1", "https://lists.example/gd/"),
        ("site-0", "https://health.example"),
    ]
    assert history(town)["versions"][1]["changes"] == [
        "name Renamed",
        "status lists https://lists.example/gd/",
        "sites https://health.example",
    ]
    bad = town.run("did", "update", "--site", "http://health.example", *on_ledger(town), home="issuer-gd")
    assert bad.said[0].startswith("vcred: error: no operation can say that: ")


def test_versions_are_resolved_by_time_and_by_name(town: Town) -> None:
    start = town.now
    town.later(seconds=5)
    assert rotate(town, "--key", "issuing", *on_ledger(town)).code == 0
    first, second = history(town)["versions"]
    newest = resolved(town)["didDocumentMetadata"]
    assert (newest["versionId"], newest["updated"]) == (second["hash"], second["logged_at"])
    assert "nextVersionId" not in newest
    by_name = resolved(town, "--version-id", first["hash"])
    by_time = resolved(town, "--version-time", f"{start:%Y-%m-%dT%H:%M:%SZ}")
    assert by_name == by_time
    assert by_name["didDocumentMetadata"]["nextVersionId"] == second["hash"]
    assert "updated" not in by_name["didDocumentMetadata"]
    did = did_of(town)
    both = ("--version-id", first["hash"], "--version-time", "now")
    refused = town.run("did", "resolve", did, *both, *on_ledger(town))
    assert (refused.code, refused.said[0]) == (
        1,
        "vcred: error: versionId and versionTime exclude each other",
    )
    early = town.run("did", "resolve", did, "--version-time", "2020-01-01T00:00:00Z", *on_ledger(town))
    assert early.code == 3


def test_a_did_that_has_ended_resolves_to_nothing_and_takes_no_update(town: Town) -> None:
    asked = town.run("did", "deactivate", *on_ledger(town), home="issuer-gd")
    assert (asked.code, asked.said[0]) == (2, "vcred: error: ending a DID has to be confirmed")
    did = did_of(town)
    town.later(seconds=5)
    town.done("did", "deactivate", "--yes", *on_ledger(town), home="issuer-gd")
    result = resolved(town)
    assert result["didDocument"] is None
    assert result["didDocumentMetadata"]["deactivated"] is True
    plain = town.run("did", "resolve", did, *on_ledger(town))
    assert (plain.code, plain.out) == (1, "")
    # What it was is still known.
    first = history(town)["versions"][0]["hash"]
    assert resolved(town, "--version-id", first)["didDocument"]["id"] == did
    again = rotate(town, *on_ledger(town))
    assert again.said[0] == "vcred: error: the DID is deactivated: nothing can change it any more"
    office = town.run("did", "deactivate", "--yes", *on_ledger(town), home="authority-mo")
    assert office.said[0] == "vcred: error: an authority in office cannot be deactivated"


@pytest.mark.parametrize(("answer", "code"), [(b"", 130), (b"\n", 2), (b"n\n", 2), (b"y\n", 0)])
def test_at_a_terminal_the_answer_is_no_unless_it_is_yes(
    town: Town, monkeypatch: pytest.MonkeyPatch, answer: bytes, code: int
) -> None:
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("vcred.cli.commands.did_update.sys", terminal)
    outcome = town.run("did", "deactivate", *on_ledger(town), home="issuer-gd", stdin=answer)
    assert outcome.code == code
    assert (history(town)["deactivated_at"] is None) is (code != 0)


def test_resolution_of_what_is_not_there(town: Town) -> None:
    for did, code, kind in (
        ("did:web:example.org", 1, "METHOD_NOT_SUPPORTED"),
        ("did:vcred:short", 1, "INVALID_DID"),
        ("did:key:zNothing", 1, "INVALID_DID"),
        ("nothing", 1, "INVALID_DID"),
    ):
        outcome = town.run("did", "resolve", did, "--json", home="gate-mo")
        assert outcome.code == code
        error = json.loads(outcome.out)["didResolutionMetadata"]["error"]
        assert error["type"] == f"https://www.w3.org/ns/did#{kind}"
