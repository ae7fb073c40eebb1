# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Every code has its words, in every language."""

import json
from importlib import resources
from typing import Any

import pytest

from vcred.reasons import Reason
from vcred.text.languages import LANGUAGES
from vcred.text.reasons import (
    explain_reason,
    say_axis,
    say_axis_value,
    say_binding,
    say_check,
    say_check_status,
    say_decision,
)
from vcred.text.sanitise import sanitise
from vcred.text.scripts import is_mixed_script

CODES = {
    say_decision: ("accepted", "rejected", "indeterminate"),
    say_axis: ("authentic", "authorised", "current"),
    say_axis_value: ("yes", "no", "unknown"),
    say_check_status: ("passed", "failed", "indeterminate", "not_run"),
    say_binding: ("live", "challenge", "none"),
    say_check: (
        "limits",
        "format",
        "parse",
        "issuer_key",
        "algorithm",
        "issuer_signature",
        "disclosures",
        "validity",
        "key_binding",
        "accreditation",
        "recognition",
        "status",
        "trust_age",
        "policy",
    ),
}


def _catalogue(language: str) -> dict[str, Any]:
    file = resources.files("vcred.text") / "catalogue" / f"{language}.json"
    catalogue: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return catalogue


def _texts(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for child in node.values() for text in _texts(child)]
    return [] if node is None else [str(node)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_has_a_sentence_and_the_same_ones_have_a_hint(language: str) -> None:
    for reason in Reason:
        sentence, hint = explain_reason(reason, language)
        assert sentence
        assert not sentence.endswith((".", "。"))
        assert hint != ""
        assert (hint is None) == (explain_reason(reason, "en")[1] is None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_has_a_word(language: str) -> None:
    for say, codes in CODES.items():
        assert len({say(code, language) for code in codes}) == len(codes)


def test_the_catalogues_have_the_same_members_and_no_others() -> None:
    shapes = [
        {section: list(words) for section, words in _catalogue(language).items()} for language in LANGUAGES
    ]
    assert all(shape == shapes[0] for shape in shapes)
    assert shapes[0]["reasons"] == [str(reason) for reason in Reason]
    assert set(shapes[0]["checks"]) == set(CODES[say_check])


def test_the_languages_say_different_things() -> None:
    for reason in Reason:
        assert len({explain_reason(reason, language)[0] for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_words_are_fit_to_show(language: str) -> None:
    for text in _texts(_catalogue(language)):
        assert sanitise(text) == text
        assert not is_mixed_script(text)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_chinese_has_chinese_punctuation(language: str) -> None:
    for text in _texts(_catalogue(language)):
        assert not set(text) & set(",;:!?()")


def test_examples() -> None:
    assert explain_reason(Reason.EXPIRED, "en") == (
        "The credential has expired",
        "the holder needs a new credential from the issuer",
    )
    assert explain_reason(Reason.REVOKED, "zh-Hant") == ("憑證已被簽發機構撤銷", None)
    assert explain_reason(Reason.CLOCK_UNRELIABLE, "zh-Hans")[1] == "请校正时钟"
    assert say_decision("rejected", "pt") == "rejeitada"


def test_an_unknown_code_or_language_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no word"):
        say_decision("perhaps", "en")
    with pytest.raises(ValueError, match="language"):
        say_decision("accepted", "zh")
