# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which store a ledger's home has: a file of its own, unless `home.toml` names another.

A consortium chain will find its place here, by an address of another kind.
"""

from typing import Final

from vcred.errors import StoreError
from vcred.home import Home
from vcred.ledger.engines.log import LogEngine
from vcred.ledger.engines.sqlite import SqliteLog

FILE_NAME: Final = "ledger.sqlite"
DEFAULT_SCHEMA: Final = "ledger"


def open_log(home: Home) -> LogEngine:
    """Open the store of a ledger's log.

    Raises:
        StoreError: Missing, damaged, unreachable, made by a newer vcred, or the system refuses.
        UsageError: The address of the store is none, or carries a password.
    """
    if home.settings.store is None:
        path = home.path / FILE_NAME
        if not path.exists():
            # A new and empty one would look like a ledger that is sound.
            raise StoreError(f"the store of this ledger is missing: {path}", hint="put a copy of it back")
        return SqliteLog(path)
    return open_shared_log(home.settings.store)


def make_log(home: Home) -> None:
    """Make the store of a new ledger. Errors as `open_log`."""
    if home.settings.store is None:
        SqliteLog(home.path / FILE_NAME).close()
    else:
        open_shared_log(home.settings.store).close()


def open_shared_log(store: str) -> LogEngine:
    """Open the store at an address. Errors as `open_log`."""
    # Here, because a ledger in a file needs no client of PostgreSQL.
    from vcred.ledger.engines.postgres import PostgresLog
    from vcred.postgres.address import parse_address

    return PostgresLog(parse_address(store, default_schema=DEFAULT_SCHEMA))
