# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Forget whose a credential was, when its person asks for it (threats PRV-10).

The entry stays: its place is never dealt again, and what was revoked is published for ever. But
nothing in it leads to a row, a key or a claim any more, nor from one copy of a row to another.
So nobody can revoke it later, and only what is revoked already is forgotten.
"""

import secrets
from typing import Final

from vcred.errors import UsageError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.driver import StoreDriver, marks
from vcred.issuer.engines.store.journal import VALUES
from vcred.issuer.engines.store.types import TypeTable
from vcred.issuer.journal import StatusValue, unversioned

_REVOKED: Final = VALUES.index(StatusValue.REVOKED)
_NAME_BYTES: Final = 16
_FOUND: Final = (
    "SELECT j.id, j.type, j.status, o.id FROM journal j LEFT JOIN outbox o ON o.id = j.chunk"
    " WHERE j.row_id = ?"
)
# A random name, and numbers that all first copies have.
_EMPTY: Final = (
    "UPDATE journal SET row_id = ?, generation = 0, copy = 0, content = ?, holder = NULL WHERE id = ?"
)


class Forgetting:
    """Empties entries of the journal, and keeps them."""

    def __init__(self, db: StoreDriver, audit: AuditTable) -> None:
        self._db = db
        self._types = TypeTable(db)
        self._audit = audit

    def forget(self, row_id: str, *, vct: str | None = None, at: int) -> int:
        """Forget a row with every credential that was ever issued for it: one transaction.

        Under every version of its type: what were left would lead to the row, and to the holder's
        key.
        The audit log says how many credentials it were, and not which.

        Args:
            row_id: As in the roster.
            vct: A version of its type; None if the row id is that of one type only.
            at: NumericDate now.

        Returns:
            How many credentials.

        Raises:
            UsageError: Nothing was issued for the row, rows of several types have the id, or one
                of its credentials is not revoked, or waits to be delivered.
        """
        with self._db.transaction():
            versions, entries = self._entries(row_id, vct)
            self._db.execute_many(_EMPTY, [(_new_name(), b"", entry) for entry in entries])
            # An enrolment code that was used stays used, by nobody.
            self._db.execute(
                f"UPDATE nonce SET row_id = ? WHERE row_id = ? AND type IN ({marks(len(versions))})",  # noqa: S608
                (_new_name(), row_id, *versions),
            )
            event = AuditEvent(kind=AuditKind.FORGOTTEN, members={"credentials": len(entries)})
            self._audit.append([event], at=at)
        return len(entries)

    def _entries(self, row_id: str, vct: str | None) -> tuple[list[int], list[int]]:
        """Return the versions of a row's type, and its entries, if they may be forgotten."""
        names = self._types.names()
        found = self._db.rows(_FOUND, (row_id,))
        if vct is not None:
            found = [row for row in found if names.get(row[1]) == unversioned(vct)]
        if not found:
            raise UsageError("nothing was issued under this row id")
        types = {names.get(row[1]) for row in found}
        if len(types) > 1:
            raise UsageError(
                "rows of several types have this row id",
                hint="name a credential id of the row: its receipt has it",
            )
        if any(row[2] != _REVOKED for row in found):
            raise UsageError(
                "a credential of the row is not revoked, and could not be any more",
                hint='revoke first, also what has expired: "vcred status revoke --row ROW"',
            )
        if any(row[3] is not None for row in found):
            raise UsageError(
                "a credential of the row waits to be delivered",
                hint="run the command that issued it again",
            )
        return [number for number, name in names.items() if name in types], [row[0] for row in found]


def _new_name() -> str:
    return secrets.token_hex(_NAME_BYTES)
