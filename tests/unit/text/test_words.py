# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Messages, times, numbers and lists in the holder's language."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words

MACAO = timezone(timedelta(hours=8))
MOMENT = datetime(2026, 9, 2, 20, 5, 6, tzinfo=UTC)
DAY = 86_400


def test_a_message_is_said_in_its_language() -> None:
    said = {language: load_words(language).gettext("The issuer has revoked it") for language in LANGUAGES}
    assert said == {
        "en": "The issuer has revoked it",
        "zh-Hans": "已被签发机构撤销",
        "zh-Hant": "已被簽發機構撤銷",
        "pt": "O emissor revogou-a",
    }


def test_a_message_that_no_catalogue_has_is_said_in_english() -> None:
    words = load_words("zh-Hant")
    assert words.gettext("not one of ours") == "not one of ours"
    assert words.pgettext("state|10", "not one of ours") == "not one of ours"
    assert words.ngettext("one", "many", 2) == "many"


def test_the_words_of_a_language_are_loaded_once() -> None:
    assert load_words("pt") is load_words("pt")
    assert load_words("pt").language == "pt"


@pytest.mark.parametrize(
    ("language", "day", "together"),
    [
        ("en", "2 Sept 2026", "3 Sept 2026, 04:05"),
        ("zh-Hans", "2026年9月2日", "2026年9月3日 04:05"),
        ("zh-Hant", "2026年9月2日", "2026年9月3日 04:05"),
        ("pt", "02/09/2026", "03/09/2026, 04:05"),
    ],
)
def test_times_are_of_the_zone_and_days_as_the_language_writes_them(
    language: str, day: str, together: str
) -> None:
    words = load_words(language)
    assert words.date(date(2026, 9, 2)) == day
    assert words.time(MOMENT, UTC) == "20:05"
    assert words.time(MOMENT, MACAO) == "04:05"
    assert words.datetime(MOMENT, MACAO) == together


def test_a_moment_without_a_zone_is_refused() -> None:
    words, naive = load_words("en"), MOMENT.replace(tzinfo=None)
    for write in (words.time, words.datetime):
        with pytest.raises(ValueError, match="timezone-aware"):
            write(naive, UTC)


@pytest.mark.parametrize(
    ("language", "number"),
    [("en", "12,345.5"), ("zh-Hans", "12,345.5"), ("zh-Hant", "12,345.5"), ("pt", "12\u00a0345,5")],
)
def test_numbers_have_the_marks_of_the_language(language: str, number: str) -> None:
    assert load_words(language).number(12_345.5) == number


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s"),  # of two clocks one is ahead
        (0.9, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7_199, "119 min"),
        (7_200, "2 h"),
        (2 * DAY - 1, "47 h"),
        (2 * DAY, "2 days"),
        (60 * DAY - 1, "59 days"),
        (60 * DAY, "2 months"),
        (730 * DAY - 1, "24 months"),
        (730 * DAY, "2 years"),
        (365_000 * DAY, "1,000 years"),
    ],
)
def test_a_duration_is_said_in_whole_units_and_never_longer_than_it_is(seconds: float, said: str) -> None:
    assert load_words("en").duration(seconds) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh-Hans", "3 个月"), ("zh-Hant", "3 個月"), ("pt", "3 meses")],
)
def test_a_duration_is_said_in_the_language(language: str, said: str) -> None:
    assert load_words(language).duration(91 * DAY) == said


@pytest.mark.parametrize(
    ("language", "three"),
    [("en", "a, b and c"), ("zh-Hans", "a、b和c"), ("zh-Hant", "a、b及c"), ("pt", "a, b e c")],
)
def test_a_list_is_enumerated(language: str, three: str) -> None:
    words = load_words(language)
    assert words.list(["a", "b", "c"]) == three
    assert words.list(["{0} %s"]) == "{0} %s"
    assert words.list(["{0}", "{1}"]).count("{") == 2
    assert words.list([]) == ""


@pytest.mark.parametrize("language", ["zh", "EN", "../en", ""])
def test_an_unknown_language_is_the_callers_mistake(language: str) -> None:
    with pytest.raises(ValueError, match="language is none of"):
        load_words(language)


def test_words_alone_load_no_babel() -> None:
    """A command that writes no date starts without the libraries for dates."""
    program = (
        "import sys; from vcred.text.words import load_words; load_words('pt').gettext('Valid');"
        "print(*({'babel', 'rich', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
