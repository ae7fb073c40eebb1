# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Claim paths: where a claim stands inside the claims of a credential.

    colour             a claim at the top
    identity.name      a member of a group
    modules.0          an element of an array, zero-based
    modules.0.title    a member of that element

A type definition speaks of every element at once and writes `*` for the index:
`modules.*.title`. Claim names are lower case ASCII words and never begin with a digit, so
that a segment of digits is always an index and no name can be one of the control names of
SD-JWT (`_sd`, `...`, `_sd_alg`; threats: ISS-13, SDJ-11).
"""

import re
from collections.abc import Iterator
from typing import Final

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import SchemaError

ANY_INDEX: Final = "*"
MAX_PATH_CHARACTERS: Final = 256
MAX_INDEX_DIGITS: Final = 4

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_INDEX = re.compile(r"0|[1-9][0-9]{0,3}", re.ASCII)

type Segment = str | int
type ClaimPath = tuple[Segment, ...]


def is_claim_name(text: str) -> bool:
    """Say whether `text` may be the name of a claim."""
    return _NAME.fullmatch(text) is not None
