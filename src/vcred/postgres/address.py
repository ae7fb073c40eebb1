# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where a shared store lies: the address that a home's `home.toml` gives, which holds no secret.

    postgresql:///vcred                                          this machine, the schema of the role
    postgresql://vcred@db1,db2/vcred?sslmode=verify-full#gd_mo   two servers, schema `gd_mo`

It is a connection URI as PostgreSQL knows it. What follows the `#` names the schema: each
store has one to itself, so that a database may hold several.
"""

import re
from dataclasses import dataclass
from typing import Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from vcred.errors import UsageError

_PREFIXES: Final = ("postgresql://", "postgres://")
_SCHEMA: Final = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_SECRETS: Final = ("password", "sslpassword")
# A server that does not answer, or a link that is cut, must not stop anybody for hours.
_PATIENCE: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """`conninfo` is what the PostgreSQL client takes; `schema` is safe to stand in a statement."""

    conninfo: str
    schema: str


def parse_address(text: str, *, default_schema: str) -> StoreAddress:
    """Read the address of a store. The message of an error never repeats it.

    Args:
        text: The address.
        default_schema: The schema, if the address names none.

    Raises:
        UsageError: It is none, or it carries a password.
    """
    uri, _, schema = text.partition("#")
    if not uri.startswith(_PREFIXES):
        raise UsageError("the store is no address of PostgreSQL", hint='such as "postgresql:///vcred"')
    try:
        given = conninfo_to_dict(uri)
    except ProgrammingError:
        # Not chained: what PostgreSQL says repeats the text, and with it a password.
        raise UsageError("the store is no address that PostgreSQL understands") from None
    if any(name in given for name in _SECRETS):
        # A home is copied and shown; a password has a place of its own.
        raise UsageError(
            "the address of the store carries a password",
            hint="leave it out, and put it into ~/.pgpass or a service file (PGSERVICEFILE)",
        )
    schema = schema or default_schema
    if not _SCHEMA.fullmatch(schema):
        raise UsageError(
            "the name of the store's schema is refused", hint='small letters, digits and "_", as in "#gd_mo"'
        )
    # A standby may be behind: what is read there may not be what was acknowledged.
    options = {**_PATIENCE, **given, "target_session_attrs": "read-write"}
    return StoreAddress(conninfo=make_conninfo("", **options), schema=schema)
