# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The states of a credential in words: short for a list, long for its page."""

from collections.abc import Callable

import pytest

from vcred.text.columns import width
from vcred.text.languages import LANGUAGES
from vcred.text.states import describe_state, say_state
from vcred.text.words import Words, load_words
from vcred.wallet.states import CredentialState


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_has_a_word_that_fits_a_list_and_no_other_has(language: str) -> None:
    said = [say_state(code, load_words(language)) for code in CredentialState]
    assert len(set(said)) == len(CredentialState)
    assert all(1 <= width(word) <= 10 for word in said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_has_a_sentence(language: str) -> None:
    said = [describe_state(code, load_words(language)) for code in CredentialState]
    assert len(set(said)) == len(CredentialState)
    assert not any(sentence.endswith((".", "。")) for sentence in said)


def test_examples() -> None:
    assert say_state("expiring", load_words("zh-Hant")) == "即將到期"
    assert describe_state("revoked", load_words("pt")) == "O emissor revogou-a"


@pytest.mark.parametrize("say", [say_state, describe_state])
def test_an_unknown_state_is_the_callers_mistake(say: Callable[[str, Words], str]) -> None:
    with pytest.raises(ValueError, match="no word"):
        say("lost", load_words("en"))
