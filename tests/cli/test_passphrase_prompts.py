# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A passphrase that a person types: what is asked, in which language, and what is never shown. WAL-11."""

import getpass
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import warnings
from pathlib import Path

import pytest

from tests.cli.run import run
from tests.cli.terminal import at_terminal
from tests.faults.groups import hear_all_signals
from vcred.cli.secret_input import given_passphrase
from vcred.cli.unlock_words import EXISTING, NEW, NEW_HERE, ONCE_MORE
from vcred.errors import UsageError
from vcred.text.languages import LANGUAGES

SECRET = b"canary of the mine"
PLACE = Path("/srv/holder")


def test_a_person_is_asked_twice_told_for_what_and_shown_nothing(tmp_path: Path) -> None:
    home = tmp_path / "carol"
    answers = [(f"new passphrase for {home}: ", SECRET), ("the same once more: ", SECRET)]
    made = at_terminal("init", "approver", "--passphrase", "--home", home, answers=answers)
    assert made.code == 0, made.text
    assert "canary" not in made.text
    assert not (home / "unlock.key").exists()


def test_two_answers_that_differ_make_nothing(tmp_path: Path) -> None:
    home = tmp_path / "carol"
    answers = [("new passphrase for", SECRET), ("once more: ", SECRET + b"!")]
    made = at_terminal("init", "approver", "--passphrase", "--home", home, answers=answers)
    assert made.code == 2
    assert "the two passphrases differ" in made.text
    assert "canary" not in made.text
    assert not home.exists()


def test_a_new_home_is_asked_for_in_its_language(tmp_path: Path) -> None:
    home = tmp_path / "carol"
    asked = at_terminal(
        *("init", "approver", "--passphrase", "--lang", "zh-MO", "--home", home),
        answers=[(f"請為 {home} 設定新的密碼短語：", SECRET), ("請再輸入一次：", b"")],
    )
    assert asked.code == 2
    assert not home.exists()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        pytest.param(b"\x04", "the input ended before an answer was given", id="end of input"),
        pytest.param(b"canary\xff\xfe", "not text as this terminal writes it", id="no text"),
        pytest.param(b"", "a passphrase has 1 to 1024 bytes", id="nothing"),
    ],
)
def test_an_answer_that_is_none(tmp_path: Path, typed: bytes, told: str) -> None:
    home = tmp_path / "carol"
    asked = at_terminal(
        "init", "approver", "--passphrase", "--home", home, answers=[("new passphrase for", typed)]
    )
    assert asked.code == 2, asked.text
    assert told in asked.text
    assert "canary" not in asked.text
    assert not home.exists()


def test_a_terminal_that_would_show_it_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def shows(_: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=1)
        return SECRET.decode()

    monkeypatch.setattr("vcred.cli.secret_input.can_ask", lambda: True)
    monkeypatch.setattr(getpass, "getpass", lambda _: SECRET.decode())
    assert given_passphrase(PLACE, descriptor=None, language="en").secret == SECRET
    monkeypatch.setattr(getpass, "getpass", shows)
    with pytest.raises(UsageError, match="would show what is typed"):
        given_passphrase(PLACE, descriptor=None, language="en")


def test_the_first_answer_is_judged_before_it_is_asked_for_again(tmp_path: Path) -> None:
    home = tmp_path / "carol"
    made = at_terminal(
        "init", "approver", "--passphrase", "--home", home, answers=[("new passphrase for", b"1234567")]
    )
    assert made.code == 2
    assert "at least 8 characters" in made.text
    assert "once more" not in made.text


ASKING = """
import sys
from pathlib import Path
from vcred.cli.secret_input import given_passphrase
found = given_passphrase(Path(sys.argv[1]), descriptor=None, language=sys.argv[2])
print(len(found.secret), found)
"""


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "passphrase of /srv/holder: "),
        ("zh-Hans", "请输入 /srv/holder 的密码短语："),
        ("zh-Hant", "請輸入 /srv/holder 的密碼短語："),
        ("pt", "frase-passe de /srv/holder: "),
        ("fr", "passphrase of /srv/holder: "),
    ],
)
def test_the_question_is_in_the_language_of_the_home(language: str, question: str) -> None:
    asked = at_terminal(PLACE, language, answers=[(question, SECRET)], program=ASKING)
    assert asked.code == 0, asked.text
    assert asked.text.splitlines()[-1] == f"{len(SECRET)} Passphrase(not shown)"


def test_a_folders_name_does_not_move_the_cursor() -> None:
    """CLI-01."""
    asked = at_terminal("/srv/\x1b[2Jhome", "en", answers=[("home: ", SECRET)], program=ASKING)
    assert asked.code == 0, asked.text
    assert "\x1b[2J" not in asked.text


def test_every_language_asks_every_question() -> None:
    for words in (EXISTING, NEW, NEW_HERE, ONCE_MORE):
        assert tuple(words) == LANGUAGES
    assert all("{place}" in question for words in (EXISTING, NEW) for question in words.values())


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    outcome = run("init", "approver", "--passphrase", "--home", tmp_path / "carol")
    assert (outcome.code, outcome.said[0]) == (
        2,
        "vcred: error: a passphrase is needed, and nobody is there to be asked",
    )


CONTROLLED = "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"


def shows_what_is_typed(terminal: int) -> bool:
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


@pytest.mark.parametrize("first", ["", CONTROLLED], ids=["no /dev/tty", "/dev/tty"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_at_the_question_leaves_the_terminal_as_it_was(number: signal.Signals, first: str) -> None:
    """Else whoever types the next command does not see it; and it ends by the signal as ever."""
    screen, terminal = pty.openpty()
    program = [sys.executable, "-c", first + ASKING, str(PLACE), "en"]
    try:
        assert shows_what_is_typed(terminal)
        with subprocess.Popen(
            program,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=hear_all_signals,
        ) as asking:
            seen = b""
            while not seen.endswith(b"passphrase of /srv/holder: "):
                assert select.select([screen], [], [], 60.0)[0], seen
                seen += os.read(screen, 4096)
            assert not shows_what_is_typed(terminal)
            os.write(screen, b"half of a passphr")
            asking.send_signal(number)
            assert asking.wait(60.0) == -number
        assert shows_what_is_typed(terminal)
    finally:
        os.close(screen)
        os.close(terminal)
