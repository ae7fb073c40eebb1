# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`did:vcred`: the name of an organisation is the hash of the operation that made it.

Self-certifying: whoever holds the operation can recompute the name. What the DID
means *now* is the ledger's state (`vcred.ledger`); this module only names.
"""

from hashlib import sha256

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.multibase import decode_base58, encode_base58
from vcred.errors import DecodeError, RefusedError
from vcred.keys.public import PublicKey
from vcred.reasons import Reason
from vcred.securing.data_integrity.jcs_suites import unsecured

PREFIX = "did:vcred:"
HASH_BYTES = 32
MAX_HASH_CHARACTERS = 44


def operation_hash(operation: JsonObject) -> bytes:
    """SHA-256 over the form of an operation: its RFC 8785 bytes without `proof`, 32 bytes.

    Spec: docs/spec/did-vcred.md, Notation.
    """
    return sha256(encode_jcs(unsecured(operation))).digest()


def hash_text(digest: bytes) -> str:
    """The text of a hash: base58btc without a prefix."""
    return encode_base58(digest)


def parse_hash_text(text: str) -> bytes:
    """The 32 bytes behind the text of a hash.

    Raises:
        DecodeError: Not base58btc, not canonical, or not 32 bytes.
    """
    if len(text) > MAX_HASH_CHARACTERS:
        raise DecodeError("a hash is too long")
    digest = decode_base58(text)
    # One text for one hash: base58 has one spelling of each byte string, leading zeros included.
    if len(digest) != HASH_BYTES:
        raise DecodeError("a hash is not 32 bytes of base58btc")
    return digest


def did_of(operation: JsonObject) -> str:
    """The DID that a `did.create` operation makes."""
    return PREFIX + hash_text(operation_hash(operation))


def validate_did(did: str) -> str:
    """Return `did` if it has the form of a `did:vcred`, without asking whether it exists.

    Raises:
        RefusedError: `did_invalid`.
    """
    if not did.startswith(PREFIX):
        raise RefusedError(Reason.DID_INVALID, "not a did:vcred")
    try:
        parse_hash_text(did[len(PREFIX) :])
    except DecodeError as error:
        raise RefusedError(Reason.DID_INVALID, "the identifier of a did:vcred is malformed") from error
    return did


def commitment(key: PublicKey) -> str:
    """What `next` lists for a control key: the text of SHA-256 over its Multikey text."""
    return hash_text(sha256(key.to_multikey().encode("ascii")).digest())


def method_id(did: str, key: PublicKey) -> str:
    """The id of a verification method: the DID and the RFC 7638 thumbprint of its key."""
    return f"{did}#{key.thumbprint()}"
