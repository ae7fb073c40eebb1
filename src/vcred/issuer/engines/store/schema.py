# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of the issuer's store, for a file and for a server. No claims, no keys of holders.

    secret    the key of the ids, and with one of the home's keyring, of the digests
    list      the status lists, and how much of each one's deck is dealt
    hand      the decks: each list's indices in random order, 4,096 a row, 4 bytes each
    decoy     indices that were never dealt and say something all the same
    journal   every credential that was ever signed; id = list << 32 | deal
    outbox    signed texts, sealed, until they are delivered
    sink      files that grow, and how long each is for certain
    nonce     enrolment codes that were used
    audit     what was changed, chained by hashes
    approver, request, setting

Triggers hold what must hold whoever writes: the journal, a deck and the audit log are never
changed, no place is taken back, no list opens again, what is revoked stays so. (Of the last, a store
that was made before this trigger has none: it gets one with the next version.)

Version 2 added the key that a credential was issued to, version 3 decks, the outbox, the audit
(`upgrade`).
"""

from typing import Final

VERSION: Final = 3
HAND_SIZE: Final = 4096

# In the types of SQLite; `_for_server` writes those of PostgreSQL.
TABLES: Final = (
    "secret (id INTEGER PRIMARY KEY CHECK (id = 0), value BLOB NOT NULL)",
    "type (id INTEGER PRIMARY KEY, vct TEXT NOT NULL UNIQUE)",
    """list (
        number INTEGER PRIMARY KEY,
        type INTEGER NOT NULL REFERENCES type (id),
        uri TEXT NOT NULL UNIQUE,
        bits INTEGER NOT NULL CHECK (bits IN (1, 2)),
        size INTEGER NOT NULL,
        dealt INTEGER NOT NULL CHECK (dealt BETWEEN 0 AND size),
        closed INTEGER NOT NULL CHECK (closed IN (0, 1)),
        last_issued_at INTEGER NOT NULL,
        token TEXT,
        published_seq INTEGER)""",
    """hand (
        list INTEGER NOT NULL REFERENCES list (number),
        number INTEGER NOT NULL,
        indices BLOB NOT NULL,
        PRIMARY KEY (list, number))""",
    """decoy (
        list INTEGER NOT NULL REFERENCES list (number),
        idx INTEGER NOT NULL,
        value INTEGER NOT NULL CHECK (value IN (0, 1, 2)),
        PRIMARY KEY (list, idx))""",
    """journal (
        id INTEGER PRIMARY KEY,
        type INTEGER NOT NULL,
        row_id TEXT NOT NULL,
        generation INTEGER NOT NULL,
        copy INTEGER NOT NULL,
        content BLOB NOT NULL,
        holder BLOB,
        idx INTEGER NOT NULL,
        possession TEXT NOT NULL,
        issued_at INTEGER NOT NULL,
        status INTEGER NOT NULL CHECK (status IN (0, 1, 2)),
        chunk INTEGER,
        old_id TEXT,
        UNIQUE (row_id, type, generation, copy))""",
    """outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        type INTEGER NOT NULL REFERENCES type (id),
        destination TEXT NOT NULL,
        "offset" INTEGER,
        sealed BLOB NOT NULL)""",
    "sink (path TEXT PRIMARY KEY, length INTEGER NOT NULL)",
    "nonce (digest BLOB PRIMARY KEY, type INTEGER NOT NULL, row_id TEXT NOT NULL)",
    "audit (seq INTEGER PRIMARY KEY CHECK (seq > 0), entry BLOB NOT NULL, hash BLOB NOT NULL)",
    "approver (did TEXT PRIMARY KEY, name TEXT NOT NULL, added_at INTEGER NOT NULL, removed_at INTEGER)",
    "request (id TEXT PRIMARY KEY, body BLOB NOT NULL, state TEXT NOT NULL, made_at INTEGER NOT NULL)",
    "setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

INDEXES: Final = (
    "CREATE INDEX journal_changed ON journal (id) WHERE status != 0",
    "CREATE UNIQUE INDEX journal_old_id ON journal (old_id) WHERE old_id IS NOT NULL",
)

# Name, when it fires, and in which words: of a row, before the change.
_TRIGGERS: Final = (
    ("journal_keeps_its_rows", "DELETE ON journal", "", "the journal keeps every entry"),
    ("journal_keeps_its_places", "UPDATE OF id, idx ON journal", "", "a place is given once and for ever"),
    (
        "journal_keeps_what_is_revoked",
        "UPDATE OF status ON journal",
        "OLD.status = 1 AND NEW.status != 1",
        "what is revoked stays so",
    ),
    ("hand_is_kept", "DELETE ON hand", "", "a deck is shuffled once"),
    ("hand_is_never_changed", "UPDATE ON hand", "", "a deck is shuffled once"),
    (
        "list_takes_nothing_back",
        "UPDATE ON list",
        "NEW.dealt < OLD.dealt OR NEW.closed < OLD.closed",
        "no place is taken back, no list opens again",
    ),
    ("audit_keeps_its_rows", "DELETE ON audit", "", "the audit log is append-only"),
    ("audit_is_never_changed", "UPDATE ON audit", "", "the audit log is append-only"),
)
NEVER_EMPTIED: Final = ("journal", "hand", "list", "audit")

_REFUSE: Final = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$"""


def _file_trigger(name: str, event: str, condition: str, words: str) -> str:
    when = f" WHEN {condition}" if condition else ""
    return f"CREATE TRIGGER {name} BEFORE {event}{when} BEGIN SELECT raise(ABORT, '{words}'); END"


def _server_triggers() -> list[str]:
    statements = []
    for name, event, condition, words in _TRIGGERS:
        when = f" WHEN ({condition})" if condition else ""
        statements += [
            f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW{when} EXECUTE FUNCTION refuse('{words}')",
            # ALWAYS: a session that plays a replica does not get past it.
            f"ALTER TABLE {event.split()[-1]} ENABLE ALWAYS TRIGGER {name}",
        ]
    for table in NEVER_EMPTIED:
        name = f"{table}_is_never_emptied"
        statements += [
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse('nothing is emptied')",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        ]
    return statements


def _for_server(table: str) -> str:
    own_number = table.replace("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT {} PRIMARY KEY").format(
        "GENERATED ALWAYS AS IDENTITY"
    )
    return f"CREATE TABLE {own_number.replace('INTEGER', 'BIGINT').replace('BLOB', 'BYTEA')}"


FILE_STATEMENTS: Final = (
    *(f"CREATE TABLE {table} STRICT" for table in TABLES),
    # What is free in the file is taken here to be overwritten.
    "CREATE TABLE blank (zeros BLOB NOT NULL) STRICT",
    *INDEXES,
    *(_file_trigger(*trigger) for trigger in _TRIGGERS),
)

SERVER_STATEMENTS: Final = (*map(_for_server, TABLES), *INDEXES, _REFUSE, *_server_triggers())
