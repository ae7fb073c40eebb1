# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer whose keys are in a token: made, shown, used, replaced; and the token gone, locked, slow."""

import csv
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import Outcome
from tests.cli.town import ACCREDITED, ROSTER, Town, found_network
from tests.softhsm import PIN, SoftHsm, faulty_library, make_softhsm
from tests.unit.ledger.homes import pass_for_original
from vcred.cli import token_options
from vcred.desk.engines.witness_desk import WITNESS_FILE
from vcred.home import read_home
from vcred.keys.algorithms import ES256
from vcred.keys.engines import pkcs11_token
from vcred.keys.engines.files import write_key
from vcred.keys.engines.pkcs11 import TokenSigner
from vcred.keys.home_keys import open_home_keyring
from vcred.keys.keyring import KeyRole
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.software import SoftwareSigner
from vcred.keys.stored import StoredKey, TokenKey

NAME = ("--name", "Guangdong Health Code Centre", "--status-base", "https://status.example/gd/")
IN_TOKEN = {"issuing", "status"}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = Town(path=tmp_path_factory.mktemp("town"))
    found_network(town)
    return town


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return make_softhsm(tmp_path / "softhsm", monkeypatch)


@pytest.fixture
def town(network: Town, tmp_path: Path) -> Town:
    """The town, and the folder of an issuer that has no keys yet."""
    made = Town(path=tmp_path)
    for name in ("authority-gd", "authority-mo", "ledger"):
        shutil.copytree(network.path / name, tmp_path / name)
    shutil.copy(network.path / "network.json", tmp_path)
    for record in tmp_path.glob(f"*/{WITNESS_FILE}"):
        pass_for_original(record)
    made.done("init", "issuer", "--network", network.path / "network.json", home="issuer")
    return made


def create(town: Town, *options: object) -> Outcome:
    sponsor = town.done("did", "show", home="authority-gd")
    out = ("--out", town.path / "create.json")
    return town.run("did", "create", *NAME, "--sponsor", sponsor, *options, *out, home="issuer")


def keys(town: Town) -> dict[str, str]:
    shown: dict[str, Any] = json.loads(town.done("did", "show", "--json", home="issuer"))
    return {key["name"]: key["where"] for key in shown["keys"]}


def on_ledger(town: Town) -> tuple[object, ...]:
    return ("--ledger", town.path / "ledger")


def admit(town: Town, *options: object) -> None:
    """Make the DID and put it on the ledger."""
    made = create(town, *options)
    assert made.code == 0, made.err
    files = (town.path / "create.json", "--out", town.path / "endorsed.json")
    town.done("ledger", "endorse", *files, home="authority-gd")
    town.done("ledger", "append", town.path / "endorsed.json", home="ledger")


def refused(outcome: Outcome, code: int, words: str, own_code: str | None = None) -> None:
    assert outcome.code == code, outcome.err
    assert words in outcome.err
    assert outcome.said[0].startswith("vcred: error: ")
    assert any(line.startswith("vcred: hint: ") for line in outcome.said)
    if own_code is not None:
        assert outcome.said[-1] == f"vcred: failed ({own_code})"
    assert PIN not in outcome.err
    assert outcome.out == ""


def test_the_daily_keys_are_made_in_the_token(town: Town, softhsm: SoftHsm) -> None:
    pin = ("--pin-file", softhsm.pin_file)
    assert create(town, "--hsm", softhsm.uri(), *pin).code == 0
    places = keys(town)
    assert {name for name, place in places.items() if place.startswith("pkcs11:")} == IN_TOKEN
    assert {place for name, place in places.items() if name not in IN_TOKEN} == {"home"}
    shown = town.run("did", "show", home="issuer")
    assert "key control-1: in this home" in shown.err
    assert f"key issuing: {places['issuing']}" in shown.err
    # Again gives the same, and makes nothing more.
    first = (town.path / "create.json").read_bytes()
    (town.path / "create.json").unlink()
    assert create(town, "--hsm", softhsm.uri(), *pin).code == 0
    assert (town.path / "create.json").read_bytes() == first


def test_each_role_can_be_in_the_token(town: Town, softhsm: SoftHsm) -> None:
    roles = ("control", "issuing", "status", "statement")
    options = [word for role in roles for word in ("--hsm", f"{role}={softhsm.uri()}")]
    assert create(town, *options, "--pin-file", softhsm.pin_file).code == 0
    assert all(place.startswith("pkcs11:") for place in keys(town).values())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nonsense", "does not begin"),
        ("https://token=health", "the roles are"),
        ("log=pkcs11:token=health", "the roles are"),
        ("pkcs11:object=x", "names no token"),
        ("issuing=pkcs11:token=health?pin-value=4711-secret", "pin-value is not taken"),
        ("pkcs11:token=health;object=issuing?module-path=/x", "one key of a token is for one role"),
        ("control=pkcs11:token=health;object=x?module-path=/x", "begins with two control keys"),
    ],
)
def test_what_hsm_does_not_take(town: Town, softhsm: SoftHsm, given: str, words: str) -> None:
    refused(create(town, "--hsm", given, "--pin-file", softhsm.pin_file), 2, words)
    assert not (town.path / "create.json").exists()
    assert create(town, "--hsm", softhsm.uri(), "--pin-file", softhsm.pin_file).code == 0


def test_without_a_pin_it_says_where_to_give_one(town: Town, softhsm: SoftHsm) -> None:
    refused(create(town, "--hsm", softhsm.uri()), 2, "its PIN is needed")
    assert create(town, "--hsm", softhsm.uri(query=f"&pin-source=file:{softhsm.pin_file}")).code == 0


def test_a_person_at_a_terminal_is_asked(
    town: Town, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask() -> bytes:
        asked.append("PIN")
        return PIN.encode()

    monkeypatch.setattr(token_options, "_ask", ask)
    monkeypatch.setattr(token_options, "_is_terminal", lambda: True)
    assert create(town, "--hsm", softhsm.uri()).code == 0
    assert asked == ["PIN"]
    town.done("did", "show", home="issuer")
    assert asked == ["PIN"]


def test_a_key_that_follows_one_in_the_token_is_made_there(town: Town, softhsm: SoftHsm) -> None:
    pin = ("--pin-file", softhsm.pin_file)
    admit(town, "--hsm", softhsm.uri(), *pin)
    town.done("did", "rotate", "--key", "issuing", *pin, *on_ledger(town), home="issuer")
    places = keys(town)
    assert places["issuing-2"].startswith("pkcs11:token=health;object=issuing-2;id=")
    assert places["issuing-2"] != places["issuing"]
    assert places["control-3"] == "home"


def test_keys_can_move_into_a_token(town: Town, softhsm: SoftHsm) -> None:
    admit(town)
    assert {*keys(town).values()} == {"home"}
    pin = ("--pin-file", softhsm.pin_file)
    moved = ("--key", "issuing", "--key", "status", "--hsm", softhsm.uri())
    town.done("did", "rotate", *moved, *pin, *on_ledger(town), home="issuer")
    places = keys(town)
    assert [places[name][:19] for name in ("issuing-2", "status-2")] == ["pkcs11:token=health"] * 2
    assert places["control-3"] == "home"
    town.done(
        "did",
        "update",
        "--site",
        "https://gd.example",
        "--hsm",
        softhsm.uri(),
        *pin,
        *on_ledger(town),
        home="issuer",
    )
    assert keys(town)["control-4"].startswith("pkcs11:")
    # From now on the control keys are there, and sign there.
    town.done("did", "rotate", *pin, *on_ledger(town), home="issuer")
    assert keys(town)["control-5"].startswith("pkcs11:")


def test_a_token_for_a_key_that_is_not_made(town: Town, softhsm: SoftHsm) -> None:
    admit(town)
    rotate = ("did", "rotate", "--key", "status", "--hsm", f"issuing={softhsm.uri()}")
    refused(town.run(*rotate, *on_ledger(town), home="issuer"), 2, "no issuing key is made by this")


def test_a_fresh_key_in_the_home_is_not_taken_for_one_in_the_token(town: Town, softhsm: SoftHsm) -> None:
    admit(town)
    rotate = ("did", "rotate", "--key", "issuing", "--out", town.path / "out.json", *on_ledger(town))
    town.done(*rotate, home="issuer")
    (town.path / "out.json").unlink()
    town.done(*rotate, "--discard", "--hsm", softhsm.uri(), "--pin-file", softhsm.pin_file, home="issuer")
    places = keys(town)
    assert (places["issuing-2"], places["issuing-3"][:7]) == ("home", "pkcs11:")


FAILURES = [
    ("gone", "starts here", "hsm_missing"),
    ("locked", "takes no PIN any more", "hsm_locked"),
    ("wrong", "refuses the PIN", "hsm_pin_wrong"),
    ("slow", "has not answered within", "hsm_slow"),
    ("lost", "was lost", "hsm_failed"),
]


@pytest.mark.parametrize(("failure", "words", "own_code"), FAILURES)
def test_a_failing_token_is_of_the_environment_and_leaves_nothing_half_done(
    town: Town, softhsm: SoftHsm, failure: str, words: str, own_code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri, pin = softhsm.uri(library=faulty_library()), ("--pin-file", softhsm.pin_file)
    options = ("--hsm", f"statement={uri}", "--hsm", f"control={uri}", *pin)
    admit(town, *options)
    rotate = ("did", "rotate", *pin, "--out", town.path / "out.json", *on_ledger(town))
    town.done(*rotate, home="issuer")
    (town.path / "out.json").unlink()
    again = ("did", "rotate", "--key", "issuing", "--discard", *rotate[2:])
    held = keys(town)
    # A new process: not logged in.
    pkcs11_token._forget()
    monkeypatch.setattr(pkcs11_token, "MAX_TOKEN_WAIT", timedelta(seconds=1))
    before = softhsm.pin_file.read_bytes()
    if failure == "gone":
        softhsm.tokens.rename(softhsm.folder / "away")
    elif failure == "wrong":
        softhsm.pin_file.write_bytes(b"0000-wrong\n")
    else:
        softhsm.fault(failure)
    refused(town.run(*again, home="issuer"), 4, words, own_code)
    assert not (town.path / "out.json").exists()
    assert {name: place for name, place in keys(town).items() if name in held} == held
    # Mended, the same command goes on.
    if failure == "gone":
        (softhsm.folder / "away").rename(softhsm.tokens)
    softhsm.pin_file.write_bytes(before)
    for fault in (softhsm.folder / "faults").iterdir():
        fault.unlink()
    pkcs11_token._forget()
    town.done(*again, home="issuer")
    assert (town.path / "out.json").exists()


def accredited(town: Town, softhsm: SoftHsm) -> None:
    """An issuer in good standing, with its daily keys in the token, that has imported a bundle."""
    admit(town, "--hsm", softhsm.uri(), "--pin-file", softhsm.pin_file)
    issuer = town.done("did", "show", home="issuer")
    town.done("type", "add", "health-code", *on_ledger(town), home="authority-gd")
    given = ("accredit", issuer, "health-code", *ACCREDITED)
    town.done("ledger", *given, *on_ledger(town), home="authority-gd")
    witnesses = ("--witness", town.path / "authority-gd", "--witness", town.path / "authority-mo")
    town.done("ledger", "publish", *witnesses, home="ledger")
    bundle = town.path / "first.vtb"
    network = ("--network", town.path / "network.json")
    town.done("trust", "build", *network, "--out", bundle, home="ledger")
    town.done("trust", "import", bundle, home="issuer")


def whole_roster(town: Town, pin: tuple[object, ...]) -> tuple[tuple[object, ...], int]:
    """The command that issues a roster, a key for each person, and how many there are."""
    with ROSTER.open(encoding="gb18030", newline="") as file:
        ids = [row[0] for row in csv.reader(file)][1:]
    held = [f"{row_id},{SoftwareSigner.generate(ES256).public_key.did_key()}" for row_id in ids]
    holders = town.path / "holders.csv"
    holders.write_text("\n".join(["row_id,holder", *held, ""]), encoding="utf-8")
    files = ("--roster", ROSTER, "--encoding", "gb18030", "--holders", holders, "--out", town.path / "issued")
    return ("issue", "health-code", *files, *pin), len(ids)


def test_processes_open_their_own_sessions(town: Town, softhsm: SoftHsm) -> None:
    accredited(town, softhsm)
    issue, rows = whole_roster(town, ("--pin-file", softhsm.pin_file))
    away = softhsm.folder / "away"
    softhsm.tokens.rename(away)
    refused(town.run(*issue, "--workers", 2, home="issuer"), 4, "token", "hsm_missing")
    assert not [*(town.path / "issued").glob("*.sdjwt")]
    away.rename(softhsm.tokens)
    town.done(*issue, "--workers", 2, home="issuer")
    assert len([*(town.path / "issued").glob("*.sdjwt")]) == rows


def test_a_token_taken_away_in_the_middle_of_a_roster(
    town: Town, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told is there, nothing is there by halves, and the same command goes on (threats: FI-15)."""
    accredited(town, softhsm)
    pin = ("--pin-file", softhsm.pin_file)
    issue, rows = whole_roster(town, pin)
    out = town.path / "issued"
    real, away = TokenSigner.sign, softhsm.folder / "away"
    signed: list[bytes] = []

    def sign(self: TokenSigner, message: bytes) -> bytes:
        if len(signed) == rows // 2:
            softhsm.tokens.rename(away)
        signed.append(message)
        return real(self, message)

    with monkeypatch.context() as patched:
        patched.setattr(TokenSigner, "sign", sign)
        refused(town.run(*issue, home="issuer"), 4, "does not start")
    away.rename(softhsm.tokens)
    town.done(*issue, home="issuer")
    credentials = [file.read_text() for file in out.glob("*.sdjwt")]
    assert len(credentials) == len({*credentials}) == rows
    with (out / "receipts.csv").open(encoding="utf-8") as file:
        receipts = [*csv.DictReader(file)]
    assert len({receipt["row_id"] for receipt in receipts}) == len(receipts) == rows
    assert len({(receipt["status_uri"], receipt["status_index"]) for receipt in receipts}) == rows
    town.done("status", "publish", "--out", town.path / "status", *pin, home="issuer")


def test_a_key_in_two_roles_stops_every_command(town: Town, softhsm: SoftHsm) -> None:
    pin = ("--pin-file", softhsm.pin_file)
    admit(town, "--hsm", softhsm.uri(), *pin)
    town.done("did", "show", home="issuer")
    keys_ = town.path / "issuer" / "keys"
    (keys_ / "status.key.jwe").unlink()
    home = read_home(town.path / "issuer")
    with open_home_keyring(home) as keyring:
        there = keyring.where("issuing")
        assert there is not None
        other = Pkcs11Uri(slot_id=1, object="issuing")
        material = TokenKey(uri=other, public=keyring.signer("issuing").public_key)
        write_key(
            keys_, keyring._key_of_folder(), StoredKey(name="status", role=KeyRole.STATUS, material=material)
        )
    shown = town.run("did", "show", home="issuer")
    refused(shown, 4, "one key has two roles", "key_in_two_roles")
    refused(town.run("did", "rotate", *pin, *on_ledger(town), home="issuer"), 4, "one key has two roles")


def test_a_new_home_has_no_pin(town: Town, softhsm: SoftHsm) -> None:
    made = ("init", "issuer", "--network", town.path / "network.json")
    refused(town.run(*made, "--pin-file", softhsm.pin_file, home="other"), 2, "no key in a token yet")
    town.done(*made, home="other")
