# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of the issuer's store. No claims, no keys of holders, no signed text that was delivered.

Version 2 added `holder`: by a digest, to which key a credential was issued.
"""

from typing import Final

from vcred.database import Schema

_TABLES: Final = (
    """CREATE TABLE secret (id INTEGER PRIMARY KEY CHECK (id = 0), value BLOB NOT NULL) STRICT""",
    """CREATE TABLE list (
        number INTEGER PRIMARY KEY,
        vct TEXT NOT NULL,
        uri TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        used INTEGER NOT NULL,
        last_issued_at INTEGER NOT NULL) STRICT""",
    """CREATE TABLE journal (
        id INTEGER PRIMARY KEY,
        credential_id TEXT NOT NULL UNIQUE,
        vct TEXT NOT NULL,
        row_id TEXT NOT NULL,
        content BLOB NOT NULL,
        copy INTEGER NOT NULL,
        list INTEGER NOT NULL REFERENCES list (number),
        idx INTEGER NOT NULL,
        possession TEXT NOT NULL,
        issued_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('allotted', 'signed', 'delivered')),
        status INTEGER NOT NULL CHECK (status IN (0, 1, 2)),
        output TEXT CHECK ((output IS NOT NULL) = (state = 'signed')),
        holder BLOB,
        UNIQUE (list, idx),
        UNIQUE (row_id, vct, content, copy)) STRICT""",
    """CREATE TABLE nonce (
        digest BLOB PRIMARY KEY, vct TEXT NOT NULL, row_id TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE status_change (
        id INTEGER PRIMARY KEY,
        credential_id TEXT NOT NULL REFERENCES journal (credential_id),
        value INTEGER NOT NULL,
        at INTEGER NOT NULL) STRICT""",
    """CREATE TRIGGER journal_keeps_its_rows BEFORE DELETE ON journal
        BEGIN SELECT raise(ABORT, 'the journal keeps every entry: its index must never be given again');
        END""",
    """CREATE TRIGGER journal_keeps_its_index BEFORE UPDATE OF list, idx ON journal
        BEGIN SELECT raise(ABORT, 'a status index is given once and for ever'); END""",
)

SCHEMA: Final = Schema(
    version=2,
    statements=_TABLES,
    upgrades={1: ("ALTER TABLE journal ADD COLUMN holder BLOB",)},
)
