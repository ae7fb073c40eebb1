# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Errors in the holder's words, with their stable code."""

import pytest

from vcred.errors import (
    DecodeError,
    KeyMaterialError,
    LimitExceededError,
    LockedError,
    RefusedError,
    StoreError,
    UsageError,
    VcredError,
    WrongSecretError,
)
from vcred.reasons import Reason
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.wallet_tui.error_words import describe_error
from vcred.wallet_tui.unlocking import say_failure

ERRORS = [DecodeError, LimitExceededError, KeyMaterialError, StoreError, UsageError, VcredError]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_has_a_sentence_of_its_own(language: str) -> None:
    words = load_words(language)
    told = [describe_error(kind("what happened"), words) for kind in ERRORS]
    assert len({text.sentence for text in told}) == len(ERRORS)
    assert [text.code for text in told] == [kind.code for kind in ERRORS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_is_said_by_its_own_words(language: str) -> None:
    text = describe_error(RefusedError(Reason.REVOKED, "not stored"), load_words(language))
    assert text.code == "revoked"
    assert text.detail == "not stored"
    assert text.sentence != "not stored"


def test_the_message_is_sanitised() -> None:
    text = describe_error(StoreError("a\x1b[2Jb", hint="c\u202ed"), load_words("en"))
    assert text.detail == "a‹U+001B›[2Jb (c‹U+202E›d)"


def test_why_a_wallet_did_not_open() -> None:
    words = load_words("en")
    assert say_failure(WrongSecretError("x"), words) == "This passphrase does not open the wallet."
    assert "Another program" in say_failure(LockedError("x"), words)
    assert "could not be read" in say_failure(StoreError("x is damaged"), words)
