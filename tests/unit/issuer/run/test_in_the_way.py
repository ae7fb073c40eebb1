# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Somebody's file has the name of a credential: told before its chunk is signed, and nothing is lost."""

from pathlib import Path

import pytest

from tests.unit.issuer.run.homes import assert_whole, issue, make_home, open_issuer, roster_bytes
from vcred.errors import StoreError
from vcred.home import read_home
from vcred.issuer.applications import Application
from vcred.issuer.chunk import CHUNK_CREDENTIALS
from vcred.issuer.engines.outputs.folder import FolderOutput
from vcred.issuer.engines.store.store import open_issuer_store

# Three chunks: the file is in the way of the last one, so that others are out when it is met.
ROWS = 2 * CHUNK_CREDENTIALS + 40
IN_ITS_WAY = 2 * CHUNK_CREDENTIALS + 7


def row_ids(roster: bytes) -> list[str]:
    return [line.split(",")[0] for line in roster.decode().splitlines()[1:]]


def in_store(home: Path) -> tuple[int, int]:
    """How many credentials are in the journal, and how many places were dealt."""
    with open_issuer_store(read_home(home)) as store:
        assert list(store.outbox()) == []
        return len(list(store.entries())), store.changes.audit.places()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_in_the_way_is_told_before_its_chunk_is_signed(tmp_path: Path, workers: int) -> None:
    home, out, roster = tmp_path / "home", tmp_path / "out", roster_bytes(ROWS)
    make_home(home)
    out.mkdir()
    foreign = out / f"{row_ids(roster)[IN_ITS_WAY]}.sdjwt"
    foreign.write_text("somebody's")
    with pytest.raises(StoreError, match=f"^{foreign} exists already$") as caught:
        issue(home, roster, out, workers=workers)
    assert "move it away" in (caught.value.hint or "")
    # What was handed out before has left; of the chunk nothing was signed, nor a place dealt for it.
    whole = 2 * CHUNK_CREDENTIALS
    assert in_store(home) == (whole, whole)
    assert len(list(out.glob("*.sdjwt"))) == whole + 1
    assert foreign.read_text() == "somebody's"

    foreign.rename(tmp_path / foreign.name)
    summary = issue(home, roster, out, workers=workers)
    assert (summary.issued, summary.skipped) == (ROWS - whole, whole)
    assert in_store(home) == (ROWS, ROWS)
    assert_whole(home, out, ROWS)


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_whatever_has_the_name_is_in_the_way(tmp_path: Path, kind: str) -> None:
    home, out, roster = tmp_path / "home", tmp_path / "out", roster_bytes(3)
    make_home(home)
    out.mkdir()
    taken = [out / f"{row_id}.sdjwt" for row_id in row_ids(roster)[1:]]
    for path in taken:
        # A link that leads nowhere: whoever asks whether it is there is told no.
        path.symlink_to(tmp_path / "nowhere") if kind == "link" else path.mkdir()
    words = rf"^{taken[0]} exists already \(and 1 more in the way\)$"
    with pytest.raises(StoreError, match=words):
        issue(home, roster, out)
    assert in_store(home) == (0, 0)


def test_of_a_row_that_is_issued_anew_it_is_the_new_file(tmp_path: Path) -> None:
    home, out, roster = tmp_path / "home", tmp_path / "out", roster_bytes(3)
    make_home(home)
    issue(home, roster, out)
    first, second, _ = row_ids(roster)
    with open_issuer(home) as issuer:
        issuer.revoke(first)
    # The file of the former one is ours, and in nobody's way; this one is.
    foreign = out / f"{first}+1.sdjwt"
    foreign.write_text("somebody's")
    (out / f"{second}+1.sdjwt").write_text("of a row that is not issued anew")
    with pytest.raises(StoreError, match=r"\+1.sdjwt exists already$") as caught:
        issue(home, roster, out, reissue=True)
    assert str(foreign) in str(caught.value)
    foreign.unlink()
    assert issue(home, roster, out, reissue=True).reissued == 1
    assert foreign.exists()


def test_of_a_further_copy_it_is_its_file_alone(tmp_path: Path) -> None:
    home, out, roster = tmp_path / "home", tmp_path / "out", roster_bytes(1)
    make_home(home)
    (row_id,) = row_ids(roster)
    header, row = roster.decode().splitlines()
    key = row.split(",")[-1]
    other = roster_bytes(2, seed=9).decode().splitlines()[2].split(",")[-1]
    plain = f"{header}\n{row}\n".encode()
    issue(home, plain, out, applications={row_id: key})
    foreign = out / f"{row_id}~1.sdjwt"
    foreign.write_text("somebody's")
    named = {row_id: (Application(did=key), Application(did=other))}
    with pytest.raises(StoreError, match=r"~1.sdjwt exists already$"):
        issue(home, plain, out, applications=named, copies=2)
    foreign.unlink()
    assert issue(home, plain, out, applications=named, copies=2).issued == 1


def test_one_that_comes_too_late_to_be_seen_keeps_the_chunk_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, out, roster = tmp_path / "home", tmp_path / "out", roster_bytes(5)
    make_home(home)
    out.mkdir()
    foreign = out / f"{row_ids(roster)[2]}.sdjwt"
    foreign.write_text("somebody's")
    with monkeypatch.context() as patched:
        patched.setattr(FolderOutput, "refuse_taken", lambda *_, **__: None)
        with pytest.raises(StoreError, match=f"^{foreign} exists already$"):
            issue(home, roster, out)
    with open_issuer_store(read_home(home)) as store:
        assert len(list(store.outbox())) == 1
    foreign.unlink()
    summary = issue(home, roster, out)
    assert (summary.issued, summary.resumed) == (5, 5)
    assert in_store(home) == (5, 5)
    assert_whole(home, out, 5)
