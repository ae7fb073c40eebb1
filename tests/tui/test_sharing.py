# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Choosing and answering: nothing leaves but what was ticked, and nothing before that was agreed.

WAL-05, WAL-06, WAL-09; H3, H4, H9, H15; VP-14.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from tests.leaks import Canaries
from tests.tui.gate_steps import NARROW, WIDE, arrive, drive, show_match
from tests.tui.gate_world import CANARIES, NAME, GateWorld, make_gate_world
from tests.tui.picture import text_of
from vcred.did.methods.key import resolve_did_key
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.qr.engines.zxing import draw_png, draw_svg
from vcred.qr.frame import decode_text
from vcred.qr.packing import unpack
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.verifier.report import Decision
from vcred.wallet_tui.app import WalletApp
from vcred.wallet_tui.dialogs.help import HelpDialog
from vcred.wallet_tui.screens.answer import AnswerScreen
from vcred.wallet_tui.screens.code import CodeScreen
from vcred.wallet_tui.screens.credentials import CredentialsScreen
from vcred.wallet_tui.screens.present import PresentScreen
from vcred.wallet_tui.screens.reply import ReplyScreen
from vcred.wallet_tui.widgets.claim_chooser import ClaimBox, ClaimChooser

UNCHOSEN = ("金絲雀二", "Canary Two", "5638888(1)", "1951-03-17", "CANARY-LAB", "2025-08-09", "negative")


@pytest.fixture
def world(tmp_path: Path) -> GateWorld:
    return make_gate_world(tmp_path)


async def open_request(pilot: Pilot[int], given: str) -> None:
    """Paste a request, or type a file's name."""
    pilot.app.push_screen(AnswerScreen())
    await arrive(pilot, AnswerScreen)
    pilot.app.screen.query_one("#given", Input).value = given
    await pilot.press("enter")
    await pilot.pause()


async def read_asked(pilot: Pilot[int], given: str) -> ReplyScreen:
    await open_request(pilot, given)
    await arrive(pilot, ReplyScreen)
    screen = pilot.app.screen
    assert isinstance(screen, ReplyScreen)
    return screen


async def press_yes(pilot: Pilot[int]) -> CodeScreen:
    pilot.app.screen.query_one("#yes", Button).press()
    await arrive(pilot, CodeScreen)
    screen = pilot.app.screen
    assert isinstance(screen, CodeScreen)
    return screen


# Presenting.


def test_enter_at_once_shares_nothing(world: GateWorld) -> None:
    """H15. The focus is on "do not share"."""

    async def steps(pilot: Pilot[int]) -> None:
        pilot.app.push_screen(PresentScreen(NAME))
        await arrive(pilot, PresentScreen)
        assert pilot.app.focused is pilot.app.screen.query_one("#no")
        await pilot.press("enter")
        await arrive(pilot, CredentialsScreen)
        assert pilot.app.wallet.history() == ()  # type: ignore[attr-defined]

    drive(world, steps)


def test_nothing_is_ticked_beforehand(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        pilot.app.push_screen(PresentScreen(NAME))
        await arrive(pilot, PresentScreen)
        assert pilot.app.screen.query_one(ClaimChooser).chosen == frozenset()
        assert {box.state for box in pilot.app.screen.query(ClaimBox)} == {" "}

    drive(world, steps)


def test_only_what_was_ticked_leaves(world: GateWorld) -> None:
    """WAL-05, H3: no canary of another claim in what leaves, in the history, on the screen."""

    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        code, belief = screen.code, screen.wallet.trust.belief()
        canaries = Canaries(UNCHOSEN)
        left = [
            code.sd_jwt.encode(),
            unpack(decode_text(code.text), belief).encode(),
            decode_text(code.text),
            code.text.encode(),
            draw_png(code.text),
            draw_svg(code.text).encode(),
            text_of(pilot.app).encode(),
            repr(screen.wallet.history()).encode(),
        ]
        assert [canaries.found_in(data) for data in left] == [set()] * len(left)
        # The same look finds what was ticked, and the others in the credential as it was issued.
        assert Canaries(["鵲橋仙客"]).found_in(code.sd_jwt.encode())
        issued = world.given[0].encode()
        assert {"金絲雀二", "CANARY-LAB"} <= canaries.found_in(issued)
        disclosures = parse_presentation(code.sd_jwt).sd_jwt.disclosures
        assert len(set(disclosures)) == len(disclosures) == 1
        assert set(disclosures) <= set(parse_presentation(world.given[0]).sd_jwt.disclosures)

    drive(world, steps)


def test_a_member_brings_its_group_and_the_sentence_says_so(world: GateWorld) -> None:
    """WAL-06."""

    async def steps(pilot: Pilot[int]) -> None:
        pilot.app.push_screen(PresentScreen(NAME))
        await arrive(pilot, PresentScreen)
        box = next(box for box in pilot.app.screen.query(ClaimBox) if box.paths == ("identity.name",))
        box.action_tick()
        await pilot.pause()
        sentence = pilot.app.screen.query_one("#sentence").text  # type: ignore[attr-defined]
        assert sentence.endswith("Colour, Valid until and Identity (Name).")
        code = (await press_yes(pilot)).code
        claims = open_claims(parse_presentation(code.sd_jwt)).claims
        assert claims["identity"] == {"name": "金絲雀二"}
        assert code.revealed == ("identity.name",)

    drive(world, steps)


def test_the_size_is_counted_as_claims_are_ticked(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        pilot.app.push_screen(PresentScreen(NAME))
        await arrive(pilot, PresentScreen)
        screen = pilot.app.screen
        assert isinstance(screen, PresentScreen)
        sizes = []
        for box in list(screen.query(ClaimBox))[:3]:
            box.action_tick()
            await pilot.pause()
            assert screen.preview is not None
            sizes.append(screen.preview.size.size_bytes)
        assert len(set(sizes)) == 3
        assert str(sizes[-1]) in text_of(pilot.app)
        code = (await press_yes(pilot)).code
        assert code.size_bytes == sizes[-1]

    drive(world, steps)


def test_a_group_is_ticked_wholly_in_part_and_not_at_all(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        pilot.app.push_screen(PresentScreen(NAME))
        await arrive(pilot, PresentScreen)
        boxes = list(pilot.app.screen.query(ClaimBox))
        group = next(box for box in boxes if len(box.paths) > 1)
        member = next(box for box in boxes if box.paths == group.paths[:1])
        states = []
        for box in (member, group, group):
            box.action_tick()
            await pilot.pause()
            states.append((group.state, member.state))
        assert states == [("-", "x"), ("x", "x"), (" ", " ")]

    drive(world, steps)


# Answering.


def test_a_registered_asker_is_named_and_answered(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, world.request(claims=("match", "test")))
        shown = text_of(pilot.app)
        assert "“Hospital Conde” asks." in shown
        assert "Macao Authority" in shown
        assert "Entry to the hospital" in shown
        assert "The ledger is known here as of 20 Nov 2026" in shown
        assert screen.chosen == frozenset(("match", "test"))
        assert pilot.app.focused is screen.query_one("#no")
        code = await press_yes(pilot)
        assert not code.showing.is_redrawn
        with world.gate() as gate:
            report = gate.evaluate(code.code.text, request=screen.asked.request)
        assert report.decision is Decision.ACCEPTED, report.reasons
        # It is shown once and not drawn anew.
        first = code.code
        world.later(seconds=60)
        code.tick()
        assert code.code is first
        world.later(seconds=240)
        code.tick()
        await arrive(pilot, CredentialsScreen)

    drive(world, steps)


def test_enter_at_once_answers_nobody(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        await read_asked(pilot, world.request())
        await pilot.press("enter")
        await arrive(pilot, CredentialsScreen)
        assert pilot.app.wallet.history() == ()  # type: ignore[attr-defined]

    drive(world, steps)


def test_an_unknown_asker_is_loud_and_nothing_is_ticked(tmp_path: Path) -> None:
    """WAL-09. One thing is other than above: no registration."""
    world = make_gate_world(tmp_path, registered=None)

    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, world.request())
        shown = text_of(pilot.app)
        assert "UNKNOWN" in shown
        assert "Hospital Conde" not in shown
        assert screen.chosen == frozenset()
        assert pilot.app.focused is screen.query_one("#no")
        assert "somebody whom the wallet does not know" in " ".join(
            screen.query_one("#sentence").text.split()  # type: ignore[attr-defined]
        )

    drive(world, steps)


def test_what_no_registration_covers_is_marked_and_not_ticked(world: GateWorld) -> None:
    """VP-14."""

    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, world.request(claims=("match", "identity.name")))
        assert screen.chosen == frozenset(("match",))
        assert "not registered to ask for this" in text_of(pilot.app)
        code = await press_yes(pilot)
        assert not Canaries(UNCHOSEN).found_in(code.code.sd_jwt.encode())

    drive(world, steps)


def test_only_what_was_asked_can_be_ticked(world: GateWorld) -> None:
    """H9."""

    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, world.request(claims=("identity.name",)))
        assert {path for box in screen.query(ClaimBox) for path in box.paths} == {"identity.name"}

    drive(world, steps)


def test_what_is_missing_is_said_and_nothing_is_ticked(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, world.request(claims=("match", "match.shoe_size")))
        assert "Asked, and" in text_of(pilot.app)
        assert screen.chosen == frozenset()

    drive(world, steps)


def test_a_request_that_is_over_or_changed_is_refused(world: GateWorld) -> None:
    good = world.request(text=False)

    async def steps(pilot: Pilot[int]) -> None:
        await read_asked(pilot, good)
        await pilot.press("escape")
        header, payload, signature = good.split(".")
        await open_request(pilot, f"{header}.{payload}.{'A' * len(signature)}")
        assert "request_invalid" in text_of(pilot.app)
        await pilot.press("escape", "escape")
        world.later(seconds=300)
        await open_request(pilot, good)
        assert "request_expired" in text_of(pilot.app)

    drive(world, steps)


def test_a_request_that_ends_while_it_is_read_is_not_answered(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, world.request())
        world.later(seconds=300)
        screen.query_one("#yes", Button).press()
        await pilot.pause()
        assert "request_expired" in text_of(pilot.app)
        assert screen.wallet.history() == ()

    drive(world, steps)


def test_a_request_is_read_from_a_picture(world: GateWorld) -> None:
    file = world.folder / "request.png"
    file.write_bytes(draw_png(world.request()))

    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, str(file))
        assert screen.asked.request.claims == ("match",)

    drive(world, steps)


def test_an_answer_is_saved_as_text(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        await read_asked(pilot, world.request())
        code = await press_yes(pilot)
        await pilot.press("t")
        await pilot.pause()
        pilot.app.screen.query_one("#name", Input).value = str(world.folder / "answer")
        await pilot.press("enter")
        await pilot.pause()
        file = world.folder / "answer.txt"
        assert file.read_text() == f"{code.code.text}\n"
        assert file.stat().st_mode & 0o777 == 0o600

    drive(world, steps)


def test_a_wallet_without_such_a_credential_says_so(world: GateWorld) -> None:
    with world.wallet() as wallet:
        wallet.credentials.remove(NAME)

    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, world.request())
        assert "No credential in this wallet can answer it." in text_of(pilot.app)
        assert not screen.query("#yes")
        await pilot.press("enter")
        await arrive(pilot, CredentialsScreen)

    drive(world, steps)


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_at_each_size(world: GateWorld, language: str, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        words = load_words(language)
        screen = await read_asked(pilot, world.request())
        assert words.gettext("Do not share") in text_of(pilot.app)
        assert pilot.app.focused is screen.query_one("#no")
        assert screen.query_one("#no").region.bottom <= size[1]
        assert screen.query_one("#sentence").text.strip()  # type: ignore[attr-defined]
        await pilot.press("f1")
        await arrive(pilot, HelpDialog)
        assert screen.help_text()[:12] in text_of(pilot.app)

    drive(world, steps, size=size, language=language)


def test_what_was_ticked_stays_ticked_in_another_language(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        pilot.app.push_screen(PresentScreen(NAME))
        await arrive(pilot, PresentScreen)
        screen = pilot.app.screen
        assert isinstance(screen, PresentScreen)
        await pilot.click(screen.query(ClaimBox).first())
        await pilot.pause()
        assert screen.chosen == frozenset(("match",))
        await screen.wallet_app.change_language("zh-Hant")
        await pilot.pause()
        assert screen.chosen == frozenset(("match",))
        assert screen.query(ClaimBox).first().is_chosen
        assert "與證件核對" in screen.query_one("#sentence").text  # type: ignore[attr-defined]

    drive(world, steps)


def test_with_another_credential_the_choice_begins_anew(world: GateWorld) -> None:
    with world.wallet() as wallet:
        wallet.credentials.rename(NAME, "first")
        key = resolve_did_key(wallet.apply(world.world.issuer.did, "code").did).methods[0].key
        at = int(world.now.timestamp()) - 60
        text = world.world.issue(holder_key=key, claims=CANARIES, index=90, issued_at=at)
        wallet.credentials.receive(text, name="second")

    async def steps(pilot: Pilot[int]) -> None:
        screen = await read_asked(pilot, world.request())
        assert screen.names == ("first", "second")
        next(iter(screen.query(ClaimBox))).action_tick()
        await pilot.pause()
        assert screen.chosen == frozenset()
        await pilot.press("o")
        await pilot.pause()
        assert "“second”" in text_of(pilot.app)
        assert screen.chosen == frozenset(("match",))
        assert pilot.app.focused is screen.query_one("#no")

    drive(world, steps)


# Text from outside.

CONTROLS = "\x1b[2J\x1b]8;;https://evil.example\x07click\x1b]52;c;AAAA\x07\x9b1m‮evil⁦\u200b\u2028"
MARKUP = "[bold red]VALID[/] [link=https://evil.example]x[/link] ✔ VALID"


@pytest.mark.parametrize("purpose", [CONTROLS, MARKUP, "́" * 120, "⚠" * 60])
def test_a_hostile_purpose_is_harmless(tmp_path: Path, purpose: str) -> None:
    """CLI-01 to CLI-03, CLI-05 to CLI-07: text is text, in quotation marks, and visible."""
    world = make_gate_world(tmp_path, registered=None)

    async def steps(pilot: Pilot[int]) -> None:
        asked = (await read_asked(pilot, world.request())).asked
        hostile = replace(asked.request, purpose=purpose, audience=f"did:vcred:{purpose}")
        pilot.app.push_screen(ReplyScreen(replace(asked, request=hostile), (NAME,)))
        await pilot.pause()
        shown = text_of(pilot.app)
        for character in "\x1b\x07\x9b‮⁦\u200b\u2028":
            assert character not in shown
        assert "UNKNOWN" in shown
        if purpose == MARKUP:
            assert "[bold red]VALID[/]" in shown
        for strip in pilot.app.screen._compositor.render_strips():
            assert not any(segment.style and segment.style.link for segment in strip)

    drive(world, steps, size=(140, 50))


def test_a_name_of_several_scripts_is_marked(tmp_path: Path) -> None:
    """CLI-07: the M is a Cyrillic one."""
    world = make_gate_world(tmp_path, name="Мacau Health")

    async def steps(pilot: Pilot[int]) -> None:
        await read_asked(pilot, world.request())
        assert "mixes letters of several scripts" in text_of(pilot.app)

    drive(world, steps)


def test_locked_while_choosing_no_claim_stays(world: GateWorld) -> None:
    async def run() -> None:
        from vcred.home import read_home
        from vcred.wallet_tui.screens.unlock import UnlockScreen

        app = WalletApp(read_home(world.home), clock=world.clock)
        async with app.run_test(size=WIDE) as pilot:
            await arrive(pilot, CredentialsScreen)
            app.push_screen(PresentScreen(NAME))
            await arrive(pilot, PresentScreen)
            assert "金絲雀" in text_of(app)
            await pilot.press("ctrl+l")
            await arrive(pilot, UnlockScreen)
            assert "金絲雀" not in text_of(app)

    asyncio.run(run())
