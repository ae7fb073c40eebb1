# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a ledger answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Where an operation stands: `index` zero-based, `logged_at` a NumericDate."""

    index: int
    logged_at: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundness:
    """What `fsck` has found: nothing, or it would have raised. `void` are entries the rules refuse."""

    size: int
    root: bytes
    void: int
