# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How a private key is kept: the one role it has, and what unlocks it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias


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


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of 32 random bytes that only its owner can read; see `keyring.create_key_file`."""

    path: Path


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """A person's secret, UTF-8, not empty. Not shown by `repr`.

    Raises:
        ValueError: Empty.
    """

    secret: bytes

    def __post_init__(self) -> None:
        if not self.secret:
            raise ValueError("an empty passphrase locks nothing")

    def __repr__(self) -> str:
        return "Passphrase(not shown)"


Unlock: TypeAlias = KeyFile | Passphrase
