# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A Merkle tree and a reader of stores that share nothing with the implementation."""

from collections.abc import Sequence
from hashlib import sha256

import psycopg


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """The root of a list of entries, as RFC 6962 section 2.1 writes it."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return sha256(b"\1" + tree_hash(leaves[:left]) + tree_hash(leaves[left:])).digest()


def stored_entries(connection: psycopg.Connection[tuple[object, ...]], schema: str) -> list[bytes]:
    """What a server has, read by plain SQL; its indices have no gap."""
    rows = connection.execute(f"SELECT idx, bytes FROM {schema}.leaf ORDER BY idx").fetchall()
    assert [index for index, _ in rows] == list(range(len(rows)))
    return [bytes(value) for _, value in rows]  # type: ignore[call-overload]


def stored_nodes(
    connection: psycopg.Connection[tuple[object, ...]], schema: str
) -> dict[tuple[object, object], bytes]:
    """Every tree node that a server has: (level, index) and hash."""
    rows = connection.execute(f"SELECT level, idx, hash FROM {schema}.node").fetchall()
    return {(level, index): bytes(value) for level, index, value in rows}  # type: ignore[call-overload]


def expected_nodes(entries: Sequence[bytes]) -> dict[tuple[object, object], bytes]:
    """Every full subtree of a list of entries."""
    row = [sha256(b"\0" + entry).digest() for entry in entries]
    found: dict[tuple[object, object], bytes] = {}
    level = 0
    while row:
        found |= {(level, index): value for index, value in enumerate(row)}
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [sha256(b"\1" + left + right).digest() for left, right in pairs]
        level += 1
    return found
