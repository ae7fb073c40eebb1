# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-04, INV-12: whatever a call on a wallet's files answers, the wallet says so in words, and goes on.

What was told is there, no one-time copy is shown twice, and after one write that failed the open
wallet writes no more.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.damage import sampled
from tests.faults.injection import Fault, Faulted
from tests.faults.record import read_record
from tests.faults.wallet_content import complaints_of_wallet, content_of, stock
from tests.faults.wallet_injection import FILES, STORE_FILES, meet_wallet_faults, wallet_faults
from tests.faults.wallet_life import COPIES, NEW, OLD, Holder, copy_home, make_holder, open_wallet
from tests.kill import python_module, require_strace
from vcred.errors import WrongSecretError
from vcred.keys.custody import Passphrase
from vcred.wallet.wallet import Wallet

LIFE = "tests.faults.wallet_life"
NAME = "health-code"
MUST_HIT = 0.6
SYNCS = ("fsync", "fdatasync", "syncfs")

UNFINISHED = ".restored.restoring"
NEW_STORE = f"{UNFINISHED}/.wallet.sqlite.new"
RESTORED = (
    ".",
    "restored",
    UNFINISHED,
    f"{UNFINISHED}/keys",
    f"{UNFINISHED}/wallet.sqlite",
    NEW_STORE,
    f"{NEW_STORE}-wal",
    f"{NEW_STORE}-shm",
    *(f"restored/{name}" for name in FILES),
)

Command = Callable[[Path], Sequence[str]]


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    require_strace()
    return make_holder(tmp_path_factory.mktemp("holder"))


@pytest.fixture(scope="module")
def stocked(holder: Holder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stock(holder, tmp_path_factory.mktemp("stocked") / "home")


def told_beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.told")


def scenario(name: str, *rest: object) -> Command:
    return lambda place: python_module(LIFE, name, place, told_beside(place), *rest)


def meet(before: Path, folder: Path, command: Command, number: int) -> list[Faulted]:
    """Let the command meet faults; each is typed, or tolerated."""
    untouched = copy_home(before, folder / "untouched")
    faults = sampled(wallet_faults(command(untouched), untouched), number)
    met = list(meet_wallet_faults(faults, lambda name: copy_home(before, folder / name), command))
    assert len(met) >= MUST_HIT * len(faults)
    assert [(item.fault, item.code, item.said[-400:]) for item in met if not item.is_typed] == []
    # The run that counted the calls has ended well.
    assert {4} <= {item.code for item in met} <= {0, 4}
    return met


def test_fi_04_add(holder: Holder, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.sdjwt" for number in range(2)]
    for file, text in zip(files, holder.copies, strict=False):
        file.write_text(text, "ascii")
    for item in meet(holder.home, tmp_path, scenario("add", *files), amount(6, 1000)):
        told = read_record(told_beside(item.place))
        assert len(told) == 2 or item.code == 4, item.fault
        with open_wallet(item.place) as wallet:
            for file in files:
                wallet.credentials.receive(file.read_text("ascii"))
            (line,) = wallet.credentials.list()
            assert (line.copies, line.left) == (2, 2), item.fault
        assert complaints_of_wallet(item.place, told) == [], item.fault


def test_fi_04_show(stocked: Path, tmp_path: Path) -> None:
    for item in meet(stocked, tmp_path, scenario("show", NAME, 3), amount(10, 1000)):
        told = read_record(told_beside(item.place))
        assert len(told) == 3 or item.code == 4, item.fault
        assert complaints_of_wallet(item.place, told) == [], item.fault


def test_fi_04_rekey(stocked: Path, tmp_path: Path) -> None:
    whole = content_of(stocked)
    for item in meet(stocked, tmp_path, scenario("rekey"), amount(5, 1000)):
        told = read_record(told_beside(item.place))
        works = [unlock for unlock in (OLD, NEW) if opens(item.place, unlock)]
        assert len(works) == 1, item.fault
        assert works == [NEW] or not told, item.fault
        assert content_of(item.place, works[0]) == whole, item.fault


def opens(home: Path, unlock: Passphrase) -> bool:
    try:
        with open_wallet(home, unlock):
            return True
    except WrongSecretError:
        return False


def test_fi_04_backup(stocked: Path, tmp_path: Path) -> None:
    whole = content_of(stocked)

    def command(place: Path) -> list[str]:
        return python_module(LIFE, "backup", place, told_beside(place), backup_of(place))

    for item in meet(stocked, tmp_path, command, amount(5, 1000)):
        assert backup_of(item.place).exists() or item.code == 4, item.fault
        assert content_of(item.place) == whole, item.fault
        if backup_of(item.place).exists():
            restored = item.place.with_name(f"{item.place.name}.restored")
            Wallet.restore(restored, backup_of(item.place).read_bytes(), OLD, unlock=OLD).close()


def test_fi_04_restore(stocked: Path, tmp_path: Path) -> None:
    """A home that is whole, or none; then it is done again."""
    file = tmp_path / "wallet.backup"
    with open_wallet(stocked) as wallet:
        file.write_bytes(wallet.backup(OLD))

    def make(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    command, untouched = scenario("restore", file), make("untouched")
    faults = sampled(wallet_faults(command(untouched), untouched, files=RESTORED), amount(6, 1000))
    met = list(meet_wallet_faults(faults, make, command, files=RESTORED))
    assert len(met) >= MUST_HIT * len(faults)
    for item in met:
        assert item.is_typed, (item.fault, item.code, item.said[-400:])
        home = item.place / "restored"
        assert home.exists() or item.code == 4, item.fault
        if not home.exists():
            Wallet.restore(home, file.read_bytes(), OLD, unlock=OLD).close()
        with open_wallet(home) as wallet:
            assert sum(max(1, one.copies) for one in wallet.credentials.list()) == COPIES + 1, item.fault
            assert wallet.credentials.list()[0].left == 0, item.fault


def backup_of(place: Path) -> Path:
    return place.with_name(f"{place.name}.backup")


def test_fi_04_after_one_failed_sync_the_open_wallet_shows_no_more(stocked: Path, tmp_path: Path) -> None:
    """A second fsync that succeeds proves nothing about what the first one lost."""
    command = scenario("stubborn", NAME, 3)
    untouched = copy_home(stocked, tmp_path / "untouched")
    faults = [
        fault
        for fault in wallet_faults(command(untouched), untouched, files=STORE_FILES)
        if fault.call in SYNCS and fault.answer == "error=EIO"
    ]
    assert [one["what"] for one in read_record(told_beside(untouched))] == ["shown"] * 3
    refused = 0
    chosen = sampled(faults, amount(4, len(faults)))
    met = meet_wallet_faults(
        chosen, lambda name: copy_home(stocked, tmp_path / name), command, files=STORE_FILES
    )
    for item in met:
        told = read_record(told_beside(item.place))
        said = [one["what"] for one in told]
        # Refused once, refused until it is opened anew.
        assert said == sorted(said, reverse=True), (item.fault, said)
        refused += "refused" in said
        assert complaints_of_wallet(item.place, told) == [], item.fault
    assert refused > 0


def test_fi_04_control_a_wallet_that_forgets_is_noticed(stocked: Path, tmp_path: Path) -> None:
    """One that told of a showing, and whose store is as it was before."""
    place = copy_home(stocked, tmp_path / "forgetful")
    with open_wallet(place) as wallet:
        shown = next(iter(wallet._store.credentials()))
    assert complaints_of_wallet(place, []) == []
    forgetful = copy_home(stocked, tmp_path / "again")
    told = [{"what": "shown", "credential": shown}, {"what": "received", "credential": "another"}]
    complaints = complaints_of_wallet(forgetful, told)
    assert {line.partition(":")[0] for line in complaints} == {"INV-8", "INV-9"}


def test_the_good_case(stocked: Path, tmp_path: Path) -> None:
    place = copy_home(stocked, tmp_path / "good")
    with open_wallet(place) as wallet:
        assert [one.left for one in wallet.credentials.list()] == [COPIES, 0]
    assert Fault("write", 1, "error=EIO", "").injection == "write:error=EIO:when=1"
