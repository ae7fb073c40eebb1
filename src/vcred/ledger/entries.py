# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One leaf of the log, read strictly: when it was logged, and the operation.

Spec: docs/spec/ledger-entries.md, The leaf.
"""

from dataclasses import dataclass
from enum import StrEnum

from vcred.codec.fields import get_int, get_object, get_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.errors import DecodeError
from vcred.limits import MAX_TIME

MAX_LEAF_BYTES = 64 * 1024
VERSION = 1


class Kind(StrEnum):
    """The kinds of entry that this version can judge."""

    GENESIS = "network.genesis"
    NETWORK_CHANGE = "network.change"
    DID_CREATE = "did.create"
    DID_UPDATE = "did.update"
    TYPE_PUBLISH = "type.publish"
    ISSUER_ACCREDIT = "issuer.accredit"
    ISSUER_WITHDRAW = "issuer.withdraw"
    RECOGNISE = "recognise"
    RECOGNISE_WITHDRAW = "recognise.withdraw"
    VERIFIER_REGISTER = "verifier.register"
    VERIFIER_WITHDRAW = "verifier.withdraw"
    KEY_DISTRUST = "key.distrust"
    EVIDENCE_RECORD = "evidence.record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A leaf that has been read: `hash` is the text of the operation's hash."""

    logged_at: int
    operation: JsonObject
    kind: str
    version: int
    hash: str
    operation_bytes: int


def encode_leaf(operation: JsonObject, *, logged_at: int) -> bytes:
    """The bytes that the log commits to.

    Args:
        operation: The operation with its proofs.
        logged_at: NumericDate.
    """
    return encode_jcs({"logged_at": logged_at, "operation": operation})


def parse_leaf(leaf: bytes, *, is_judged: bool = False) -> Entry:
    """Read one leaf.

    Args:
        leaf: As the log has it.
        is_judged: It was read before and has not changed: its form is not proved again.

    Raises:
        DecodeError: Not the RFC 8785 form, or not of a leaf's shape.
    """
    value = decode_json_object(leaf, max_bytes=MAX_LEAF_BYTES)
    refuse_unknown(value, {"logged_at", "operation"})
    # LED-09. Another spelling of the same content would be another leaf with the same meaning.
    if not is_judged and encode_jcs(value) != leaf:
        raise DecodeError("a leaf is not in its RFC 8785 form")
    logged_at = get_int(value, "logged_at")
    if not 0 <= logged_at <= MAX_TIME:
        raise DecodeError("logged_at: out of range")
    operation = get_object(value, "operation")
    return Entry(
        logged_at=logged_at,
        operation=operation,
        kind=get_text(operation, "kind"),
        version=get_int(operation, "version"),
        hash=hash_text(operation_hash(operation)),
        # What is not the operation is of a known length, for the form is exact.
        operation_bytes=len(leaf) - len(f'{{"logged_at":{logged_at},"operation":}}'),
    )
