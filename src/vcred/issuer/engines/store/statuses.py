# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The column `status` of the journal, for many credentials at a time, each change with its audit entry.

A revoked credential stays revoked (threats STA-18): no statement here changes one. Called inside
a transaction, where something is written.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from vcred.codec.json_types import JsonObject
from vcred.database import Row
from vcred.errors import StoreError, UsageError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.driver import StoreDriver, marks
from vcred.issuer.engines.store.journal import VALUES, journal_id
from vcred.issuer.journal import CredentialIds, StatusValue, may_become
from vcred.issuer.status_lists import fits

_AT_ONCE: Final = 500
_DEALS: Final = 1 << 32
_ROW_ID: Final = 4
_REVOKED: Final = VALUES.index(StatusValue.REVOKED)

Item = TypeVar("Item")


class Standing(NamedTuple):
    """A credential's number in the journal, its type, and its status now."""

    number: int
    type_id: int
    value: StatusValue


class StatusTable:
    """Reads and changes statuses. Entries are named by their numbers in the journal."""

    def __init__(self, db: StoreDriver, ids: CredentialIds, audit: AuditTable) -> None:
        self._db = db
        self._ids = ids
        self._audit = audit

    def of_credentials(self, credential_ids: Sequence[str]) -> dict[str, Standing]:
        """Find credentials by their ids; an id that is not known is left out."""
        found: dict[str, Standing] = {}
        for some in slices(credential_ids):
            guesses = [journal_id(*place) for place in map(self._ids.decode, some) if place is not None]
            rows = self._rows(f"id IN ({marks(len(guesses))}) AND old_id IS NULL", guesses)
            if len(rows) < len(some):
                # What an upgraded store has issued before keeps the id that it had.
                rows += self._rows(f"old_id IN ({marks(len(some))})", some)
            found |= zip(self._names(rows), map(_standing, rows), strict=True)
        return found

    def of_rows(self, row_ids: Sequence[str]) -> dict[str, list[Standing]]:
        """Find all that was ever issued for rows, of any type; a row that is not known is left out."""
        found: dict[str, list[Standing]] = {}
        for some in slices(row_ids):
            for row in self._rows(f"row_id IN ({marks(len(some))})", some):
                found.setdefault(row[_ROW_ID], []).append(_standing(row))
        return found

    def refuse_unfit(self, numbers: Sequence[int], value: StatusValue) -> None:
        """Refuse a status that the list of one of the entries cannot say.

        Raises:
            UsageError: The list has one bit to an entry: valid or revoked.
        """
        rows = self._db.rows("SELECT number, bits FROM list")
        unfit = {number for number, bits in rows if not fits(value, bits=bits)}
        if unfit and not unfit.isdisjoint(number // _DEALS for number in numbers):
            raise UsageError(
                f"the status list of one of them cannot say {value}",
                hint='revoke instead; "vcred status purposes" says what the next lists can say',
            )

    def credential_ids(self, numbers: Sequence[int]) -> Iterator[str]:
        """Yield the credential ids of entries."""
        for some in slices(numbers):
            yield from self._names(self._rows(f"id IN ({marks(len(some))})", some))

    def changing(self, numbers: Sequence[int], value: StatusValue) -> "array[int]":
        """Return which entries would get another status: not those that have it, nor revoked ones."""
        todo = array("q")
        for some in slices(numbers):
            for found in map(_standing, self._rows(f"id IN ({marks(len(some))})", some)):
                if found.value is not value and may_become(found.value, value):
                    todo.append(found.number)
        return todo

    def count_revoked(self, numbers: Sequence[int]) -> int:
        """Return how many of the entries are revoked, and so stay as they are."""
        return sum(
            self._db.value(
                f"SELECT count(*) FROM journal WHERE id IN ({marks(len(some))}) AND status = ?",  # noqa: S608
                (*some, _REVOKED),
            )
            for some in slices(numbers)
        )

    def set(
        self,
        todo: Sequence[int],
        value: StatusValue,
        *,
        change: str,
        at: int,
        is_approved: bool,
        kind: AuditKind = AuditKind.STATUS,
    ) -> None:
        """Change what `changing` has returned in this transaction, and enter each in the audit log.

        Args:
            todo: Numbers of entries.
            value: Their new status.
            change: Id of the change, or of the request that was approved.
            at: NumericDate now.
            is_approved: Whether a second person has approved it.
            kind: Of the entries in the audit log.
        """
        for some in slices(todo):
            self._enter(some, value, change=change, at=at, unapproved=0 if is_approved else 1, kind=kind)
            self._db.execute(
                f"UPDATE journal SET status = ? WHERE id IN ({marks(len(some))}) AND status != ?",  # noqa: S608
                (VALUES.index(value), *some, _REVOKED),
            )

    def note_left(self, numbers: Sequence[int], *, change: str, at: int) -> None:
        """Enter in the audit log what an approved change leaves as it was.

        What was signed is the digest of all of them: without these it could not be held against it.
        """
        for some in slices(numbers):
            self._enter(some, None, change=change, at=at, unapproved=0, kind=AuditKind.STATUS)

    def _enter(
        self,
        numbers: Sequence[int],
        value: StatusValue | None,
        *,
        change: str,
        at: int,
        unapproved: int,
        kind: AuditKind,
    ) -> None:
        """Enter each; `value` None says that it stays as it is."""
        rows = self._rows(f"id IN ({marks(len(numbers))})", numbers)
        events: list[AuditEvent] = []
        for credential_id, row in zip(self._names(rows), rows, strict=True):
            before = _standing(row).value
            members: JsonObject = {
                "credential": credential_id,
                "before": before.value,
                "after": (before if value is None else value).value,
                "change": change,
            }
            events.append(AuditEvent(kind=kind, members=members, unapproved=unapproved))
        self._audit.append(events, at=at)

    def _rows(self, where: str, values: Sequence[object]) -> list[Row]:
        if not values:
            return []
        sql = f"SELECT id, old_id, status, type, row_id FROM journal WHERE {where} ORDER BY id"  # noqa: S608
        return self._db.rows(sql, values)

    def _names(self, rows: Sequence[Row]) -> list[str]:
        made = self._ids.encode(divmod(row[0], _DEALS) for row in rows)
        return [one if row[1] is None else row[1] for one, row in zip(made, rows, strict=True)]


def _standing(row: Row) -> Standing:
    number, _, status, type_id, _ = row
    try:
        return Standing(number, type_id, VALUES[status])
    except (TypeError, IndexError) as error:
        raise StoreError(
            "an entry of the issuer's journal is damaged", hint="restore the store from a copy"
        ) from error


def slices(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Cut a long list into what one statement takes."""
    for start in range(0, len(items), _AT_ONCE):
        yield list(items[start : start + _AT_ONCE])
