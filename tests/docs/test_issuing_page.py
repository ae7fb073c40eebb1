# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/issuing.md is run as it stands, in the folder that docs/FOUNDING.md fills."""

import csv
import json
from pathlib import Path

import pytest

from tests.docs.pages import Shell, blocks


def test_the_page_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    for page in ("docs/FOUNDING.md", "docs/operate/issuing.md"):
        shell.run_page(blocks(page))
    names = {path.name for path in Path("issued").glob("*.sdjwt")}
    assert names == {"B0000001.sdjwt", "B0000002.sdjwt", "B0000002+1.sdjwt"}
    with Path("issued/receipts.csv").open(encoding="utf-8", newline="") as file:
        receipts = {receipt["credential_id"]: receipt["row_id"] for receipt in csv.DictReader(file)}
    assert sorted(receipts.values()) == ["B0000001", "B0000002", "B0000002"]
    status = json.loads(shell.run("vcred status show B0000002 --json --home issuer-gd").out)
    assert {item["credential_id"] for item in status["credentials"]} < receipts.keys()
    assert sorted(item["status"] for item in status["credentials"]) == ["revoked", "valid"]
