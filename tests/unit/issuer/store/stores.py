# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A store to test, in whichever engine: opened again and again, spoken to by a stranger."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.postgres import Postgres
from vcred.issuer.engines.store.file import open_file
from vcred.issuer.engines.store.record import Outcome, Recorded
from vcred.issuer.engines.store.store import IssuerStore, open_shared_store
from vcred.issuer.journal import JournalEntry, Place, Refusal, SignedCopy, SignedRow
from vcred.issuer.possession import Possession

VCT = "did:vcred:publisher/types/permit/1"
NEXT_VCT = "did:vcred:publisher/types/permit/2"
OTHER_VCT = "did:vcred:publisher/types/pass/1"
BASE = "https://status.example/lists/"
NOW = 1_795_147_200
CONTENT, OTHER_CONTENT = b"c" * 32, b"d" * 32
HOLDER, OTHER_HOLDER = b"h" * 32, b"i" * 32
OUT, OTHER_OUT = "/out/a", "/out/b.jsonl"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A store under an address; `execute` speaks to it as a stranger with another program would."""

    address: str
    execute: Callable[[str], list[Any]]

    def open(self) -> IssuerStore:
        """One more handle, as another process has it."""
        return open_at(self.address)


def open_at(address: str) -> IssuerStore:
    """Open a store by what a test, or a process of one, calls it."""
    if address.startswith("postgresql:"):
        return open_shared_store(address)
    return IssuerStore(open_file(Path(address)))


def in_file(path: Path) -> Stored:
    """A store in a file."""

    def execute(statement: str) -> list[Any]:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            return database.execute(statement).fetchall()

    return Stored(address=str(path), execute=execute)


def on_server(server: Postgres, schema: str) -> Stored:
    """A store in a schema that nobody has used."""

    def execute(statement: str) -> list[Any]:
        with server.connect(options=f"-c search_path={schema}") as database:
            cursor = database.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    return Stored(address=server.uri(schema), execute=execute)


def deal(store: IssuerStore, count: int, *, vct: str = VCT, base: str = BASE) -> list[Place]:
    """Deal places at the time of the tests."""
    return store.deal(vct, base, count, at=NOW)


def signed(
    row_id: str,
    places: Sequence[Place],
    *,
    content: bytes = CONTENT,
    holder: bytes = HOLDER,
    copies: Sequence[int] | None = None,
    nonces: Sequence[bytes] = (),
    replaces: bool = False,
) -> SignedRow:
    """A row that was signed, a copy in each place."""
    numbers = range(len(places)) if copies is None else copies
    return SignedRow(
        row_id=row_id,
        content=content,
        copies=tuple(
            SignedCopy(copy=copy, place=place, holder=holder, possession=Possession.DID, text=text_of(place))
            for copy, place in zip(numbers, places, strict=True)
        ),
        issued_at=NOW,
        # One for each copy; further ones have none.
        nonce_digests=(*nonces, *[b""] * len(places))[: len(places)],
        replaces=replaces,
    )


def text_of(place: Place) -> str:
    """What stands for a signed credential."""
    return f"text {place.number}.{place.deal}"


def seal(items: list[tuple[JournalEntry, str]]) -> bytes:
    """What stands for sealing: it can be read again."""
    return "\n".join(f"{entry.credential_id} {text}" for entry, text in items).encode()


def record(
    store: IssuerStore,
    *rows: SignedRow,
    vct: str = VCT,
    destination: str = OUT,
    offset: int | None = None,
) -> Recorded:
    """Record rows at the time of the tests."""
    return store.record(vct, rows, destination=destination, offset=offset, seal=seal, at=NOW)


def entries_of(outcome: Outcome) -> tuple[JournalEntry, ...]:
    """The entries of a row that was not refused."""
    assert not isinstance(outcome, Refusal), outcome
    return outcome


def issue(store: IssuerStore, row_id: str, *, vct: str = VCT, copies: int = 1) -> tuple[JournalEntry, ...]:
    """Issue and deliver one row."""
    recorded = record(store, signed(row_id, deal(store, copies, vct=vct)), vct=vct)
    assert recorded.chunk is not None
    store.delivered(recorded.chunk, sinks={})
    return tuple(store.issued(vct, [row_id])[row_id])
