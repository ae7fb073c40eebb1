# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The gossip line: by one printable line two posts find out whether they were told the same.

    14 nBxwq0m... 5dQ... 8f3a1c     size, root in base64, digest of the status lists, check

Whoever holds more entries can compute the root that the other must have. A fork shown to one of
two posts is found as soon as their lines are compared, by telephone if need be.

Spec: docs/spec/trust-bundle.md, Gossip line.
"""

from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.errors import DecodeError
from vcred.tlog.checkpoint import parse_size
from vcred.tlog.note import decode_base64
from vcred.tlog.tree import HASH_BYTES
from vcred.trust.held import Held

MAX_LINE_CHARACTERS = 256
_CHECK_CHARACTERS = 6


class Comparison(StrEnum):
    """What another post's line says of what is held here."""

    SAME = "same"
    LISTS_DIFFER = "lists_differ"
    AHEAD = "ahead"
    BEHIND = "behind"
    FORK = "fork"


@dataclass(frozen=True, slots=True, kw_only=True)
class GossipLine:
    """What a post holds: size and root (32 bytes) of the ledger, digest (32 bytes) of the lists."""

    size: int
    root: bytes
    lists: bytes

    def __str__(self) -> str:
        said = f"{self.size} {b64encode(self.root).decode()} {encode_base64url(self.lists)}"
        return f"{said} {_check_of(said)}"


def gossip_of(held: Held) -> GossipLine | None:
    """The line of what is held, or None before the first bundle."""
    checkpoint = held.newest_checkpoint()
    if checkpoint is None:
        return None
    lines = "".join(
        f"{uri} {status.issued_at} {sha256(status.token.encode()).hexdigest()}\n"
        for uri, status in sorted(held.newest_statuses().items())
    )
    return GossipLine(size=checkpoint.size, root=checkpoint.root, lists=sha256(lines.encode()).digest())


def parse_gossip(text: str) -> GossipLine:
    """Read a line as another post has printed it.

    Raises:
        DecodeError: Not such a line.
    """
    words = text.split()
    if len(text) > MAX_LINE_CHARACTERS or len(words) != 4:
        raise DecodeError("a gossip line is a size, a root, a digest and a check")
    if words[3].lower() != _check_of(" ".join(words[:3])):
        # Read out by telephone: a slip of the tongue must not sound like a fork.
        raise DecodeError("a gossip line was not copied as it was printed")
    line = GossipLine(
        size=parse_size(words[0]), root=decode_base64(words[1]), lists=decode_base64url(words[2])
    )
    if len(line.root) != HASH_BYTES or len(line.lists) != HASH_BYTES or line.size == 0:
        raise DecodeError("a gossip line has a root and a digest of 32 bytes each")
    return line


def compare(held: Held, mine: GossipLine, theirs: GossipLine) -> Comparison:
    """Hold another post's line against what is held here.

    BEHIND says nothing yet: what is held here is too little to tell.
    """
    if theirs.size > mine.size:
        return Comparison.BEHIND
    if held.root_of(theirs.size) != theirs.root:
        return Comparison.FORK
    if theirs.size < mine.size:
        return Comparison.AHEAD
    return Comparison.SAME if theirs.lists == mine.lists else Comparison.LISTS_DIFFER


def _check_of(said: str) -> str:
    return sha256(said.encode()).hexdigest()[:_CHECK_CHARACTERS]
