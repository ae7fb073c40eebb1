# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Texts that came before are known again, and no others."""

from hypothesis import given
from hypothesis import strategies as st

from vcred.issuer.seen import SeenTexts


@given(st.lists(st.text(st.characters(), max_size=3), max_size=60))
def test_as_a_set_would_say(texts: list[str]) -> None:
    seen, model = SeenTexts(), set[str]()
    for text in texts:
        assert seen.has_met(text) == (text in model)
        model.add(text)


def test_it_grows() -> None:
    seen = SeenTexts()
    assert not any(seen.has_met(f"{number}") for number in range(30_000))
    assert all(seen.has_met(f"{number}") for number in range(30_000))
    assert not seen.has_met("30000")


def test_it_keeps_no_text() -> None:
    seen = SeenTexts()
    seen.has_met("440305198704063453")
    assert b"440305198704063453" not in seen._slots.tobytes()
