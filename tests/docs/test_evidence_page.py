# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/evidence.md is run as it stands, in the folder that docs/FOUNDING.md fills."""

from pathlib import Path

import pytest

from tests.docs.pages import Shell, blocks


def test_the_page_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    for page in ("docs/FOUNDING.md", "docs/operate/evidence.md"):
        shell.run_page(blocks(page))
    assert len([*Path("proofs").iterdir()]) == 2
