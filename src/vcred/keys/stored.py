# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a keyring has under a name: a private key, or where in a token one is. No key has two roles."""

from collections.abc import Iterable
from dataclasses import dataclass

from vcred.keys.custody import KeyRole
from vcred.keys.hsm_errors import KeyRoleError
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """A key in a token: where it is, and its public half as it was when it was noted."""

    uri: Pkcs11Uri
    public: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key with its name and its one role."""

    name: str
    role: KeyRole
    material: SoftwareSigner | TokenKey

    @property
    def public(self) -> PublicKey:
        """The public half."""
        material = self.material
        return material.public if isinstance(material, TokenKey) else material.public_key


def check_roles(keys: Iterable[StoredKey]) -> None:
    """Refuse a key that stands in two roles, by whatever names or URIs.

    A signature made as one thing must never be presented as another: who can have a status list
    signed must not thereby sign credentials.

    Raises:
        KeyRoleError: One does.
    """
    first: dict[PublicKey, StoredKey] = {}
    for key in keys:
        other = first.setdefault(key.public, key)
        if other.role is not key.role:
            raise KeyRoleError(
                f"one key has two roles: {other.name} is {other.role}, {key.name} is {key.role}",
                hint="take away the file of the one that is not on the ledger, and make a key of its own",
            )
