# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/WALLET.md is run as it stands, in the folder that docs/FOUNDING.md fills."""

import os
import sys
from pathlib import Path

import pytest

from tests.cli.run import run
from tests.docs.pages import Shell, blocks
from vcred.cli.commands.wallet import group

PAGE = "docs/WALLET.md"


def test_the_page_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # What a block of `sh` calls vcred is the one that is tested.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    shell = Shell()
    for page in ("docs/FOUNDING.md", PAGE):
        shell.run_page(blocks(page))
    assert len(Path("proofs.txt").read_text("ascii").split()) == 3
    for home in ("alice", "alice-2"):
        # Both open by their passphrase alone.
        assert run("wallet", "list", "--home", home).code == 2
    assert (Path("alice.backup").stat().st_mode & 0o777, len([*Path().glob("*.secret")])) == (0o600, 2)


def test_every_command_of_the_wallet_is_on_the_page() -> None:
    text = Path(__file__).parents[2].joinpath(PAGE).read_text("utf-8")
    assert [name for name in group.table if f"wallet {name}" not in text and f"`{name}`" not in text] == []
