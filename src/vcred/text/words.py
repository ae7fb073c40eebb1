# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What vcred says to a holder, in the holder's language: messages, times, numbers, lists.

    words = load_words("zh-Hant")
    words.gettext("Shown to %(name)s") % {"name": sanitise(name)}
    words.ngettext("%(count)s claim", "%(count)s claims", n) % {"count": words.number(n)}
    words.pgettext("state|10", "valid")

The messages stand where they are said, in English and as literals, with named placeholders;
`tools/catalogues.py` gathers them into `locale/`, where each has its translation. A context
that ends in `|N` names a slot of one line: no translation takes more than N columns.

A message is ours and a value is somebody's: values go in by `%` afterwards, sanitised by the
caller, and are never looked up.
"""

import datetime as dt
from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vcred.text.languages import LANGUAGES

if TYPE_CHECKING:
    from babel import Locale

DOMAIN: Final = "vcred"
LOCALE_FOLDER: Final = Path(__file__).with_name("locale")
# The folder of each language's catalogue, named as gettext and babel name it.
CATALOGUE_NAMES: Final = {"en": "en", "zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "pt": "pt"}
# Whose dates and numbers: day before month in English too, and what is usual in Macao and Portugal.
_CUSTOMS: Final = {"en": "en_GB", "zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant_MO", "pt": "pt_PT"}

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_MONTH: Final = 30 * _DAY
_YEAR: Final = 365 * _DAY


class Words:
    """One language: its messages, and how it writes times, numbers and lists.

    Attributes:
        language: One of `vcred.text.languages.LANGUAGES`.
    """

    __slots__ = ("_catalogue", "language")

    def __init__(self, language: str, catalogue: GNUTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def gettext(self, message: str) -> str:
        """Say a message."""
        return self._catalogue.gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Say the form of a message that goes with a number, as yet without the number."""
        return self._catalogue.ngettext(one, many, number)

    def pgettext(self, context: str, message: str) -> str:
        """Say a message that means something else elsewhere, or has a slot of so many columns."""
        return self._catalogue.pgettext(context, message)

    def date(self, day: dt.date) -> str:
        """Write a day: "22 Nov 2026", "2026年11月22日", "22/11/2026"."""
        from babel.dates import format_date

        return format_date(day, "medium", locale=_customs(self.language))

    def time(self, moment: dt.datetime, zone: dt.tzinfo) -> str:
        """Write the time of the day in a zone, to the minute and of 24 hours: "14:05".

        Raises:
            ValueError: `moment` has no zone of its own.
        """
        from babel.dates import format_skeleton

        return format_skeleton("Hm", _local(moment, zone), locale=_customs(self.language))

    def datetime(self, moment: dt.datetime, zone: dt.tzinfo) -> str:
        """Write day and time in a zone: "22 Nov 2026, 14:05".

        Raises:
            ValueError: `moment` has no zone of its own.
        """
        from babel.dates import get_datetime_format

        together = str(get_datetime_format("medium", locale=_customs(self.language)))
        return together.format(self.time(moment, zone), self.date(_local(moment, zone).date()))

    def number(self, number: float) -> str:
        """Write a number with the language's marks: "1,930", "1 930"."""
        from babel.numbers import format_decimal

        return format_decimal(number, locale=_customs(self.language))

    def duration(self, seconds: float) -> str:
        """Write an age or what is left of a time, whole units only and never more than there is.

        One unit, changed where there are two of the next: "90 s", "119 min", "47 h", "3 days",
        "14 months", "2 years". Below zero counts as zero: clocks differ.
        """
        whole = max(0, int(seconds))
        if whole < 2 * _MINUTE:
            return self.gettext("%(number)s s") % self._counted(whole)
        if whole < 2 * _HOUR:
            return self.gettext("%(number)s min") % self._counted(whole // _MINUTE)
        if whole < 2 * _DAY:
            return self.gettext("%(number)s h") % self._counted(whole // _HOUR)
        if whole < 2 * _MONTH:
            count = whole // _DAY
            return self.ngettext("%(number)s day", "%(number)s days", count) % self._counted(count)
        if whole < 2 * _YEAR:
            count = whole // _MONTH
            return self.ngettext("%(number)s month", "%(number)s months", count) % self._counted(count)
        count = whole // _YEAR
        return self.ngettext("%(number)s year", "%(number)s years", count) % self._counted(count)

    def list(self, items: Iterable[str]) -> str:
        """Enumerate: "a, b and c", "甲、乙和丙"; nothing for no items."""
        from babel.lists import format_list

        return format_list(tuple(items), locale=_customs(self.language))

    def _counted(self, number: int) -> dict[str, str]:
        return {"number": self.number(number)}


@cache
def load_words(language: str) -> Words:
    """Load the words of a language, once.

    Args:
        language: One of `LANGUAGES`; see `vcred.text.languages.choose_language`.

    Raises:
        ValueError: It is none of them.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language is none of {', '.join(LANGUAGES)}")
    path = catalogue_path(language, "mo")
    with path.open("rb") as file:
        return Words(language, GNUTranslations(file))


def catalogue_path(language: str, extension: str) -> Path:
    """Where the catalogue of a language stands: "po" as written, "mo" as compiled."""
    return LOCALE_FOLDER / CATALOGUE_NAMES[language] / "LC_MESSAGES" / f"{DOMAIN}.{extension}"


def _local(moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    if moment.utcoffset() is None:
        # A moment without a zone would be taken for this machine's, and be hours wrong.
        raise ValueError("moment must be a timezone-aware datetime")
    return moment.astimezone(zone)


@cache
def _customs(language: str) -> "Locale":
    from babel import Locale

    return Locale.parse(_CUSTOMS[language])
