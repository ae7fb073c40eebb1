# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/restoring.md is run as it stands, in the folder that docs/FOUNDING.md fills."""

from pathlib import Path

import pytest

from tests.docs.pages import Shell, blocks


def test_the_page_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    for page in ("docs/FOUNDING.md", "docs/operate/restoring.md"):
        shell.run_page(blocks(page))
    # What was issued before the copy is known still; and what came after it, by its receipts.
    assert shell.run("vcred status show A0000001 --home issuer-gd").out.startswith("revoked")
    assert shell.run("vcred status show B0000001 --home issuer-gd").out.startswith("valid")
    assert shell.run("vcred status show A0000009 --home issuer-gd").out.startswith("revoked")
