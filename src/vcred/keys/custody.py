# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How a private key is kept: the one role it has, and what unlocks it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from vcred.keys.argon2id import DEFAULT_COST, Argon2Cost
from vcred.limits import MAX_PASSPHRASE_BYTES


class KeyRole(StrEnum):
    """What a key signs. One key has one role: a signature of one kind must never pass as another."""

    CONTROL = "control"
    STATEMENT = "statement"
    ISSUING = "issuing"
    STATUS = "status"
    LOG = "log"
    WITNESS = "witness"
    HOLDER = "holder"
    AUTHENTICATION = "authentication"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of 32 random bytes that only its owner can read; see `keyring.create_key_file`."""

    path: Path


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """A person's secret, as typed, 1 to 1024 bytes. Not shown by `repr`.

    Attributes:
        secret: UTF-8; see `vcred.keys.passphrases` for what is stretched.
        cost: Of each guess at what is sealed from now on. What is sealed already says its own.

    Raises:
        ValueError: Empty, or longer. `passphrases.read_passphrase` says so to a person.
    """

    secret: bytes
    cost: Argon2Cost = DEFAULT_COST

    def __post_init__(self) -> None:
        if not self.secret:
            raise ValueError("an empty passphrase locks nothing")
        if len(self.secret) > MAX_PASSPHRASE_BYTES:
            raise ValueError(f"a passphrase has at most {MAX_PASSPHRASE_BYTES} bytes")

    def __repr__(self) -> str:
        return "Passphrase(not shown)"


@dataclass(frozen=True, slots=True)
class PinFile:
    """A file that holds the PIN of a token, and that only its owner can read."""

    path: Path


class AskedPin:
    """A PIN that a person is asked for when it is first needed, once. Not shown by `repr`.

    It crosses to another process with the answer: there, nobody can be asked.
    """

    def __init__(self, ask: Callable[[], bytes]) -> None:
        self._ask = ask
        self._answer: bytes | None = None

    def __repr__(self) -> str:
        return "AskedPin(not shown)"

    def __reduce__(self) -> tuple[Callable[[bytes], "AskedPin"], tuple[bytes]]:
        return _answered, (self.read(),)

    def read(self) -> bytes:
        """Return the answer; the first time, ask."""
        if self._answer is None:
            self._answer = self._ask()
        return self._answer


KeyringUnlock: TypeAlias = KeyFile | Passphrase
PinSource: TypeAlias = PinFile | AskedPin


@dataclass(frozen=True, slots=True)
class WithPin:
    """What opens a keyring, None for the home's own key file, and the PIN of the tokens that hold keys."""

    keyring: KeyringUnlock | None
    pin: PinSource


Unlock: TypeAlias = KeyringUnlock | WithPin


def _answered(answer: bytes) -> AskedPin:
    return AskedPin(lambda: answer)
