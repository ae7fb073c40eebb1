# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is done on the screens: add, read, rename, remove, look back, import. WAL-01, H2."""

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Button, Input, TextArea

from tests.tui.house import NARROW, WIDE, House, drawn, drive, furnish, later, make_house, press, settle
from vcred.wallet_tui.app import WalletApp
from vcred.wallet_tui.dialogs.confirm import ConfirmDialog
from vcred.wallet_tui.screens.credentials import CredentialsScreen
from vcred.wallet_tui.screens.detail import DetailScreen
from vcred.wallet_tui.widgets.credential_lines import CredentialLines


def app_of(pilot: Pilot[int]) -> WalletApp:
    """The program, by its own type."""
    assert isinstance(pilot.app, WalletApp)
    return pilot.app


def issue(house: House, copies: int = 1) -> list[str]:
    with house.wallet() as wallet:
        return house.issue_for(wallet, copies=copies)


def names(app: WalletApp) -> list[str]:
    assert app.wallet is not None
    return [one.name for one in app.wallet.credentials.list()]


def test_a_pasted_credential_is_verified_stored_and_shown(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    (text,) = issue(house)

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "a")
        app.screen.query_one(TextArea).text = f"  {text}\n"
        await press(pilot, "ctrl+s")
        shown = drawn(app)
        for said in ("✓ Verified and stored.", "Guangdong Health", "Guangdong Authority, for Guangdong"):
            assert said in shown
        assert "23 Nov 2026, 02:58" in shown
        assert app.screen.query_one(TextArea).text == ""
        app.screen.query_one(TextArea).text = text
        await press(pilot, "ctrl+s")
        assert "the wallet holds it already" in drawn(app)
        await press(pilot, "ctrl+o")
        assert isinstance(app.screen, DetailScreen)
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, CredentialsScreen)
        assert "Health code" in drawn(app)
        assert names(app) == ["health-code"]

    drive(house.app(), steps, WIDE)


def test_one_changed_signature_is_not_stored_and_the_reason_said(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    (text,) = issue(house)
    jwt, tilde, rest = text.partition("~")
    changed = jwt[:-9] + ("A" if jwt[-9] != "A" else "B") + jwt[-8:] + tilde + rest

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "a")
        app.screen.query_one(TextArea).text = changed
        await press(pilot, "ctrl+s")
        shown = drawn(app)
        assert "✗ Not stored:" in shown
        assert "signature_invalid" in shown
        assert names(app) == []
        # What was pasted is still there, to be looked at.
        assert app.screen.query_one(TextArea).text == changed

    drive(house.app(), steps, WIDE)


def test_another_wallets_credential_is_not_stored(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    text = house.world.issue()

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "a")
        app.screen.query_one(TextArea).text = text
        await press(pilot, "ctrl+s")
        assert "✗ Not stored:" in drawn(app)
        assert names(app) == []

    drive(house.app(), steps, WIDE)


def test_nothing_at_all_and_a_code_are_no_credentials(tmp_path: Path) -> None:
    house = make_house(tmp_path)

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "a")
        for pasted in ("", "  \n ", "VC1:ABC", "ä"):
            app.screen.query_one(TextArea).text = pasted
            await press(pilot, "ctrl+s")
            assert "✗ Not stored: This cannot be read" in drawn(app)
            assert "(malformed)" in drawn(app)

    drive(house.app(), steps, WIDE)


@pytest.mark.parametrize("form", ["text", "lines", "picture"])
def test_a_file_is_read_whatever_it_is(tmp_path: Path, form: str) -> None:
    house = make_house(tmp_path)
    if form == "picture":
        # A code that is shown at a gate would hold less than a whole health code.
        with house.wallet() as wallet:
            claims = {"colour": "green", "valid_until": "2026-11-23T02:58:00+08:00"}
            texts = house.issue_for(wallet, claims=claims)
    else:
        texts = issue(house, copies=3 if form == "lines" else 1)
    file = tmp_path / "credential"
    if form == "picture":
        picture = zxingcpp.create_barcode(texts[0], zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
        Image.frombytes("L", picture.shape[::-1], memoryview(picture).tobytes()).save(file, "PNG")
    else:
        file.write_text("\n".join(texts), encoding="ascii")

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "a", "tab")
        app.screen.query_one("#file", Input).value = str(file)
        await press(pilot, "enter")
        await settle(pilot)
        assert "✓ Verified and stored." in drawn(app)
        assert app.wallet is not None
        (held,) = app.wallet.credentials.list()
        assert held.copies == (3 if form == "lines" else 0)

    drive(house.app(), steps, WIDE)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    house = make_house(tmp_path)

    async def steps(pilot: Pilot[int]) -> None:
        await press(pilot, "a", "tab")
        pilot.app.screen.query_one("#file", Input).value = str(tmp_path / "nothing")
        await press(pilot, "enter")
        await settle(pilot)
        assert "✗ Not stored:" in drawn(app_of(pilot)) and "(store)" in drawn(app_of(pilot))

    drive(house.app(), steps, WIDE)


def test_without_a_bundle_the_wallet_says_what_to_do_first(tmp_path: Path) -> None:
    house = make_house(tmp_path, with_bundle=False)
    file = tmp_path / "bundle.vtb"
    file.write_bytes(house.bundle())

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        shown = drawn(app)
        assert "This wallet is empty" in shown and "1. Import the trust bundle" in shown
        await press(pilot, "s", "ctrl+t")
        assert "No trust bundle is held" in drawn(app)
        app.screen.query_one("#bundle", Input).value = str(file)
        await press(pilot, "enter")
        await settle(pilot)
        assert "✓ Imported:" in drawn(app) and "status list" in drawn(app)
        await press(pilot, "enter")
        await settle(pilot)
        assert "Nothing new" in drawn(app)
        await press(pilot, "escape")
        assert "1. Apply to an issuer" in drawn(app)
        assert "All this as of" in drawn(app)

    drive(house.app(), steps, WIDE)


def test_a_bundle_that_is_none_is_refused(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    file = tmp_path / "bundle.vtb"
    file.write_bytes(b"nothing of the kind")

    async def steps(pilot: Pilot[int]) -> None:
        await press(pilot, "s", "ctrl+t")
        pilot.app.screen.query_one("#bundle", Input).value = str(file)
        await press(pilot, "enter")
        await settle(pilot)
        shown = drawn(app_of(pilot))
        assert "✗" in shown and "(malformed)" in shown

    drive(house.app(), steps, WIDE)


def test_rename_and_remove(tmp_path: Path) -> None:
    house = furnish(make_house(tmp_path), "first", "second")

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "enter", "e", *"second", "enter")
        assert "Another credential is called “second” already." in drawn(app)
        await press(pilot, "ctrl+u", *"-x", "enter")
        assert "A name has 1 to 60 characters" in drawn(app)
        await press(pilot, "ctrl+u", *"mine", "enter")
        assert isinstance(app.screen, DetailScreen)
        assert "mine" in drawn(app).split("\n")[0]
        assert names(app) == ["mine", "second"]
        # The answer that changes nothing has the focus.
        await press(pilot, "d")
        assert isinstance(app.screen, ConfirmDialog)
        assert app.screen.focused is app.screen.query_one("#no", Button)
        await press(pilot, "enter")
        assert names(app) == ["mine", "second"]
        await press(pilot, "d", "tab", "enter")
        assert names(app) == ["second"]
        assert isinstance(app.screen, CredentialsScreen)
        assert "mine" not in "\n".join(drawn(app).split("\n")[1:5])

    drive(house.app(), steps)


def test_claim_paths_are_shown_by_a_key(tmp_path: Path) -> None:
    house = furnish(make_house(tmp_path), "health-code")

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "enter")
        shown = drawn(app)
        assert "陳大文" in shown and "Chan Tai Man" in shown and "24 Sept 1954" in shown
        assert "Macao resident identity card" in shown
        assert "identity.name_latin" not in shown
        await press(pilot, "c")
        assert "match.name" in drawn(app)

    drive(house.app(), steps, WIDE)


def test_search_and_open(tmp_path: Path) -> None:
    house = furnish(make_house(tmp_path), "alpha", "beta", "gamma")

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "slash", *"bet")
        shown = drawn(app)
        assert "beta" in shown and "alpha" not in shown and "gamma" not in shown
        await press(pilot, "enter", "enter")
        assert isinstance(app.screen, DetailScreen)
        assert app.screen.credential_name == "beta"
        await press(pilot, "escape", "escape")
        assert "alpha" in drawn(app)

    drive(house.app(), steps)


def test_the_mouse_does_what_keys_do(tmp_path: Path) -> None:
    house = furnish(make_house(tmp_path), "alpha", "beta")

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        lines = app.screen.query_one(CredentialLines)
        await pilot.click(CredentialLines, offset=(10, 3))
        assert lines.holding is not None and lines.holding.name == "beta"
        await pilot.click(CredentialLines, offset=(10, 3))
        await settle(pilot)
        assert isinstance(app.screen, DetailScreen)
        # "Esc Back" in the foot.
        await pilot.click(offset=(2, NARROW[1] - 1))
        await settle(pilot)
        assert isinstance(app.screen, CredentialsScreen)

    drive(house.app(), steps)


def test_states_have_a_word_and_a_sign(tmp_path: Path) -> None:
    house = furnish(make_house(tmp_path), "health-code")
    seen = {}

    async def steps(pilot: Pilot[int]) -> None:
        seen[len(seen)] = drawn(app_of(pilot))

    drive(house.app(), steps)
    later(house, days=2, hours=12)
    drive(house.app(), steps)
    later(house, days=3)
    drive(house.app(), steps)
    assert "✓ valid" in seen[0]
    assert "⚠ expiring" in seen[1] or "? unknown" in seen[1]
    assert "✗ expired" in seen[2]


def test_the_history_names_gates_and_claims_and_no_values(tmp_path: Path) -> None:
    house = furnish(make_house(tmp_path), "health-code")
    with house.wallet() as wallet:
        wallet.show("health-code", ["match"]).code(now=house.world.now)
        wallet.show("health-code", ["identity.region"]).code(now=house.world.now)

    async def steps(pilot: Pilot[int]) -> None:
        app = app_of(pilot)
        await press(pilot, "h")
        shown = drawn(app)
        assert "any gate of the network" in shown and "Region" in shown
        assert "陳大文" not in shown
        await press(pilot, "down")
        assert "Last four of the document number" in drawn(app)
        await press(pilot, "slash", *"region")
        assert drawn(app).count("→") == 1
        await press(pilot, "escape")
        assert drawn(app).count("→") == 2

    drive(house.app(), steps, WIDE)


def test_a_fault_of_the_program_prints_no_values(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Textual would print the local variables of every frame."""
    house = furnish(make_house(tmp_path), "health-code")

    async def steps(pilot: Pilot[int]) -> None:
        def fail() -> None:
            claim = "Canaria"
            raise ZeroDivisionError(len(claim))

        pilot.app.call_later(fail)
        await pilot.pause(0.2)

    app = house.app()
    with pytest.raises(ZeroDivisionError):
        drive(app, steps)
    assert isinstance(app.failure, ZeroDivisionError)
    told = capfd.readouterr()
    assert "Canaria" not in told.out + told.err
