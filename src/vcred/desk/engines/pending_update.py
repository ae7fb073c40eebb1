# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The update of a home's DID that is on its way to the ledger: one file, there before it leaves.

An operation that was signed and lost could not be made again: its signature is another each
time, and a second one on the same operation before it would be another meaning. So it is kept,
with the request that it answers, until the ledger has it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vcred.codec.fields import get_object, get_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.did.operations import parse_update
from vcred.errors import DecodeError, KeyMaterialError, StoreError
from vcred.files import read_capped, write_atomic
from vcred.keys.public import PublicKey
from vcred.limits import MAX_JSON_BYTES

FILE_NAME: Final = "did-update.json"
_PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingUpdate:
    """A signed `did.update`, and the request that it answers."""

    operation: JsonObject
    request: JsonObject

    @property
    def hash(self) -> str:
        """The text of the operation's hash."""
        return hash_text(operation_hash(self.operation))

    @property
    def previous(self) -> str:
        """The text of the hash of the operation that it stands on."""
        return get_text(self.operation, "prev")

    @property
    def method_keys(self) -> frozenset[PublicKey]:
        """The keys that it lists."""
        profile = parse_update(self.operation).profile
        return frozenset() if profile is None else frozenset(method.key for method in profile.methods)


def read_pending(home: Path) -> PendingUpdate | None:
    """Read the pending update of a home, or None.

    Raises:
        StoreError: It cannot be read, or is damaged.
    """
    path = home / FILE_NAME
    if not path.exists():
        return None
    try:
        value = decode_json_object(read_capped(path, max_bytes=MAX_JSON_BYTES), max_bytes=MAX_JSON_BYTES)
        refuse_unknown(value, {"operation", "request"})
        operation = get_object(value, "operation")
        parse_update(operation)
        return PendingUpdate(operation=operation, request=get_object(value, "request"))
    except (DecodeError, KeyMaterialError) as error:
        raise StoreError(f"{path} is damaged", hint="restore it from a backup") from error


def write_pending(home: Path, pending: PendingUpdate) -> None:
    """Keep a pending update; durable on return.

    Raises:
        StoreError: There is one already, or the system refuses.
    """
    content = encode_jcs({"operation": pending.operation, "request": pending.request})
    write_atomic(home / FILE_NAME, content + b"\n", mode=_PRIVATE)


def drop_pending(home: Path) -> None:
    """Forget the pending update: the ledger has it, or it is not wanted any more.

    Raises:
        StoreError: The system refuses.
    """
    try:
        (home / FILE_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot remove {home / FILE_NAME}") from error
