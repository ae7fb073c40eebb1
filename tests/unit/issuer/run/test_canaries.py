# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""No claim stands anywhere but in the credential: not in the store, receipts, audit log, temporary files."""

import base64
import csv
import io
from pathlib import Path

import pytest
from tools.make_roster import HEADER, iter_rows

from tests.unit.issuer.run.homes import HEALTH, issue, make_home, open_issuer
from tests.unit.issuer.test_interruption import Stopped, stopping_in
from vcred.home import Home
from vcred.issuer.engines.outputs.folder import FolderOutput
from vcred.issuer.engines.outputs.grown_file import GrownFile
from vcred.issuer.engines.runs import roster_chunks
from vcred.issuer.engines.store.store import IssuerStore

ROWS = 20
FREE = ("name", "name_latin", "test_lab")
CLAIMS = (*FREE, "id_number", "birth_date", "test_collected", "valid_until", "holder")


def roster() -> tuple[bytes, set[bytes]]:
    """A roster, and what must not be found."""
    header, *rows = iter_rows(ROWS)
    text, canaries = io.StringIO(newline=""), set()
    writer = csv.writer(text)
    writer.writerow(header)
    for number, row in enumerate(rows):
        cells = dict(zip(HEADER, row, strict=True))
        cells |= {column: f"Canary {column} {number}" for column in FREE}
        writer.writerow(cells.values())
        canaries.update(cells[column].removeprefix("did:key:").encode() for column in CLAIMS)
    return text.getvalue().encode(), canaries


def found(folder: Path, canaries: set[bytes]) -> set[str]:
    """Files in which one of them stands, plain or as the base64url of a disclosure."""
    wanted = canaries | {base64.urlsafe_b64encode(b'"' + canary)[4:-4] for canary in canaries if canary}
    return {
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(canary in path.read_bytes() for canary in wanted)
    }


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", 6)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", f"{tmp_path / 'temporary'}")
    monkeypatch.setattr("tempfile.tempdir", None)
    return make_home(tmp_path / "home")


def test_while_it_runs_and_after(
    home: Home, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    data, canaries = roster()
    seen: list[set[str]] = []
    folder = home.path.parent

    def look(_progress: object) -> None:
        seen.append(found(home.path, canaries) | found(folder / "temporary", canaries))

    # The control: what is looked for stands in the roster.
    (folder / "roster.csv").write_bytes(data)
    assert found(folder, canaries) == {"roster.csv"}
    summary = issue(home.path, folder / "roster.csv", folder / "out", workers=2, on_progress=look)
    assert (summary.issued, summary.refused_count, len(seen)) == (ROWS, 0, 4)
    assert not any(seen)
    with open_issuer(home.path) as issuer:
        issuer.revoke("HC000000001")
        issuer.publish_status()
        look(None)
    assert not any(seen)
    written = found(folder / "out", canaries)
    assert written and all(name.endswith(".sdjwt") for name in written)
    told = caplog.text + "".join(capfd.readouterr())
    assert not any(canary.decode() in told for canary in canaries)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (IssuerStore, "record"),
        (FolderOutput, "write"),
        (GrownFile, "append"),
        (IssuerStore, "delivered"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_of_a_run_that_was_stopped(home: Home, target: object, name: str) -> None:
    """The outbox is sealed."""
    data, canaries = roster()
    out = home.path.parent / "out"
    with pytest.raises(Stopped), stopping_in(target, name, call=2):
        issue(home.path, data, out)
    assert found(home.path, canaries) | found(home.path.parent / "temporary", canaries) == set()
    assert issue(home.path, data, out).refused_count == 0
    assert found(home.path, canaries) == set()


def test_a_refused_row_is_told_without_its_cells(home: Home) -> None:
    data, canaries = roster()
    bad = data.replace(b",NAAT,", b",Canary method,")
    with open_issuer(home.path) as issuer:
        summary = issuer.check_roster(HEALTH, bad)
    assert summary.refused_count == ROWS
    told = repr(summary).encode()
    assert b"Canary method" not in told and not any(canary in told for canary in canaries)
