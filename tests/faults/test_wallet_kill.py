# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-01: a wallet dies at every write of add, present, passphrase change, backup and restore.

INV-8: nothing that was received is lost, and it opens with the old or the new passphrase. INV-9: no
one-time copy is ever shown twice.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.record import read_record, told_of
from tests.faults.wallet_life import (
    COPIES,
    NEW,
    OLD,
    Holder,
    copy_home,
    fingerprint,
    make_holder,
    now,
    open_wallet,
)
from tests.kill import kill_at_every_write, python_module, require_strace
from vcred.errors import RefusedError, StoreError
from vcred.reasons import Reason
from vcred.wallet.wallet import Wallet

LIFE = "tests.faults.wallet_life"
NAME = "health-code"
ALL = 1_000_000


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    require_strace()
    return make_holder(tmp_path_factory.mktemp("holder"))


@pytest.fixture(scope="module")
def stocked(holder: Holder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home, with all of its credentials received."""
    home = copy_home(holder.home, tmp_path_factory.mktemp("stocked") / "home")
    with open_wallet(home) as wallet:
        for text in (*holder.copies, holder.single):
            wallet.credentials.receive(text)
        assert [(one.name, one.left) for one in wallet.credentials.list()] == [
            (NAME, COPIES),
            ("health-code-2", 0),
        ]
    return home


def told_beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.told")


def scenario(name: str, *rest: object) -> Callable[[Path], list[str]]:
    return lambda place: python_module(LIFE, name, place, told_beside(place), *rest)


def fingerprints(home: Path, unlock=OLD) -> dict[str, bool]:  # type: ignore[no-untyped-def]
    """What a wallet holds, opened from its files alone: fingerprint, and whether it was shown."""
    with open_wallet(home, unlock) as wallet:
        kept = wallet._store.credentials()
        return {name: one.shown_at is not None for name, one in kept.items()}


def test_what_was_received_is_there(holder: Holder, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.sdjwt" for number in range(2)]
    for file, text in zip(files, holder.copies, strict=False):
        file.write_text(text, "ascii")
    numbers = set()
    points = kill_at_every_write(
        lambda name: copy_home(holder.home, tmp_path / name),
        scenario("add", *files),
        at_most=amount(40, ALL),
    )
    for point, place, _ in points:
        told = {one["credential"] for one in told_of(read_record(told_beside(place)), "received")}
        held = fingerprints(place)
        assert told <= held.keys(), point
        numbers.add(len(held))
        with open_wallet(place) as wallet:
            for file in files:
                wallet.credentials.receive(file.read_text("ascii"))
            # Nothing is there twice, and what was there as one is a copy now.
            (line,) = wallet.credentials.list()
            assert (line.copies, line.left) == (2, 2), point
    assert numbers == {0, 1, 2}


def test_no_copy_is_shown_twice(holder: Holder, stocked: Path, tmp_path: Path) -> None:
    numbers = set()
    points = kill_at_every_write(
        lambda name: copy_home(stocked, tmp_path / name),
        scenario("show", NAME, 3),
        at_most=amount(50, ALL),
    )
    for point, place, _ in points:
        told = [one["credential"] for one in told_of(read_record(told_beside(place)), "shown")]
        numbers.add(len(told))
        later = []
        with open_wallet(place) as wallet:
            assert not wallet.was_copied, point
            # The history knows of each that has left.
            assert {*told} <= {record.credential for record in wallet.history()}, point
            with pytest.raises(RefusedError) as refused:
                while True:
                    later.append(fingerprint(wallet.show(NAME, ["match"]).code(now=now()).sd_jwt))
        assert refused.value.reason is Reason.COPIES_SPENT
        assert len({*told, *later}) == len(told) + len(later), point
        # At most one was marked and never left.
        assert COPIES - 1 <= len(told) + len(later) <= COPIES, point
        assert len(fingerprints(place)) == COPIES + 1, point
    assert numbers == {0, 1, 2, 3}


def test_it_opens_with_the_old_or_the_new_passphrase(holder: Holder, stocked: Path, tmp_path: Path) -> None:
    opened = set()
    points = kill_at_every_write(lambda name: copy_home(stocked, tmp_path / name), scenario("rekey"))
    for point, place, _ in points:
        told = bool(read_record(told_beside(place)))
        works = [unlock for unlock in (OLD, NEW) if opens(place, unlock)]
        assert len(works) == 1, point
        assert works == [NEW] or not told, point
        opened.add(works[0].secret)
        assert len(fingerprints(place, works[0])) == COPIES + 1, point
    assert opened == {OLD.secret, NEW.secret}


def opens(home: Path, unlock) -> bool:  # type: ignore[no-untyped-def]
    try:
        with open_wallet(home, unlock):
            return True
    except StoreError:
        return False


def test_a_backup_is_whole_or_not_there(holder: Holder, stocked: Path, tmp_path: Path) -> None:
    found = set()

    def command(place: Path) -> list[str]:
        return python_module(
            LIFE, "backup", place, told_beside(place), place.with_name(f"{place.name}.backup")
        )

    for point, place, _ in kill_at_every_write(lambda name: copy_home(stocked, tmp_path / name), command):
        file = place.with_name(f"{place.name}.backup")
        found.add(file.exists())
        assert file.exists() or not read_record(told_beside(place)), point
        if file.exists():
            restored = tmp_path / f"restored-{point.call}-{point.number}"
            with Wallet.restore(restored, file.read_bytes(), OLD, unlock=OLD, clock=now) as wallet:
                assert sum(max(1, one.copies) for one in wallet.credentials.list()) == COPIES + 1, point
        assert len(fingerprints(place)) == COPIES + 1, point
    assert found == {False, True}


def test_a_restored_home_is_whole_or_not_there(holder: Holder, stocked: Path, tmp_path: Path) -> None:
    file, found = tmp_path / "wallet.backup", set()
    with open_wallet(stocked) as wallet:
        file.write_bytes(wallet.backup(OLD))

    def make(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    for point, place, _ in kill_at_every_write(make, scenario("restore", file), at_most=amount(40, ALL)):
        restored = place / "restored"
        found.add(restored.exists())
        if not restored.exists():
            # It is done again, and what the first attempt left is no hindrance.
            Wallet.restore(restored, file.read_bytes(), OLD, unlock=OLD, clock=now).close()
        assert len(fingerprints(restored)) == COPIES + 1, point
        assert [path.name for path in place.iterdir()] == ["restored"], point
        with open_wallet(restored) as wallet:
            # WAL-15. What was not shown by then may have been since.
            assert wallet.credentials.list()[0].left == 0, point
    assert found == {False, True}
