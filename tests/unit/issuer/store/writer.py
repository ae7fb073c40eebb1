# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process that issues rows into a store, and says what it was told: `... ADDRESS ROWS CHUNK OUT`.

dealt NUMBER INDEX          the place is durable
recorded ROW ID OWN         the entry is durable; OWN is 1 if it is of this process
delivered ROW ID            its output is written, and the outbox row gone
"""

import sys

from tests.unit.issuer.store.stores import NOW, VCT, deal, entries_of, open_at, seal, signed
from vcred.issuer.engines.store.store import IssuerStore


def tell(*words: object) -> None:
    """Say it now, in one piece: who is killed says no more."""
    print(" ".join(map(str, words)) + "\n", end="", flush=True)


def main() -> None:
    address, count, chunk, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    rows = [f"r{number}" for number in range(count)]
    with open_at(address) as store:
        finish(store, out)
        for start in range(0, count, chunk):
            issue_chunk(store, rows[start : start + chunk], out)


def finish(store: IssuerStore, out: str) -> None:
    """Deliver what an earlier process has left behind; one at a time writes to an output."""
    for waiting in store.outbox(out):
        write(store, waiting.id, waiting.sealed)


def issue_chunk(store: IssuerStore, row_ids: list[str], out: str) -> None:
    """The steps of a run, one after the other."""
    known = store.issued(VCT, row_ids)
    new = [row_id for row_id in row_ids if row_id not in known]
    if not new:
        return
    places = deal(store, len(new))
    for place in places:
        tell("dealt", place.number, place.index)
    rows = [signed(row_id, [place]) for row_id, place in zip(new, places, strict=True)]
    recorded = store.record(VCT, rows, destination=out, offset=None, seal=seal, at=NOW)
    for row, place, outcome in zip(rows, places, recorded.outcomes, strict=True):
        (entry,) = entries_of(outcome)
        tell("recorded", row.row_id, entry.credential_id, int(entry.status == place.status))
    if recorded.chunk is not None:
        own = [waiting.sealed for waiting in store.outbox(out) if waiting.id == recorded.chunk]
        write(store, recorded.chunk, own[0])


def write(store: IssuerStore, chunk: int, sealed: bytes) -> None:
    """What stands for the output: standard output, which is durable as far as this test goes."""
    ids = [line.split()[0].decode() for line in sealed.splitlines()]
    rows = {credential_id: entry.row_id for credential_id, entry in store.entries_of(ids).items()}
    store.delivered(chunk, sinks={})
    for credential_id in ids:
        tell("delivered", rows[credential_id], credential_id)


if __name__ == "__main__":
    main()
