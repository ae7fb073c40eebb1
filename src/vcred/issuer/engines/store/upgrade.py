# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Bring a file of an older vcred to version 3.

What was delivered stays, under the id that its holder has. Digests of its content are erased, those
of its holder keyed anew, when a home first opens the store with its keyring (`store_digests`). Its
lists stay published and are closed: an old list has no deck. What was allotted or signed and not
delivered is dropped, and the row is issued anew, in a new list. A text that was signed may have been
written and not noted: its place says revoked from now on, so that no second credential of a row is
good.
"""

from typing import Final

from vcred.issuer.engines.store.schema import FILE_STATEMENTS

# A status that was changed names its credential; the table that it referred to is made anew.
_KEEP_CHANGES: Final = (
    """CREATE TABLE former_change (
        id INTEGER PRIMARY KEY, credential_id TEXT NOT NULL,
        value INTEGER NOT NULL, at INTEGER NOT NULL) STRICT""",
    "INSERT INTO former_change SELECT id, credential_id, value, at FROM status_change",
    "DROP TABLE status_change",
    "ALTER TABLE former_change RENAME TO status_change",
)

_PUT_ASIDE: Final = (
    "DROP TRIGGER journal_keeps_its_rows",
    "DROP TRIGGER journal_keeps_its_index",
    *(f"ALTER TABLE {table} RENAME TO former_{table}" for table in ("secret", "nonce", "journal", "list")),
)

_TAKE_OVER: Final = (
    "INSERT INTO secret SELECT id, value FROM former_secret",
    """INSERT INTO type (vct) SELECT vct FROM
        (SELECT vct FROM former_list UNION SELECT vct FROM former_journal UNION SELECT vct FROM former_nonce)
        ORDER BY vct""",
    """INSERT INTO list (number, type, uri, bits, size, dealt, closed, last_issued_at)
        SELECT number, type.id, uri, 2, size, used, 1, last_issued_at
        FROM former_list JOIN type USING (vct)""",
    """INSERT INTO journal (id, type, row_id, generation, copy, content, holder, idx, possession, issued_at,
            status, old_id)
        SELECT former.list << 32 | former.id, type.id, row_id,
            row_number() OVER (PARTITION BY type.id, row_id, copy ORDER BY former.id) - 1,
            copy, content, holder, idx, possession, issued_at, status, credential_id
        FROM former_journal AS former JOIN type USING (vct) WHERE state = 'delivered' ORDER BY 1""",
    "INSERT INTO decoy SELECT list, idx, 1 FROM former_journal WHERE state = 'signed'",
    """INSERT INTO nonce SELECT digest, type.id, row_id FROM former_nonce JOIN type USING (vct)""",
    *(f"DROP TABLE former_{table}" for table in ("secret", "nonce", "journal", "list")),
)

FROM_VERSION_1: Final = ("ALTER TABLE journal ADD COLUMN holder BLOB",)
FROM_VERSION_2: Final = (*_KEEP_CHANGES, *_PUT_ASIDE, *FILE_STATEMENTS, *_TAKE_OVER)
