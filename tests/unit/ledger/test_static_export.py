# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The static export: complete below its checkpoint, whenever it is looked at."""

from pathlib import Path

import pytest

from tests.unit.ledger.homes import Network
from vcred.errors import StoreError
from vcred.files import write_atomic
from vcred.ledger.engines import static_export
from vcred.ledger.engines.static_export import Exported, export_static
from vcred.tlog.checkpoint import parse_checkpoint_text
from vcred.tlog.note import parse_note
from vcred.tlog.tiles import parse_bundle, parse_tile_path, tile_path, tiles_between, verify_tile
from vcred.tlog.tree import leaf_hash, root_of

WIDE = 260


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return tmp_path / "web" / "public"


def export(network: Network, folder: Path) -> Exported:
    with network.ledger() as ledger:
        return export_static(ledger, folder)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {".lock"}


def check(folder: Path, network: Network) -> int:
    """Read it as a stranger would: the checkpoint, then every tile that it needs."""
    checkpoint = parse_checkpoint_text(parse_note((folder / "checkpoint").read_bytes()).text)
    entries: list[bytes] = []
    with network.ledger() as ledger:
        for tile in tiles_between(0, checkpoint.size):
            data = (folder / tile_path(tile)).read_bytes()
            if tile.level is None:
                entries += parse_bundle(data, width=tile.width)
            else:
                verify_tile(tile, data, node=ledger.node, size=checkpoint.size, root=checkpoint.root)
    assert root_of(map(leaf_hash, entries)) == checkpoint.root
    return checkpoint.size


def test_an_export_holds_the_published_log(network: Network, public: Path) -> None:
    network.grow(4)
    head = network.publish()
    network.grow(3)
    assert export(network, public) == Exported(size=5, root=head.root, written=3)
    assert files(public) == {"checkpoint", "policy", "tile/0/000.p/5", "tile/entries/000.p/5"}
    assert (public / "checkpoint").read_bytes() == head.note
    assert check(public, network) == 5
    for path in files(public) - {"checkpoint", "policy"}:
        parse_tile_path(path)


def test_again_only_what_is_new_is_written(network: Network, public: Path) -> None:
    network.grow(4)
    network.publish()
    export(network, public)
    assert export(network, public).written == 0
    network.clock.later(seconds=1)
    network.publish()
    # A newer cosignature over the same tree.
    assert export(network, public).written == 1
    network.grow(2)
    network.publish()
    assert export(network, public).written == 3
    assert files(public) >= {"tile/0/000.p/5", "tile/0/000.p/7"}
    assert check(public, network) == 7


def test_a_full_tile_takes_the_place_of_its_parts(network: Network, public: Path) -> None:
    network.grow(4)
    network.publish()
    export(network, public)
    network.grow(WIDE - 5)
    network.publish()
    export(network, public)
    assert files(public) == {
        "checkpoint",
        "policy",
        "tile/0/000",
        "tile/0/001.p/4",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/4",
    }
    assert check(public, network) == WIDE


def test_one_that_was_interrupted_is_whole_at_every_moment(
    network: Network, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.grow(4)
    network.publish()
    export(network, public)
    network.grow(4)
    network.publish()
    for allowed in range(3):
        left = [allowed]

        def write(path: Path, data: bytes, *, overwrite: bool = False, left: list[int] = left) -> None:
            if not left[0]:
                raise StoreError("no space left")
            left[0] -= 1
            write_atomic(path, data, overwrite=overwrite)

        monkeypatch.setattr(static_export, "write_atomic", write)
        if allowed < 2:
            with pytest.raises(StoreError):
                export(network, public)
            assert check(public, network) == 5
    monkeypatch.undo()
    export(network, public)
    assert check(public, network) == 9


def test_nothing_is_exported_bare(network: Network, public: Path) -> None:
    with pytest.raises(StoreError, match="nothing is published"):
        export(network, public)
    assert not public.exists()
    network.publish()
    assert export(network, public).size == 1


def test_a_newer_or_another_log_is_not_written_over(network: Network, public: Path, tmp_path: Path) -> None:
    network.grow(2)
    network.publish()
    older = network.copy_to(tmp_path / "older")
    network.grow(2)
    network.publish()
    export(network, public)
    with pytest.raises(StoreError, match="does not hold an earlier export"):
        export(older, public)
    older.clock.later(seconds=60)
    older.grow(2)
    with older.ledger() as ledger:
        assert ledger.state.size == 5
    with pytest.raises(StoreError):
        export(older, public)
    assert check(public, network) == 5


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"x" * 100_000])
def test_a_folder_that_holds_something_else(network: Network, public: Path, content: bytes) -> None:
    network.publish()
    public.mkdir(parents=True)
    (public / "checkpoint").write_bytes(content)
    with pytest.raises(StoreError, match="is no checkpoint"):
        export(network, public)
    (public / "checkpoint").unlink()
    assert export(network, public).written == 3
