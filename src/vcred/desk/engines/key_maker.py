# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The first keys of a party: in its home, or in a token where that is said; and where its keys are now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vcred.desk.own_keys import NO_TOKENS
from vcred.errors import UsageError
from vcred.keys.algorithms import Algorithm
from vcred.keys.custody import KeyRole
from vcred.keys.keyring import Keyring
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.signer import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A key of a home; `token` is None for one that is sealed in the home."""

    name: str
    role: KeyRole
    token: Pkcs11Uri | None


def held_keys(keyring: Keyring) -> tuple[HeldKey, ...]:
    """All keys of a keyring by name, and where each is."""
    return tuple(
        HeldKey(name=name, role=keyring.role(name), token=keyring.where(name)) for name in keyring.names()
    )


class KeyMaker:
    """Makes the keys that are not there yet.

    Args:
        keyring: Open.
        tokens: Which keys are made in a token, by role.
    """

    def __init__(self, keyring: Keyring, tokens: Mapping[KeyRole, Pkcs11Uri] = NO_TOKENS) -> None:
        self._keyring = keyring
        self._tokens = tokens

    def check(self, roles: Collection[KeyRole]) -> None:
        """Refuse what cannot be made, before any key is.

        Args:
            roles: Of the keys that the party has beside its control keys.

        Raises:
            UsageError: A token for a key that the party has not, or one key for two control keys.
        """
        strange = sorted(self._tokens.keys() - {KeyRole.CONTROL, *roles})
        if strange:
            raise UsageError(f"--hsm: this home has no key of the role {', '.join(strange)}")
        control = self._tokens.get(KeyRole.CONTROL)
        if control is not None and control.names_key:
            raise UsageError(
                "--hsm: a DID begins with two control keys, and one is named",
                hint="name the token alone, and let both be made there",
            )

    def key(self, name: str, algorithm: Algorithm, role: KeyRole) -> Signer:
        """A key by name; made if an earlier attempt had not come so far.

        Raises:
            UsageError: It is in the home, and was to be in a token.
            HsmError: Or one of its kin.
        """
        token = self._tokens.get(role)
        if name not in self._keyring.names():
            if token is None:
                return self._keyring.create(name, algorithm, role=role)
            return self._keyring.create_in_token(name, algorithm, role=role, uri=token)
        if token is not None and self._keyring.where(name) is None:
            # Signing with it all the same would be the fallback that nobody asked for.
            raise UsageError(
                f"the key {name} is in this home already, and not in a token",
                hint='begin with a new home: "vcred init ROLE --home DIR"',
            )
        return self._keyring.signer(name)
