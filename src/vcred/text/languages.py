# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The languages that vcred speaks, and which of them a request means."""

from typing import Final

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant", "pt")

_DEFAULT: Final = "en"
_BY_PRIMARY: Final = {"en": "en", "pt": "pt", "zh": "zh-Hans"}
# Without a script subtag, the region tells which script is read there.
_TRADITIONAL: Final = frozenset(("hant", "hk", "mo", "tw"))
# Spoken Chinese with a code of its own, written in the traditional script where it is the rule.
_CANTONESE: Final = "yue"


def choose_language(requested: str | None) -> str:
    """Choose one of `LANGUAGES` for a tag such as "zh-MO", or a locale such as "pt_PT.UTF-8".

    Args:
        requested: A BCP 47 tag or a POSIX locale name in any case; None for no wish.

    Returns:
        The language; English for a wish that cannot be met.

    Spec: BCP 47 section 2.1.
    """
    found = None if requested is None else find_language(requested)
    return found or _DEFAULT


def find_language(requested: str) -> str | None:
    """Find the one of `LANGUAGES` that a tag or locale name means, or None; see `choose_language`."""
    plain = requested.partition(".")[0].partition("@")[0]
    primary, *subtags = plain.replace("_", "-").lower().split("-")
    if primary == _CANTONESE:
        return "zh-Hans" if "hans" in subtags else "zh-Hant"
    if primary == "zh" and "hans" not in subtags and _TRADITIONAL.intersection(subtags):
        return "zh-Hant"
    return _BY_PRIMARY.get(primary)
