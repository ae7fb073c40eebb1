# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Look a wallet's file over before Askar opens it: SQLite sees damage that Askar does not tell.

    an index       Askar asks one where an entry is. Where it is damaged, the answer is "there is none":
                   a one-time copy would pass for one that was never shown (INV-9).
    a table        SQLite's words about it quote what is damaged. Where they are not UTF-8, Askar's
                   library fails on reading them, and its answer never comes. So does one that is only
                   named by another table, and missed at the next writing.
    a time to end  Nobody gives an entry one here. One bit does, and the entry is not found any more.

What is damaged within an entry is left to Askar: its encryption knows.

And Askar says that it has closed a file a little before its threads have done so.
"""

import time
from pathlib import Path
from typing import Final

from vcred.database import check_whole
from vcred.errors import StoreError

SIDE_FILES: Final = ("-wal", "-shm", "-journal")
"""The ends of the names of what SQLite lays beside a file."""

_NEVER: Final = ("SELECT 1 FROM items WHERE expiry IS NOT NULL", "PRAGMA foreign_key_check")
_CLOSING_SECONDS: Final = 0.5
_LOOK_SECONDS: Final = 0.0005


def refuse_links(path: Path) -> None:
    """Refuse a store's file, or one beside it, that is a symbolic link: who planted it chose what is opened.

    Raises:
        StoreError: One is.

    Spec: threats WAL-10.
    """
    for place in (path, *(path.with_name(path.name + side) for side in SIDE_FILES)):
        if place.is_symlink():
            raise StoreError(f"{place} is a symbolic link", hint="put the wallet's own file back")


def check_store_file(path: Path, *, remedy: str) -> None:
    """See that a wallet's file is whole. Takes some 5 ms for a thousand credentials.

    Args:
        path: Askar's file; nothing in this process has it open.
        remedy: What to do about one that is damaged.

    Raises:
        StoreError: It is damaged, or the system refuses.
    """
    check_whole(path, never=_NEVER, remedy=remedy)


def wait_until_closed(path: Path) -> None:
    """Wait until the side files are gone, which the last connection takes away; or for half a second.

    Whoever has the home next, or looks the file over next, then meets nobody. After a failure of
    the disk the side files stay: what they hold is taken over at the next opening.
    """
    side, until = path.with_name(f"{path.name}-shm"), time.monotonic() + _CLOSING_SECONDS
    while side.exists() and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
