# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Another language for a home: one line of its file, and nothing else of it."""

import stat
from pathlib import Path

import pytest

from vcred.errors import StoreError
from vcred.home import Role, Settings, change_language, create_home, read_home


def test_only_the_language_changes(tmp_path: Path) -> None:
    settings = Settings(ledger=Path("../ledger"), store="postgresql:///vcred", language="en")
    home = create_home(tmp_path / "home", Role.HOLDER, settings, network_file=b"{}")
    file = home.path / "home.toml"
    before = file.read_text(encoding="utf-8")
    changed = change_language(home, "zh-Hant")
    assert changed.settings.language == read_home(home.path).settings.language == "zh-Hant"
    # Relative paths are still relative: the home may be moved.
    assert file.read_text(encoding="utf-8") == before.replace('"en"', '"zh-Hant"')
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_damaged_file_is_not_written_over(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", Role.HOLDER, Settings())
    file = home.path / "home.toml"
    file.write_text("role =", encoding="utf-8")
    with pytest.raises(StoreError):
        change_language(home, "pt")
    assert file.read_text(encoding="utf-8") == "role ="
