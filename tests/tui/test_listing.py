# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""10,000 credentials are listed within a second, and only those in the window are drawn. WAL-18."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.house import MACAO, drawn, drive, furnish, make_house, press
from vcred.text.words import load_words
from vcred.wallet.engines.credentials import Credentials
from vcred.wallet.holding import Holding
from vcred.wallet.states import CredentialState, Standing
from vcred.wallet_tui.listing import COLOURS, SIGNS, Listing
from vcred.wallet_tui.themes import PALETTES
from vcred.wallet_tui.widgets.credential_lines import CredentialLines

ONE = Holding(
    name="health-code",
    type="did:vcred:x/types/health-code/1",
    type_name="health-code",
    issuer="did:vcred:x",
    standing=Standing(state=CredentialState.VALID, as_of=0),
    expires_at=1_795_752_000,
    received_at=0,
    copies=0,
    left=0,
)
MANY = tuple([replace(ONE, name=f"code-{number}") for number in range(10_000)])


def test_every_state_has_a_sign_and_a_colour() -> None:
    assert {state.value for state in CredentialState} == SIGNS.keys() == COLOURS.keys()
    assert len(set(SIGNS.values())) == len(SIGNS)
    for palette in PALETTES.values():
        assert all(hasattr(palette, colour) for colour in COLOURS.values())


def test_a_line_without_a_bundle_says_what_is_known() -> None:
    entry = Listing((ONE,), None, words=load_words("en"), zone=MACAO).entry(ONE)
    assert (entry.label, entry.issuer, entry.until) == ("health-code", "did:vcred:x", "until 27 Nov 2026")
    assert (entry.sign, entry.state, entry.copies) == ("✓", "valid", "")
    copies = replace(ONE, copies=5, left=3, expires_at=None)
    entry = Listing((copies,), None, words=load_words("en"), zone=MACAO).entry(copies)
    assert (entry.copies, entry.until) == ("3 of 5 left", "no end")


def test_what_was_typed_is_found_in_any_text() -> None:
    listing = Listing(MANY, None, words=load_words("en"), zone=MACAO)
    assert listing.matching("") == MANY
    assert [one.name for one in listing.matching("code-9999 VALID")] == ["code-9999"]
    assert listing.matching("code-9999 revoked") == ()


def test_ten_thousand_are_listed_and_searched_within_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = furnish(make_house(tmp_path), "health-code")
    monkeypatch.setattr(Credentials, "list", lambda self: MANY)
    drawn_entries = []
    entry = Listing.entry
    monkeypatch.setattr(Listing, "entry", lambda self, one: (drawn_entries.append(one), entry(self, one))[1])

    async def steps(pilot: Pilot[int]) -> None:
        screen = pilot.app.screen
        drawn_entries.clear()
        start = time.process_time()
        screen.fill()  # type: ignore[attr-defined]
        await pilot.pause()
        assert "code-0" in drawn(pilot.app)
        assert time.process_time() - start < 1
        # Each of the lines of a window asks once for its entry.
        assert len(drawn_entries) < 100
        await press(pilot, "end")
        assert "code-9999" in drawn(pilot.app)
        start = time.process_time()
        await press(pilot, "slash", *"code-4321")
        assert time.process_time() - start < 3
        assert screen.query_one(CredentialLines).size_listed == 1

    drive(house.app(), steps)
