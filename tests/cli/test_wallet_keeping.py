# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A wallet is made, opened by another secret, backed up, restored; and whom it answers. WAL-11, 14."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.run import Outcome, run
from tests.cli.terminal import at_terminal
from tests.cli.test_passphrases import piped
from tests.cli.test_request import asked, asking, give_did
from tests.cli.test_wallet import NAME, credential, told, wallet
from tests.cli.town import Town
from tests.leaks import Canaries

__all__ = ["asking"]

OLD, NEW, OTHER = b"the passphrase of yesterday", b"the passphrase of tomorrow", b"another one altogether"


def with_secrets(do: Callable[..., Outcome], *words: object, **secrets: bytes) -> Outcome:
    """Run with a passphrase for each option that takes a descriptor."""
    pipes = {f"--{name.replace('_', '-')}-fd": piped(secret + b"\n") for name, secret in secrets.items()}
    try:
        return do(*words, *(word for option in pipes.items() for word in option))
    finally:
        for descriptor in pipes.values():
            os.close(descriptor)


@pytest.fixture
def holding(town: Town) -> Town:
    town.done("wallet", "add", credential(town), home="holder")
    town.show("match")
    return town


# Making one.


def test_at_a_terminal_a_passphrase_is_asked_for(tmp_path: Path) -> None:
    answers = [("new passphrase for", OLD), ("once more:", OLD)]
    for words in (("wallet", "create"), ("init", "holder")):
        home = tmp_path / words[1]
        made = at_terminal(*words, "--home", home, answers=[(f"{answers[0][0]} {home}: ", OLD), answers[1]])
        assert made.code == 0, made.text
        assert not (home / "unlock.key").exists()
        assert OLD.decode() not in made.text
        assert with_secrets(run, "wallet", "list", "--home", home, passphrase=OLD).code == 0


def test_without_a_terminal_a_key_file_is_made_and_told(tmp_path: Path) -> None:
    made = run("wallet", "create", "--home", tmp_path / "home")
    assert (made.code, made.said[1].startswith("vcred: note: whoever can read")) == (0, True)
    key = tmp_path / "stick.key"
    assert run("wallet", "create", "--home", tmp_path / "second", "--key-file", key).code == 0
    assert not (tmp_path / "second" / "unlock.key").exists()
    assert run("wallet", "list", "--home", tmp_path / "second", "--key-file", key).code == 0


# Another secret.


def test_from_a_key_file_to_a_passphrase_and_back(holding: Town) -> None:
    home = holding.path / "holder"
    changed = with_secrets(lambda *words: wallet(holding, *words), "passphrase", "--json", new_passphrase=NEW)
    assert (changed.code, json.loads(changed.out)["opens_by"]) == (0, "passphrase")
    assert not (home / "unlock.key").exists()
    closed = wallet(holding, "list")
    assert (closed.code, closed.said[0]) == (2, "vcred: error: the keys of this home open by a passphrase")
    again = with_secrets(
        lambda *words: wallet(holding, *words), "passphrase", passphrase=NEW, new_passphrase=OTHER
    )
    assert again.code == 0
    wrong = with_secrets(lambda *words: wallet(holding, *words), "list", passphrase=NEW)
    assert (wrong.code, wrong.out) == (4, "")
    key = holding.path / "stick.key"
    words = ("passphrase", "--new-key-file", key)
    assert with_secrets(lambda *more: wallet(holding, *more), *words, passphrase=OTHER).code == 0
    assert len(told(holding, "list", "--key-file", key)) == 1
    assert wallet(holding, "passphrase", "--key-file", key, "--new-key-file", home / "unlock.key").code == 0
    assert len(told(holding, "list")) == 1


def test_a_new_passphrase_that_is_too_short_changes_nothing(holding: Town) -> None:
    refused = with_secrets(lambda *words: wallet(holding, *words), "passphrase", new_passphrase=b"short")
    assert refused.code == 2
    assert len(told(holding, "list")) == 1


# Backup and restore.


def test_backed_up_and_restored_elsewhere(holding: Town) -> None:
    file, home = holding.path / "wallet.backup", holding.path / "new"
    made = with_secrets(
        lambda *words: wallet(holding, *words), "backup", "--out", file, "--json", backup_passphrase=OTHER
    )
    assert (made.code, json.loads(made.out)["credentials"]) == (0, 1)
    assert file.stat().st_mode & 0o777 == 0o600
    before = (told(holding, "show", NAME), told(holding, "history"))
    restored = with_secrets(
        holding.run,
        "wallet",
        "restore",
        file,
        "--home",
        home,
        "--json",
        backup_passphrase=OTHER,
        passphrase=NEW,
    )
    assert restored.code == 0, restored.err
    counted = {"home": str(home), "credentials": 1, "shown": 1, "one_time_copies": 0}
    assert json.loads(restored.out) == counted
    bundle = max(holding.path.glob("bundle-*.vtb"), key=lambda one: one.stat().st_mtime_ns)
    assert holding.run("trust", "import", bundle, "--home", home).code == 0
    after = [
        json.loads(with_secrets(holding.run, "wallet", *words, "--home", home, "--json", passphrase=NEW).out)
        for words in (("show", NAME), ("history",))
    ]
    assert after == [*before]
    show = ("present", NAME, "--disclose", "match", "--out", "-", "--home", home)
    code = with_secrets(holding.run, *show, passphrase=NEW).out
    assert holding.verify(code.encode()).code == 0


def test_a_backup_is_never_written_over_nor_over_a_home(holding: Town) -> None:
    file = holding.path / "wallet.backup"
    words = ("backup", "--out", file)
    assert with_secrets(lambda *more: wallet(holding, *more), *words, backup_passphrase=OTHER).code == 0
    content = file.read_bytes()
    again = with_secrets(lambda *more: wallet(holding, *more), *words, backup_passphrase=OTHER)
    assert (again.code, file.read_bytes()) == (4, content)
    over = with_secrets(lambda *more: wallet(holding, *more), "restore", file, backup_passphrase=OTHER)
    assert (over.code, over.out) == (4, "")
    assert len(told(holding, "list")) == 1
    assert wallet(holding, "backup", "--out", "-").code == 2


def test_a_backup_that_is_damaged_or_of_another_passphrase(holding: Town) -> None:
    file, home = holding.path / "wallet.backup", holding.path / "new"
    words = ("backup", "--out", file)
    assert with_secrets(lambda *more: wallet(holding, *more), *words, backup_passphrase=OTHER).code == 0
    restore = ("wallet", "restore", file, "--home", home)
    wrong = with_secrets(holding.run, *restore, backup_passphrase=OLD)
    assert (wrong.code, home.exists()) == (4, False)
    content = file.read_bytes()
    for damaged in (content[:-1], content[:40], b"", content[:-20] + bytes(20)):
        file.write_bytes(damaged)
        outcome = with_secrets(holding.run, *restore, backup_passphrase=OTHER)
        assert (outcome.code in (1, 4), outcome.out, home.exists()) == (True, "", False)
    file.write_bytes(content)
    assert with_secrets(holding.run, *restore, backup_passphrase=OTHER).code == 0


# Answers. WAL-09.


def ask_to(town: Town, claims: str, **more: str) -> Path:
    file = town.path / "request.txt"
    file.write_text(asked(town, ask=claims, **more)["text"], "ascii")
    return file


def answer(town: Town, file: Path, paths: str, *options: object) -> Outcome:
    words = ("--disclose", paths, "--request", file, "--out", "-", *options)
    return town.run("present", NAME, *words, home="holder")


def test_a_registered_asker_is_named_before_and_answered(asking: Town) -> None:
    asking.done("wallet", "add", credential(asking), home="holder")
    file = ask_to(asking, "colour,match")
    outcome = answer(asking, file, "match", "--lang", "zh-Hant")
    assert outcome.code == 0, outcome.err
    assert "山頂醫院" in outcome.said[0]
    english = answer(asking, file, "match", "--json")
    assert english.said[0] == "vcred: Asked by “Hospital Conde”, registered in Macao"
    assert wallet(asking, "history").out.splitlines()[0].endswith("to Hospital Conde")
    result = json.loads(english.out)["asked"]
    assert (result["standing"], result["excess"], result["purpose_registered"]) == ("registered", [], True)
    assert told(asking, "history")[0]["binding"] == "challenge"


def test_more_than_is_registered_is_answered_only_if_it_is_said(asking: Town) -> None:
    asking.done("wallet", "add", credential(asking), home="holder")
    file = ask_to(asking, "match,identity.name")
    assert answer(asking, file, "match").code == 0
    refused = answer(asking, file, "match,identity.name")
    assert (refused.code, refused.out) == (2, "")
    assert "vcred: Beyond what they are registered for: identity.name" in refused.said
    assert refused.said[-1] == "vcred: hint: a script says so with --to-unknown"
    assert len(told(asking, "history")) == 1
    assert answer(asking, file, "match,identity.name", "--to-unknown").code == 0
    # H9: what was not asked is shown to nobody.
    assert answer(asking, file, "test", "--to-unknown").code == 2


def test_an_unknown_asker_is_answered_only_if_it_is_said(asking: Town) -> None:
    asking.done("wallet", "add", credential(asking), home="holder")
    network = ("--network", asking.path / "network.json", "--jurisdiction", "MO")
    asking.done("init", "verifier", *network, home="gate-2")
    give_did(asking, "gate-2")
    asking.publish()
    bundle = max(asking.path.glob("bundle-*.vtb"), key=lambda one: one.stat().st_mtime_ns)
    asking.done("trust", "import", bundle, home="gate-2")
    file = ask_to(asking, "match", home="gate-2")
    refused = answer(asking, file, "match")
    assert (refused.code, refused.out, told(asking, "history")) == (2, "", [])
    # The name that it has on the ledger is not said: nobody has registered it to ask.
    assert "Hospital" not in refused.err
    assert "somebody unknown" in refused.said[0]
    assert answer(asking, file, "match", "--to-unknown").code == 0
    # Nor afterwards.
    did = asking.done("did", "show", home="gate-2")
    assert wallet(asking, "history").out.strip().endswith(f"to {did}")
    late = asking.run("present", NAME, "--disclose", "match", "--to-unknown", "--out", "-", home="holder")
    assert late.code == 2


@pytest.mark.parametrize(
    ("typed", "code"),
    [(b"yes\n", 0), (b"Yes \n", 0), (b"\n", 2), (b"", 2), (b"no\n", 2), (b"yes please\n", 2)],
)
def test_somebody_at_a_terminal_agrees_or_nothing_is_shown(
    asking: Town, monkeypatch: pytest.MonkeyPatch, typed: bytes, code: int
) -> None:
    """Also to a registered asker; and no option answers in their place."""
    asking.done("wallet", "add", credential(asking), home="holder")
    file = ask_to(asking, "match,identity.name")
    for module in ("answering", "questions"):
        monkeypatch.setattr(f"vcred.cli.{module}.can_ask", lambda: True)
    monkeypatch.setattr("vcred.cli.questions.drop_typed_ahead", lambda: None)
    for paths in ("match", "match,identity.name"):
        words = ("present", NAME, "--disclose", paths, "--request", file, "--out", "-", "--to-unknown")
        outcome = asking.run(*words, home="holder", stdin=typed)
        assert (outcome.code, bool(outcome.out)) == (code, code == 0), outcome.err
        claims = f"colour, valid_until, {paths.replace(',', ', ')}"
        assert f"Show {claims} to “Hospital Conde”? Type yes to agree:" in outcome.err
    assert len(told(asking, "history")) == (2 if code == 0 else 0)


def test_a_person_is_asked_and_no_is_the_default(tmp_path: Path) -> None:
    """At a terminal: whatever is not yes is no."""
    program = (
        "import sys; from vcred.cli.questions import agree; from vcred.text.words import load_words; "
        "sys.exit(0 if agree('Show it?', load_words(sys.argv[1]), hint='') else 1)"
    )
    for language, typed, code in (
        ("en", b"yes", 0),
        ("en", b"", 1),
        ("en", b"y", 1),
        ("en", b"no", 1),
        ("pt", b"sim", 0),
        ("zh-Hant", b"", 1),
    ):
        seen = at_terminal(
            language, answers=[("：" if language == "zh-Hant" else ":", typed)], program=program
        )
        assert seen.code == code, (language, typed, seen.text)


# Canaries.


def test_nothing_of_the_wallet_is_outside_of_it(holding: Town) -> None:
    """No claim and no passphrase in what commands say beside their data, nor in any file of the home."""
    claims = told(holding, "show", NAME)["claims"]
    canaries = Canaries(
        [*(str(claims[path]) for path in ("identity.id_number", "identity.name")), OLD.decode(), NEW.decode()]
    )
    said = [wallet(holding, *words) for words in (("list",), ("history",), ("rename", NAME, "a"))]
    said.append(with_secrets(lambda *words: wallet(holding, *words), "passphrase", new_passphrase=NEW))
    said.append(with_secrets(lambda *words: wallet(holding, *words), "list", passphrase=OLD))
    for outcome in said:
        assert canaries.found_in((outcome.out + outcome.err).encode()) == set()
    assert canaries.files_with(holding.path / "holder") == set()
