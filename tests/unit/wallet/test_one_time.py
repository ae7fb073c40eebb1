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
from tests.world import HEALTH_CLAIMS
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.did.methods.key import resolve_did_key
from vcred.errors import RefusedError, UsageError
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.reasons import Reason
from vcred.trust.bundle import encode_bundle
from vcred.wallet.engines.store import STORE_FILE
from vcred.wallet.wallet import Wallet

NAME = "health-code"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


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


# What an attacker tried, or an accident does.


def apply_and_issue(made: Holder, wallet: Wallet, *, copies: int) -> tuple[str, ...]:
    """Copies for new keys of the wallet, not yet received."""
    applied = wallet.apply_for_copies(made.world.issuer.did, "later", copies=copies)
    keys = [resolve_did_key(one.did).methods[0].key for one in applied]
    return tuple([made.world.issue(holder_key=key, index=60 + number) for number, key in enumerate(keys)])


def present_file(wallet: Wallet, text: str) -> str:
    belief = wallet.trust.belief()
    code = wallet.present(text, ["match"], belief=belief, network_id=wallet.trust.network_id())
    return fingerprint(code.sd_jwt)


def test_copies_that_come_after_the_backup_are_shown_by_one_of_the_two(tmp_path: Path) -> None:
    made = make_holder(tmp_path)
    with open_wallet(made.home) as wallet:
        sealed = wallet.backup(OLD)
        for text in made.copies:
            wallet.credentials.receive(text)
        assert len({show(wallet) for _ in range(COPIES)}) == COPIES
    with Wallet.restore(tmp_path / "new", sealed, OLD, unlock=OLD, clock=now) as restored:
        restored.trust.import_bundle(encode_bundle(made.world.bundle()))
        for text in made.copies:
            restored.credentials.receive(text)
        assert restored.credentials.list()[0].left == 0
        assert_spent(restored)
        with pytest.raises(RefusedError):
            present_file(restored, made.copies[0])
        # A new key is nobody else's.
        for text in apply_and_issue(made, restored, copies=2):
            restored.credentials.receive(text)
        assert sum(one.left for one in restored.credentials.list()) == 2


def test_a_home_that_was_copied_before_the_copies_came_shows_none(tmp_path: Path) -> None:
    made = make_holder(tmp_path)
    shutil.copytree(made.home, tmp_path / "second device")
    with open_wallet(tmp_path / "second device") as wallet:
        assert wallet.was_copied
        for text in made.copies:
            wallet.credentials.receive(text)
        assert_spent(wallet)


def test_a_single_that_becomes_a_copy_after_a_restore_is_uncertain(tmp_path: Path) -> None:
    made = make_holder(tmp_path)
    with open_wallet(made.home) as wallet:
        texts = [text for _ in range(2) for text in apply_and_issue(made, wallet, copies=1)]
        wallet.credentials.receive(texts[0])
        sealed = wallet.backup(OLD)
    with Wallet.restore(tmp_path / "new", sealed, OLD, unlock=OLD, clock=now) as restored:
        restored.trust.import_bundle(encode_bundle(made.world.bundle()))
        assert show(restored) == fingerprint(texts[0])
        restored.credentials.receive(texts[1])
        assert_spent(restored)


def test_a_copy_in_a_file_is_shown_once(holder: Holder, wallet: Wallet) -> None:
    """Whether it was applied for as one of several, or its copies are held."""
    copies = apply_and_issue(holder, wallet, copies=2)
    assert present_file(wallet, copies[0]) == fingerprint(copies[0])
    with pytest.raises(RefusedError) as refused:
        present_file(wallet, copies[0])
    assert refused.value.reason is Reason.COPIES_SPENT
    alone = [text for _ in range(3) for text in apply_and_issue(holder, wallet, copies=1)]
    for text in alone[1:]:
        wallet.credentials.receive(text)
    assert present_file(wallet, alone[0]) == fingerprint(alone[0])
    with pytest.raises(RefusedError):
        present_file(wallet, alone[0])


def test_another_spelling_of_a_signature_makes_no_second_copy(holder: Holder, wallet: Wallet) -> None:
    """ECDSA has two signatures for one: anybody on the way can turn one into the other."""
    before = wallet.credentials.list()
    for text in holder.copies:
        head, _, rest = text.partition("~")
        body, _, signature = head.rpartition(".")
        raw = decode_base64url(signature)
        other = raw[:32] + (P256_ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
        turned = f"{body}.{encode_base64url(other)}~{rest}"
        assert not wallet.credentials.receive(turned).is_new
        present_file(wallet, text)
        with pytest.raises(RefusedError):
            present_file(wallet, turned)
    assert [one.copies for one in before] == [one.copies for one in wallet.credentials.list()]
    assert_spent(wallet)


def test_a_copy_whose_key_stays_when_it_is_forgotten_stays_shown(holder: Holder, wallet: Wallet) -> None:
    show_all = [show(wallet) for _ in range(COPIES)]
    key = open_credential(holder.copies[0]).presentation.holder_key
    other = holder.world.issue(holder_key=key, index=77, claims={**HEALTH_CLAIMS, "colour": "red"})
    wallet.credentials.receive(other, name="another with its key")
    wallet.credentials.remove(NAME)
    wallet.credentials.receive(holder.copies[0], name="back")
    assert fingerprint(holder.copies[0]) in show_all
    with pytest.raises(RefusedError):
        show(wallet, "back")
