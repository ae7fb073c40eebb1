# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What signs: a key in memory, in an encrypted file, in a token."""

from typing import Protocol

from vcred.keys.public import PublicKey


class Signer(Protocol):
    """Holds one private key and signs with it. The algorithm is the key's, never the caller's."""

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign `message` (not its hash) and return the JOSE form: r || s, or R || S, 64 bytes."""
        ...
