# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The keyring: the door to a folder of private keys.

Keys are encrypted at rest, always, or lie in a token (`pkcs11:`) and the folder says where. A key is
made in one role and stays in it.
"""

import hmac
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.errors import UsageError
from vcred.files import lock_folder
from vcred.keys.algorithms import Algorithm
from vcred.keys.custody import KeyFile, KeyringUnlock, KeyRole, Passphrase, PinFile, PinSource, Unlock
from vcred.keys.engines.files import (
    list_names,
    open_folder,
    read_key,
    remove_key,
    write_folder_key,
    write_key,
    write_key_file,
)
from vcred.keys.engines.names import check_name
from vcred.keys.engines.secret_files import take_secret
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner
from vcred.keys.stored import StoredKey, TokenKey, check_roles

__all__ = ["KeyFile", "KeyRole", "Keyring", "Passphrase", "Unlock", "create_key_file"]

_TOKEN_IDS: Final = "token-ids"
_TOKEN_ID_BYTES: Final = 16


def create_key_file(path: Path) -> KeyFile:
    """Write a new key file, 32 random bytes, mode 0600, and return it as an unlock.

    Raises:
        StoreError: The file exists, or the system refuses.
    """
    write_key_file(path)
    return KeyFile(path)


class Keyring:
    """An unlocked folder of keys. Open it with `Keyring.open`; it forgets its secret when closed."""

    __slots__ = ("_folder", "_folder_key", "_pin")

    def __init__(self, folder: Path, folder_key: bytes, pin: PinSource | None) -> None:
        self._folder = folder
        self._pin = pin
        self._folder_key: bytes | None = folder_key

    def __repr__(self) -> str:
        return f"Keyring({self._folder})"

    @classmethod
    def open(cls, folder: Path, unlock: KeyringUnlock, *, pin: PinSource | None = None) -> Self:
        """Unlock a keyring; make an empty one if the folder is missing or empty.

        Args:
            folder: Of the keys.
            unlock: What opens it.
            pin: Of the tokens that hold keys.

        Raises:
            StoreError: The secret is another one, the folder is damaged, or others can read the
                key file.
            UnsupportedAlgorithmError: The folder was sealed in a way that is not ours.
        """
        return cls(folder, open_folder(folder, unlock), pin)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget the secret. Signers already given out keep working."""
        self._folder_key = None

    def create(self, name: str, algorithm: Algorithm, *, role: KeyRole) -> Signer:
        """Make a new key in one role; it is durable when this returns.

        Raises:
            StoreError: The name is taken, or the system refuses.
            UsageError: The name cannot be a file name.
        """
        signer = SoftwareSigner.generate(algorithm)
        write_key(self._folder, self._key_of_folder(), StoredKey(name=name, role=role, material=signer))
        return signer

    def add(self, name: str, signer: SoftwareSigner, *, role: KeyRole) -> Signer:
        """Store a key that was made elsewhere.

        Raises:
            UsageError: The keyring has this key already, in this role or another.
            StoreError: The name is taken, another process writes, or the system refuses.
        """
        self._write_other(StoredKey(name=name, role=role, material=signer))
        return signer

    def create_in_token(self, name: str, algorithm: Algorithm, *, role: KeyRole, uri: Pkcs11Uri) -> Signer:
        """Take the key that `uri` names, or make one in the token if it names the token alone.

        Again after an interruption takes the key that was made: the token gets no second one.

        Raises:
            HsmError: Or one of its kin: the token, or the key in it, is not as it must be.
            UsageError: The name cannot be a file name, the key is of another algorithm, the keyring
                has it already, or a PIN is needed.
            StoreError: The name is taken, or the system refuses.
        """
        # Here: rooms that never meet a token are spared its engine.
        from vcred.keys.engines.pkcs11 import make_key, take_key

        check_name(name)
        pin = self._pin_of(uri)
        if uri.names_key:
            public = take_key(uri, pin)
        else:
            uri = uri.of_key(label=name, identifier=self._token_id(name))
            public = make_key(uri, algorithm, pin)
        if public.algorithm != algorithm:
            raise UsageError(
                f"the key in the token is for {public.algorithm.jose}, and {role} needs {algorithm.jose}"
            )
        key = StoredKey(name=name, role=role, material=TokenKey(uri=uri, public=public))
        self._write_other(key)
        return self._signer_of(key)

    def remove(self, name: str) -> None:
        """Remove a key from this keyring; of one in a token only the note of where it is.

        Raises:
            StoreError: No such key, or the system refuses.
        """
        remove_key(self._folder, name)

    def where(self, name: str) -> Pkcs11Uri | None:
        """Say where a key in a token is; None for one that is sealed in the folder. Raises as `signer`."""
        material = self._read(name).material
        return material.uri if isinstance(material, TokenKey) else None

    def needs_pin(self) -> bool:
        """Whether a key is in a token, and its URI does not say where the PIN is. Raises as `signer`."""
        uris = [uri for name in self.names() if (uri := self.where(name)) is not None]
        return any(uri.pin_source is None for uri in uris)

    def check_roles(self) -> None:
        """Refuse a key that stands in two roles, under whatever names.

        Raises:
            KeyRoleError: One does.
            StoreError: A file is damaged.
        """
        check_roles(map(self._read, self.names()))

    def signer(self, name: str) -> Signer:
        """Decrypt a key and return what signs with it.

        Raises:
            StoreError: No such key, or its file is damaged.
            UsageError: The name cannot be a file name.
        """
        return self._signer_of(self._read(name))

    def signers(self, role: KeyRole) -> dict[str, Signer]:
        """Return what signs in a role, by name, sorted.

        Raises:
            KeyRoleError: A key stands in two roles.
            StoreError: A file is damaged.
        """
        keys = [self._read(name) for name in self.names()]
        check_roles(keys)
        return {key.name: self._signer_of(key) for key in keys if key.role is role}

    def role(self, name: str) -> KeyRole:
        """Return a key's one role. Raises as `signer`."""
        return self._read(name).role

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys, sorted."""
        return list_names(self._folder)

    def secret(self, name: str) -> bytes:
        """Return 32 random bytes for another use than signing, the same to every process, for ever.

        Made when first asked for, and durable when this returns.

        Raises:
            StoreError: The file is damaged, or the system refuses.
            UsageError: The name cannot be a file name.
        """
        return take_secret(self._folder, self._key_of_folder(), name)

    def change_unlock(self, unlock: KeyringUnlock) -> None:
        """Let another secret open the keyring from now on, in one atomic step; the keys stay as they are.

        Raises:
            StoreError: A file cannot be read or written; then the old secret still opens it.
        """
        write_folder_key(self._folder, self._key_of_folder(), unlock, overwrite=True)

    def _read(self, name: str) -> StoredKey:
        return read_key(self._folder, self._key_of_folder(), name)

    def _write_other(self, key: StoredKey) -> None:
        """Store a key that was not made here just now: it may be here already."""
        with lock_folder(self._folder):
            for other in map(self._read, self.names()):
                # A signature made as one thing must never be presented as another.
                if other.public == key.public:
                    raise UsageError(f"the key is here already, named {other.name}, role {other.role}")
            write_key(self._folder, self._key_of_folder(), key)

    def _signer_of(self, key: StoredKey) -> Signer:
        material = key.material
        if not isinstance(material, TokenKey):
            return material
        from vcred.keys.engines.pkcs11 import TokenSigner

        return TokenSigner(material.uri, material.public, self._pin_of(material.uri))

    def _pin_of(self, uri: Pkcs11Uri) -> PinSource | None:
        # A file that is named on the command line counts before the URI, a person is asked after it.
        if isinstance(self._pin, PinFile) or uri.pin_source is None:
            return self._pin
        return PinFile(Path(uri.pin_source))

    def _token_id(self, name: str) -> bytes:
        """CKA_ID of a key made here: the same at the next attempt, and nobody else's."""
        return hmac.digest(self.secret(_TOKEN_IDS), name.encode("ascii"), "sha256")[:_TOKEN_ID_BYTES]

    def _key_of_folder(self) -> bytes:
        if self._folder_key is None:
            raise RuntimeError("the keyring is closed")
        return self._folder_key
