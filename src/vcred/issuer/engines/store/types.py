# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The table `type`: the number of each version of each type in this store.

A row is a person's credential of a type, whatever the version (`journal.unversioned`). So whoever
looks for a row looks under the numbers of all versions.
"""

from vcred.errors import StoreError
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.journal import unversioned


class TypeTable:
    """Types by number. There are a few; each version is one."""

    def __init__(self, db: StoreDriver) -> None:
        self._db = db

    def number(self, vct: str) -> int:
        """Return the number of a version, a new one if it has none. Inside a transaction."""
        row = self._db.row("SELECT id FROM type WHERE vct = ?", (vct,))
        if row is not None:
            return int(row[0])
        number = int(self._db.value("SELECT coalesce(max(id) + 1, 1) FROM type"))
        self._db.execute("INSERT INTO type (id, vct) VALUES (?, ?)", (number, vct))
        return number

    def versions(self, vct: str) -> list[int]:
        """Return the numbers of all versions of a type that have one, perhaps none."""
        name = unversioned(vct)
        return [number for number, known in self.names().items() if known == name]

    def names(self) -> dict[int, str]:
        """Return which type each number stands for, without its version.

        Raises:
            StoreError: The table is damaged.
        """
        rows = self._db.rows("SELECT id, vct FROM type ORDER BY id")
        # A type that is not recognised would make its rows unknown, and have them issued again.
        if not all(type(number) is int and type(vct) is str for number, vct in rows):
            raise StoreError("a type in the issuer's store is damaged", hint="restore the store from a copy")
        return {number: unversioned(vct) for number, vct in rows}
