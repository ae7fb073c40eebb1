# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What others wrote stays within its sentence. CLI-03, CLI-06, H15."""

from dataclasses import replace

import pytest

from tests.unit.wallet.held import ask, hold, make_asking_world
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.wallet.choosing import Portion, describe_choice
from vcred.wallet.sentences import asker_name, quotable, say_authority, say_purpose, say_to_asker

SPACES = (" ", "\u3000", "\u2003", " \u3000", "\u00a0")


@pytest.mark.parametrize("space", SPACES)
def test_runs_of_spaces_become_one(space: str) -> None:
    assert quotable("Entry at a border") == "Entry at a border"
    assert quotable(f"{space}Entry{space * 40}at a border{space}") == "Entry at a border"
    # Seen, and not taken for a space.
    assert quotable("Entry\nat") == "Entry‹U+000A›at"
    assert quotable("x" * 300) == "x" * 199 + "…"


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_padding_comes_into_a_sentence(language: str, space: str) -> None:
    """Padded to the edge of a terminal, it would go on as if at the beginning of a line of ours."""
    words, run = load_words(language), space * 30
    world, asker = make_asking_world()
    asked = ask(world, asker, "match")
    shown = describe_choice(hold(world), ["match"], language)
    said = say_purpose(asked, words), say_authority(asked, words), say_to_asker(shown, words, asked=asked)
    assert not any(double in text for text in said for double in ("  ", "\u3000"))
    assert asked.registration is not None
    padded = {"en": f"A{run}B"}
    found = replace(
        asked.registration, authority_name=padded, jurisdiction_name=padded, purpose={"en": f"C{run}D"}
    )
    hostile = replace(
        asked, name=padded, registration=found, request=replace(asked.request, purpose=f"E{run}F")
    )
    portions = replace(shown, shown=(Portion(label=f"G{run}H", claims=(f"I{run}J",)),))
    assert asker_name(hostile, words) == "A B"
    for own in (True, False):
        purpose = say_purpose(replace(hostile, is_purpose_registered=own), words)
        assert ("C D" in purpose, "E F" in purpose) == (True, not own)
    assert say_authority(hostile, words).count("A B") == 2
    told = say_to_asker(portions, words, asked=hostile)
    assert all(text in told for text in ("A B", "G H", "I J"))
