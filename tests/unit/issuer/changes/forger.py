# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Somebody who can write the store, and what an audit says of what they wrote."""

from dataclasses import dataclass

from tests.unit.issuer.changes.rig import CAROL, Rig
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.change_request import ChangeRequest
from vcred.issuer.engines.store.store import IssuerStore


@dataclass
class Forger:
    """Somebody who has the store, and no approver's key."""

    rig: Rig
    request: ChangeRequest
    approval: str

    @property
    def store(self) -> IssuerStore:
        return self.rig.store

    def enter(self, kind: AuditKind, *, unapproved: int = 0, **members: str | int) -> None:
        event = AuditEvent(kind=kind, members={**members}, unapproved=unapproved)
        with self.store.db.transaction():
            self.store.changes.audit.append([event], at=self.rig.now)

    def approve(self, *, approval: str | None = "", approver: str = CAROL.did, request: str = "") -> None:
        """Enter an approval; as it was signed, unless it is said otherwise; None: without it."""
        signed = {} if approval is None else {"approval": approval or self.approval}
        named = request or self.request.request_id
        self.enter(AuditKind.APPROVAL, request=named, approver=approver, **signed)

    def change(
        self,
        row: str,
        before: str,
        after: str,
        *,
        alone: bool,
        change: str = "",
        kind: AuditKind = AuditKind.STATUS,
    ) -> None:
        """Change the status of a row, in the table and in the log."""
        (entry,) = self.store.entries(row_id=row)
        self.enter(
            kind,
            unapproved=1 if alone else 0,
            credential=entry.credential_id,
            before=before,
            after=after,
            change=change or self.request.request_id,
        )
        number = ("valid", "revoked", "suspended").index(after)
        self.edit("UPDATE journal SET status = ? WHERE row_id = ?", number, row)

    def edit(self, statement: str, *values: object) -> None:
        self.store.db.execute("DROP TRIGGER IF EXISTS journal_keeps_what_is_revoked")
        self.store.db.execute(statement, values)


def found(rig: Rig) -> list[tuple[str, int]]:
    with rig.desk.auditing() as check:
        assert list(check.entries())
        return [(one.kind.value, one.count) for one in check.differences()]


def noticed(rig: Rig) -> list[tuple[str, int, str]]:
    with rig.desk.auditing() as check:
        assert list(check.entries())
        check.differences()
        return [(one.kind.value, one.count, one.first) for one in check.notices()]
