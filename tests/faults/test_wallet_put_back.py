# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13, INV-9: an older store of a wallet that is put back shows none of its one-time copies.

In its later life they may have been shown. What is no one-time copy, and the history so far, are there.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.damage import Files
from tests.faults.wallet_content import NAME, show_all, show_one, stock
from tests.faults.wallet_life import COPIES, make_holder, now, open_wallet
from vcred.files.mark import write_mark
from vcred.wallet.engines.opening import MARK_FILE
from vcred.wallet.engines.store import STORE_FILE

SINGLE = "health-code-2"


@dataclass
class Lived:
    """A home in which two copies were shown, and its store and mark from when none or one was.

    `open` are the files as they lay while the wallet was open, with a write-ahead log.
    """

    home: Path
    earlier: Files
    open: Files
    mark: bytes
    shown: set[str]


@pytest.fixture
def lived(tmp_path: Path) -> Lived:
    home = stock(make_holder(tmp_path), tmp_path / "stocked")
    store, mark = home / STORE_FILE, home / MARK_FILE
    shown = set()
    with open_wallet(home) as wallet:
        shown.add(show_one(wallet))
    earlier, old_mark = Files.of(store), mark.read_bytes()
    with open_wallet(home) as wallet:
        wallet.show(SINGLE, ["match"])
        while_open = Files.of(store)
        shown.add(show_one(wallet))
    assert len(shown) == 2
    return Lived(home=home, earlier=earlier, open=while_open, mark=old_mark, shown=shown)


def put_back(files: Files, home: Path) -> None:
    """Lay older files in the place of what is there."""
    for path in home.glob(f"{STORE_FILE}*"):
        path.unlink()
    files.put(home / STORE_FILE)


def assert_uncertain(home: Path, lines: int) -> None:
    with open_wallet(home) as wallet:
        assert wallet.was_copied
        assert [(one.name, one.copies, one.left) for one in wallet.credentials.list()] == [
            (NAME, COPIES, 0),
            (SINGLE, 0, 0),
        ]
        assert show_all(wallet) == []
        assert len(wallet.history()) == lines
        # What is not shown once only goes on.
        assert wallet.show(SINGLE, ["match"]).code(now=now())
    with open_wallet(home) as wallet:
        assert not wallet.was_copied
        assert show_all(wallet) == []


def test_the_good_case(lived: Lived) -> None:
    """The newest store, closed and opened, goes on."""
    with open_wallet(lived.home) as wallet:
        assert not wallet.was_copied
        later = show_all(wallet)
    assert len(later) == COPIES - 2
    assert lived.shown.isdisjoint(later)


def test_fi_13_with_the_mark_as_it_is_now(lived: Lived) -> None:
    put_back(lived.earlier, lived.home)
    assert_uncertain(lived.home, lines=1)


def test_fi_13_with_its_own_mark_of_then(lived: Lived) -> None:
    put_back(lived.earlier, lived.home)
    (lived.home / MARK_FILE).write_bytes(lived.mark)
    assert_uncertain(lived.home, lines=1)


def test_fi_13_with_its_own_mark_as_a_new_file(lived: Lived) -> None:
    put_back(lived.earlier, lived.home)
    copied = lived.home / "copied"
    copied.write_bytes(lived.mark)
    copied.replace(lived.home / MARK_FILE)
    assert_uncertain(lived.home, lines=1)


def test_fi_13_without_a_mark(lived: Lived) -> None:
    put_back(lived.earlier, lived.home)
    (lived.home / MARK_FILE).unlink()
    assert_uncertain(lived.home, lines=1)


def test_fi_13_with_the_log_that_it_had_while_it_was_open(lived: Lived) -> None:
    assert "-wal" in lived.open.content
    put_back(lived.open, lived.home)
    assert_uncertain(lived.home, lines=2)


def test_fi_13_the_whole_home_put_back(lived: Lived, tmp_path: Path) -> None:
    """As from a backup of the disk; each file is another one then."""
    copy = tmp_path / "copy"
    shutil.copytree(lived.home, copy)
    with open_wallet(lived.home) as wallet:
        later = show_all(wallet)
    assert len(later) == COPIES - 2
    shutil.rmtree(lived.home)
    copy.rename(lived.home)
    assert_uncertain(lived.home, lines=3)


def test_control_with_a_mark_that_was_forged_a_copy_is_shown_again(lived: Lived) -> None:
    """It is the mark that tells an older store: where one is forged, nothing does."""
    put_back(lived.earlier, lived.home)
    write_mark(lived.home / MARK_FILE, 1)
    with open_wallet(lived.home) as wallet:
        assert lived.shown & {*show_all(wallet)}
