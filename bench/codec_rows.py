# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Encodings on the way of every presentation."""

import os
from collections.abc import Sequence

from bench.row import Row, Work
from vcred.codec.base45 import decode_base45, encode_base45

# The size of a packed presentation of `match` and `test`.
_PACKED_BYTES = 450


def _base45_encode() -> Sequence[Work]:
    data = os.urandom(_PACKED_BYTES)
    return (lambda: encode_base45(data),)


def _base45_decode() -> Sequence[Work]:
    text = encode_base45(os.urandom(_PACKED_BYTES))
    return (lambda: decode_base45(text),)


ROWS = (
    Row(name="base45 encode, 450 B", goal=0.3, prepare=_base45_encode),
    Row(name="base45 decode, 450 B", goal=0.3, prepare=_base45_decode),
)
