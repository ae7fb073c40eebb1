# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers of identity documents: their form and, where the issuing state publishes one, the check digit.

| kind | form | check |
|---|---|---|
| `mainland_id` | 6 digits area, 8 digits birth date, 3 digits, check | ISO 7064 MOD 11-2, `X` for ten |
| `hkid` | 1 or 2 letters, 6 digits, `(check)` | weights 9 to 1, modulo 11, `A` for ten |
| `macao_bir` | 7 digits, `(check)` | form only: no rule for its digit is published |

A number that passes is well-formed; it says nothing about whether such a person exists.

Spec: GB 11643-1999 sections 4 and 5.
"""

import re
from collections.abc import Callable, Mapping
from operator import mul
from typing import Final

_MAINLAND = re.compile(r"[1-9][0-9]{5}([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]")
_MACAO = re.compile(r"[0-9]{7}\([0-9]\)")
_HONG_KONG = re.compile(r"([A-Z]{1,2}[0-9]{6})\(([0-9A])\)")
_FOUR = re.compile(r"[0-9A-Z]{4}")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")

_MAINLAND_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MAINLAND_CHECKS: Final = "10X98765432"
# A number with one letter counts as if a space stood before it.
_HONG_KONG_SPACE: Final = 36

NOT_OF_THE_FORM: Final = "not of the form of this document"
CHECK_DIGIT_WRONG: Final = "check digit wrong"
OTHER_BIRTH_DATE: Final = "names another birth date"


def identity_number_fault(kind: str, number: str, birth_date: str | None = None) -> str | None:
    """Say what is wrong with a document's number, or None.

    Args:
        kind: `mainland_id`, `hkid` or `macao_bir`; of any other kind nothing is known.
        number: As printed, with its brackets.
        birth_date: "1987-04-06"; compared where the number contains one.
    """
    rule = _RULES.get(kind)
    return rule(number, birth_date) if rule else None


def last_four(number: str) -> str:
    """Return the last four letters or digits of a number; brackets and spaces do not count."""
    last = number[-4:]
    return last if _FOUR.fullmatch(last) else _NOT_ALPHANUMERIC.sub("", number)[-4:]


def mainland_check_character(digits: str) -> str:
    """Compute the eighteenth character from the first seventeen digits.

    Spec: GB 11643-1999 section 5.
    """
    total = sum(map(mul, _MAINLAND_WEIGHTS, map(int, digits)))
    return _MAINLAND_CHECKS[total % 11]


def hong_kong_check_character(body: str) -> str:
    """Compute the character in brackets from one or two letters and six digits."""
    letters, digits = body[:-6], body[-6:]
    values = [_HONG_KONG_SPACE] if len(letters) == 1 else []
    values += [ord(letter) - ord("A") + 10 for letter in letters]
    values += [int(digit) for digit in digits]
    total = sum(weight * value for weight, value in zip(range(9, 1, -1), values, strict=True))
    return "0123456789A"[-total % 11]


def _mainland_fault(number: str, birth_date: str | None) -> str | None:
    match = _MAINLAND.fullmatch(number)
    if match is None:
        return NOT_OF_THE_FORM
    if mainland_check_character(number[:17]) != number[17]:
        return CHECK_DIGIT_WRONG
    if birth_date is not None and "-".join(match.groups()) != birth_date:
        return OTHER_BIRTH_DATE
    return None


def _hong_kong_fault(number: str, _birth_date: str | None) -> str | None:
    match = _HONG_KONG.fullmatch(number)
    if match is None:
        return NOT_OF_THE_FORM
    return None if hong_kong_check_character(match[1]) == match[2] else CHECK_DIGIT_WRONG


def _macao_fault(number: str, _birth_date: str | None) -> str | None:
    return None if _MACAO.fullmatch(number) else NOT_OF_THE_FORM


_RULES: Final[Mapping[str, Callable[[str, str | None], str | None]]] = {
    "mainland_id": _mainland_fault,
    "hkid": _hong_kong_fault,
    "macao_bir": _macao_fault,
}
