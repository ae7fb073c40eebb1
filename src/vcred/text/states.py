# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How a credential stands, in words: a few columns for a list, a sentence for its own page.

The codes are those of `vcred.wallet.states.CredentialState`.
"""

from vcred.text.words import Words


def say_state(code: str, words: Words) -> str:
    """Say a state in at most 10 columns.

    Raises:
        ValueError: No such state.
    """
    return _word(code, _short(words))


def describe_state(code: str, words: Words) -> str:
    """Say a state as a sentence without a full stop, and what to do where something helps.

    Raises:
        ValueError: No such state.
    """
    return _word(code, _long(words))


def _short(words: Words) -> dict[str, str]:
    return {
        "valid": words.pgettext("state|10", "valid"),
        "expiring": words.pgettext("state|10", "expiring"),
        "expired": words.pgettext("state|10", "expired"),
        "not_yet_valid": words.pgettext("state|10", "not yet"),
        "suspended": words.pgettext("state|10", "suspended"),
        "revoked": words.pgettext("state|10", "revoked"),
        "unknown": words.pgettext("state|10", "unknown"),
    }


def _long(words: Words) -> dict[str, str]:
    return {
        "valid": words.gettext("Valid"),
        "expiring": words.gettext("Valid, but it expires soon"),
        "expired": words.gettext("It has expired: ask the issuer for a new one"),
        "not_yet_valid": words.gettext("It is not valid yet"),
        "suspended": words.gettext("The issuer has suspended it for now"),
        "revoked": words.gettext("The issuer has revoked it"),
        "unknown": words.gettext("Not known: import a newer trust bundle"),
    }


def _word(code: str, table: dict[str, str]) -> str:
    if code not in table:
        raise ValueError(f"no word for the state {code!r}")
    return table[code]
