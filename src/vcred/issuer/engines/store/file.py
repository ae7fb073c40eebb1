# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's store in a file of its home.

What was delivered has to be gone from the disk (threats PRV-05). SQLite would do that page by
page, which writes every sealed text twice more; here it is done at the end of a run, for all
that is free in the file by then, and for the write-ahead log.
"""

from pathlib import Path
from typing import Final

from vcred.database import Database, Schema
from vcred.issuer.engines.store.schema import FILE_STATEMENTS, VERSION
from vcred.issuer.engines.store.upgrade import FROM_VERSION_1, FROM_VERSION_2

_SCHEMA: Final = Schema(
    version=VERSION, statements=FILE_STATEMENTS, upgrades={1: FROM_VERSION_1, 2: FROM_VERSION_2}
)
# Of each page of a long value, the number of the next one.
_LINK_BYTES: Final = 4
_PRAGMAS: Final = (
    # Zeros for what is deleted, unless a page would have to be written for nothing else.
    "secure_delete=FAST",
    "foreign_keys=ON",
    # Where random row ids of ten million rows meet one index, its upper pages stay at hand.
    "cache_size=-65536",
    # The outbox writes the same pages again and again: fewer checkpoints write them less often.
    "wal_autocheckpoint=8192",
)


def open_file(path: Path) -> Database:
    """Open the file; make it if it is not there.

    Raises:
        StoreError: Damaged, made by a newer vcred, or the system refuses.
    """
    return Database(path, _SCHEMA, words="the issuer's store refuses", pragmas=_PRAGMAS)


def wipe_file(db: Database) -> None:
    """Overwrite what is free in the file, and truncate the write-ahead log."""
    free, page_bytes = db.value("PRAGMA freelist_count"), db.value("PRAGMA page_size")
    if free:
        # So long that it takes every free page, and no other.
        length = free * (page_bytes - _LINK_BYTES)
        db.rows("PRAGMA secure_delete=ON")
        with db.transaction():
            db.execute("INSERT INTO blank (zeros) VALUES (zeroblob(?))", (length,))
        # A transaction for itself: pages that are taken and freed in one are never written.
        with db.transaction():
            db.execute("DELETE FROM blank")
        db.rows("PRAGMA secure_delete=FAST")
    db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
