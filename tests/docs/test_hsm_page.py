# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/hsm.md is run as it stands, in the folder that docs/FOUNDING.md fills."""

from pathlib import Path

import pytest

from tests.docs.pages import Shell, blocks
from tests.softhsm import require_softhsm
from vcred.keys.engines import pkcs11_token

PAGES = ("docs/FOUNDING.md", "docs/operate/hsm.md")


def test_the_page_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_softhsm()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    pkcs11_token._forget()
    shell = Shell()
    for page in PAGES:
        shell.run_page(blocks(page))
    shown = shell.run("vcred did show --home issuer-hsm").err
    assert shown.count("pkcs11:token=health;") == 3
    assert (tmp_path / "pin").stat().st_mode & 0o077 == 0
