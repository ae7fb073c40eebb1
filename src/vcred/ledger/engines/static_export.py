# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The published log as static files that any web host serves.

    checkpoint  policy
    tile/0/000  tile/0/001.p/44  tile/1/000.p/1
    tile/entries/000  tile/entries/001.p/44

Tiles first, the checkpoint last: whoever reads a checkpoint finds every tile that it needs,
also while an export runs, and after one that was killed. Again, only what is new is written.
The policy says to the tools of others whose cosignatures make the quorum of that checkpoint.

Spec: C2SP tlog-tiles v0.1, APIs; C2SP tlog-policy v0.1.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from vcred.errors import DecodeError, StoreError
from vcred.files import lock_folder, read_capped, write_atomic
from vcred.files.system import make_durable, translated
from vcred.ledger.ledger import Ledger
from vcred.ledger.published import Published
from vcred.limits import MAX_NOTE_BYTES
from vcred.tlog.checkpoint import Checkpoint, parse_checkpoint_text
from vcred.tlog.note import parse_note
from vcred.tlog.policy import encode_policy
from vcred.tlog.tiles import TILE_WIDTH, Tile, encode_bundle, tile_nodes, tile_path, tiles_between

CHECKPOINT = "checkpoint"
POLICY = "policy"
_PARTIAL = ".p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export holds: `size` entries; `written` files were new."""

    size: int
    root: bytes
    written: int


def tile_content(ledger: Ledger, tile: Tile) -> bytes:
    """Return a tile of hashes, or a bundle of entries, that the ledger has. Raises StoreError."""
    if tile.level is None:
        start = tile.index * TILE_WIDTH
        return encode_bundle(ledger.leaves(start, start + tile.width))
    return b"".join(ledger.nodes(tile_nodes(tile)))


def export_static(ledger: Ledger, folder: Path) -> Exported:
    """Bring a folder up to the newest published checkpoint.

    Args:
        ledger: An open one.
        folder: Made if it is missing; else it holds an earlier export of this log.

    Raises:
        StoreError: Nothing is published, the folder holds another or a newer log, another
            export runs, or the system refuses.
    """
    published = ledger.published()
    if published is None:
        raise StoreError("nothing is published yet", hint='publish with "vcred ledger publish"')
    _make(folder)
    with lock_folder(folder):
        old_size = _exported_size(folder, ledger, published)
        tiles = list(tiles_between(old_size, published.size))
        written = sum(_write(ledger, folder, tile) for tile in tiles)
        if old_size != published.size or not _holds(folder, published.note):
            write_atomic(folder / POLICY, _policy(ledger, published), overwrite=True)
            write_atomic(folder / CHECKPOINT, published.note, overwrite=True)
            written += 1
        for tile in tiles:
            _drop_partials(folder, tile)
    return Exported(size=published.size, root=published.root, written=written)


def _policy(ledger: Ledger, published: Published) -> bytes:
    network = ledger.state.network_at(published.size)
    return encode_policy(
        origin=network.origin, log_key=network.log_key, witnesses=network.witnesses, quorum=network.quorum
    )


def _exported_size(folder: Path, ledger: Ledger, published: Published) -> int:
    """The size of the export that is there; 0 if there is none."""
    file = folder / CHECKPOINT
    if not file.exists():
        return 0
    there = _read(file)
    mine = parse_checkpoint_text(parse_note(published.note).text)
    if there.origin != mine.origin or there.size > mine.size or ledger.root(there.size) != there.root:
        raise StoreError(
            f"{folder} does not hold an earlier export of this log",
            hint="name another folder; is this ledger an old copy?",
        )
    return there.size


def _read(file: Path) -> Checkpoint:
    try:
        return parse_checkpoint_text(parse_note(read_capped(file, max_bytes=MAX_NOTE_BYTES)).text)
    except DecodeError as error:
        raise StoreError(f"{file} is no checkpoint", hint="name another folder") from error


def _write(ledger: Ledger, folder: Path, tile: Tile) -> bool:
    """Write a tile that is not there yet; a tile of that name never changes."""
    path = folder / tile_path(tile)
    if path.exists():
        return False
    _make(path.parent)
    write_atomic(path, tile_content(ledger, tile))
    return True


def _drop_partials(folder: Path, tile: Tile) -> None:
    """Once a tile is full, and the checkpoint says so, nobody needs the parts that it began with."""
    if not tile.is_partial:
        full = folder / tile_path(tile)
        shutil.rmtree(full.with_name(full.name + _PARTIAL), ignore_errors=True)


def _holds(folder: Path, note: bytes) -> bool:
    return read_capped(folder / CHECKPOINT, max_bytes=MAX_NOTE_BYTES) == note


def _make(folder: Path) -> None:
    """Make a folder and its parents, durably: a file is as durable as the folders above it."""
    if folder.is_dir():
        return
    _make(folder.parent)
    with translated("make", folder):
        folder.mkdir(exist_ok=True)
        make_durable(folder.parent)
