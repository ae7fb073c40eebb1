# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tables beside an output: vcred's own come and go, somebody else's stay as they are."""

import os
from pathlib import Path

import pytest

from tests.cli.test_issue_words import ONE, ROWS, holders, issue, roster
from tests.cli.town import Town
from vcred.cli.roster_tables import save_tables
from vcred.errors import StoreError
from vcred.issuer.summary import Tally

TABLES = ("refused.csv", "flagged.csv", "other_key.csv")
BAD = ROWS[5].replace(",green,", ",violet,")


@pytest.mark.parametrize("content", [b"name,why\r\nMy own list,1\r\n", b"", b"row_id,line,column\r\n"])
@pytest.mark.parametrize("row", [ROWS[5], BAD], ids=["nothing to tell", "a refused row"])
@pytest.mark.parametrize("name", TABLES)
def test_somebody_s_own_file_stays(town: Town, name: str, row: str, content: bytes) -> None:
    named, out = holders(town, ONE), town.path / "new"
    options = (*roster(town, row), *named)
    out.mkdir()
    (out / name).write_bytes(content)
    outcome = issue(town, *options)
    assert (outcome.code, outcome.said[0]) == (
        4,
        f"vcred: error: {out / name} exists already, and is no table of vcred's",
    )
    assert outcome.said[1] == "vcred: hint: move it away, or choose another place for the output"
    assert [file.name for file in out.iterdir()] == [name] and (out / name).read_bytes() == content
    # Nothing was issued, so that nothing is missing once it is out of the way.
    (out / name).rename(town.path / "mine.csv")
    assert issue(town, *options).code == (1 if row == BAD else 0)
    assert (out / "refused.csv").exists() is (row == BAD)
    assert (town.path / "mine.csv").read_bytes() == content


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_is_refused_at_once(town: Town, kind: str) -> None:
    named, table = holders(town, ONE), town.path / "new" / "flagged.csv"
    options = (*roster(town, BAD), *named)
    assert issue(town, *options).code == 1
    if kind == "pipe":
        os.mkfifo(table)
    elif kind == "link":
        table.symlink_to(table.with_name("refused.csv"))
    else:
        table.mkdir()
    outcome = issue(town, *options)
    assert (outcome.code, outcome.said[0].endswith("is no table of vcred's")) == (4, True)
    assert (table.with_name("refused.csv")).exists() and os.path.lexists(table)


def test_a_file_that_came_while_it_ran_stays(tmp_path: Path) -> None:
    save_tables(Tally().summary(), tmp_path)
    (tmp_path / "flagged.csv").write_bytes(b"mine")
    with pytest.raises(StoreError, match="is no table of vcred's"):
        save_tables(Tally().summary(), tmp_path)
    assert (tmp_path / "flagged.csv").read_bytes() == b"mine"


def test_a_pipe_called_as_a_credential(town: Town) -> None:
    """Opened, to see whether it is the same, it would hold the run for ever."""
    named, out = holders(town, ONE), town.path / "new"
    options = (*roster(town, ROWS[5]), *named)
    out.mkdir()
    os.mkfifo(out / f"{ONE}.sdjwt")
    outcome = issue(town, *options)
    assert (outcome.code, outcome.said[0]) == (4, f"vcred: error: {out / f'{ONE}.sdjwt'} exists already")
    assert outcome.said[1].startswith("vcred: hint: nothing of these rows is signed: move it away")
    (out / f"{ONE}.sdjwt").unlink()
    assert issue(town, *options).code == 0
    assert (out / f"{ONE}.sdjwt").read_text().endswith("~")
