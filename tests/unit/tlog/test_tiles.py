# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tiles: their names, which a tree has, and what proves one."""

import contextlib
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError, InclusionError, LimitExceededError
from vcred.limits import MAX_LOG_SIZE
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.tiles import (
    TILE_WIDTH,
    Tile,
    encode_bundle,
    parse_bundle,
    parse_tile_path,
    tile_nodes,
    tile_path,
    tile_width,
    tiles_between,
    verify_tile,
)
from vcred.tlog.tree import HASH_BYTES

LARGE = 70_000

NAMES = [
    (Tile(level=0, index=0), "tile/0/000"),
    (Tile(level=1, index=999), "tile/1/999"),
    (Tile(level=0, index=1000), "tile/0/x001/000"),
    (Tile(level=63, index=1_234_067), "tile/63/x001/x234/067"),
    (Tile(level=0, index=67, width=5), "tile/0/067.p/5"),
    (Tile(level=None, index=273, width=112), "tile/entries/273.p/112"),
]
tiles = st.builds(
    Tile,
    level=st.none() | st.integers(0, 63),
    index=st.integers(0, MAX_LOG_SIZE),
    width=st.integers(1, TILE_WIDTH),
)


@cache
def tree() -> MemoryTree:
    """As large as the example of the specification."""
    return MemoryTree(index.to_bytes(4, "big") for index in range(LARGE))


def hashes(tile: Tile) -> bytes:
    return b"".join(tree().node(*place) for place in tile_nodes(tile))


@pytest.mark.parametrize(("tile", "path"), NAMES, ids=[path for _, path in NAMES])
def test_a_tile_has_one_name(tile: Tile, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


@given(tiles)
def test_what_is_named_is_read_back(tile: Tile) -> None:
    assert parse_tile_path(tile_path(tile)) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/entry/000",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/067",
        "tile/0/001/067",
        "tile/0/x001/x067",
        "tile/0/000.p/0",
        "tile/0/000.p/05",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/../000",
        "tile/0/０００",
        "tile/0/000\n",
        "tile/0/" + "x999/" * 6 + "999",
        "tile/0/" + "x999/" * 100_000 + "999",
    ],
)
def test_another_spelling_is_no_name(path: str) -> None:
    assert parse_tile_path("tile/0/x001/067.p/5") == Tile(level=0, index=1067, width=5)
    with pytest.raises(DecodeError):
        parse_tile_path(path)


@given(
    st.text(max_size=80) | st.from_regex(r"tile/(entries|[0-9]{1,2})/(x?[0-9]{1,4}/?){1,3}(\.p/[0-9]{1,3})?")
)
def test_any_text_is_a_tile_or_malformed(path: str) -> None:
    with contextlib.suppress(DecodeError):
        assert tile_path(parse_tile_path(path)) == path


def test_the_tiles_of_the_specifications_example() -> None:
    """70,000 leaves: 273 full tiles and one of 112, one full and one of 17, one of 1."""
    found = list(tiles_between(0, LARGE))
    assert sum(tile.level == 0 and not tile.is_partial for tile in found) == 273
    assert sum(tile.level is None and not tile.is_partial for tile in found) == 273
    assert [(tile.level, tile.index, tile.width) for tile in found if tile.is_partial] == [
        (0, 273, 112),
        (None, 273, 112),
        (1, 1, 17),
        (2, 0, 1),
    ]
    assert [(tile.level, tile.width) for tile in tiles_between(0, 256)] == [(0, 256), (None, 256), (1, 1)]
    assert list(tiles_between(0, 0)) == []


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_what_is_new_completes_what_was(one: int, other: int) -> None:
    old, new = sorted((one, other))
    before = {(tile.level, tile.index): tile.width for tile in tiles_between(0, old)}
    added = {(tile.level, tile.index): tile.width for tile in tiles_between(old, new)}
    assert before | added == {(tile.level, tile.index): tile.width for tile in tiles_between(0, new)}
    assert all(width > before.get(name, 0) for name, width in added.items())


@given(st.lists(st.binary(max_size=300), max_size=TILE_WIDTH))
def test_entries_are_read_back_from_a_bundle(entries: list[bytes]) -> None:
    data = encode_bundle(entries)
    assert parse_bundle(data, width=len(entries)) == tuple(entries)
    for wrong in (data + b"\0", data + b"\0\0", data[:-1]):
        if wrong != data:
            with pytest.raises(DecodeError):
                parse_bundle(wrong, width=len(entries))


@given(st.binary(max_size=600), st.integers(0, TILE_WIDTH))
def test_any_bytes_are_a_bundle_or_malformed(data: bytes, width: int) -> None:
    with contextlib.suppress(DecodeError):
        assert encode_bundle(parse_bundle(data, width=width)) == data


def test_what_no_bundle_holds() -> None:
    encode_bundle([b"x" * 65_535])
    with pytest.raises(ValueError, match="too long"):
        encode_bundle([b"x" * 65_536])
    with pytest.raises(ValueError, match="too many"):
        encode_bundle([b""] * 257)
    with pytest.raises(ValueError, match="no hashes"):
        tile_nodes(Tile(level=None, index=0))


EXAMPLES = [
    Tile(level=0, index=0),
    Tile(level=0, index=272),
    Tile(level=0, index=273, width=112),
    Tile(level=0, index=273, width=7),
    Tile(level=1, index=0),
    Tile(level=1, index=1, width=17),
    Tile(level=2, index=0, width=1),
]


@pytest.mark.parametrize("tile", EXAMPLES, ids=tile_path)
def test_a_tile_is_proved_and_one_bit_undoes_it(tile: Tile) -> None:
    """LED-22."""
    data, root = hashes(tile), tree().root()
    verify_tile(tile, data, node=tree().node, size=LARGE, root=root)
    for at in (0, len(data) // 2, len(data) - 1):
        flipped = bytearray(data)
        flipped[at] ^= 1
        with pytest.raises(InclusionError, match="root"):
            verify_tile(tile, bytes(flipped), node=tree().node, size=LARGE, root=root)


@given(st.integers(1, 2000), st.data())
def test_every_tile_of_every_size_is_proved(size: int, data: st.DataObject) -> None:
    names = [tile for tile in tiles_between(0, size) if tile.level is not None]
    tile = data.draw(st.sampled_from(names))
    verify_tile(tile, hashes(tile), node=tree().node, size=size, root=tree().root(size))


def test_a_tile_longer_than_256_hashes_is_refused() -> None:
    """LED-22."""
    full = Tile(level=0, index=0)
    verify_tile(full, hashes(full), node=tree().node, size=LARGE, root=tree().root())
    too_long = Tile(level=0, index=0, width=257)
    with pytest.raises(LimitExceededError):
        verify_tile(too_long, hashes(too_long), node=tree().node, size=LARGE, root=tree().root())


def test_a_partial_tile_of_another_checkpoint_is_refused() -> None:
    """LED-22."""
    tile = Tile(level=0, index=273, width=112)
    verify_tile(tile, hashes(tile), node=tree().node, size=LARGE, root=tree().root())
    with pytest.raises(InclusionError, match="no such tile"):
        verify_tile(tile, hashes(tile), node=tree().node, size=LARGE - 1, root=tree().root(LARGE - 1))
    with pytest.raises(InclusionError, match="root"):
        verify_tile(tile, hashes(tile), node=tree().node, size=LARGE, root=tree().root(LARGE - 1))
    with pytest.raises(DecodeError, match="as many hashes"):
        verify_tile(tile, hashes(tile)[:-HASH_BYTES], node=tree().node, size=LARGE, root=tree().root())


def test_the_width_of_a_tile() -> None:
    assert [tile_width(0, index, size=300) for index in range(3)] == [256, 44, 0]
    assert [tile_width(1, 0, size=size) for size in (255, 256, 65_536)] == [0, 1, 256]
    assert tile_width(None, 1, size=300) == 44
