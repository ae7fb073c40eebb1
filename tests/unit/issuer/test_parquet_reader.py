# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rosters in Parquet: text stays text, other columns only where their text is exact (ISS-18)."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.issuer.tables import read_all, write_parquet
from vcred.errors import DecodeError, LimitExceededError
from vcred.issuer.engines.rosters import parquet_reader
from vcred.issuer.engines.rosters.parquet_reader import open_parquet
from vcred.limits import MAX_ROSTER_CELL_CHARACTERS, MAX_ROSTER_COLUMNS

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def written(path: Path, frame: polars.DataFrame) -> Path:
    frame.write_parquet(path)
    return path


def test_exact_columns_become_text(tmp_path: Path) -> None:
    frame = polars.DataFrame(
        {
            "text": ["000123", None],
            "whole": [3, -(2**63)],
            "large": [2**64 - 1, None],
            "date": [date(1987, 4, 6), None],
            "kind": ["green", "red"],
            "empty": [None, None],
        },
        schema_overrides={"kind": polars.Categorical, "large": polars.UInt64},
    )
    header, rows = read_all(written(tmp_path / "a", frame))
    assert header == ("text", "whole", "large", "date", "kind", "empty")
    assert rows[0].cells == ("000123", "3", "18446744073709551615", "1987-04-06", "green", "")
    assert rows[1].cells == ("", "-9223372036854775808", "", "", "red", "")


@pytest.mark.parametrize(
    "value",
    [1.5, True, b"x", NOON, time(9), timedelta(1), Decimal("1.50"), ["x"], {"a": "x"}],
    ids=lambda value: type(value).__name__,
)
def test_a_column_that_has_no_exact_text_is_refused_by_name(value: object, tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match=r"column mark is .+, not text") as refused:
        read_all(written(tmp_path / "a", polars.DataFrame({"row_id": ["1"], "mark": [value]})))
    assert refused.value.hint is not None


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(MAX_ROSTER_COLUMNS + 1)]
    assert len(read_all(write_parquet(tmp_path / "a", [names[:-1], names[:-1]]))[1]) == 1
    with pytest.raises(LimitExceededError, match="columns"):
        read_all(write_parquet(tmp_path / "b", [names, names]))


def test_an_over_long_row_is_one_fault(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(MAX_ROSTER_COLUMNS)]
    rows = [names, ["x" * 1000] * MAX_ROSTER_COLUMNS, ["x" * 1100] * MAX_ROSTER_COLUMNS, names]
    _, read = read_all(write_parquet(tmp_path / "a", rows))
    assert [row.fault and row.fault[:11] for row in read] == [None, "line longer", None]
    assert read[2].line == 4


def test_a_few_bytes_that_unfold_to_gigabytes_are_cut(tmp_path: Path) -> None:
    """A column with one long text, written once and repeated by its dictionary."""
    path, rows = tmp_path / "bomb", 1000
    text = "x" * 500_000
    polars.select(polars.repeat(text, rows).alias("a")).write_parquet(path)
    assert path.stat().st_size < len(text) < rows * len(text)
    _, read = read_all(path)
    assert len(read) == rows
    assert {len(row.cells[0]) for row in read} == {MAX_ROSTER_CELL_CHARACTERS + 1}


def test_a_file_that_asks_for_more_memory_than_the_bound_is_refused(tmp_path: Path) -> None:
    """As above, but of categories, which are copied out before they can be cut: ten gigabytes."""
    path = tmp_path / "bomb"
    column = polars.repeat("x" * 500_000, 20_000).cast(polars.Categorical)
    polars.select(column.alias("a")).write_parquet(path)
    with pytest.raises(LimitExceededError, match="memory"):
        read_all(path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_rows_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    good = write_parquet(tmp_path / "good", [["a", "b"], *([str(n), "x"] for n in range(50))]).read_bytes()
    place = data.draw(st.integers(4, len(good) - 1))
    kept = data.draw(st.sampled_from([len(good), place]))
    bad = bytearray(good[:kept])
    if kept == len(good):
        bad[place] ^= data.draw(st.integers(1, 255))
    (tmp_path / "bad").write_bytes(bad)
    try:
        read_all(tmp_path / "bad")
    except DecodeError:
        return


def test_a_file_without_columns_or_with_too_many_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write_parquet(tmp_path / "good", [["row_id"], ["a"], ["b"]])
    monkeypatch.setattr(parquet_reader, "MAX_ROSTER_TABLE_ROWS", 2)
    assert open_parquet(str(good)).row_count == 2
    polars.DataFrame().write_parquet(tmp_path / "bare")
    with pytest.raises(DecodeError, match="the file has no columns"):
        open_parquet(str(tmp_path / "bare"))
    longer = write_parquet(tmp_path / "longer", [["row_id"], ["a"], ["b"], ["c"]])
    with pytest.raises(LimitExceededError, match="more than 2 rows"):
        open_parquet(str(longer))
