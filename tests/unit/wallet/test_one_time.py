# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One-time copies: each is shown once, whatever is done between. INV-9, WAL-07, WAL-15; H12."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.wallet_life import (
    COPIES,
    OLD,
    Holder,
    copy_home,
    fingerprint,
    make_holder,
    now,
    open_wallet,
)
from vcred.errors import RefusedError, UsageError
from vcred.reasons import Reason
from vcred.trust.bundle import encode_bundle
from vcred.wallet.engines.store import STORE_FILE
from vcred.wallet.wallet import Wallet

NAME = "health-code"


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    made = make_holder(tmp_path_factory.mktemp("holder"))
    with open_wallet(made.home) as wallet:
        for text in made.copies:
            wallet.credentials.receive(text)
    return made


@pytest.fixture
def home(holder: Holder, tmp_path: Path) -> Path:
    return copy_home(holder.home, tmp_path / "home")


@pytest.fixture
def wallet(home: Path) -> Iterator[Wallet]:
    with open_wallet(home) as opened:
        yield opened


def show(wallet: Wallet, name: str = NAME) -> str:
    """Show it; by what the copy is known."""
    return fingerprint(wallet.show(name, ["match"]).code(now=now()).sd_jwt)


def assert_spent(wallet: Wallet) -> None:
    with pytest.raises(RefusedError) as refused:
        show(wallet)
    assert refused.value.reason is Reason.COPIES_SPENT


def test_each_copy_is_shown_once(wallet: Wallet) -> None:
    shown = {show(wallet) for _ in range(COPIES)}
    assert len(shown) == COPIES
    assert_spent(wallet)
    assert [record.credential in shown for record in wallet.history()] == [True] * COPIES


def test_codes_that_are_drawn_anew_are_one_use(wallet: Wallet) -> None:
    showing = wallet.show(NAME, ["match"])
    codes = [showing.code(now=now()) for _ in range(5)]
    assert len({code.text for code in codes}) == 5
    assert len({fingerprint(code.sd_jwt) for code in codes}) == 1
    assert len(wallet.history()) == 1
    assert wallet.credentials.list()[0].left == COPIES - 1
    with pytest.raises(UsageError, match="ended"):
        showing.code(now=now() + timedelta(minutes=10))


def test_a_copy_that_was_shown_stays_shown_when_it_is_received_again(holder: Holder, wallet: Wallet) -> None:
    shown = [show(wallet) for _ in range(2)]
    wallet.credentials.remove(NAME)
    # Their keys went with them: nobody can show them, here or elsewhere.
    with pytest.raises(UsageError, match="not in this wallet"):
        wallet.credentials.receive(holder.copies[0])
    assert {record.credential for record in wallet.history()} == {*shown}


def test_a_copy_that_was_shown_from_its_file_stays_shown(tmp_path: Path) -> None:
    made = make_holder(tmp_path)
    with open_wallet(made.home) as wallet:
        belief = wallet.trust.belief()
        wallet.present(made.copies[0], ["match"], belief=belief, network_id=wallet.trust.network_id())
        for text in made.copies:
            wallet.credentials.receive(text)
        assert wallet.credentials.list()[0].left == COPIES - 1
        assert fingerprint(made.copies[0]) not in {show(wallet) for _ in range(COPIES - 1)}
        assert_spent(wallet)
        with pytest.raises(RefusedError):
            wallet.present(made.copies[0], ["match"], belief=belief, network_id=wallet.trust.network_id())


def test_a_copied_home_shows_none(home: Path, tmp_path: Path) -> None:
    with open_wallet(home) as wallet:
        show(wallet)
        assert not wallet.was_copied
    shutil.copytree(home, tmp_path / "second device")
    with open_wallet(tmp_path / "second device") as wallet:
        assert wallet.was_copied
        assert wallet.credentials.list()[0].left == 0
        assert_spent(wallet)
    # It stays so, and the original is as it was.
    with open_wallet(tmp_path / "second device") as wallet:
        assert not wallet.was_copied
        assert_spent(wallet)
    with open_wallet(home) as wallet:
        assert wallet.credentials.list()[0].left == COPIES - 1


def test_a_store_that_was_put_back_shows_none(home: Path, tmp_path: Path) -> None:
    early = tmp_path / "early"
    shutil.copy(home / STORE_FILE, early)
    with open_wallet(home) as wallet:
        show(wallet)
    (home / STORE_FILE).write_bytes(early.read_bytes())
    with open_wallet(home) as wallet:
        assert wallet.was_copied
        assert_spent(wallet)


def test_a_restored_wallet_shows_none_and_keeps_the_others(
    holder: Holder, wallet: Wallet, tmp_path: Path
) -> None:
    wallet.credentials.receive(holder.single)
    sealed = wallet.backup(OLD)
    with Wallet.restore(tmp_path / "new", sealed, OLD, unlock=OLD, clock=now) as restored:
        assert_spent(restored)
        restored.trust.import_bundle(encode_bundle(holder.world.bundle()))
        assert show(restored, "health-code-2") == fingerprint(holder.single)
        assert [one.name for one in restored.credentials.list()] == [NAME, "health-code-2"]


def test_what_is_no_copy_is_shown_again_and_again(holder: Holder, wallet: Wallet) -> None:
    received = wallet.credentials.receive(holder.single).holding
    assert (received.name, received.copies) == ("health-code-2", 0)
    assert {show(wallet, received.name) for _ in range(3)} == {fingerprint(holder.single)}
