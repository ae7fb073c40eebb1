# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a replay has found, kept so that the same entries need not have their signatures verified anew.

Sealed by a digest: a bit that a disk changes here would make a void entry count. The entries
themselves are held against the cosigned root whenever the store is opened; what another version
of the rules has found is not taken over.
"""

import json
from hashlib import sha256

from vcred import __version__
from vcred.ledger.rules import RULES_VERSION, Judged
from vcred.reasons import Reason


def encode_judged(judged: Judged) -> tuple[bytes, str]:
    """A seal (32 bytes) and what it seals."""
    found = json.dumps([judged.size, sorted((index, str(reason)) for index, reason in judged.void.items())])
    return _seal(found), found


def parse_judged(seal: object, found: object, *, size: int) -> Judged | None:
    """Read them back; None if they are damaged, of other rules, or of another number of entries."""
    if not isinstance(found, str) or seal != _seal(found):
        return None
    of_size, void = json.loads(found)
    if of_size != size:
        return None
    return Judged(size=size, void={index: Reason(reason) for index, reason in void})


def _seal(found: str) -> bytes:
    return sha256(f"{__version__} {RULES_VERSION} {found}".encode()).digest()
