# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet is locked by a key, by time and by the end; then no claim is in any widget. WAL-02, WAL-17."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.house import WIDE, House, drawn, drive, furnish, make_house, press, settle
from tests.world import HEALTH_CLAIMS
from vcred.errors import StoreError
from vcred.keys.argon2id import LEAST_COST
from vcred.keys.custody import KeyFile, Passphrase
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.app import WalletApp
from vcred.wallet_tui.idle import IdleWatch
from vcred.wallet_tui.screens.credentials import CredentialsScreen
from vcred.wallet_tui.screens.detail import DetailScreen
from vcred.wallet_tui.screens.unlock import UnlockScreen
from vcred.wallet_tui.unlocking import delay_after
from vcred.wallet_tui.widgets.secret_input import SecretInput

CANARY = "Canaria Zwölfhundert"
SECRET = "correct horse"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """One credential whose holder has the canary's name."""
    claims = {**HEALTH_CLAIMS, "match": {"name": CANARY, "id_type": "macao_bir", "last_four": "2681"}}
    return furnish(make_house(tmp_path), "health-code", claims=claims)


@pytest.fixture
def sealed(tmp_path: Path) -> House:
    """An empty wallet that a passphrase opens."""
    return make_house(tmp_path, unlock=Passphrase(SECRET.encode(), cost=LEAST_COST))


def said_by_widgets(app: WalletApp) -> Iterator[str]:
    """All that any widget there is keeps or draws."""
    for screen in app.screen_stack:
        for node in screen.walk_children(with_self=True):
            yield repr(vars(node))
            yield from (str(getattr(node, name, "")) for name in ("parts", "text", "value"))
    yield drawn(app)


def has_canary(app: WalletApp) -> bool:
    return any(CANARY in said for said in said_by_widgets(app))


def test_after_the_lock_no_claim_is_in_any_widget(house: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        await press(pilot, "enter")
        assert isinstance(app.screen, DetailScreen)
        assert has_canary(app)
        await press(pilot, "ctrl+l")
        assert app.wallet is None
        assert isinstance(app.screen, UnlockScreen)
        assert len(app.screen_stack) == 2
        assert not has_canary(app)
        # The house is free for other programs, and opens again by a key.
        house.wallet().close()
        await press(pilot, "enter")
        assert isinstance(app.screen, CredentialsScreen)

    drive(house.app(), steps, WIDE)


@pytest.mark.parametrize(
    "keys",
    [
        ("f1",),
        ("ctrl+p",),
        ("enter", "d"),
        ("enter", "e"),
        ("s", "ctrl+o"),
        ("slash",),
        ("p",),
        ("r",),
        ("a",),
        ("h",),
    ],
)
def test_it_locks_from_anywhere(house: House, keys: tuple[str, ...]) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        await press(pilot, *keys)
        await press(pilot, "ctrl+l")
        assert app.wallet is None
        assert isinstance(app.screen, UnlockScreen)
        assert not has_canary(app)

    drive(house.app(), steps)


def test_it_locks_when_nobody_is_there(house: House) -> None:
    now = [1000.0]

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        now[0] += 5 * 60 - 1
        await app.lock_if_idle()
        assert app.wallet is not None
        await press(pilot, "down")
        now[0] += 5 * 60 - 1
        await app.lock_if_idle()
        # A key has begun the time anew.
        assert app.wallet is not None
        now[0] += 1
        await app.lock_if_idle()
        await settle(pilot)
        assert app.wallet is None
        assert not has_canary(app)

    drive(house.app(seconds=lambda: now[0]), steps)


def test_the_first_key_after_a_long_sleep_does_not_undo_the_lock(house: House) -> None:
    now = [1000.0]

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        now[0] += 3600
        await press(pilot, "down")
        assert app.wallet is None
        assert isinstance(app.screen, UnlockScreen)

    drive(house.app(seconds=lambda: now[0]), steps)


def test_quitting_locks(house: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        await press(pilot, "ctrl+q")
        assert pilot.app.wallet is None  # type: ignore[attr-defined]

    app = house.app()
    drive(app, steps)
    assert app.return_value == 0
    house.wallet().close()


def test_a_passphrase_opens_it(sealed: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        assert isinstance(app.screen, UnlockScreen)
        await press(pilot, *SECRET)
        assert SECRET not in drawn(app) and "•" * len(SECRET) in drawn(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, CredentialsScreen)
        assert not any(SECRET in said for said in said_by_widgets(app))

    drive(sealed.app(), steps)


def test_a_wrong_passphrase_has_one_sentence_and_a_delay(
    sealed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vcred.wallet_tui.screens.unlock.delay_after", lambda failures: 0.2 * failures)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        sentences = set()
        for typed in ("wrong horse", "CORRECT HORSE", "x" * 300, SECRET + " "):
            field = app.screen.query_one(SecretInput)
            field.value = typed
            await press(pilot, "enter")
            sentences.add(next(line.strip("│ ") for line in drawn(app).split("\n") if "✗" in line))
            assert field.value == ""
            assert field.disabled
            assert app.wallet is None
            await pilot.pause(1.0)
            assert not field.disabled
        assert sentences == {"✗ This passphrase does not open the wallet."}
        await press(pilot, *SECRET, "enter")
        assert isinstance(app.screen, CredentialsScreen)

    drive(sealed.app(), steps)


def test_an_empty_and_a_far_too_long_passphrase(sealed: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        field = app.screen.query_one(SecretInput)
        for typed in ("", "x" * 1_000_000):
            field.value = typed
            await press(pilot, "enter")
            assert "Type the passphrase of this wallet." in drawn(app)
            assert not field.disabled

    drive(sealed.app(), steps)


def test_the_delay_grows_and_ends() -> None:
    assert [delay_after(failures) for failures in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]
    assert delay_after(10_000) == 8


def test_a_secret_goes_to_no_clipboard(sealed: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        await press(pilot, *SECRET, "ctrl+a", "ctrl+c", "ctrl+x")
        assert pilot.app.clipboard == ""
        assert pilot.app.screen.query_one(SecretInput).value == SECRET

    drive(sealed.app(), steps)


def test_another_program_has_it(house: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        assert "Another program has this wallet open." in drawn(app)
        assert app.wallet is None

    with house.wallet():
        drive(house.app(), steps)


def test_a_passphrase_that_was_handed_over_is_used_once(sealed: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        assert isinstance(app.screen, CredentialsScreen)
        assert app.unlock is None
        await press(pilot, "ctrl+l")
        assert app.screen.query(SecretInput)
        await press(pilot, "enter")
        assert app.wallet is None

    drive(sealed.app(unlock=Passphrase(SECRET.encode())), steps)


def test_a_new_passphrase_is_set_after_the_present_one(
    sealed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vcred.wallet_tui.dialogs.passphrase.delay_after", lambda failures: 0.1)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        await press(pilot, *SECRET, "enter", "s", "ctrl+o")
        await press(pilot, *"wrong", "enter", *"another horse", "enter", *"another horse", "enter")
        assert "does not open the wallet" in drawn(app)
        await pilot.pause(0.3)
        await press(pilot, *SECRET, "enter", *"another horse", "enter", *"anotter horse", "enter")
        assert "differ" in drawn(app)
        for field in app.screen.query(SecretInput):
            field.value = SECRET if field.id == "present" else "another horse"
        await press(pilot, "enter")
        await settle(pilot)
        await pilot.pause(0.3)
        assert "The passphrase was changed." in drawn(app)

    drive(sealed.app(), steps)
    sealed.wallet(Passphrase(b"another horse")).close()
    with pytest.raises(StoreError):
        sealed.wallet(Passphrase(SECRET.encode()))


def test_a_key_file_gives_way_to_a_passphrase(house: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        await press(pilot, "s")
        assert "Opens without a passphrase" in drawn(app)
        await press(pilot, "ctrl+o", *"another horse", "enter", *"another horse", "enter")
        await settle(pilot)
        assert "Opens with a passphrase." in drawn(app)
        await press(pilot, "ctrl+l")
        assert app.screen.query(SecretInput)

    drive(house.app(), steps)
    with pytest.raises(StoreError):
        Wallet.open(house.path)


def test_a_key_file_kept_elsewhere(tmp_path: Path) -> None:
    from vcred.keys.keyring import create_key_file

    key_file = create_key_file(tmp_path / "stick.key")
    house = make_house(tmp_path, unlock=key_file)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        assert isinstance(app.screen, CredentialsScreen)
        await press(pilot, "ctrl+l")
        await press(pilot, "enter")
        assert isinstance(app.screen, CredentialsScreen)

    assert isinstance(key_file, KeyFile)
    drive(house.app(unlock=key_file), steps)


def test_idle_counts_from_the_last_touch() -> None:
    now = [0.0]
    watch = IdleWatch(lambda: now[0])
    now[0] = 59.9
    assert not watch.is_over(1)
    now[0] = 60.0
    assert watch.is_over(1)
    watch.touch()
    assert not watch.is_over(1)
