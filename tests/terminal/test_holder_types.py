# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""As a person would, with keys only: from `vcred wallet create` to a code that a gate accepts."""

import re
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.terminal.story import PASSPHRASE, Story, begin_story, read_code
from tests.terminal.tmux import PROMPT, Terminal, require_tmux, terminal
from vcred.cli.unlock_words import EXISTING, NEW, ONCE_MORE
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.verifier.report import Decision

NARROW, WIDE = (80, 24), (140, 50)
_DID = re.compile(r"did:key:z[1-9A-HJ-NP-Za-km-z]+")
_AT_FIRST_CLAIM = "› [ ]"
_CHOOSE, _CODE, _TOO_SMALL = "[ ]", "▀", "85"


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x50"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_an_empty_machine_to_a_shown_code(language: str, size: tuple[int, int], tmp_path: Path) -> None:
    require_tmux()
    story = begin_story(tmp_path)
    columns, rows = size
    with terminal(tmp_path, columns=columns, rows=rows) as at:
        seconds = story.behind.total_seconds()
        at.line(f'cd {tmp_path}; vcred() {{ {sys.executable} -m tests.terminal.at {seconds} "$@"; }}; clear')
        make_wallet(at, language)
        add_credential(at, apply(at, story, language), language)
        choose_match(at)
        code = shown(at) if size == WIDE else saved(at, tmp_path)
        at.press("Escape", "C-q")
        at.wait_for(PROMPT)
    report = story.ask_gate(code)
    assert report.decision is Decision.ACCEPTED, report.reasons
    claims = report.require().claims
    assert "match" in claims
    assert "identity" not in claims


def make_wallet(at: Terminal, language: str) -> None:
    at.line(f"vcred wallet create --network network.json --lang {language} --home holder")
    at.wait_for(NEW[language].partition("{place}")[0])
    at.line(PASSPHRASE)
    at.wait_for(ONCE_MORE[language].strip())
    at.line(PASSPHRASE)
    at.wait_for(f"\n{PROMPT}")
    assert PASSPHRASE not in at.screen()
    at.line("clear; vcred trust import trust.bundle --home holder && echo imp''orted")
    at.wait_for("imported")


def apply(at: Terminal, story: Story, language: str) -> Path:
    """Apply for a credential, and be handed it."""
    at.line(
        f"clear; vcred wallet apply {story.world.issuer.did} --home holder --out proof.jwt --nonce code-1"
    )
    at.wait_for(EXISTING[language].partition("{place}")[0].strip())
    at.line(PASSPHRASE)
    (did,) = set(_DID.findall(at.wait_for("did:key:z")))
    return story.issue(did, "code.sdjwt")


def add_credential(at: Terminal, file: Path, language: str) -> None:
    """Open the screens, and add a credential from its file."""
    in_list = load_words(language).gettext("Answer a request")
    at.line("clear; vcred wallet --home holder")
    at.wait_for("F1")
    at.type(PASSPHRASE)
    at.press("Enter")
    at.wait_for(in_list)
    at.press("a")
    at.wait_for("Ctrl+S")
    at.press("Tab")
    at.type(file.name)
    at.press("C-s")
    at.wait_for("20 ", "2026")
    at.press("Escape")
    at.wait_for(in_list)


def choose_match(at: Terminal) -> None:
    """Tick what a gate compares with a face and a document, and go to the button that shows it."""
    at.press("p")
    at.wait_for(_CHOOSE)
    at.press_until("Tab", _AT_FIRST_CLAIM)
    at.press_until("Space", "[x]")
    at.press("BTab", "Enter")


def shown(at: Terminal) -> str:
    """The code, as the screen draws it."""
    at.wait_for(_CODE)
    code = read_code(at.picture())
    assert code is not None, at.screen()
    return code


def saved(at: Terminal, folder: Path) -> str:
    """The code, from the picture that a window offers which is too small for it."""
    screen = at.wait_for(_TOO_SMALL)
    assert _CODE not in screen
    at.press("p")
    at.type("code.png")
    at.press("Enter")
    file = folder / "code.png"
    for _ in range(100):
        if file.exists():
            break
        time.sleep(0.1)
    assert file.stat().st_mode & 0o777 == 0o600
    code = read_code(Image.open(file))
    assert code is not None
    return code
