# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A wish for a language finds the nearest that there is."""

import pytest

from vcred.text.languages import LANGUAGES, choose_language


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_itself(language: str) -> None:
    assert choose_language(language) == language


@pytest.mark.parametrize(
    ("requested", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("C.UTF-8", "en"),
        ("fr", "en"),
        ("en-GB", "en"),
        ("pt_PT.UTF-8", "pt"),
        ("PT-BR", "pt"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh_SG", "zh-Hans"),
        ("zh-HK", "zh-Hant"),
        ("zh_MO.UTF-8", "zh-Hant"),
        ("zh-TW@stroke", "zh-Hant"),
        ("zh-Hant-MO", "zh-Hant"),
        ("zh-Hans-MO", "zh-Hans"),
        ("yue", "zh-Hant"),
        ("yue-Hans-CN", "zh-Hans"),
        ("x" * 10_000, "en"),
    ],
)
def test_other_tags_and_locales(requested: str | None, language: str) -> None:
    assert choose_language(requested) == language
