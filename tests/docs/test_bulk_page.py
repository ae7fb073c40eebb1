# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/bulk.md is run as it stands: a cluster from nothing, on loopback, with TLS."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.servers import free_port, wait_until
from tests.docs.pages import Shell, blocks, steps

PAGE = "docs/operate/bulk.md"
FOUNDING = "docs/FOUNDING.md"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell in the folder that docs/FOUNDING.md fills before the gate opens, at the real time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    page = blocks(FOUNDING)[:-2]
    needed = timedelta(seconds=20 * sum(len(steps(block)) for block in page))
    shell = Shell(now=datetime.now(UTC) - needed)
    shell.run_page(page)
    shell.now = datetime.now(UTC)
    try:
        yield shell
    finally:
        for file in tmp_path.glob("*.pid"):
            _end(int(file.read_text()))


@pytest.mark.online
@pytest.mark.enable_socket
def test_the_page_is_run(shell: Shell) -> None:
    ports = {port: str(free_port()) for port in ("8786", "8787")}
    for block in blocks(PAGE, "sh"):
        text = block.text
        for port, free in ports.items():
            text = text.replace(port, free)
        shell.run_script(replace(block, text=text))
    assert {file.stem for file in Path("night").glob("*.sdjwt")} == {"C0000001", "C0000002"}
    again = json.loads(Path("again.json").read_text())
    assert (again["issued"], again["skipped"]) == (0, 2)
    counts = json.loads(Path("counts.json").read_text())
    assert (counts["workers"], counts["tasks"]) == (2, 0)
    # What the page tells to kill is gone.
    wait_until(lambda: not [*Path().glob("*.pid")])
    for log in ("scheduler.log", "worker.log"):
        text = Path(log).read_text()
        assert "Compute Failed" not in text
        assert not [name for name in ("黃慧敏", "Huang Huimin", "440604194612020036") if name in text]
    kept = sorted(str(file) for file in Path("worker").rglob("*") if file.is_file())
    assert [file for file in kept if "issuing" not in file] == [
        "worker/home.toml",
        "worker/keys/unlock.jwe",
        "worker/unlock.key",
    ]


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
