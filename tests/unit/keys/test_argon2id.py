# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Argon2id: the cost is the one that is said, bounded before it is paid. WAL-02, WAL-03, JOS-29."""

import subprocess
import sys
import time

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, UnsupportedAlgorithmError
from vcred.keys.argon2id import (
    DEFAULT_COST,
    LEAST_COST,
    Argon2Cost,
    derive_key,
    describe_derivation,
    read_derivation,
)

SALT = bytes(range(16))


def test_the_default_is_what_is_said_and_what_another_library_derives() -> None:
    """RFC 9106: three passes over 256 MiB in four lanes, derived once for real."""
    assert Argon2Cost(passes=3, memory_kib=262_144, lanes=4) == DEFAULT_COST
    other = Argon2id(salt=SALT, length=32, iterations=3, lanes=4, memory_cost=262_144)
    assert derive_key(b"correct horse", salt=SALT, cost=DEFAULT_COST) == other.derive(b"correct horse")


@pytest.mark.parametrize("secret", [b"x", "杨過".encode(), bytes(range(256)), b"x" * 1024])
def test_the_least_is_what_another_library_derives(secret: bytes) -> None:
    assert Argon2Cost(passes=2, memory_kib=19 * 1024, lanes=1) == LEAST_COST
    other = Argon2id(salt=SALT, length=32, iterations=2, lanes=1, memory_cost=19 * 1024)
    assert derive_key(secret, salt=SALT, cost=LEAST_COST) == other.derive(secret)


def test_a_published_value() -> None:
    """From the test program of the reference implementation, for version 19."""
    derived = derive_key(b"password", salt=b"somesalt", cost=Argon2Cost(passes=2, memory_kib=65_536, lanes=1))
    assert derived.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"


@pytest.mark.parametrize(
    ("passes", "memory_kib", "lanes"),
    [
        pytest.param(1, 256 * 1024, 4, id="one pass"),
        pytest.param(17, 19 * 1024, 1, id="too many passes"),
        pytest.param(2, 19 * 1024 - 1, 1, id="too little memory"),
        pytest.param(2, 1024 * 1024 + 1, 1, id="more than 1 GiB"),
        pytest.param(2, 19 * 1024, 0, id="no lane"),
        pytest.param(2, 19 * 1024, 17, id="too many lanes"),
        pytest.param(5, 1024 * 1024, 4, id="each allowed, together too much work"),
        pytest.param(2**53 - 1, 2**53 - 1, 2**53 - 1, id="the largest numbers of JSON"),
        pytest.param(-3, -(256 * 1024), -4, id="negative"),
    ],
)
def test_a_cost_below_the_floor_or_above_the_ceiling(passes: int, memory_kib: int, lanes: int) -> None:
    good = describe_derivation(DEFAULT_COST, SALT)
    assert read_derivation(good) == (DEFAULT_COST, SALT)
    start = time.process_time()
    with pytest.raises(UnsupportedAlgorithmError) as caught:
        read_derivation({**good, "t": passes, "m": memory_kib, "p": lanes})
    assert caught.value.code == "algorithm_not_allowed"
    assert time.process_time() - start < 0.05
    with pytest.raises(ValueError, match="not allowed"):
        Argon2Cost(passes=passes, memory_kib=memory_kib, lanes=lanes)


@pytest.mark.parametrize(
    "cost",
    [
        Argon2Cost(passes=2, memory_kib=19 * 1024, lanes=1),
        Argon2Cost(passes=16, memory_kib=256 * 1024, lanes=16),
        Argon2Cost(passes=4, memory_kib=1024 * 1024, lanes=4),
    ],
)
def test_what_lies_on_the_bounds_is_allowed(cost: Argon2Cost) -> None:
    assert read_derivation(describe_derivation(cost, SALT)) == (cost, SALT)


@pytest.mark.parametrize("change", [{"kdf": "argon2i"}, {"kdf": "scrypt"}, {"salt": "AAAA"}, {"salt": ""}])
def test_another_derivation_is_not_obeyed(change: JsonObject) -> None:
    good = describe_derivation(LEAST_COST, SALT)
    assert read_derivation(good) == (LEAST_COST, SALT)
    with pytest.raises(UnsupportedAlgorithmError):
        read_derivation({**good, **change})


@pytest.mark.parametrize("member", ["kdf", "m", "p", "salt", "t"])
@pytest.mark.parametrize("value", [None, True, 3.0, [], {}])
def test_a_member_of_another_type_is_malformed(member: str, value: object) -> None:
    good = describe_derivation(LEAST_COST, SALT)
    assert read_derivation(good) == (LEAST_COST, SALT)
    with pytest.raises(DecodeError):
        read_derivation({**good, member: value})  # type: ignore[dict-item]
    with pytest.raises(DecodeError):
        read_derivation({name: good[name] for name in good if name != member})


def test_memory_that_cannot_be_had_is_an_error_with_a_hint() -> None:
    """FI-14: the machine is too small, and the person is told so."""
    program = (
        "import resource\n"
        "from vcred.errors import StoreError\n"
        "from vcred.keys.argon2id import DEFAULT_COST, LEAST_COST, derive_key\n"
        "derive_key(b'correct horse', salt=bytes(16), cost=LEAST_COST)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))\n"
        "try:\n"
        "    derive_key(b'correct horse', salt=bytes(16), cost=DEFAULT_COST)\n"
        "except StoreError as error:\n"
        "    print(error, error.hint, sep='|')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip().split("|") == [
        "the passphrase cannot be tried: 256 MiB of memory cannot be had",
        "close other programs, or use a machine with more memory",
    ]
