# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The table `journal`: what was issued, found again by row, by credential id, by holder."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from vcred.credential.status_reference import StatusReference
from vcred.database import Row
from vcred.errors import StoreError
from vcred.issuer.engines.store.driver import StoreDriver, marks
from vcred.issuer.journal import (
    CredentialIds,
    EntryState,
    JournalEntry,
    SignedCopy,
    SignedRow,
    StatusValue,
)
from vcred.issuer.possession import Possession

VALUES: Final = (StatusValue.VALID, StatusValue.REVOKED, StatusValue.SUSPENDED)
"""What the numbers in a status list mean."""

_LIST_SHIFT: Final = 32
_DEAL_MASK: Final = (1 << _LIST_SHIFT) - 1
_ENTRY: Final = (
    "SELECT j.id, t.vct, j.row_id, j.generation, j.copy, j.content, j.holder, j.idx, j.possession,"
    " j.issued_at, j.status, l.uri, o.id, j.old_id FROM journal j"
    # A damaged reference must not make an entry disappear.
    " LEFT JOIN list l ON l.number = j.id >> 32"
    " LEFT JOIN type t ON t.id = j.type"
    " LEFT JOIN outbox o ON o.id = j.chunk"
)
_INSERT: Final = (
    "INSERT INTO journal (id, type, row_id, generation, copy, content, holder, idx, possession,"
    " issued_at, status, chunk) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)"
)


def journal_id(number: int, deal: int) -> int:
    """Return the number of the entry of a place: sequential, and never that of another."""
    return number << _LIST_SHIFT | deal


def place_of_entry(entry: int) -> tuple[int, int]:
    """Return the place (number of the list, deal) of the entry with this number."""
    return entry >> _LIST_SHIFT, entry & _DEAL_MASK


class TakenOver(NamedTuple):
    """An entry that was lost, as its receipt says; of content and holder nothing is known.

    `number`: of the entry, as `journal_id` gives it; `type_id`: of the version; `idx`: in the list.
    """

    number: int
    type_id: int
    row_id: str
    generation: int
    copy: int
    idx: int
    possession: Possession
    issued_at: int


class JournalTable:
    """Entries, found and added. Nothing here takes one away or gives it another place."""

    def __init__(self, db: StoreDriver, ids: CredentialIds) -> None:
        self._db = db
        self._ids = ids

    def of_rows(self, versions: Sequence[int], row_ids: Sequence[str]) -> dict[str, list[JournalEntry]]:
        """Find all that was ever issued for rows of a type, by row, generation and copy in order.

        One query; a row that is not known is not in the answer. At most some thousand rows.

        Args:
            versions: Numbers of the type's versions (`types.TypeTable`).
            row_ids: Of the rows.
        """
        found: dict[str, list[JournalEntry]] = {}
        where = f"WHERE j.row_id IN ({marks(len(row_ids))}) AND j.type IN ({marks(len(versions))})"
        order = "ORDER BY j.row_id, j.generation, j.type, j.copy"
        for entry in self._read(self._db.rows(f"{_ENTRY} {where} {order}", (*row_ids, *versions))):
            found.setdefault(entry.row_id, []).append(entry)
        return found

    def of_ids(self, credential_ids: Iterable[str]) -> dict[str, JournalEntry]:
        """Find entries by their credential ids; one that is not known is not in the answer."""
        wanted = list(credential_ids)
        numbers = [journal_id(*place) for place in map(self._ids.decode, wanted) if place is not None]
        # What an upgraded store has issued before keeps the id that it had.
        where = f"WHERE j.id IN ({marks(len(numbers))}) AND j.old_id IS NULL"
        rows = self._db.rows(f"{_ENTRY} {where}", numbers) if numbers else []
        if len(rows) < len(wanted):
            rows += self._db.rows(f"{_ENTRY} WHERE j.old_id IN ({marks(len(wanted))})", wanted)
        return {entry.credential_id: entry for entry in self._read(rows)}

    def matching(self, *, row_id: str | None = None, holder: bytes | None = None) -> Iterator[JournalEntry]:
        """Yield the entries that have all that is given, in the order of issue."""
        given = {"j.row_id": row_id, "j.holder": holder}
        wanted = {column: value for column, value in given.items() if value is not None}
        where = " WHERE " + " AND ".join(f"{column} = ?" for column in wanted) if wanted else ""
        for row in self._db.stream(f"{_ENTRY}{where} ORDER BY j.id", list(wanted.values())):
            yield from self._read([row])

    def insert(self, type_id: int, added: Sequence[tuple[SignedRow, SignedCopy, int]], chunk: int) -> None:
        """Add copies of rows, each in a generation. Inside a transaction."""
        self._db.execute_many(
            _INSERT,
            [
                (
                    journal_id(copy.place.number, copy.place.deal),
                    type_id,
                    row.row_id,
                    generation,
                    copy.copy,
                    row.content,
                    copy.holder,
                    copy.place.index,
                    # Plain text: what is not exactly that, SQLite's module asks around for.
                    copy.possession.value,
                    row.issued_at,
                    chunk,
                )
                for row, copy, generation in added
            ],
        )

    def take_over(self, entries: Iterable[TakenOver]) -> None:
        """Add entries that were lost, as delivered and valid. Inside a transaction."""
        self._db.execute_many(
            _INSERT,
            [
                (
                    entry.number,
                    entry.type_id,
                    entry.row_id,
                    entry.generation,
                    entry.copy,
                    b"",
                    None,
                    entry.idx,
                    entry.possession.value,
                    entry.issued_at,
                    None,
                )
                for entry in entries
            ],
        )

    def chunk_of(self, credential_id: str) -> int | None:
        """Return the chunk that an entry is in, which may be delivered by now; None of an unknown one."""
        place = self._ids.decode(credential_id)
        if place is None:
            return None
        row = self._db.row("SELECT chunk FROM journal WHERE id = ?", (journal_id(*place),))
        return None if row is None or row[0] is None else int(row[0])

    def release(self, credential_id: str) -> None:
        """Note that one credential of a chunk waits no more. Inside a transaction."""
        place = self._ids.decode(credential_id)
        if place is not None:
            self._db.execute("UPDATE journal SET chunk = NULL WHERE id = ?", (journal_id(*place),))

    def _read(self, rows: Sequence[Row]) -> list[JournalEntry]:
        ids = self._ids.encode(place_of_entry(row[0]) for row in rows)
        return [_entry(row, credential_id) for row, credential_id in zip(rows, ids, strict=True)]


def _entry(row: Row, credential_id: str) -> JournalEntry:
    try:
        return _checked(row[1:], credential_id)
    except (TypeError, ValueError, IndexError) as error:
        raise StoreError(
            "an entry of the issuer's journal is damaged", hint="restore the store from a copy"
        ) from error


def _checked(row: Row, credential_id: str) -> JournalEntry:
    (
        vct,
        row_id,
        generation,
        copy,
        content,
        holder,
        index,
        possession,
        issued_at,
        value,
        uri,
        chunk,
        old_id,
    ) = row
    # A bit that flipped in a record makes text of bytes, and nothing of a number.
    if (type(vct), type(row_id), type(content), type(uri)) != (str, str, bytes, str):
        raise TypeError
    if (type(generation), type(copy), type(index), type(issued_at)) != (int, int, int, int):
        raise TypeError
    if generation < 0 or copy < 0 or index < 0 or value < 0:
        raise ValueError
    return JournalEntry(
        credential_id=credential_id if old_id is None else old_id,
        vct=vct,
        row_id=row_id,
        generation=generation,
        copy=copy,
        # An upgraded store has another digest of the content, which says nothing now.
        content=content if old_id is None else None,
        holder=holder,
        possession=Possession(possession),
        issued_at=issued_at,
        status=StatusReference(uri=uri, index=index),
        value=VALUES[value],
        state=EntryState.DELIVERED if chunk is None else EntryState.SIGNED,
    )
