# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred init`, `trust import`, `ledger`, `did`, `type` and `wallet`: transcripts."""

import json
import os
from pathlib import Path

from tests.cli.run import run
from tests.cli.town import Town


def test_init_makes_each_home_once(tmp_path: Path) -> None:
    for role in ("authority", "issuer", "holder", "verifier", "ledger"):
        home = tmp_path / role
        made = run("init", role, "--home", home, "--json")
        assert made.code == 0, made.err
        assert json.loads(made.out) == {"home": str(home), "role": role}
        assert home.stat().st_mode & 0o777 == 0o700
        assert all(file.stat().st_mode & 0o077 == 0 for file in home.rglob("*") if file.is_file())
        again = run("init", role, "--home", home)
        assert again.code == 4
        assert again.said[0] == f"vcred: error: {home} is a home already"


def test_a_gate_without_a_jurisdiction_is_told(tmp_path: Path) -> None:
    said = run("init", "verifier", "--home", tmp_path / "gate").said
    assert any(line.startswith("vcred: warning: no jurisdiction is set") for line in said)


def test_init_takes_no_file_that_is_no_network_file(tmp_path: Path) -> None:
    (tmp_path / "network.json").write_text("{}", encoding="utf-8")
    outcome = run("init", "verifier", "--network", tmp_path / "network.json", "--home", tmp_path / "gate")
    assert outcome.code == 1
    assert not (tmp_path / "gate").exists()


def test_a_home_from_before_the_network_takes_its_file(town: Town) -> None:
    network = ("--network", town.path / "network.json")
    assert town.run("trust", "show", home="authority-gd").code == 4
    taken = town.run("init", "authority", *network, home="authority-gd")
    path = town.path / "authority-gd"
    assert (taken.code, taken.err) == (
        0,
        f"vcred: gave the home of the authority at {path} its network file\n",
    )
    town.done("trust", "import", town.path / "bundle-0.vtb", home="authority-gd")
    assert town.run("init", "authority", *network, home="authority-gd").code == 4


def test_a_passphrase_opens_what_it_closed(tmp_path: Path) -> None:
    """WAL-11: by a descriptor, never by an argument."""
    home = tmp_path / "holder"

    def with_passphrase(secret: bytes, *arguments: object) -> int:
        read, write = os.pipe()
        os.write(write, secret + b"\n")
        os.close(write)
        try:
            return run(*arguments, "--passphrase-fd", read, "--home", home).code
        finally:
            os.close(read)

    assert with_passphrase(b"correct horse", "wallet", "create") == 0
    assert not (home / "unlock.key").exists()
    assert with_passphrase(b"correct horse", "wallet", "history") == 0
    assert with_passphrase(b"battery staple", "wallet", "history") == 4
    asked = run("wallet", "history", "--home", home)
    assert asked.code == 2
    assert asked.said[0] == "vcred: error: the keys of this home open by a passphrase"


def test_an_older_or_changed_bundle_is_refused(town: Town) -> None:
    (newest,) = (file for file in town.path.glob("bundle-*.vtb") if file.name != "bundle-0.vtb")
    again = json.loads(town.done("trust", "import", newest, "--json", home="gate-mo"))
    assert again["changed"] is False
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    outcome = town.run("trust", "import", "-", home="gate-mo", stdin=bytes(data))
    assert outcome.code == 1
    assert town.run("trust", "import", town.path / "nothing", home="gate-mo").code == 4
    assert json.loads(town.done("trust", "show", "--json", home="gate-mo"))["size"] == 5


def test_the_ledger_is_sound_and_listed(town: Town) -> None:
    assert json.loads(town.done("ledger", "fsck", "--json", home="ledger"))["void"] == 0
    kinds = [
        row["kind"] for row in json.loads(town.done("ledger", "log", "--json", home="ledger"))["entries"]
    ]
    assert kinds == ["network.genesis", "did.create", "type.publish", "issuer.accredit", "recognise"]
    again = json.loads(town.done("ledger", "append", town.path / "endorsed.json", "--json", home="ledger"))
    assert (again["index"], again["new"]) == (1, False)


def test_an_operation_without_its_sponsor_is_refused(town: Town) -> None:
    outcome = town.run("ledger", "append", town.path / "create.json", home="ledger")
    # The same operation is on the ledger already: what counts is its hash, without proofs.
    assert outcome.code == 0
    made = town.path / "create-2.json"
    town.done("init", "issuer", "--network", town.path / "network.json", home="issuer-2")
    sponsor = town.done("did", "show", home="authority-mo")
    town.done("did", "create", "--name", "Another", "--sponsor", sponsor, "--out", made, home="issuer-2")
    assert town.run("ledger", "append", made, home="ledger").code == 1
    wrong = town.path / "endorsed-2.json"
    town.done("ledger", "endorse", made, "--out", wrong, home="authority-gd")
    assert town.run("ledger", "append", wrong, home="ledger").code == 1
    right = town.path / "endorsed-3.json"
    town.done("ledger", "endorse", made, "--out", right, home="authority-mo")
    assert town.run("ledger", "append", right, home="ledger").code == 0


def test_a_statement_is_signed_at_one_desk_and_appended_at_another(town: Town) -> None:
    town.done("init", "authority", "--network", town.path / "network.json", home="authority-mo")
    (newest,) = (file for file in town.path.glob("bundle-*.vtb") if file.name != "bundle-0.vtb")
    town.done("trust", "import", newest, home="authority-mo")
    statement = ("type", "add", "professional-certificate")
    assert town.run(*statement, home="authority-mo").code == 2
    town.done(*statement, "--out", town.path / "type.json", home="authority-mo")
    town.done("ledger", "append", town.path / "type.json", home="ledger")


def test_one_witness_is_no_quorum(town: Town) -> None:
    town.done(
        "type", "add", "professional-certificate", "--ledger", town.path / "ledger", home="authority-mo"
    )
    publish = ("ledger", "publish", "--witness", town.path / "authority-gd")
    assert town.run(*publish, home="ledger").code == 1
    assert town.run(*publish, "--witness", town.path / "authority-mo", home="ledger").code == 0


def test_did_resolve_and_history(town: Town) -> None:
    did = town.done("did", "show", home="issuer-gd")
    document = json.loads(town.done("did", "resolve", did, home="gate-mo"))
    assert document["id"] == did
    assert {"assertionMethod", "statusAssertion", "capabilityInvocation"} <= set(document)
    history = json.loads(town.done("did", "history", did, "--json", home="gate-mo"))
    assert [method["ordinal"] for method in history["methods"]] == [0, 1, 2]
    unknown = town.run("did", "resolve", did[:-1] + ("2" if did[-1] != "2" else "3"), home="gate-mo")
    assert unknown.code == 3
    assert town.run("did", "resolve", "did:web:example.org", home="gate-mo").code == 1
    assert town.run("did", "resolve", "did:key:z6Mk", home="gate-mo").code == 1


def test_types(town: Town) -> None:
    rows = json.loads(town.done("type", "list", "--json", home="gate-mo"))
    assert [(row["name"], row["type"] is None) for row in rows] == [
        ("health-code", True),
        ("professional-certificate", True),
        ("health-code", False),
    ]
    assert (
        json.loads(town.done("type", "show", rows[2]["type"], "--json", home="gate-mo"))["name"]
        == "health-code"
    )
    assert "健康碼" in town.done("type", "show", "health-code", "--lang", "zh-MO", home="gate-mo")
    assert town.run("type", "show", "no-such-type", home="gate-mo").code == 2


def test_the_wallet_tells_what_it_showed(town: Town) -> None:
    town.show("match", "test")
    (record,) = json.loads(town.done("wallet", "history", "--json", home="holder"))
    assert record["binding"] == "live"
    assert "match.name" in record["revealed"]
    assert "杨" not in json.dumps(record, ensure_ascii=False)


def test_present_refuses_before_it_shows(town: Town) -> None:
    credential = town.path / "issued" / "HC0000001.sdjwt"
    present = ("present", credential, "--disclose", "match", "--out")
    (town.path / "taken.png").write_bytes(b"")
    assert town.run(*present, town.path / "taken.png", home="holder").code == 4
    assert town.run(*present, town.path / "code.pdf", home="holder").code == 2
    assert town.run("present", credential, "--disclose", "nothing", "--out", "-", home="holder").code == 1
    assert json.loads(town.done("wallet", "history", "--json", home="holder")) == []
