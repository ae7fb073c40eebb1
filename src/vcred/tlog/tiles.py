# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tree cut into tiles, as static files that any web host can serve.

    tile/0/000            the first 256 leaf hashes
    tile/0/x001/067.p/5   5 hashes of the tile 1067: a partial tile
    tile/entries/000      the first 256 entries themselves

Pure: hashes come through a `NodeSource`. A tile that a stranger serves proves nothing until
`verify_tile` has led it to a root that a checkpoint signs.

Spec: C2SP tlog-tiles v0.1.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vcred.errors import DecodeError, InclusionError, LimitExceededError
from vcred.limits import MAX_LOG_SIZE
from vcred.tlog.tree import HASH_BYTES, NodeSource, node_hash, root_at

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
MAX_TILE_LEVEL: Final = 63
MAX_BUNDLED_ENTRY_BYTES: Final = 2**16 - 1
_LENGTH_BYTES: Final = 2
_PATH: Final = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)
_MAX_PATH_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """The name of a tile.

    Attributes:
        level: 0 to 63; None names a bundle of entries, which lies beside the tile of level 0.
        index: Zero-based within the level.
        width: Hashes or entries in it, 1 to 256; fewer than 256 make it partial.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def is_partial(self) -> bool:
        """Whether it is not full yet."""
        return self.width < TILE_WIDTH


def tile_path(tile: Tile) -> str:
    """Return the path of a tile under the log's prefix, as "tile/0/x001/067.p/5"."""
    digits = str(tile.index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    index = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    level = "entries" if tile.level is None else str(tile.level)
    return f"tile/{level}/{index}" + (f".p/{tile.width}" if tile.is_partial else "")


def parse_tile_path(path: str) -> Tile:
    """Read the path of a tile; only the one spelling that `tile_path` gives is taken.

    Raises:
        DecodeError: Not the path of a tile.
    """
    match = _PATH.fullmatch(path) if len(path) <= _MAX_PATH_CHARACTERS else None
    if match is None:
        raise DecodeError("not the path of a tile")
    level = None if match[1] == "entries" else int(match[1])
    index = int(match[2].replace("x", "").replace("/", ""))
    tile = Tile(level=level, index=index, width=TILE_WIDTH if match[3] is None else int(match[3]))
    # Leading zero groups and a ".p/256" would let one tile have several names.
    if index > MAX_LOG_SIZE or (level or 0) > MAX_TILE_LEVEL or tile_path(tile) != path:
        raise DecodeError("not the path of a tile")
    return tile


def tile_width(level: int | None, index: int, *, size: int) -> int:
    """Return how many hashes (or entries) a tile has in a tree of `size` leaves, 0 to 256."""
    hashes = size >> (TILE_HEIGHT * (level or 0))
    return min(max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH)


def tiles_between(old_size: int, size: int) -> Iterator[Tile]:
    """Name the tiles and bundles that a tree of `size` leaves has and one of `old_size` did not.

    A tile that grew is named with its new width. Bundles of entries come with level 0.
    """
    level = 0
    while size >> (TILE_HEIGHT * level):
        first = (old_size >> (TILE_HEIGHT * level)) // TILE_WIDTH
        last = ((size >> (TILE_HEIGHT * level)) - 1) // TILE_WIDTH
        for index in range(first, last + 1):
            width = tile_width(level, index, size=size)
            if width > tile_width(level, index, size=old_size):
                yield Tile(level=level, index=index, width=width)
                if level == 0:
                    yield Tile(level=None, index=index, width=width)
        level += 1


def tile_nodes(tile: Tile) -> list[tuple[int, int]]:
    """Return the places, as (level, index) of the tree, of a tile's hashes.

    Raises:
        ValueError: A bundle of entries holds no hashes.
    """
    if tile.level is None:
        raise ValueError("a bundle of entries holds no hashes")
    first = tile.index * TILE_WIDTH
    return [(tile.level * TILE_HEIGHT, index) for index in range(first, first + tile.width)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return a bundle of entries: each behind its length, two bytes, big-endian.

    Raises:
        ValueError: An entry of more than 65,535 bytes, or over 256 of them.
    """
    if len(entries) > TILE_WIDTH or any(len(entry) > MAX_BUNDLED_ENTRY_BYTES for entry in entries):
        raise ValueError("too many entries for one bundle, or one that is too long")
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def parse_bundle(data: bytes, *, width: int) -> tuple[bytes, ...]:
    """Read a bundle of `width` entries. They are as trustworthy as the tile their hashes stand in.

    Raises:
        DecodeError: Cut short, or with more in it.
    """
    entries = []
    at = 0
    for _ in range(width):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            raise DecodeError("a bundle of entries is cut short")
        entries.append(data[start:at])
    if at != len(data):
        raise DecodeError("a bundle holds more entries than its name says")
    return tuple(entries)


def verify_tile(tile: Tile, data: bytes, *, node: NodeSource, size: int, root: bytes) -> None:
    """Prove that a tile of hashes belongs to the tree of `size` leaves with `root`.

    Says nothing about who signed `root`: open the checkpoint first. The other hashes are
    proved with it, so they may come from the same stranger.

    Args:
        tile: Which tile it is said to be.
        data: Its hashes, 32 bytes each.
        node: Gives the subtrees beside it.
        size: Number of leaves that the checkpoint is over.
        root: The root that the checkpoint signs, 32 bytes.

    Raises:
        LimitExceededError: Over 256 hashes.
        DecodeError: Not as many hashes as its name says.
        InclusionError: A tree of that size has no such tile, or another root is reached.
    """
    if len(data) > TILE_WIDTH * HASH_BYTES:
        raise LimitExceededError(f"a tile of more than {TILE_WIDTH} hashes")
    if len(data) != tile.width * HASH_BYTES:
        raise DecodeError("a tile does not hold as many hashes as its name says")
    places = tile_nodes(tile)
    if tile.width > tile_width(tile.level, tile.index, size=size):
        raise InclusionError("the checkpoint's tree has no such tile")
    level, first = places[0]
    start, end = first << level, (first + tile.width) << level

    def through(at: int, index: int) -> bytes:
        """The subtree (at, index), by way of the tile wherever that reaches."""
        if (index + 1) << at <= start or index << at >= end:
            return node(at, index)
        if at == level:
            offset = (index - first) * HASH_BYTES
            return data[offset : offset + HASH_BYTES]
        return node_hash(through(at - 1, 2 * index), through(at - 1, 2 * index + 1))

    if root_at(through, size) != root:
        raise InclusionError("the tile does not lead to the checkpoint's root")
