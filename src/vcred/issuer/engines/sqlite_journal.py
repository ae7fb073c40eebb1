# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The journal of the issuer's store: which credential has which place, once and for ever.

Called inside a transaction of `sqlite.py`, never outside one.
"""

import secrets
from dataclasses import dataclass, replace
from typing import Final

from vcred.credential.status_reference import StatusReference
from vcred.database import Database
from vcred.issuer.engines.sqlite_lists import ListTable
from vcred.issuer.journal import EntryKey, EntryState, JournalEntry, Refusal
from vcred.issuer.possession import Possession

ENTRY: Final = (
    "SELECT j.credential_id, j.vct, j.row_id, j.content, j.copy, l.uri, j.idx, j.possession,"
    " j.issued_at, j.state, j.holder, j.output FROM journal j JOIN list l ON l.number = j.list"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """Ask for a place in the journal and an index: for which credential, in a list under which base."""

    key: EntryKey
    status_base: str
    possession: Possession
    issued_at: int
    nonce_digest: bytes | None = None


class JournalTable:
    """The table `journal`, and the enrolment codes that its rows have used."""

    def __init__(self, db: Database, lists: ListTable) -> None:
        self._db = db
        self._lists = lists

    def allot(self, request: Allotment) -> JournalEntry | Refusal:
        """Give a credential its place, or the one it has; a refusal leaves nothing behind."""
        key = request.key
        sql = f"{ENTRY} WHERE j.vct = ? AND j.row_id = ?"
        entries = [entry_of(row) for row in self._db.rows(sql, (key.vct, key.row_id))]
        for entry in entries:
            if entry.key == key:
                return entry
        others = [entry for entry in entries if entry.key.content != key.content]
        if any(entry.state is not EntryState.ALLOTTED for entry in others):
            return Refusal.OTHER_CONTENT
        if not self._take_nonce(request):
            return Refusal.NONCE_USED
        for entry in others:
            if entry.key.copy == key.copy:
                return self._rebind(entry, key)
        return self._insert(request)

    def _rebind(self, entry: JournalEntry, key: EntryKey) -> JournalEntry:
        """Give the place of a row that was corrected before anything was signed to the new content."""
        self._db.execute(
            "UPDATE journal SET content = ? WHERE credential_id = ?", (key.content, entry.credential_id)
        )
        return replace(entry, key=key)

    def _insert(self, request: Allotment) -> JournalEntry:
        key = request.key
        number, uri, index = self._lists.take_index(key.vct, request.status_base)
        credential_id = secrets.token_hex(16)
        self._db.execute(
            "INSERT INTO journal (credential_id, vct, row_id, content, copy, list, idx, possession,"
            " issued_at, state, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'allotted', 0)",
            (
                credential_id,
                key.vct,
                key.row_id,
                key.content,
                key.copy,
                number,
                index,
                request.possession,
                request.issued_at,
            ),
        )
        return JournalEntry(
            credential_id=credential_id,
            key=key,
            status=StatusReference(uri=uri, index=index),
            possession=request.possession,
            issued_at=request.issued_at,
            state=EntryState.ALLOTTED,
        )

    def _take_nonce(self, request: Allotment) -> bool:
        """Use an enrolment code for this row; the copies of one row may share it (threats ISS-06)."""
        if request.nonce_digest is None:
            return True
        use = (request.nonce_digest, request.key.vct, request.key.row_id)
        self._db.execute("INSERT OR IGNORE INTO nonce (digest, vct, row_id) VALUES (?, ?, ?)", use)
        return self._db.row("SELECT digest, vct, row_id FROM nonce WHERE digest = ?", use[:1]) == use


def entry_of(
    row: tuple[str, str, str, bytes, int, str, int, str, int, str, bytes | None, str | None],
) -> JournalEntry:
    """Read a row of `ENTRY`."""
    credential_id, vct, row_id, content, copy, uri, index, possession, issued_at, state, holder, output = row
    return JournalEntry(
        credential_id=credential_id,
        key=EntryKey(vct=vct, row_id=row_id, content=content, copy=copy),
        status=StatusReference(uri=uri, index=index),
        possession=Possession(possession),
        issued_at=issued_at,
        state=EntryState(state),
        holder=holder,
        output=output,
    )
