# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/witness.md is run as it stands, on the network that docs/FOUNDING.md founds."""

import json
from pathlib import Path

import pytest

from tests.architecture.source import PROJECT
from tests.docs.pages import Shell, blocks, check, steps
from vcred.tlog.witness import RefusalKind

PAGE = "docs/operate/witness.md"


def test_the_page_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    founding = [step for block in blocks("docs/FOUNDING.md", "console")[:2] for step in steps(block)]
    for step in founding:
        check(step, shell.run)
    shell.names["OLD"] = json.loads((tmp_path / "founder-gd.json").read_text())["witness"]["name"]
    for block in blocks(PAGE, "console"):
        for step in steps(block):
            check(step, shell.run)


def test_every_reason_is_in_its_table() -> None:
    text = (PROJECT / PAGE).read_text(encoding="utf-8")
    for kind in RefusalKind:
        rows = [row for row in text.splitlines() if row.startswith("|") and f"`{kind}`" in row]
        assert [row.split("|")[1].strip() for row in rows] == [str(kind.http_status)], kind
