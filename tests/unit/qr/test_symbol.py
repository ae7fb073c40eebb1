# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which symbol a text needs, compared with what the engine draws."""

import pytest

from vcred.errors import LimitExceededError
from vcred.qr.symbol import CorrectionLevel, choose_symbol


@pytest.mark.parametrize(
    ("characters", "version", "level"),
    [
        (1, 1, "H"),
        (10, 1, "H"),
        (11, 2, "H"),
        (321, 15, "H"),
        (322, 13, "Q"),
        (426, 15, "Q"),
        (427, 13, "M"),
        (600, 15, "M"),
        (601, 13, "L"),
        (758, 15, "L"),
        (759, 16, "L"),
        (1_460, 22, "L"),
    ],
)
def test_highest_level_up_to_version_15(characters: int, version: int, level: str) -> None:
    symbol = choose_symbol("A" * characters)
    assert (symbol.version, symbol.level) == (version, CorrectionLevel(level))
    assert symbol.modules == 17 + 4 * version


@pytest.mark.parametrize(
    ("characters", "needed"), [(1_461, "version 23"), (4_296, "version 40"), (4_297, "more than any")]
)
def test_above_version_22_is_refused(characters: int, needed: str) -> None:
    assert choose_symbol("A" * 1_460).version == 22
    with pytest.raises(LimitExceededError, match=f"{characters} characters need {needed}") as caught:
        choose_symbol("A" * characters)
    assert caught.value.hint


def test_other_characters_need_more() -> None:
    assert choose_symbol("A" * 1_000).version < choose_symbol("a" * 1_000).version
    assert choose_symbol("a" * 1_003).version == 22
    with pytest.raises(LimitExceededError):
        choose_symbol("a" * 1_004)


def test_text_outside_ascii_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        choose_symbol("陳")


@pytest.mark.parametrize("text", ["A", "a"])
def test_the_engine_draws_the_version_that_is_computed(text: str) -> None:
    import zxingcpp

    for size in range(1, 1_004, 7):
        chosen = choose_symbol(text * size)
        drawn = zxingcpp.create_barcode(
            text * size, zxingcpp.BarcodeFormat.QRCode, ec_level=chosen.level.value
        )
        image = memoryview(drawn.to_image(add_quiet_zones=False))  # type: ignore[arg-type]
        assert image.shape == (chosen.modules, chosen.modules)
        assert drawn.ec_level == chosen.level.value
