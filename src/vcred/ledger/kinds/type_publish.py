# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`type.publish`: a credential type, by the digest and size of its definition."""

import re

from vcred.codec.fields import get_int, get_text, refuse_unknown
from vcred.did.methods.vcred import parse_hash_text
from vcred.errors import DecodeError, LedgerError
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.statement import COMMON
from vcred.ledger.state import PublishedType, State
from vcred.limits import MAX_TYPE_DEFINITION_BYTES
from vcred.reasons import Reason

MAX_TYPE_CHARACTERS = 200
_NAME_AND_VERSION = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*/[1-9][0-9]{0,8}")


def judge_publish(state: State, entry: Entry, author: str) -> Change:
    """Publish a type under the author's own DID, once."""
    operation = entry.operation
    refuse_unknown(operation, COMMON | {"type", "digest", "size"})
    vct = get_text(operation, "type")
    if not vct.startswith(f"{author}/types/"):
        raise LedgerError(Reason.NOT_AUTHORISED, "a type is published under the author's own DID")
    if len(vct) > MAX_TYPE_CHARACTERS:
        raise LedgerError(Reason.LIMIT_EXCEEDED, "the type's name is too long")
    # "1", "01" and other digits that read as 1 would be several names of one version.
    if not _NAME_AND_VERSION.fullmatch(vct.removeprefix(f"{author}/types/")):
        raise DecodeError("type: not a name and a version")
    if vct in state.types:
        raise LedgerError(Reason.REPLAYED, "the type is published already: a change is a new version")
    size = get_int(operation, "size")
    if not 0 < size <= MAX_TYPE_DEFINITION_BYTES:
        raise DecodeError("size: out of range")
    published = PublishedType(
        type=vct,
        publisher=author,
        index=state.size,
        digest=parse_hash_text(get_text(operation, "digest")),
        size=size,
    )
    return Change(types={vct: published})
