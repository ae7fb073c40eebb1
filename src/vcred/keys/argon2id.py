# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Argon2id: what a passphrase becomes before it locks anything, and what that costs.

The cost and the salt stand beside what is locked, for whoever opens it, and so a stranger's file could
ask for work or promise none. They are held against a floor and a ceiling (`vcred.limits`) before any
work is done:

* less than the floor is never obeyed: a file that was made cheap to guess does not pass for one of ours,
* more than the ceiling is never paid, neither in memory nor in passes over it (threats: WAL-03).
"""

from dataclasses import dataclass
from typing import Final

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.fields import get_int, get_text
from vcred.codec.json_types import JsonObject
from vcred.errors import StoreError, UnsupportedAlgorithmError
from vcred.limits import (
    KIB,
    MAX_ARGON2_LANES,
    MAX_ARGON2_MEMORY_KIB,
    MAX_ARGON2_PASSES,
    MAX_ARGON2_WORK_KIB,
    MIN_ARGON2_MEMORY_KIB,
    MIN_ARGON2_PASSES,
)

SALT_BYTES: Final = 16
DERIVED_BYTES: Final = 32
KDF: Final = "argon2id"
# 0x13, the only version of RFC 9106.
_VERSION: Final = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """What one guess costs: passes over the memory, the memory in KiB, lanes that may run side by side.

    Raises:
        ValueError: Outside of what is allowed.
    """

    passes: int
    memory_kib: int
    lanes: int

    def __post_init__(self) -> None:
        allowed = (
            MIN_ARGON2_PASSES <= self.passes <= MAX_ARGON2_PASSES
            and MIN_ARGON2_MEMORY_KIB <= self.memory_kib <= MAX_ARGON2_MEMORY_KIB
            and 1 <= self.lanes <= MAX_ARGON2_LANES
        )
        if not allowed or self.passes * self.memory_kib > MAX_ARGON2_WORK_KIB:
            raise ValueError("the cost of the passphrase is not allowed")


DEFAULT_COST: Final = Argon2Cost(passes=3, memory_kib=256 * KIB, lanes=4)
# The least that is opened, and so the least that may be written.
LEAST_COST: Final = Argon2Cost(passes=MIN_ARGON2_PASSES, memory_kib=MIN_ARGON2_MEMORY_KIB, lanes=1)


def derive_key(passphrase: bytes, *, salt: bytes, cost: Argon2Cost) -> bytes:
    """Stretch a passphrase to a key of 32 bytes.

    Args:
        passphrase: Normalised, see `vcred.keys.passphrases`.
        salt: 16 bytes, random, for one thing that is locked.
        cost: Of this and of every guess.

    Raises:
        StoreError: The memory that the cost asks for cannot be had.

    Spec: RFC 9106 section 3.1.
    """
    # Here, because few commands need it.
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    try:
        return hash_secret_raw(
            passphrase,
            salt,
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=DERIVED_BYTES,
            type=Type.ID,
            version=_VERSION,
        )
    except (HashingError, MemoryError):
        # The cost is allowed: what is missing is memory, or a thread. `from None`: what a library
        # says about a passphrase stays out of tracebacks.
        raise StoreError(
            f"the passphrase cannot be tried: {cost.memory_kib // KIB} MiB of memory cannot be had",
            hint="close other programs, or use a machine with more memory",
        ) from None


def describe_derivation(cost: Argon2Cost, salt: bytes) -> JsonObject:
    """Return the members of a header that say how the key is derived. None is secret."""
    return {
        "kdf": KDF,
        "m": cost.memory_kib,
        "p": cost.lanes,
        "salt": encode_base64url(salt),
        "t": cost.passes,
    }


def read_derivation(header: JsonObject) -> tuple[Argon2Cost, bytes]:
    """Read the members that `describe_derivation` wrote; nothing is derived yet.

    Returns:
        The cost, and the salt of 16 bytes.

    Raises:
        DecodeError: A member is missing or of another type.
        UnsupportedAlgorithmError: Another derivation, or a cost below the floor or above the ceiling.
    """
    if get_text(header, "kdf") != KDF:
        raise UnsupportedAlgorithmError("sealed under a passphrase in a way that is not ours")
    passes, memory, lanes = get_int(header, "t"), get_int(header, "m"), get_int(header, "p")
    salt = decode_base64url(get_text(header, "salt"))
    if len(salt) != SALT_BYTES:
        raise UnsupportedAlgorithmError(f"the salt of the passphrase has not {SALT_BYTES} bytes")
    try:
        return Argon2Cost(passes=passes, memory_kib=memory, lanes=lanes), salt
    except ValueError:
        raise UnsupportedAlgorithmError("the cost of the passphrase is not allowed") from None
