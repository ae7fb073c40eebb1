# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What both ends know already, so that the code need not carry it.

A reference is a number that stands for a longer name: the index of a ledger entry, or the
order of something inside one. Only entries below a checkpoint that a quorum has cosigned
may be referred to, so that a number means the same at both ends for ever.

Spec: docs/spec/qr.md section 4.
"""

from collections.abc import Sequence
from typing import Protocol

from vcred.credential.type_definition import TypeDefinition
from vcred.keys.algorithms import Algorithm


class References(Protocol):
    """The public ledger as one party knows it. Each lookup answers None for "not here"."""

    @property
    def network_id(self) -> str:
        """The id of the network, as in the live audience "<network id>#live"."""

    @property
    def network(self) -> bytes:
        """The first 8 bytes of the SHA-256 of the network id."""

    @property
    def size(self) -> int:
        """The number of entries below the newest quorum checkpoint known here."""

    def did_index(self, did: str) -> int | None:
        """Return the index of the entry that created `did`."""

    def did_at(self, index: int) -> str | None:
        """Return the DID that the entry at `index` created."""

    def key_ordinal(self, did: str, key_id: str) -> int | None:
        """Return the place of a verification method among all that `did` has ever had.

        Zero-based, in order of first appearance. `key_id` is the absolute DID URL.
        """

    def key_at(self, did: str, ordinal: int) -> tuple[str, Algorithm] | None:
        """Return the absolute DID URL of a verification method, and its key's algorithm."""

    def type_index(self, vct: str) -> int | None:
        """Return the index of the entry that published the type `vct`."""

    def type_at(self, index: int) -> str | None:
        """Return the `vct` that the entry at `index` published."""

    def type_definition(self, vct: str) -> TypeDefinition | None:
        """Return the definition of a published type, if its content is held here."""

    def status_bases(self, did: str) -> Sequence[str]:
        """Return the base URIs of the status lists of `did`, in order of first appearance."""
