# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/asking.md is run as it stands, where docs/FOUNDING.md is at the gate."""

import json
from pathlib import Path

import pytest

import vcred.clock
from tests.architecture.source import PROJECT
from tests.docs.pages import Shell, blocks
from tests.docs.test_pages import _StoppedTime
from vcred.qr.engines.zxing import read_picture
from vcred.reasons import Reason

PAGE = "docs/operate/asking.md"


def test_the_page_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    # Without its last section, which takes the credential back.
    shell.run_page(blocks("docs/FOUNDING.md")[:-1])
    shell.run_page(blocks(PAGE))
    assert read_picture(Path("request.png").read_bytes()).startswith("VQ1:")
    assert [*json.loads(Path("request.json").read_text())] == ["request"]
    monkeypatch.setattr(vcred.clock, "datetime", _StoppedTime(shell))
    (program,) = blocks(PAGE, "python")
    # The key that was rotated at the end of the page is in force once a bundle says so.
    exec(compile(program.text, PAGE, "exec"), {})
    assert capsys.readouterr().out == "VQ1: registered\n"


def test_the_table_names_reasons_that_there_are() -> None:
    text = (PROJECT / PAGE).read_text(encoding="utf-8")
    named = [row.split("`")[1] for row in text.splitlines() if row.startswith("| `")]
    assert len(named) == 5
    assert set(named) <= set(Reason)
