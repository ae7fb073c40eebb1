# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The keyring: the door to a folder of private keys.

Keys are encrypted at rest, always. A key is made in one role and stays in it.
"""

from pathlib import Path
from types import TracebackType
from typing import Self

from vcred.errors import UsageError
from vcred.files import lock_folder
from vcred.keys.algorithms import Algorithm
from vcred.keys.custody import KeyFile, KeyRole, Passphrase, Unlock
from vcred.keys.engines.files import (
    StoredKey,
    list_names,
    open_folder,
    read_key,
    write_folder_key,
    write_key,
    write_key_file,
)
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner

__all__ = ["KeyFile", "KeyRole", "Keyring", "Passphrase", "Unlock", "create_key_file"]


def create_key_file(path: Path) -> KeyFile:
    """Write a new key file, 32 random bytes, mode 0600, and return it as an unlock.

    Raises:
        StoreError: The file exists, or the system refuses.
    """
    write_key_file(path)
    return KeyFile(path)


class Keyring:
    """An unlocked folder of keys. Open it with `Keyring.open`; it forgets its secret when closed."""

    __slots__ = ("_folder", "_folder_key")

    def __init__(self, folder: Path, folder_key: bytes) -> None:
        self._folder = folder
        self._folder_key: bytes | None = folder_key

    def __repr__(self) -> str:
        return f"Keyring({self._folder})"

    @classmethod
    def open(cls, folder: Path, unlock: Unlock) -> Self:
        """Unlock a keyring; make an empty one if the folder is missing or empty.

        Raises:
            StoreError: The secret is another one, the folder is damaged, or others can read the
                key file.
            UnsupportedAlgorithmError: The folder was sealed in a way that is not ours.
        """
        return cls(folder, open_folder(folder, unlock))

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
        key = StoredKey(name=name, role=role, signer=SoftwareSigner.generate(algorithm))
        write_key(self._folder, self._secret(), key)
        return key.signer

    def add(self, name: str, signer: SoftwareSigner, *, role: KeyRole) -> Signer:
        """Store a key that was made elsewhere.

        Raises:
            UsageError: The keyring has this key already, in this role or another.
            StoreError: The name is taken, another process writes, or the system refuses.
        """
        with lock_folder(self._folder):
            for other in map(self._read, self.names()):
                # A signature made as one thing must never be presented as another.
                if other.signer.public_key == signer.public_key:
                    raise UsageError(f"the key is here already, named {other.name}, role {other.role}")
            write_key(self._folder, self._secret(), StoredKey(name=name, role=role, signer=signer))
        return signer

    def signer(self, name: str) -> Signer:
        """Decrypt a key and return what signs with it.

        Raises:
            StoreError: No such key, or its file is damaged.
            UsageError: The name cannot be a file name.
        """
        return self._read(name).signer

    def signers(self, role: KeyRole) -> dict[str, Signer]:
        """Return what signs in a role, by name, sorted. Raises as `signer`."""
        keys = map(self._read, self.names())
        return {key.name: key.signer for key in keys if key.role is role}

    def role(self, name: str) -> KeyRole:
        """Return a key's one role. Raises as `signer`."""
        return self._read(name).role

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys, sorted."""
        return list_names(self._folder)

    def change_unlock(self, unlock: Unlock) -> None:
        """Let another secret open the keyring from now on, in one atomic step; the keys stay as they are.

        Raises:
            StoreError: A file cannot be read or written; then the old secret still opens it.
        """
        write_folder_key(self._folder, self._secret(), unlock, overwrite=True)

    def _read(self, name: str) -> StoredKey:
        return read_key(self._folder, self._secret(), name)

    def _secret(self) -> bytes:
        if self._folder_key is None:
            raise RuntimeError("the keyring is closed")
        return self._folder_key
