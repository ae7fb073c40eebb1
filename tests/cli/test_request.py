# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Challenge mode, as a gate lives it: a DID, a registration, a request, an answer; and what is refused."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import Outcome
from tests.cli.town import ROW, Town
from tests.softhsm import make_softhsm
from vcred.home import read_home
from vcred.qr.request_text import decode_request
from vcred.trust.store import TrustStore
from vcred.verifier.asking import AskedRequest, Standing, read_request

PURPOSE = "Entry to the hospital"


@pytest.fixture
def asking(town: Town) -> Town:
    """The town, whose gate has a DID and may ask for colour and match."""
    give_did(town, "gate-mo")
    register(town, "gate-mo")
    town.publish()
    return town


def give_did(town: Town, home: str) -> str:
    """Make a DID for a gate, and put it on the ledger."""
    made, endorsed = town.path / f"{home}.json", town.path / f"{home}-endorsed.json"
    sponsor = town.done("did", "show", home="authority-mo")
    names = ("--name", "Hospital Conde", "--name", "zh-Hant=山頂醫院")
    town.done("did", "create", *names, "--sponsor", sponsor, "--out", made, home=home)
    town.done("ledger", "endorse", made, "--out", endorsed, home="authority-mo")
    town.done("ledger", "append", endorsed, home="ledger")
    return town.done("did", "show", home=home)


def register(town: Town, home: str, *, claims: str = "colour,match") -> None:
    words = ("--purpose", PURPOSE, "--purpose", "zh-Hant=進入醫院", "--until", "+365d")
    did = town.done("did", "show", home=home)
    ledger = ("--ledger", town.path / "ledger")
    town.done(
        "ledger", "register", did, "health-code", "--claims", claims, *words, *ledger, home="authority-mo"
    )


def ask(town: Town, *options: object, home: str = "gate-mo", ask: str = "colour,match") -> Outcome:
    words = ("--ask", ask, "--purpose", PURPOSE)
    return town.run("request", "health-code", *words, *options, home=home)


def asked(town: Town, out: str = "-", **more: Any) -> dict[str, Any]:
    """Ask, and return what a program is told."""
    outcome = ask(town, "--out", out, "--json", **more)
    assert outcome.code == 0, outcome.err
    told: dict[str, Any] = json.loads(outcome.out)
    return told


def read(town: Town, text: str) -> AskedRequest:
    """Read a request as the holder's wallet does."""
    with TrustStore.open(read_home(town.path / "holder"), clock=lambda: town.now) as store:
        belief = store.belief()
    return read_request(text, belief=belief, network_id=belief.network_id, now=town.now)


def answer(town: Town, text: str, *paths: str) -> bytes:
    """Let the holder answer; returns the text of the code."""
    asked_in = town.path / "asked.txt"
    asked_in.write_text(text, encoding="ascii")
    credential, chosen = town.path / "issued" / f"{ROW}.sdjwt", ",".join(paths or ("match",))
    words = ("--disclose", chosen, "--request", asked_in, "--out", "-")
    return town.done("present", credential, *words, home="holder").encode()


def verdict(town: Town, code: bytes, *options: object, home: str = "gate-mo") -> dict[str, Any]:
    report: dict[str, Any] = json.loads(
        town.run("verify", "-", "--json", *options, home=home, stdin=code).out
    )
    return report


def test_asked_answered_and_taken_once(asking: Town) -> None:
    """QR-09. Every step in a process of its own, as it were: nothing but the home remembers."""
    told = asked(asking)
    assert (told["standing"], told["excess"], told["purpose_registered"]) == ("registered", [], True)
    assert told["symbol"]["version"] <= 22
    shown = read(asking, told["text"])
    assert (shown.standing, shown.is_signature_verified) == (Standing.REGISTERED, True)
    assert shown.name == {"en": "Hospital Conde", "zh-Hant": "山頂醫院"}
    asking.later(seconds=40)
    code = answer(asking, told["text"])
    report = verdict(asking, code)
    assert (report["decision"], report["binding"], report["reasons"]) == ("accepted", "challenge", [])
    asking.later(seconds=1)
    again = verdict(asking, code)
    assert (again["decision"], again["reasons"]) == ("rejected", ["replayed"])
    other = verdict(asking, answer(asking, told["text"]))
    assert other["reasons"] == ["replayed"]


def test_another_gate_does_not_take_it(asking: Town) -> None:
    network = ("--network", asking.path / "network.json", "--jurisdiction", "MO")
    asking.done("init", "verifier", *network, home="gate-2")
    give_did(asking, "gate-2")
    asking.publish()
    asking.done("trust", "import", _newest_bundle(asking), home="gate-2")
    told = asked(asking)
    code = answer(asking, told["text"])
    wrong = verdict(asking, code, home="gate-2")
    assert (wrong["decision"], wrong["reasons"]) == ("rejected", ["nonce_wrong"])
    assert verdict(asking, code)["decision"] == "accepted"


def test_an_answer_that_came_late(asking: Town) -> None:
    outcome = ask(asking, "--valid", 60, "--out", "-")
    code = answer(asking, outcome.out.strip())
    asking.later(seconds=59)
    assert verdict(asking, code)["decision"] == "accepted"
    outcome = ask(asking, "--valid", 60, "--out", "-")
    code = answer(asking, outcome.out.strip())
    asking.later(seconds=60)
    late = verdict(asking, code)
    assert (late["decision"], late["reasons"]) == ("rejected", ["request_expired"])


def test_an_answer_with_less_than_was_asked(asking: Town) -> None:
    told = asked(asking)
    less = verdict(asking, answer(asking, told["text"], "colour"))
    assert (less["decision"], less["reasons"]) == ("rejected", ["policy_unmet"])
    # What was rejected is no answer: the holder may still give one.
    assert verdict(asking, answer(asking, told["text"]))["decision"] == "accepted"


@pytest.mark.parametrize("suffix", ["png", "txt", "json"])
def test_a_program_that_keeps_the_request_itself(asking: Town, suffix: str) -> None:
    """--request FILE, in a gate's home that has no DID and has asked nothing."""
    network = ("--network", asking.path / "network.json", "--jurisdiction", "MO")
    asking.done("init", "verifier", *network, home="lane")
    asking.done("trust", "import", _newest_bundle(asking), home="lane")
    file = asking.path / f"request.{suffix}"
    told = asked(asking, str(file))
    code = answer(asking, told["text"])
    assert verdict(asking, code, home="lane")["reasons"] == ["nonce_wrong"]
    assert verdict(asking, code, "--request", file, home="lane")["decision"] == "accepted"
    assert verdict(asking, code, "--request", file, home="lane")["reasons"] == ["replayed"]


def test_a_changed_request_file_is_refused(asking: Town) -> None:
    file, changed = asking.path / "request.json", asking.path / "changed.json"
    told = asked(asking, str(file))
    code = answer(asking, told["text"])
    assert verdict(asking, code, "--request", file)["decision"] == "accepted"
    header, payload, signature = told["request"].split(".")
    changed.write_text(json.dumps({"request": f"{header}.{payload}.{signature[:-2]}AA"}))
    outcome = asking.run("verify", "-", "--request", changed, home="gate-mo", stdin=code)
    assert (outcome.code, outcome.said[-1]) == (1, "vcred: rejected (request_invalid)")


def test_another_gates_request_file_is_refused(asking: Town) -> None:
    network = ("--network", asking.path / "network.json", "--jurisdiction", "MO")
    asking.done("init", "verifier", *network, home="gate-2")
    give_did(asking, "gate-2")
    asking.publish()
    asking.done("trust", "import", _newest_bundle(asking), home="gate-2")
    file = asking.path / "request.json"
    told = asked(asking, str(file))
    code = answer(asking, told["text"])
    assert verdict(asking, code, "--request", file)["decision"] == "accepted"
    outcome = asking.run("verify", "-", "--request", file, home="gate-2", stdin=code)
    assert (outcome.code, outcome.said[-1]) == (1, "vcred: rejected (audience_wrong)")


def test_a_gate_that_is_not_registered_is_told_so(town: Town) -> None:
    give_did(town, "gate-mo")
    town.publish()
    outcome = ask(town, "--out", "-", "--json")
    assert (outcome.code, json.loads(outcome.out)["standing"]) == (0, "unknown")
    assert any("unknown" in line and "warning" in line for line in outcome.said)
    assert any("vcred ledger register" in line for line in outcome.said)
    shown = read(town, json.loads(outcome.out)["text"])
    assert (shown.standing, shown.name, shown.excess) == (Standing.UNKNOWN, {}, ("match",))


def test_more_than_is_registered_and_another_purpose(asking: Town) -> None:
    outcome = asking.run(
        *("request", "health-code", "--ask", "match,identity.region,test", "--purpose", "Curiosity"),
        *("--out", "-", "--json"),
        home="gate-mo",
    )
    told = json.loads(outcome.out)
    assert told["excess"] == ["identity.region", "test"]
    assert (told["standing"], told["purpose_registered"]) == ("registered", False)
    assert any("identity.region, test" in line for line in outcome.said)
    assert any(PURPOSE in line for line in outcome.said)


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "pt"])
def test_an_officer_is_told_in_four_languages(asking: Town, language: str) -> None:
    said = ask(asking, "--out", "-", "--lang", language).said
    assert "Hospital Conde" in said[1] or "山頂醫院" in said[1]
    assert len(said) == 2


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ("nothing", "no such claim"),
        ("match.name", "shown only together"),
        ("test.lab", "shown only together"),
        ("", "at least one claim"),
    ],
)
def test_what_nobody_can_show_is_not_asked(asking: Town, wish: str, words: str) -> None:
    assert ask(asking, "--out", "-").code == 0
    outcome = ask(asking, "--out", "-", ask=wish)
    assert outcome.code == 2
    assert words in outcome.said[0]


def test_a_gate_without_a_did_is_told_how_to_get_one(town: Town) -> None:
    outcome = ask(town, "--out", "-")
    assert outcome.code == 2
    assert outcome.said[0] == "vcred: error: this home has no DID yet, and a request is signed by one"
    assert "vcred did create" in outcome.said[1]
    assert town.run("did", "show", home="gate-mo").code == 2
    assert not (town.path / "gate-mo" / "keys").exists()


def test_a_gates_did_is_made_once(town: Town) -> None:
    sponsor = town.done("did", "show", home="authority-mo")
    words = ("did", "create", "--name", "Hospital", "--sponsor", sponsor, "--out")
    first, second = (town.path / f"made-{number}.json" for number in range(2))
    outcome = town.run(*words, first, home="gate-mo")
    assert any("unlock.key" in line for line in outcome.said)
    town.done(*words, second, home="gate-mo")
    assert first.read_bytes() == second.read_bytes()
    outcome = town.run(*words, "-", "--status-base", "https://status.example/", home="gate-mo")
    assert (outcome.code, outcome.said[0]) == (2, "vcred: error: a verifier has no status lists")
    shown = json.loads(town.done("did", "show", "--json", home="gate-mo"))
    assert {key["role"] for key in shown["keys"]} == {"control", "authentication"}


def test_keys_of_a_gate_under_a_passphrase(town: Town) -> None:
    sponsor = town.done("did", "show", home="authority-mo")
    words = ("--name", "Hospital", "--sponsor", sponsor, "--out", town.path / "made.json")
    town.done("did", "create", *words, "--passphrase-fd", _secret(), home="gate-mo")
    assert not (town.path / "gate-mo" / "unlock.key").exists()
    assert town.run("did", "show", home="gate-mo").code == 2
    assert town.done("did", "show", "--passphrase-fd", _secret(), home="gate-mo").startswith("did:vcred:")
    # A gate that verifies needs no secret.
    assert town.verify(town.show("match")).code == 0


def test_a_key_in_a_token_signs_requests(
    asking: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    softhsm = make_softhsm(tmp_path / "softhsm", monkeypatch)
    pin, ledger = ("--pin-file", softhsm.pin_file), ("--ledger", asking.path / "ledger")
    words = ("did", "create", "--name", "Hospital", "--sponsor", "did:vcred:x", "--out", "-")
    outcome = asking.run(*words, "--hsm", softhsm.uri(), home="gate-mo")
    assert (outcome.code, outcome.said[0]) == (
        2,
        "vcred: error: a verifier's first keys are made in its home",
    )
    token = ("--key", "authentication", "--hsm", f"authentication={softhsm.uri()}")
    asking.done("did", "rotate", *token, *pin, *ledger, home="gate-mo")
    asking.publish()
    shown = json.loads(asking.done("did", "show", "--json", *pin, home="gate-mo"))
    places = [key["where"] for key in shown["keys"] if key["role"] == "authentication"]
    assert [place.startswith("pkcs11:") for place in places] == [False, True]
    outcome = ask(asking, *pin, "--out", "-")
    assert outcome.code == 0, outcome.err
    assert read(asking, outcome.out).standing is Standing.REGISTERED


def test_a_verifier_makes_no_statements(asking: Town) -> None:
    """Its home signs changes of its own DID, and nothing about others."""
    did = asking.done("did", "show", home="gate-mo")
    words = ("health-code", "--claims", "match", "--purpose", "More", "--ledger", asking.path / "ledger")
    outcome = asking.run("ledger", "register", did, *words, home="gate-mo")
    assert outcome.code == 2
    assert "a home of the role verifier; this takes a home of the role authority" in outcome.said[0]


def test_a_did_that_is_not_on_the_ledger_yet(town: Town) -> None:
    sponsor = town.done("did", "show", home="authority-mo")
    words = ("--name", "Hospital", "--sponsor", sponsor, "--out", town.path / "made.json")
    town.done("did", "create", *words, home="gate-mo")
    outcome = ask(town, "--out", "-")
    assert outcome.code == 2
    assert "not on the ledger" in outcome.said[0]


def test_a_gates_key_is_rotated(asking: Town) -> None:
    """A request by the new key is good, one by the former that was made since is not."""
    told = asked(asking)
    ledger = ("--ledger", asking.path / "ledger")
    asking.done("did", "rotate", "--key", "authentication", *ledger, home="gate-mo")
    asking.publish()
    fresh = asked(asking)
    assert read(asking, fresh["text"]).standing is Standing.REGISTERED
    assert _key_id(fresh) != _key_id(told)
    assert verdict(asking, answer(asking, fresh["text"]))["decision"] == "accepted"


def test_a_file_that_is_there_is_not_replaced(asking: Town) -> None:
    file = asking.path / "request.png"
    assert ask(asking, "--out", file).code == 0
    content = file.read_bytes()
    assert ask(asking, "--out", file).code == 4
    assert ask(asking, "--out", asking.path / "request.gif").code == 2
    assert file.read_bytes() == content


def test_nobody_elses_claims_are_kept(asking: Town) -> None:
    told = asked(asking)
    assert verdict(asking, answer(asking, told["text"]))["decision"] == "accepted"
    kept = b"".join(file.read_bytes() for file in (asking.path / "gate-mo").glob("asked.sqlite*"))
    assert b"vcred" not in kept or b"3453" not in kept
    assert "陳大文".encode() not in kept


def _key_id(told: dict[str, Any]) -> str:
    from vcred.verifier.request_token import parse_request

    return parse_request(decode_request(told["text"])).key_id


def _secret() -> int:
    """A descriptor that a passphrase can be read from."""
    reading, writing = os.pipe()
    os.write(writing, b"correct horse battery staple\n")
    os.close(writing)
    return reading


def _newest_bundle(town: Town) -> Path:
    return max(town.path.glob("bundle-*.vtb"), key=lambda file: file.stat().st_mtime_ns)
