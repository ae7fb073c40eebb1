# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Take credentials back, and publish the lists that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vcred.errors import StoreError, UsageError
from vcred.issuer.engines.sqlite import SqliteIssuerStore
from vcred.issuer.journal import JournalEntry, StatusValue, may_become
from vcred.issuer.receipts import Receipt, receipt_of
from vcred.issuer.status_lists import PublishedStatusList, next_issue_time, sign_list
from vcred.keys.signer import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialStatus:
    """A credential's receipt and its present status."""

    receipt: Receipt
    status: StatusValue


class StatusDesk:
    """Changes and publishes the statuses of one issuer's store."""

    def __init__(self, store: SqliteIssuerStore) -> None:
        self._store = store

    def show(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """Return every credential of a credential id or row id, with its status.

        Raises:
            UsageError: Nothing was issued under it.
        """
        entries = self._found(identifier)
        statuses = self._store.statuses(entries)
        return tuple(
            CredentialStatus(receipt=receipt_of(entry), status=status)
            for entry, status in zip(entries, statuses, strict=True)
        )

    def change(self, identifier: str, value: StatusValue, *, now: datetime) -> tuple[CredentialStatus, ...]:
        """Change the status of a credential, or of every credential of a row; durable on return.

        Raises:
            StoreError: It was revoked, which is final.
            UsageError: Nothing was issued under it, or the row id is that of several types.
        """
        found = self.show(identifier)
        if len({item.receipt.vct for item in found}) > 1:
            raise UsageError(
                "rows of several types have this row id", hint="name the credential id of the receipt"
            )
        # Copies that were revoked one by one do not stand in the way of the rest of their row.
        if not any(may_become(item.status, value) for item in found):
            raise StoreError("it was revoked, and that is final", hint="issue a new credential instead")
        wanted = [
            entry
            for entry, item in zip(self._found(identifier), found, strict=True)
            if may_become(item.status, value)
        ]
        self._store.change_status(wanted, value, at=int(now.timestamp()))
        return self.show(identifier)

    def publish(self, *, key_id: str, signer: Signer, now: datetime) -> tuple[PublishedStatusList, ...]:
        """Sign a new token for every list.

        Raises:
            StoreError: The clock is behind what was published.
        """
        published = []
        for number in self._store.list_numbers():
            record, issued_at = self._store.record_publication(
                number, lambda record: next_issue_time(record, now)
            )
            published.append(sign_list(record, issued_at=issued_at, key_id=key_id, signer=signer))
        return tuple(published)

    def _found(self, identifier: str) -> Sequence[JournalEntry]:
        entry = self._store.entry(identifier)
        entries = [entry] if entry is not None else list(self._store.entries(row_id=identifier))
        if not entries:
            # An index or a mistyped id must never take back somebody else's credential.
            raise UsageError(
                "nothing was issued under this id",
                hint='an id is the row_id of a roster, or what "vcred issue" printed;'
                ' "vcred status show ID" shows what it stands for',
            )
        return entries
