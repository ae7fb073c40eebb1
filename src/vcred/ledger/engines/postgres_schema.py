# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of a log in PostgreSQL: append-only and without gaps, whoever writes.

The triggers are of the kind ALWAYS: a session that plays a replica does not get past them.
Names stand bare; the session's search path holds nothing but the ledger's schema.
"""

from typing import Final

SCHEMA_VERSION: Final = 1
APPEND_ONLY: Final = ("leaf", "node", "published")

_TABLES: Final = (
    "CREATE TABLE leaf (idx bigint PRIMARY KEY CHECK (idx >= 0), bytes bytea NOT NULL)",
    "CREATE TABLE node (level smallint, idx bigint, hash bytea NOT NULL CHECK (octet_length(hash) = 32), "
    "PRIMARY KEY (level, idx))",
    "CREATE TABLE published (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    "size bigint NOT NULL, note bytea NOT NULL)",
)

_REFUSE: Final = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only';
END $$"""

# A statement at a time: one look at the row before the first suffices for any number of leaves.
_NO_GAP: Final = """
CREATE FUNCTION refuse_a_gap() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    first bigint; last bigint; number bigint;
BEGIN
    SELECT min(idx), max(idx), count(*) INTO first, last, number FROM added;
    IF number > 0 AND (last - first + 1 <> number
        OR first > 0 AND NOT EXISTS (SELECT FROM leaf WHERE idx = first - 1)) THEN
        RAISE EXCEPTION 'a gap in the log';
    END IF;
    RETURN NULL;
END $$"""

_NO_GAP_TRIGGER: Final = """
CREATE TRIGGER leaf_no_gap AFTER INSERT ON leaf REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_a_gap()"""

# The trigger of each table, and that it cannot be passed by.
TRIGGERS: Final = ("leaf_no_gap", *(f"{table}_append_only" for table in APPEND_ONLY))

STATEMENTS: Final = (
    *_TABLES,
    _REFUSE,
    _NO_GAP,
    _NO_GAP_TRIGGER,
    "ALTER TABLE leaf ENABLE ALWAYS TRIGGER leaf_no_gap",
    *(
        statement
        for table in APPEND_ONLY
        for statement in (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only",
        )
    ),
)
