# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issue into a store, note what was told; and say what a store has broken, read with plain SQLite.

INV-4   a place is dealt once
INV-5   no credential is out whose entry is not in the journal
ISS-17  a row is issued once

python -m tests.faults.issuing FILE RECORD ROUNDS
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.faults.record import Record, Told, told_of
from tests.unit.issuer.store.stores import OUT, deal, entries_of, in_file, record, signed
from vcred.errors import VcredError
from vcred.issuer.engines.store.store import IssuerStore

PLACES: Final = 3
# The write-ahead log would outgrow a small disk.
ROUNDS_OF_A_RUN: Final = 40
ENVIRONMENT: Final = 4


def issue_noted(store: IssuerStore, number: int, noted: Record) -> None:
    """One round: three places, two rows, one of them delivered for each."""
    places = deal(store, PLACES)
    noted.add("dealt", places=[[place.number, place.deal, place.index] for place in places])
    rows = [signed(f"r{number}-{place.deal}", [place]) for place in places[1:]]
    recorded = record(store, *rows)
    entries = [entries_of(outcome)[0] for outcome in recorded.outcomes]
    told = [
        [row.row_id, place.number, place.deal, entry.credential_id]
        for row, place, entry in zip(rows, places[1:], entries, strict=True)
    ]
    noted.add("recorded", chunk=recorded.chunk, rows=told)
    assert recorded.chunk is not None
    store.delivered(recorded.chunk, sinks={OUT: number})
    noted.add("delivered", chunk=recorded.chunk, length=number)


def complaints_of_store(file: Path, told: list[Told]) -> list[str]:
    """What was told and does not hold."""
    with closing(sqlite3.connect(file)) as database:
        journal = database.execute("SELECT id, row_id, idx, generation, copy, chunk FROM journal").fetchall()
        dealt = dict(database.execute("SELECT number, dealt FROM list"))
        waiting = {chunk for (chunk,) in database.execute("SELECT id FROM outbox")}
        lengths = dict(database.execute("SELECT path, length FROM sink"))
        sound = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    complaints = [] if sound else ["the file is damaged"]
    rows = {number: row_id for number, row_id, *_ in journal}
    for places in told_of(told, "dealt"):
        complaints += [
            f"INV-4: place {place} would be dealt again"
            for place in places["places"]
            if dealt.get(place[0], 0) <= place[1]
        ]
    for chunk in told_of(told, "recorded"):
        complaints += [
            f"INV-5: {row_id} is out and not in the journal"
            for row_id, number, deal_, _ in chunk["rows"]
            if rows.get(number << 32 | deal_) != row_id
        ]
    delivered = told_of(told, "delivered")
    complaints += [f"{item} waits" for item in delivered if item["chunk"] in waiting]
    if delivered and lengths.get(OUT, -1) < delivered[-1]["length"]:
        complaints.append("the length of an output is forgotten")
    if len({(number >> 32, index) for number, _, index, *_ in journal}) != len(journal):
        complaints.append("INV-4: two credentials have one place")
    if len({(row_id, generation, copy) for _, row_id, _, generation, copy, _ in journal}) != len(journal):
        complaints.append("ISS-17: a row was issued twice")
    return complaints


def main() -> int:
    file, noted, rounds = Path(sys.argv[1]), Record(Path(sys.argv[2])), int(sys.argv[3])
    try:
        with in_file(file).open() as store:
            for number in range(rounds):
                issue_noted(store, number, noted)
                if number % ROUNDS_OF_A_RUN == 0:
                    store.wipe()
    except VcredError as error:
        print(f"vcred: error: {error}", file=sys.stderr)
        return ENVIRONMENT
    return 0


if __name__ == "__main__":
    sys.exit(main())
