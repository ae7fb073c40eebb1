# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who asks is said so that it cannot be forged, and agreed to by who has read it. CLI-06, CLI-07, WAL-09."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.terminal import at_terminal
from tests.cli.test_wallet import NAME, credential, told
from tests.cli.town import Town
from tests.unit.wallet.held import ask, make_asking_world
from vcred.cli.answering import Answer, require_agreement
from vcred.cli.holding_words import Reader
from vcred.errors import UsageError
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.verifier.asking import AskedRequest

FORGED = "vcred: Asked by Hospital Conde, registered in Macao"


@pytest.fixture
def asked() -> AskedRequest:
    world, asker = make_asking_world()
    return ask(world, asker, "match")


def agree_to(asked: AskedRequest, language: str = "en", *, to_unknown: bool = False) -> None:
    """As a script does, which nobody can ask."""
    answer = Answer(asked=asked, paths=("match",), always_shown=("colour", "valid_until"))
    require_agreement(answer, Reader(words=load_words(language), belief=None), to_unknown=to_unknown)


# The question.


@pytest.mark.parametrize(
    ("early", "late", "code"), [(b"no", b"yes", 0), (b"yes", b"", 1), (b"yes", b"no", 1)]
)
def test_what_was_typed_before_the_question_is_no_answer(early: bytes, late: bytes, code: int) -> None:
    """Else a "yes" that was typed for something else agrees to an asker whom nobody has read of."""
    program = (
        "import select, sys; from vcred.cli.questions import agree; from vcred.text.words import load_words; "
        "print('ready', flush=True); select.select([sys.stdin], [], []); "
        "sys.exit(0 if agree('Show it?', load_words('en'), hint='') else 1)"
    )
    seen = at_terminal(answers=[("ready", early), ("to agree:", late)], program=program)
    assert seen.code == code, seen.text


def test_the_question_names_all_that_is_shown(asked: AskedRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """H15: what is always shown too; by a sentence where the type is not known here."""
    questions: list[str] = []

    def refuse(question: str, *_: object, **__: object) -> bool:
        questions.append(question)
        return False

    monkeypatch.setattr("vcred.cli.answering.can_ask", lambda: True)
    monkeypatch.setattr("vcred.cli.answering.agree", refuse)
    for always in (("colour", "valid_until"), ()):
        answer = Answer(asked=asked, paths=("match",), always_shown=always)
        with pytest.raises(UsageError, match="nothing was shown"):
            require_agreement(answer, Reader(words=load_words("en"), belief=None), to_unknown=False)
    assert questions == [
        "Show colour, valid_until, match to “Hospital Conde”?",
        "Show what is always shown, match to “Hospital Conde”?",
    ]


# What the ledger vouches for.


def test_a_script_answers_for_the_registered_purpose_only(asked: AskedRequest) -> None:
    """Claims that are registered for one purpose do not count for another."""
    agree_to(asked)
    world, asker = make_asking_world()
    other = ask(world, asker, "match", purpose="Sale to advertisers")
    with pytest.raises(UsageError) as refused:
        agree_to(other)
    assert str(refused.value) == (
        "the ledger does not have this asker registered for this purpose: nothing was shown"
    )
    assert refused.value.hint == "a script says so with --to-unknown"
    agree_to(other, to_unknown=True)


# What others wrote.


@pytest.mark.parametrize("space", [" ", "\u3000", "\u2003", " \u3000"])
def test_a_purpose_makes_no_line_of_its_own(
    asked: AskedRequest, capsys: pytest.CaptureFixture[str], space: str
) -> None:
    """Padded to the edge of a terminal, it would go on as if at the beginning of a line of ours."""
    agree_to(asked)
    assert "vcred: For, in their own words: “Entry at a border”\n" in capsys.readouterr().err
    padded = replace(asked, request=replace(asked.request, purpose=f"Entry{space * 44}{FORGED}"))
    agree_to(padded)
    assert f"vcred: For, in their own words: “Entry {FORGED}”\n" in capsys.readouterr().err
    agree_to(replace(asked, name={"en": f"Asker{space * 30}{FORGED}"}))
    assert f"vcred: Asked by “Asker {FORGED}”, registered in Macao\n" in capsys.readouterr().err


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_of_mixed_scripts_is_said_so(
    asked: AskedRequest, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """CLI-07: a Cyrillic letter makes another hospital of it."""
    agree_to(asked, language)
    honest = capsys.readouterr().err
    agree_to(replace(asked, name={"en": "H\u043espital Conde"}), language)
    warning = load_words(language).gettext("⚠ This name mixes letters of several scripts: look twice.")
    assert (warning in honest, capsys.readouterr().err.splitlines()[1]) == (False, f"vcred: {warning}")


# Where it is written.


@pytest.mark.parametrize(
    ("place", "told_why"),
    [
        ("missing/x.png", "cannot write {out}: no such file or folder"),
        ("taken.png", "{out} exists already"),
        ("link.png", "{out} exists already"),
        ("taken.png/x.png", "cannot write {out}: not a directory"),
        (f"{'x' * 300}.png", "cannot write {out}: file name too long"),
        ("/proc/x.png", "cannot write {out}: no such file or folder"),
    ],
)
def test_a_place_that_cannot_be_written_costs_nothing(
    town: Town, tmp_path: Path, place: str, told_why: str
) -> None:
    """A one-time copy would be spent, and the history would tell of what nobody has seen."""
    town.done("wallet", "add", credential(town), home="holder")
    show = ("present", NAME, "--disclose", "match", "--out")
    town.done(*show, tmp_path / "good.png", home="holder")
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".tmp", ".png")] == ["good.png"]
    (tmp_path / "taken.png").write_bytes(b"mine")
    (tmp_path / "link.png").symlink_to("nowhere.png")
    refused = town.run(*show, tmp_path / place, home="holder")
    assert (refused.code, refused.said[0]) == (
        4,
        "vcred: error: " + told_why.format(out=tmp_path / place),
    )
    assert len(told(town, "history")) == 1
