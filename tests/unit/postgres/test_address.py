# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Addresses of shared stores: read, and refused without being repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from vcred.errors import UsageError
from vcred.postgres.address import StoreAddress, parse_address


def read(text: str) -> StoreAddress:
    return parse_address(text, default_schema="ledger")


def test_an_address() -> None:
    found = read("postgresql://vcred@db1,db2:5433/ledgers?sslmode=verify-full#gd_mo")
    assert found.schema == "gd_mo"
    given = conninfo_to_dict(found.conninfo)
    assert (given["user"], given["host"], given["dbname"]) == ("vcred", "db1,db2", "ledgers")
    assert given["sslmode"] == "verify-full"


def test_the_shortest_address() -> None:
    found = read("postgresql:///vcred")
    assert found.schema == "ledger"
    assert conninfo_to_dict(found.conninfo)["dbname"] == "vcred"


@pytest.mark.parametrize("asked", ["", "?target_session_attrs=any"])
def test_a_standby_is_never_taken(asked: str) -> None:
    """It may be behind what was acknowledged."""
    found = read(f"postgresql:///vcred{asked}")
    assert conninfo_to_dict(found.conninfo)["target_session_attrs"] == "read-write"


def test_its_own_patience_may_be_given() -> None:
    assert conninfo_to_dict(read("postgresql:///v").conninfo)["connect_timeout"] == "10"
    given = read("postgresql:///v?connect_timeout=3")
    assert conninfo_to_dict(given.conninfo)["connect_timeout"] == "3"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://vcred:verysecret@/vcred",
        "postgresql:///vcred?password=verysecret",
        "postgresql:///vcred?sslpassword=verysecret",
    ],
)
def test_a_password_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(UsageError, match="carries a password") as caught:
        read(address)
    assert "pgpass" in (caught.value.hint or "")
    assert "verysecret" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "vcred",
        "/srv/ledger.sqlite",
        "dbname=vcred",
        "mysql:///vcred",
        "POSTGRESQL:///v",
        " postgresql:///v",
    ],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(UsageError, match="no address of PostgreSQL"):
        read(address)


@pytest.mark.parametrize("tail", ["///vcred?verysecret=1", "//[::1/vcred", "//h:verysecret/%zz", "///v?host"])
def test_what_postgresql_does_not_understand_is_not_repeated(tail: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(f"postgresql:{tail}")
    assert "verysecret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("schema", ["a b", 'a"', "Ledger", "pg_ledger", "1a", "a" * 64, "a;b", "a#b", "a.b"])
def test_the_name_of_a_schema(schema: str) -> None:
    assert read(f"postgresql:///vcred#{'a' * 63}").schema == "a" * 63
    with pytest.raises(UsageError, match="schema is refused"):
        read(f"postgresql:///vcred#{schema}")


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for address in (text, f"postgresql://{text}"):
        try:
            read(address)
        except UsageError:
            continue
