# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Text from outside on a screen is text: no control, no markup, no link, nothing hidden. CLI-01 to CLI-07."""

import shutil
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.tui.house import WIDE, House, drawn, drive, furnish, make_house, press
from tests.world import HEALTH_CLAIMS, ISSUER, World
from vcred.text.columns import width
from vcred.text.sanitise import sanitise
from vcred.wallet_tui.app import WalletApp
from vcred.wallet_tui.dialogs.message import ErrorDialog
from vcred.wallet_tui.error_words import ErrorText

CONTROLS = {
    "CLI-01": "a\x1b[2J\x1b[1;1HVALID\x9b31m\x07\x08\x7f\x00b",
    "CLI-02": "a\x1b]8;;https://x.example\x1b\\b\x1b]52;c;AAAA\x07\x1bPq\x1b\\\x1b_G\x1b\\",
    "CLI-03": "a\u202egreen\u2066\u200b\U000e0041\u2028\u00ad" + "\u0301" * 200,
    "lines": "a" + "\n" * 500 + "VALID",
}
MARKUP = {
    "link": "[link=https://x.example]a[/link]",
    "click": "[@click=app.quit]a[/]",
    "style": "[bold red on white]✓ VALID[/]",
    "bracket": "[/] [unclosed",
}
HOSTILE = {**CONTROLS, **MARKUP}
FORBIDDEN = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2028}


def check_strips(app: WalletApp, size: tuple[int, int]) -> str:
    """See that what goes to the terminal is text, of the right width, without links; return it."""
    strips = app.screen._compositor.render_strips()
    for strip in strips:
        for segment in strip:
            assert segment.control is None or not segment.control
            assert not FORBIDDEN & set(map(ord, segment.text)), segment.text
            assert segment.style is None or segment.style.link is None
            assert segment.style is None or "@click" not in segment.style.meta
    shown = drawn(app)
    assert {width(line) for line in shown.split("\n")} == {size[0]}
    return shown


def squeezed(text: str) -> str:
    """Without what breaking into lines and frames adds."""
    return "".join(character for character in text if character not in " │\n")


def begins(shown: str, hostile: str) -> bool:
    """Whether the beginning of a text stands there as its sanitised form."""
    return squeezed(sanitise(hostile))[:12] in squeezed(shown)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_claim_is_text(tmp_path: Path, kind: str) -> None:
    # NUL is refused before: no JSON has it here.
    hostile = HOSTILE[kind].replace("\x00", "")
    claims = {**HEALTH_CLAIMS, "match": {"name": hostile, "id_type": hostile, "last_four": "2681"}}
    house = furnish(make_house(tmp_path), "health-code", claims=claims)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        # Beside the list, and on its own screen.
        assert begins(check_strips(app, WIDE), hostile)
        await press(pilot, "enter")
        assert begins(check_strips(app, WIDE), hostile)

    drive(house.app(), steps, WIDE)


def named_world(house: House, name: str) -> World:
    """An issuer of that name, which the ledger takes as it is."""
    world = house.world.later(minutes=1)
    world.issuer = world.join(name, ISSUER, sponsor=world.gd)
    world.accredit(world.gd, world.issuer, world.vct)
    return world.later(minutes=1)


@pytest.mark.parametrize("kind", [*MARKUP, "CLI-03"])
def test_the_name_of_an_issuer_is_text(tmp_path: Path, kind: str) -> None:
    hostile = HOSTILE[kind][:60]
    house = make_house(tmp_path, with_bundle=False)
    named_world(house, hostile)
    with house.wallet() as wallet:
        wallet.trust.import_bundle(house.bundle())
    furnish(house, "health-code")
    with house.wallet() as wallet:
        wallet.show("health-code", ["match"]).code(now=house.world.now)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        assert begins(check_strips(app, WIDE), hostile)
        await press(pilot, "enter")
        assert begins(check_strips(app, WIDE), hostile)
        await press(pilot, "escape", "h")
        assert begins(check_strips(app, WIDE), hostile)

    drive(house.app(), steps, WIDE)


def test_a_name_of_two_scripts_is_marked(tmp_path: Path) -> None:
    """CLI-07: the M is Cyrillic."""
    house = make_house(tmp_path, with_bundle=False)
    named_world(house, "Мacau Health")
    with house.wallet() as wallet:
        wallet.trust.import_bundle(house.bundle())
    furnish(house, "health-code")

    async def steps(pilot: Pilot[int]) -> None:
        assert "⚠ Мacau Health" in drawn(pilot.app)
        await press(pilot, "enter")
        assert "⚠ Мacau Health" in drawn(pilot.app)

    drive(house.app(), steps)


@pytest.mark.parametrize("kind", MARKUP)
def test_a_name_in_the_wallet_is_text(tmp_path: Path, kind: str) -> None:
    name = HOSTILE[kind].replace("/", "|")[:60]
    house = furnish(make_house(tmp_path), name)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        for keys in ((), ("enter",), ("e",), ("escape", "d")):
            await press(pilot, *keys)
            assert begins(check_strips(app, WIDE), name)
        await press(pilot, "escape", "e", "x", "enter")
        assert app.wallet is not None
        assert [one.name for one in app.wallet.credentials.list()] == ["x"]

    drive(house.app(), steps, WIDE)


@pytest.mark.parametrize("kind", ["CLI-01", "CLI-03", "link"])
def test_the_name_of_a_folder_is_text(tmp_path: Path, kind: str) -> None:
    """CLI-05. Of the home, on the head of each screen and where it is unlocked."""
    house = furnish(make_house(tmp_path), "health-code")
    odd = house.path.with_name(HOSTILE[kind].replace("/", "|").replace("\x00", "")[:40])
    shutil.move(house.path, odd)
    house.path = odd

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        assert begins(check_strips(app, WIDE), odd.name)
        await press(pilot, "ctrl+l")
        check_strips(app, WIDE)

    drive(house.app(), steps, WIDE)


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_name_of_a_file_and_what_is_pasted_are_text(tmp_path: Path, kind: str) -> None:
    """CLI-05: errors that name what came from outside."""
    hostile = HOSTILE[kind]
    house = make_house(tmp_path)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        await press(pilot, "a")
        app.screen.query_one(TextArea).text = hostile
        await press(pilot, "ctrl+s")
        assert "Not stored" in check_strips_but_fields(app)
        app.screen.query_one(TextArea).text = ""
        app.screen.query_one("#file", Input).value = hostile.replace("\n", " ")
        await press(pilot, "ctrl+s")
        assert "Not stored" in check_strips_but_fields(app)
        await press(pilot, "escape", "s")
        app.screen.query_one("#bundle", Input).value = hostile.replace("\n", " ")
        await press(pilot, "ctrl+t", "enter")
        assert "could not be read" in check_strips_but_fields(app)
        app.push_screen(
            ErrorDialog(ErrorText(sentence="s", hint=None, code="c", detail=sanitise(hostile)), app.words)
        )
        await press(pilot)
        check_strips_but_fields(app)

    drive(house.app(), steps, WIDE)


def check_strips_but_fields(app: WalletApp) -> str:
    """As `check_strips`, once the fields are empty in which the holder has typed it."""
    for field in app.screen.query(Input):
        field.value = ""
    for area in app.screen.query(TextArea):
        area.text = ""
    return check_strips(app, WIDE)


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_pasted_is_drawn_as_text(tmp_path: Path, kind: str) -> None:
    house = make_house(tmp_path)

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        for keys in (("a",), ("tab",), ("escape", "s", "ctrl+t"), ("escape", "slash")):
            await press(pilot, *keys)
            app.post_message(events.Paste(HOSTILE[kind]))
            await press(pilot)
            shown = check_strips(app, WIDE)
            assert kind == "lines" or begins(shown, HOSTILE[kind][:11])

    drive(house.app(), steps, WIDE)


def test_a_credential_is_pasted_as_it_is(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    with house.wallet() as wallet:
        pasted = "\n".join(house.issue_for(wallet, copies=3))

    async def steps(pilot: Pilot[int]) -> None:
        await press(pilot, "a")
        pilot.app.post_message(events.Paste(pasted))
        await press(pilot)
        assert pilot.app.screen.query_one(TextArea).text == pasted

    drive(house.app(), steps, WIDE)
