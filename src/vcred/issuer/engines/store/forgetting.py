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
from vcred.issuer.audit import AuditEvent, AuditKind
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.engines.store.journal import VALUES
from vcred.issuer.journal import StatusValue

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
        self._audit = audit

    def forget(self, row_id: str, *, vct: str | None = None, at: int) -> int:
        """Forget a row with every credential that was ever issued for it: one transaction.

        The audit log says how many credentials it were, and not which.

        Args:
            row_id: As in the roster.
            vct: Its type; None if the row id is that of one type only.
            at: NumericDate now.

        Returns:
            How many credentials.

        Raises:
            UsageError: Nothing was issued for the row, rows of several types have the id, or one
                of its credentials is not revoked, or waits to be delivered.
        """
        with self._db.transaction():
            type_id, entries = self._entries(row_id, vct)
            self._db.execute_many(_EMPTY, [(_new_name(), b"", entry) for entry in entries])
            # An enrolment code that was used stays used, by nobody.
            self._db.execute(
                "UPDATE nonce SET row_id = ? WHERE type = ? AND row_id = ?", (_new_name(), type_id, row_id)
            )
            event = AuditEvent(kind=AuditKind.FORGOTTEN, members={"credentials": len(entries)})
            self._audit.append([event], at=at)
        return len(entries)

    def _entries(self, row_id: str, vct: str | None) -> tuple[int, list[int]]:
        """Return the type of a row, and its entries, if they may be forgotten."""
        found = self._db.rows(_FOUND, (row_id,))
        if vct is not None:
            type_id = self._db.value("SELECT coalesce(max(id), 0) FROM type WHERE vct = ?", (vct,))
            found = [row for row in found if row[1] == type_id]
        if not found:
            raise UsageError("nothing was issued under this row id")
        if len({row[1] for row in found}) > 1:
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
        return found[0][1], [row[0] for row in found]


def _new_name() -> str:
    return secrets.token_hex(_NAME_BYTES)
