# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Measure every row by turns; print a table, write bench/results.json."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.clock import by_turns, medians
from bench.durable import beside_fdatasync
from bench.processes import against_bare
from bench.row import (
    U_MICROSECONDS,
    Against,
    CommandRow,
    DurableRow,
    LongRow,
    RaceRow,
    Reached,
    Row,
    SizeRow,
    Work,
)
from bench.rows import ROWS
from bench.unit import make_unit

RESULTS = Path(__file__).parent / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; the exit code is 0 whatever is reached: no timed test decides."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="measure only rows with a WORD in the name")
    parser.add_argument("--rounds", type=int, default=41, help="turns of each row (default 41)")
    asked = parser.parse_args(arguments)
    rows = [row for row in ROWS if not asked.words or any(word in row.name for word in asked.words)]
    unit, reached = measure([row for row in rows if isinstance(row, Row)], asked.rounds)
    reached += [measure_alone(row, asked.rounds) for row in rows if not isinstance(row, Row)]
    reached.sort(key=lambda item: rows.index(item.row))
    _print_table(unit, reached)
    if not asked.words:
        RESULTS.write_text(json.dumps(_as_json(unit, reached), indent=2) + "\n", encoding="utf-8")
    return 0


def measure(rows: Sequence[Row], rounds: int) -> tuple[float, list[Reached]]:
    """Return U in microseconds and what every row reached."""
    prepared: list[tuple[Row, Sequence[Work]]] = [(row, row.prepare()) for row in rows]
    works = [make_unit(), *(work for _, its in prepared for work in its)]
    unit, *times = medians(by_turns(works, rounds))
    remaining = iter(times)
    reached = []
    for row, its in prepared:
        own, *peers = [next(remaining) for _ in its]
        reached.append(Reached(row=row, value=_ratio(row, own, peers, unit)))
    return unit / 1000, reached


def _ratio(row: Row, own: float, peers: Sequence[float], unit: float) -> float:
    if row.against is Against.PEER:
        return own / peers[0]
    return own / unit * (U_MICROSECONDS if row.against is Against.MICROSECONDS else 1)


def measure_alone(row: CommandRow | SizeRow | LongRow | DurableRow | RaceRow, rounds: int) -> Reached:
    """Return what a row reached that takes no turns with all the others."""
    match row:
        case SizeRow():
            value: float = row.prepare()
        case CommandRow():
            value = against_bare(row.prepare(), rounds=max(5, rounds // 3), codes=row.codes)
        case LongRow():
            unit, own = medians(by_turns([make_unit(), row.prepare(row.calls)], row.rounds))
            value = own / unit / row.things * (U_MICROSECONDS if row.against is Against.MICROSECONDS else 1)
        case DurableRow():
            work, folder = row.prepare(row.before + row.turns)
            value = beside_fdatasync(work, folder, before=row.before, turns=row.turns)
        case RaceRow():
            its = row.prepare()
            own, peer = medians(zip(*[[run() for run in its] for _ in range(row.rounds)], strict=True))
            value = own / peer
    return Reached(row=row, value=value)


def _print_table(unit: float, reached: Sequence[Reached]) -> None:
    print(f"U = {unit:.1f} us\n")
    print(f"{'operation':<58} {'reached':>10} {'goal':>8}  in")
    for item in reached:
        value = f"{item.value:.3g}" if item.value < 100 else f"{item.value:.0f}"
        mark = "" if item.met else "  MISSED"
        print(f"{item.row.name:<58} {value:>10} {item.row.goal:>8g}  {item.row.against.value}{mark}")


def _as_json(unit: float, reached: Sequence[Reached]) -> dict[str, object]:
    return {
        "unit_microseconds": round(unit, 2),
        "python": platform.python_version(),
        "rows": [
            {
                "name": item.row.name,
                "reached": round(item.value, 4),
                "goal": item.row.goal,
                "in": item.row.against.value,
                "met": item.met,
            }
            for item in reached
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
