# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a home that was put back has lost, and the receipts of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.unit.issuer.lists.stage import ListStage
from vcred.issuer.engines.statuses.audit_check import AuditCheck
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import CredentialIds, EntryState, JournalEntry, StatusValue
from vcred.issuer.receipts import Receipt, encode_receipts, receipt_of


@dataclass
class Loss:
    """A home that was put back, and the receipts of what it has lost."""

    stage: ListStage
    lost: list[JournalEntry]
    table: Path

    @property
    def receipts(self) -> list[Receipt]:
        return [replace(receipt_of(entry), state=EntryState.DELIVERED) for entry in self.lost]

    def write(self, receipts: Sequence[Receipt]) -> list[Path]:
        self.table.write_bytes(encode_receipts(receipts))
        return [self.table]


def lose(stage: ListStage) -> Loss:
    """Lose six credentials: one revoked, one suspended, as the lists held in the home say."""
    backup = stage.back_up()
    with stage.open() as (store, desk):
        lost = stage.issue(store, 6)
        stage.change(store, lost[:1], StatusValue.REVOKED)
        stage.change(store, lost[1:2], StatusValue.SUSPENDED)
        stage.clock.later(minutes=2)
        stage.import_lists(desk.publish())
    stage.restore_home(backup)
    return Loss(stage, lost, stage.folder.with_name("receipts.csv"))


def counts(store: IssuerStore) -> list[str]:
    """What the audit finds."""
    check = AuditCheck(
        store.db,
        CredentialIds(store.secret),
        audit=store.changes.audit,
        approvals=store.changes.approvals,
        issuer="did:vcred:issuer",
    )
    assert len([*check.entries()]) == store.changes.audit.head().seq
    return [f"{one.kind}: {one.first}" for one in check.differences()]
