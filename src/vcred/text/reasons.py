# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Codes said in words: reasons, decisions, axes, checks.

The words are package data, one file per language, each complete. Programs go by the
codes; the words are for the person at the gate, and may change.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from vcred.reasons import Cause, Reason
from vcred.text.languages import LANGUAGES

_CATALOGUES: Final = Path(__file__).with_name("catalogue")


def explain_reason(reason: Reason, language: str) -> tuple[str, str | None]:
    """Say a reason in words.

    Args:
        reason: The code.
        language: One of `LANGUAGES`.

    Returns:
        What is the matter, as a sentence without a full stop; and what to do next, if
        anything helps.
    """
    entry = _section("reasons", language)[reason]
    return entry["sentence"], entry["hint"]


def say_cause(cause: Cause, language: str) -> str:
    """Say which way it came to a reason, in words."""
    return _word("causes", cause, language)


def say_decision(code: str, language: str) -> str:
    """Say "accepted", "rejected" or "indeterminate"."""
    return _word("decisions", code, language)


def say_axis(code: str, language: str) -> str:
    """Say "authentic", "authorised" or "current"."""
    return _word("axes", code, language)


def say_axis_value(code: str, language: str) -> str:
    """Say "yes", "no" or "unknown"."""
    return _word("axis_values", code, language)


def say_check(code: str, language: str) -> str:
    """Say the name of a check, such as "issuer_signature"."""
    return _word("checks", code, language)


def say_check_status(code: str, language: str) -> str:
    """Say "passed", "failed", "indeterminate" or "not_run"."""
    return _word("check_statuses", code, language)


def say_binding(code: str, language: str) -> str:
    """Say "live", "challenge" or "none"."""
    return _word("bindings", code, language)


def _word(section: str, code: str, language: str) -> str:
    words = _section(section, language)
    if code not in words:
        raise ValueError(f"no word for {code!r} among the {section}")
    word: str = words[code]
    return word


def _section(section: str, language: str) -> dict[str, Any]:
    words: dict[str, Any] = _catalogue(language)[section]
    return words


@cache
def _catalogue(language: str) -> dict[str, Any]:
    if language not in LANGUAGES:
        raise ValueError(f"language is none of {', '.join(LANGUAGES)}")
    text = (_CATALOGUES / f"{language}.json").read_text(encoding="utf-8")
    catalogue: dict[str, Any] = json.loads(text)
    return catalogue
