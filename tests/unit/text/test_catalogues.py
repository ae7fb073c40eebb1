# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Every message that the source says has its translation in every language, fit to show."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from tools.catalogues import (
    MOTHER_TONGUE,
    MessageId,
    compiled,
    gather_messages,
    merge,
    message_id,
    read_catalogue,
    translations,
    written,
)

from tests.architecture.source import PROJECT
from tests.unit.text.chinese import ONLY_SIMPLIFIED, ONLY_TRADITIONAL
from vcred.text.columns import width
from vcred.text.languages import LANGUAGES
from vcred.text.sanitise import sanitise
from vcred.text.scripts import is_mixed_script
from vcred.text.words import catalogue_path

CHINESE = ("zh-Hans", "zh-Hant")
PLACEHOLDER = re.compile(r"%\(([a-z_]+)\)[sd]|%%")
SLOT = re.compile(r"\|(\d+)\Z")
# Latin punctuation at an ideograph: what stands between Latin letters, as in a web address, may stay.
IDEOGRAPH = "[\u3400-\u9fff]"
LATIN_PUNCTUATION = re.compile(f"{IDEOGRAPH}\\s*([,;:!?()]|[.](?![a-z]))|[,;:!?()]\\s*{IDEOGRAPH}")


gathered = cache(gather_messages)


@cache
def catalogue(language: str) -> Catalog:
    """A catalogue as committed."""
    return read_catalogue(catalogue_path(language, "po").read_bytes(), language)


@cache
def messages(language: str) -> dict[MessageId, Message]:
    """The messages of a catalogue, its header left out."""
    return {message_id(message): message for message in catalogue(language) if message.id}


@cache
def pairs(language: str) -> list[tuple[MessageId, str, str]]:
    """Each translated form with the English form that it stands for: one form for all, that of many."""
    found = []
    for which, message in messages(language).items():
        said = translations(message)
        english = which[1] if len(said) > 1 else which[1][-1:]
        found += [(which, form, other) for form, other in zip(english, said, strict=True) if other]
    return found


def placeholders(text: str) -> list[str]:
    """The names of what is put in."""
    return sorted(name for name in PLACEHOLDER.findall(text) if name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_just_what_the_source_says_all_translated(language: str) -> None:
    assert set(messages(language)) == set(gathered())
    assert [which for which, message in messages(language).items() if not all(translations(message))] == []
    assert not [which for which, message in messages(language).items() if message.fuzzy]
    assert not catalogue(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_complete(language: str) -> None:
    expected = 1 if language in CHINESE else 2
    assert catalogue(language).num_plurals == expected
    for which, message in messages(language).items():
        assert len(translations(message)) == (expected if len(which[1]) > 1 else 1), which


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_puts_in_what_the_message_puts_in(language: str) -> None:
    for which, english, said in pairs(language):
        assert placeholders(said) == placeholders(english), which
        # A sign that is no placeholder would end the program where the text is filled in.
        if "%" in english:
            assert "%" not in PLACEHOLDER.sub("", said), which


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_fit_to_show(language: str) -> None:
    for which, english, said in pairs(language):
        assert [sanitise(line, max_characters=2000) for line in said.split("\n")] == said.split("\n"), which
        assert not is_mixed_script(said), which
        for text in (english, said):
            assert all(line == line.rstrip() for line in text.split("\n")), which
        assert said.count("\n") == english.count("\n"), which
        assert ("  " in said) <= ("  " in english), which


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slot_is_wide_enough(language: str) -> None:
    for which, _, said in pairs(language):
        slot = SLOT.search(which[0] or "")
        if slot is not None:
            assert width(said) <= int(slot[1]), which
            assert "%(" not in said, f"{which}: how wide is it when it is filled in?"


@pytest.mark.parametrize("language", CHINESE)
def test_chinese_has_chinese_punctuation(language: str) -> None:
    for which, _, said in pairs(language):
        assert not LATIN_PUNCTUATION.search(PLACEHOLDER.sub("\u4e00", said)), which


@pytest.mark.parametrize("said", ["请导入,再试", "请导入.", "共 %(n)s 项 (全部)", "状态: 未知", "好吗?"])
def test_latin_punctuation_is_seen(said: str) -> None:
    for good in (
        "请导入，再试",
        "见 https://example.org/a?b=c 一页",
        "用 “vcred wallet --plain” 启动",
        "%(n)s/%(m)s",
    ):
        assert not LATIN_PUNCTUATION.search(good)
    assert LATIN_PUNCTUATION.search(said)


def test_each_chinese_keeps_to_its_own_characters() -> None:
    assert not ONLY_SIMPLIFIED & ONLY_TRADITIONAL
    for which, _, said in pairs("zh-Hans"):
        assert not ONLY_TRADITIONAL & set(said), which
    for which, _, said in pairs("zh-Hant"):
        assert not ONLY_SIMPLIFIED & set(said), which


def test_english_says_what_the_source_says() -> None:
    for which, message in messages(MOTHER_TONGUE).items():
        assert translations(message) == which[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_are_as_the_tool_writes_them(language: str) -> None:
    """With a difference here, run tools/catalogues.py."""
    made = merge(language, gathered(), catalogue(language))
    assert written(made) == catalogue_path(language, "po").read_bytes()
    assert compiled(made) == catalogue_path(language, "mo").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_nothing_of_when_and_where_it_was_made(language: str) -> None:
    for extension in ("po", "mo"):
        data = catalogue_path(language, extension).read_bytes()
        assert b"Date" not in data
        assert str(PROJECT).encode() not in data


def test_the_compiled_catalogues_are_in_the_wheel() -> None:
    """Git would leave out what it ignores, and so would the wheel."""
    from hatchling.builders.wheel import WheelBuilder

    shipped = {file.distribution_path for file in WheelBuilder(str(PROJECT)).recurse_included_files()}
    folder = catalogue_path("en", "mo").parents[4]
    assert folder == PROJECT / "src" / "vcred"
    for language in LANGUAGES:
        assert f"vcred/{catalogue_path(language, 'mo').relative_to(folder)}" in shipped
