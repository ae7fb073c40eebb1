# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-03: a wallet has after a power cut what it told; FI-05: with a full disk it reads, then goes on."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.disks import require_mounts, small_disk
from tests.faults.power import Cut, cuts, eatmydata
from tests.faults.record import Record, read_record, told_of
from tests.faults.wallet_content import complaints_of_wallet, content_of
from tests.faults.wallet_life import (
    Holder,
    copy_home,
    make_holder,
    open_wallet,
    receive_noted,
    show_noted,
)
from tests.kill import python_module
from vcred.errors import StoreError, VcredError
from vcred.files.mark import read_mark, write_mark
from vcred.wallet.engines.opening import MARK_FILE

LIFE = "tests.faults.wallet_life"
NAME = "health-code"
COPIES = 90
CONTROLS = 12
MUST_LOSE = 4
SMALL = 1024 * 1024
LEFT_FREE = 192 * 1024


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    return make_holder(tmp_path_factory.mktemp("holder"), copies=COPIES)


@pytest.fixture(scope="module")
def files(holder: Holder, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("issued")
    paths = [folder / f"{number:03}.sdjwt" for number in range(COPIES)]
    for path, text in zip(paths, holder.copies, strict=True):
        path.write_text(text, "ascii")
    return paths


def wallet_cuts(
    holder: Holder,
    files: Sequence[Path],
    folder: Path,
    number: int,
    environment: dict[str, str] | None = None,
) -> Iterator[Cut]:
    return cuts(
        folder,
        lambda disk: copy_home(holder.home, disk / "holder"),
        lambda disk, record: python_module(LIFE, "live", disk / "holder", record, *files),
        number=number,
        environment=environment,
    )


def test_fi_03_what_was_told_is_there(holder: Holder, files: list[Path], tmp_path: Path) -> None:
    require_mounts(tmp_path)
    received = shown = 0
    for cut in wallet_cuts(holder, files, tmp_path, amount(8, 500)):
        assert complaints_of_wallet(cut.disk / "holder", cut.record) == []
        received = max(received, len(told_of(cut.record, "received")))
        shown = max(shown, len(told_of(cut.record, "shown")))
    assert received > 5
    assert shown > 5


def test_fi_03_control_a_disk_that_lies_loses_what_was_told(
    holder: Holder, files: list[Path], tmp_path: Path
) -> None:
    require_mounts(tmp_path)

    def is_broken(cut: Cut) -> bool:
        try:
            return bool(complaints_of_wallet(cut.disk / "holder", cut.record))
        except VcredError:
            return True

    broken = [is_broken(cut) for cut in wallet_cuts(holder, files, tmp_path, CONTROLS, eatmydata())]
    assert sum(broken) >= MUST_LOSE, "the cuts lose nothing: the run proves nothing"


def test_fi_05_a_wallet_on_a_full_disk(holder: Holder, files: list[Path], tmp_path: Path) -> None:
    require_mounts(tmp_path)
    home, told = tmp_path / "disk", Record(tmp_path / "told")
    with small_disk(home, size_bytes=SMALL) as disk:
        shutil.copytree(holder.home, home, dirs_exist_ok=True)
        mark = read_mark(home / MARK_FILE)
        assert mark is not None
        write_mark(home / MARK_FILE, mark.size)
        with open_wallet(home) as wallet:
            receive_noted(wallet, told, str(files[0]))
            receive_noted(wallet, told, str(files[1]))
            show_noted(wallet, told, NAME)
            before = wallet.history()
            filler = disk / "filler"
            filler.write_bytes(bytes(shutil.disk_usage(disk).free - LEFT_FREE))
            with pytest.raises(StoreError):
                for file in files[2:]:
                    receive_noted(wallet, told, str(file))
            held = len(told_of(read_record(tmp_path / "told"), "received"))
            assert held > 2
            # What is there can be read. Nothing more is written, and so nothing shown.
            assert [one.copies for one in wallet.credentials.list()] == [held]
            assert wallet.credentials.get(NAME).stored.paths
            assert wallet.history() == before
            with pytest.raises(StoreError):
                show_noted(wallet, told, NAME)
        filler.unlink()
        with open_wallet(home) as wallet:
            assert not wallet.was_copied
            receive_noted(wallet, told, str(files[-1]))
            show_noted(wallet, told, NAME)
        assert complaints_of_wallet(home, read_record(tmp_path / "told")) == []


def test_fi_05_a_full_disk_is_opened_for_reading(holder: Holder, files: list[Path], tmp_path: Path) -> None:
    require_mounts(tmp_path)
    home, told = tmp_path / "disk", Record(tmp_path / "told")
    kept = copy_home(holder.home, tmp_path / "kept")
    with open_wallet(kept) as wallet:
        receive_noted(wallet, told, str(files[0]))
    whole = content_of(kept)
    with small_disk(home, size_bytes=SMALL) as disk:
        shutil.copytree(kept, home, dirs_exist_ok=True)
        mark = read_mark(home / MARK_FILE)
        assert mark is not None
        write_mark(home / MARK_FILE, mark.size)
        # SQLite has a side file of 32 KiB while a file is open.
        filler = disk / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(disk).free - 2 * 32 * 1024))
        assert content_of(home) == whole
        filler.unlink()
