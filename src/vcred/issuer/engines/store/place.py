# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where an issuer's store lies, in numbers that a copy of it does not have.

A dump that is put back makes its tables anew: they get other numbers, in whichever database and
server. A standby that takes over has the same ones, so that a failover is no copy. So has a
physical backup that is brought to a point in time: that one nothing here can tell.
"""

from typing import Final

from vcred.database import Database
from vcred.issuer.engines.store.driver import StoreDriver

_UNSIGNED: Final = (1 << 64) - 1
_NUMBERS: Final = (
    "SELECT (SELECT system_identifier FROM pg_control_system()),"
    " (SELECT oid FROM pg_database WHERE datname = current_database()), to_regclass('list')::oid"
)


def place_of(db: StoreDriver) -> str | None:
    """Return server, database and table by their numbers; None of a file, beside which its mark lies.

    Raises:
        StoreError: The server does not tell.
    """
    if isinstance(db, Database):
        return None
    server, *others = db.row(_NUMBERS) or ()
    return ":".join(str(number) for number in (int(server) & _UNSIGNED, *others))
