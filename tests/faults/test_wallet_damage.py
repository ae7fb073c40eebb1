# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-07, WAL-03: a bit that flips in a wallet's files is told in words, or changes nothing.

No part of a wallet is ever given out without the rest, and no one-time copy is shown again.
"""

import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import FrameType

import pytest

from tests.faults.amounts import amount
from tests.faults.damage import Content, Outcome, flipped_bits, judge
from tests.faults.wallet_content import PATHS, content_of, show_all, show_one, stock
from tests.faults.wallet_life import COPIES, copy_home, make_holder, open_wallet
from vcred.errors import RefusedError, StoreError
from vcred.reasons import Reason
from vcred.wallet.engines import askar
from vcred.wallet.engines.opening import MARK_FILE
from vcred.wallet.engines.store import STORE_FILE
from vcred.wallet.settings import WalletSettings

MAX_SECONDS = 20
PAGE = 4096
HOME_FILE = "home.toml"
LANGUAGE = b'language = "'


@dataclass
class DamagedWallet:
    """A wallet with one copy shown, and homes with one file of it changed."""

    folder: Path
    home: Path
    whole: Content
    shown: str

    def __post_init__(self) -> None:
        self._cases = count()

    def read(self, file: str) -> bytes:
        return (self.home / file).read_bytes()

    def with_file(self, file: str, content: bytes) -> Path:
        place = copy_home(self.home, self.folder / f"case-{next(self._cases)}")
        (place / file).write_bytes(content)
        return place

    def flips(self, file: str, subset: int, full: int) -> Iterator[tuple[int, Path]]:
        """The place of the bit, and a home in which it has flipped."""
        for place, flipped in flipped_bits(self.read(file), amount(subset, full)):
            yield place, self.with_file(file, flipped)

    def judge(self, home: Path) -> Outcome:
        with within(MAX_SECONDS):
            return judge(lambda: content_of(home), self.whole, lambda _: False)

    def show_the_rest(self, home: Path) -> list[str]:
        """Show what is left; none of it is the copy that was shown."""
        with open_wallet(home) as wallet:
            shown = show_all(wallet)
        assert self.shown not in shown
        return shown


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fail where an answer never comes: Askar's library waits for one that it could not read."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("no answer came")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> DamagedWallet:
    folder = tmp_path_factory.mktemp("damaged")
    home = stock(make_holder(folder), folder / "stocked")
    with open_wallet(home) as opened:
        shown = show_one(opened)
        opened.change_settings(WalletSettings(theme="night", idle_minutes=3))
    return DamagedWallet(folder=folder, home=home, whole=content_of(home), shown=shown)


def test_the_good_case(wallet: DamagedWallet) -> None:
    home = wallet.with_file(STORE_FILE, wallet.read(STORE_FILE))
    assert wallet.judge(home) is Outcome.WHOLE
    assert len(wallet.show_the_rest(home)) == COPIES - 1


def test_fi_07_a_bit_flips_in_the_store(wallet: DamagedWallet) -> None:
    counts: Counter[Outcome] = Counter()
    for place, home in wallet.flips(STORE_FILE, 40, 10_000):
        outcome = wallet.judge(home)
        assert outcome in (Outcome.WHOLE, Outcome.REFUSED), place
        if outcome is Outcome.WHOLE:
            # Of no account, then: also to what comes after.
            with within(MAX_SECONDS):
                assert len(wallet.show_the_rest(home)) == COPIES - 1, place
        counts[outcome] += 1
    assert counts.keys() == {Outcome.WHOLE, Outcome.REFUSED}


def pages_of(home: Path, name: str) -> list[int]:
    """The pages of a table or index, from 0, read with plain SQLite."""
    with closing(sqlite3.connect(f"file:{home / STORE_FILE}?immutable=1", uri=True)) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name=?", (name,)).fetchone()
        return [root - 1]


@pytest.mark.parametrize("name", ["ix_items_uniq", "sqlite_autoindex_config_1", "ix_profile_name", "config"])
def test_fi_07_a_bit_flips_where_entries_are_looked_up(wallet: DamagedWallet, name: str) -> None:
    """In what is not encrypted, and so is checked by SQLite alone."""
    content, refused = wallet.read(STORE_FILE), 0
    (page,) = pages_of(wallet.home, name)
    begin = page * PAGE
    for place, flipped in flipped_bits(content[begin : begin + PAGE], amount(12, 4000), seed=page):
        home = wallet.with_file(STORE_FILE, content[:begin] + flipped + content[begin + PAGE :])
        outcome = wallet.judge(home)
        assert outcome in (Outcome.WHOLE, Outcome.REFUSED), place
        refused += outcome is Outcome.REFUSED
    # The beginning of a page is always of account.
    broken = bytearray(content)
    broken[begin] ^= 1
    assert wallet.judge(wallet.with_file(STORE_FILE, bytes(broken))) is Outcome.REFUSED


@pytest.mark.parametrize("name", [b"ix_items_uniq", b"profiles (id)\n"])
def test_damaged_words_are_answered(wallet: DamagedWallet, name: bytes) -> None:
    """Askar's own answer about a table whose name is not UTF-8 never comes."""
    content = bytearray(wallet.read(STORE_FILE))
    content[content.index(name)] ^= 0x80
    home = wallet.with_file(STORE_FILE, bytes(content))
    with within(MAX_SECONDS), pytest.raises(StoreError, match=r"wallet\.sqlite (is damaged|cannot be read)$"):
        open_wallet(home)


def give_an_end(home: Path) -> None:
    """Let what is noted of credentials have ended long ago: in each entry, one bit of the file does so."""
    with closing(sqlite3.connect(home / STORE_FILE)) as database, database:
        # No keys, which are of kind 1; as many as there are texts, but those are longer.
        database.execute(
            "UPDATE items SET expiry=0 WHERE category IN (SELECT category FROM items WHERE kind=2"
            " GROUP BY category HAVING count(*)=? ORDER BY max(length(value)) LIMIT 1)",
            (COPIES + 1,),
        )


def test_an_entry_that_would_not_be_found_any_more_is_noticed(wallet: DamagedWallet) -> None:
    home = wallet.with_file(STORE_FILE, wallet.read(STORE_FILE))
    open_wallet(home).close()
    give_an_end(home)
    with pytest.raises(StoreError, match=r"wallet\.sqlite is damaged$"):
        open_wallet(home)


def test_fi_07_a_bit_flips_in_the_mark(wallet: DamagedWallet) -> None:
    """Then nobody knows whether the store is an older copy: none of the one-time copies is shown."""
    credentials, *others = wallet.whole
    assert isinstance(credentials, dict)
    for place, home in wallet.flips(MARK_FILE, 10, 10_000):
        with open_wallet(home) as opened:
            assert opened.was_copied, place
        found, *rest = content_of(home)
        assert isinstance(found, dict)
        assert rest == others, place
        assert found.keys() == credentials.keys(), place
        assert [text for _, text in found.values()] == [text for _, text in credentials.values()], place
        assert wallet.show_the_rest(home) == [], place
        with open_wallet(home) as opened:
            # Said once. It goes on from a mark of its own.
            assert not opened.was_copied, place


@pytest.mark.parametrize("file", ["keys/unlock.jwe", "keys/wallet.secret.jwe"])
def test_fi_07_a_bit_flips_in_what_opens_it(wallet: DamagedWallet, file: str) -> None:
    outcomes = {wallet.judge(home) for _, home in wallet.flips(file, 20, 10_000)}
    assert outcomes == {Outcome.REFUSED}


def test_fi_07_a_bit_flips_in_the_home_file(wallet: DamagedWallet) -> None:
    """Its language is a wish, and nothing vouches for it; all else is refused, or changes nothing."""
    outcomes: Counter[Outcome] = Counter(
        wallet.judge(home) for _, home in wallet.flips(HOME_FILE, 40, 10_000)
    )
    assert outcomes.keys() <= {Outcome.REFUSED, Outcome.WHOLE}
    assert outcomes[Outcome.REFUSED] > 0


def test_control_without_a_look_at_the_file_an_entry_is_not_found(
    wallet: DamagedWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would pass for one that the wallet does not hold; that its key was used is known all the same."""
    monkeypatch.setattr(askar, "check_store_file", lambda *_, **__: None)
    home = wallet.with_file(STORE_FILE, wallet.read(STORE_FILE))
    with open_wallet(home) as opened:
        text = opened._store.text(wallet.shown)
        network_id, belief = opened.trust.network_id(), opened.trust.require_belief()
        with pytest.raises(RefusedError) as refused:
            opened.present(text, PATHS, belief=belief, network_id=network_id)
        assert refused.value.reason is Reason.COPIES_SPENT
    give_an_end(home)
    with open_wallet(home) as opened:
        assert not opened._store.is_held(wallet.shown)
        with pytest.raises(RefusedError):
            opened.present(text, PATHS, belief=belief, network_id=network_id)
