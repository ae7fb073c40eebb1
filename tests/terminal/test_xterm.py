# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A code on a real terminal, read off its window by a camera: every theme, and also without many colours."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.terminal.story import PASSPHRASE, Story, begin_story, read_code
from tests.terminal.xterm import Xterm, require_xterm, xterm
from vcred.keys.argon2id import LEAST_COST
from vcred.keys.custody import Passphrase
from vcred.qr.frame import decode_text
from vcred.qr.packing import unpack
from vcred.verifier.report import Decision
from vcred.wallet.settings import THEMES, WalletSettings
from vcred.wallet.wallet import Wallet

_MANY_COLOURS = {"COLORTERM": "truecolor", "TERM": "xterm-256color"}
_FEW_COLOURS = {"TERM": "xterm", "COLORTERM": ""}


def make_holder(story: Story, theme: str) -> Path:
    """A wallet with a health code, and a theme of its holder's choice."""
    home = story.folder / "holder"
    unlock = Passphrase(PASSPHRASE.encode(), LEAST_COST)
    with Wallet.create(
        home,
        network_file=story.network.read_bytes(),
        unlock=unlock,
        clock=lambda: datetime.now(UTC) - story.behind,
    ) as wallet:
        wallet.trust.import_bundle(story.bundle.read_bytes())
        did = wallet.apply(story.world.issuer.did, "code-1").did
        wallet.credentials.receive(story.issue(did, "code.sdjwt").read_text("ascii"))
        wallet.change_settings(WalletSettings(theme=theme))
    return home


def show_code(terminal: Xterm) -> str:
    """Unlock the wallet, show `match` of its first credential, and read the code off the window."""
    terminal.wait_until_still()
    terminal.type(PASSPHRASE)
    terminal.press("Return")
    terminal.wait_until_still()
    terminal.press("p")
    terminal.wait_until_still()
    terminal.press("Tab", "Tab", "space", "shift+Tab", "Return")
    return terminal.wait_for(read_code)


@pytest.mark.parametrize(
    ("theme", "environment"),
    [
        *((theme, _MANY_COLOURS) for theme in THEMES),
        (THEMES[0], _FEW_COLOURS),
        (THEMES[1], _MANY_COLOURS | {"NO_COLOR": "1"}),
    ],
    ids=[*THEMES, "few-colours", "no-color"],
)
def test_a_camera_reads_it_and_a_gate_accepts_it(
    theme: str, environment: dict[str, str], tmp_path: Path
) -> None:
    require_xterm()
    story = begin_story(tmp_path)
    home = make_holder(story, theme)
    given = ("env", *(f"{name}={value}" for name, value in environment.items()))
    seconds = str(story.behind.total_seconds())
    command = (*given, sys.executable, "-m", "tests.terminal.at", seconds, "wallet", "--home", str(home))
    with xterm(command, columns=140, rows=50) as terminal:
        code = show_code(terminal)
    report = story.ask_gate(code)
    assert report.decision is Decision.ACCEPTED, report.reasons
    claims = report.require().claims
    assert ("match" in claims, "identity" in claims) == (True, False)
    assert unpack(decode_text(code), story.world.belief()).count("~") > 1
