# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which of its own keys a party uses: the ledger says, never the name of a file.

Keys of one purpose are numbered as they are made: `issuing`, `issuing-2`, `issuing-3`. A key
that was made for an operation which never came about is *fresh*: the next one takes it, so
that an interruption leaves no keys that nobody knows.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from vcred.did.methods.vcred import commitment
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.custody import KeyRole
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.public import PublicKey
from vcred.ledger.state import MethodRecord, Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Keys of one purpose: how they are called, and what they are."""

    base: str
    algorithm: Algorithm
    role: KeyRole

    def number(self, name: str) -> int | None:
        """The place of a name in the series, from 1; None if it is of another one."""
        if name == self.base:
            return 1
        base, _, digits = name.rpartition("-")
        plain = base == self.base and digits.isascii() and digits.isdigit()
        return int(digits) if plain else None

    def last_name(self, names: Iterable[str]) -> str | None:
        """The newest of these that is of the series, or None."""
        numbered = [(number, name) for name in names if (number := self.number(name)) is not None]
        return max(numbered)[1] if numbered else None

    def next_name(self, names: Iterable[str]) -> str:
        """The name after all of these."""
        taken = [number for name in names if (number := self.number(name)) is not None]
        return f"{self.base}-{max(taken) + 1}" if taken else f"{self.base}-1"


CONTROL: Final = Series(base="control", algorithm=ES256, role=KeyRole.CONTROL)
# For no role a token: keys are sealed in the home, or follow those that are in one.
NO_TOKENS: Final[Mapping[KeyRole, Pkcs11Uri]] = MappingProxyType({})
# Control keys that a home keeps for the DID of another.
SPARE: Final = Series(base="spare", algorithm=ES256, role=KeyRole.CONTROL)
METHOD_KEYS: Final[Mapping[Purpose, Series]] = MappingProxyType(
    {
        Purpose.ASSERTION: Series(base="issuing", algorithm=ES256, role=KeyRole.ISSUING),
        Purpose.STATUS: Series(base="status", algorithm=ES256, role=KeyRole.STATUS),
        Purpose.STATEMENT: Series(base="statement", algorithm=EDDSA, role=KeyRole.STATEMENT),
        Purpose.AUTHENTICATION: Series(base="authentication", algorithm=ES256, role=KeyRole.AUTHENTICATION),
    }
)


def signing_method(
    methods: Iterable[MethodRecord], held: Collection[PublicKey], *, purpose: Purpose, at: int
) -> MethodRecord | None:
    """The method to sign with: of those in force and not distrusted, whose key is held, the newest.

    Args:
        methods: Of an organisation, in the order of appearance.
        held: Keys that can sign here.
        at: NumericDate.
    """
    usable = [
        method
        for method in methods
        if method.purpose is purpose
        and method.key in held
        and method.in_force(at)
        and not method.is_distrusted(at)
    ]
    return usable[-1] if usable else None


def committed_keys(organisation: Organisation, held: Mapping[str, PublicKey]) -> tuple[str, ...]:
    """Names of the held keys that the organisation's last operation committed to, the own series first."""
    hashes = () if organisation.next_keys is None else organisation.next_keys.hashes
    names = [name for name, key in held.items() if commitment(key) in hashes]
    return tuple(sorted(names, key=lambda name: (CONTROL.number(name) is None, name)))


def fresh_key(series: Series, held: Mapping[str, PublicKey], organisation: Organisation) -> str | None:
    """Name of the oldest held key of a series that the ledger has never seen, or None."""
    hashes = () if organisation.next_keys is None else organisation.next_keys.hashes
    seen = {*organisation.control_keys, *(method.key for method in organisation.methods)}
    names = [
        (number, name)
        for name, key in held.items()
        if (number := series.number(name)) is not None and key not in seen and commitment(key) not in hashes
    ]
    return min(names)[1] if names else None
