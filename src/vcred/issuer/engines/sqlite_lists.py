# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The status lists of the issuer's store: which index is free, and when each list was published.

Called inside a transaction of `sqlite.py`, never outside one.
"""

from vcred.database import Database
from vcred.issuer.status_lists import LIST_SIZE, ListRecord
from vcred.status.allotment import choose_index


class ListTable:
    """The table `list`, and the indices that the journal holds."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def take_index(self, vct: str, base: str) -> tuple[int, str, int]:
        """Take a random index that nobody has, opening a new list where there is none to be had.

        Returns:
            Number and URI of the list, and the index in it. The caller must put both in the
            journal in the same transaction.
        """
        row = self._db.row(
            "SELECT number, uri, size, used FROM list WHERE vct = ? ORDER BY number DESC LIMIT 1", (vct,)
        )
        if row is not None and row[1] == f"{base}{row[0]}":
            number, uri, size, used = row
            index = choose_index(size=size, used_count=used, is_used=lambda i: self._is_used(number, i))
            if index is not None:
                self._db.execute("UPDATE list SET used = used + 1 WHERE number = ?", (number,))
                return number, uri, index
        # None yet, full, or under a base that the issuer has left: open the next list, never reuse.
        return self._open(vct, base)

    def record(self, number: int) -> ListRecord:
        """Read a list with all values that are not 0."""
        query = "SELECT vct, uri, size, last_issued_at FROM list WHERE number = ?"
        (row,) = self._db.rows(query, (number,))
        changed = self._db.rows("SELECT idx, status FROM journal WHERE list = ? AND status != 0", (number,))
        return ListRecord(
            number=number, vct=row[0], uri=row[1], size=row[2], last_issued_at=row[3], values=dict(changed)
        )

    def set_issued_at(self, number: int, issued_at: int) -> None:
        """Remember the `iat` of a list's newest token."""
        self._db.execute("UPDATE list SET last_issued_at = ? WHERE number = ?", (issued_at, number))

    def _open(self, vct: str, base: str) -> tuple[int, str, int]:
        number = self._db.value("SELECT coalesce(max(number) + 1, 0) FROM list")
        uri = f"{base}{number}"
        self._db.execute(
            "INSERT INTO list (number, vct, uri, size, used, last_issued_at) VALUES (?, ?, ?, ?, 1, 0)",
            (number, vct, uri, LIST_SIZE),
        )
        index = choose_index(size=LIST_SIZE, used_count=0, is_used=lambda _: False)
        if index is None:
            raise RuntimeError("an empty status list has no free index")
        return number, uri, index

    def _is_used(self, number: int, index: int) -> bool:
        sql = "SELECT 1 FROM journal WHERE list = ? AND idx = ?"
        return self._db.row(sql, (number, index)) is not None
