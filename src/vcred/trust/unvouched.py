# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How much is done for entries before anyone has vouched for them.

Whoever rules the network may be said by the entries themselves, so they have to be replayed
before the signatures of their head can be verified. A stranger can make no entries that count,
but void ones by the thousand, each with proofs by keys of his own; and what is of an unknown kind
needs no signature at all. Both are borne only while they are few, and fewer if they are large.

Spec: docs/spec/trust-bundle.md, Import step 5.
"""

from collections.abc import Iterator, Sequence

from vcred.errors import DecodeError, LedgerError, TrustBundleError
from vcred.ledger.entries import MAX_LEAF_BYTES, parse_leaf
from vcred.ledger.rules import is_known, replay
from vcred.ledger.state import State
from vcred.limits import MAX_UNVOUCHED_VOID_ENTRIES, MIB
from vcred.reasons import Reason

# What a void entry costs goes with its bytes: each proof that it bears is one more signature.
_MAX_VOID_BYTES = MIB // 2


def replay_unvouched(leaves: Sequence[bytes], before: State) -> State:
    """Replay entries on top of a state, at the cost of those that count and of few others.

    Raises:
        TrustBundleError: `limit_exceeded`: too many are void, or of an unknown kind.
    """
    bearable = _bearable(leaves)
    try:
        return replay(_few_unknown(leaves, bearable), state=before, max_void=len(before.void) + bearable)
    except LedgerError as error:
        raise TrustBundleError(error.reason, str(error)) from error


def _bearable(leaves: Sequence[bytes]) -> int:
    """How many may be void, were it the largest that are."""
    left = _MAX_VOID_BYTES
    # What is larger than any leaf costs no more than the largest: it is not read.
    largest = sorted((min(len(leaf), MAX_LEAF_BYTES) for leaf in leaves), reverse=True)
    for number, size in enumerate(largest[:MAX_UNVOUCHED_VOID_ENTRIES]):
        left -= size
        if left < 0:
            return number
    return MAX_UNVOUCHED_VOID_ENTRIES


def _few_unknown(leaves: Sequence[bytes], at_most: int) -> Iterator[bytes]:
    unknown = 0
    for leaf in leaves:
        unknown += _is_unknown(leaf)
        if unknown > at_most:
            raise LedgerError(Reason.LIMIT_EXCEEDED, f"more than {at_most} entries are of unknown kinds")
        yield leaf


def _is_unknown(leaf: bytes) -> bool:
    try:
        return not is_known(parse_leaf(leaf))
    except DecodeError:
        # Void, and counted as such.
        return False
