# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Document numbers: form, check digit, and the birth date inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.credential.identity_numbers import (
    CHECK_DIGIT_WRONG,
    NOT_OF_THE_FORM,
    OTHER_BIRTH_DATE,
    hong_kong_check_character,
    identity_number_fault,
    last_four,
    mainland_check_character,
)

GOOD = [
    ("mainland_id", "440305198704063453"),
    ("mainland_id", "44030519450801711X"),
    ("macao_bir", "5631268(1)"),
    ("hkid", "Y000688(0)"),
    ("hkid", "A123456(3)"),
    ("hkid", "AB987654(3)"),
]


@pytest.mark.parametrize(("kind", "number"), GOOD)
def test_a_good_number_has_no_fault(kind: str, number: str) -> None:
    assert identity_number_fault(kind, number) is None


@pytest.mark.parametrize(
    ("kind", "number", "fault"),
    [
        ("mainland_id", "440305198704063454", CHECK_DIGIT_WRONG),
        ("mainland_id", "44030519450801711x", NOT_OF_THE_FORM),
        ("mainland_id", "４40305198704063453", NOT_OF_THE_FORM),
        ("mainland_id", "440305198704063453\n", NOT_OF_THE_FORM),
        ("hkid", "Y000688(1)", CHECK_DIGIT_WRONG),
        ("hkid", "Y000688", NOT_OF_THE_FORM),
        ("macao_bir", "5631268", NOT_OF_THE_FORM),
        ("macao_bir", "563126(1)", NOT_OF_THE_FORM),
    ],
)
def test_a_bad_number_is_told(kind: str, number: str, fault: str) -> None:
    assert identity_number_fault(kind, number) == fault


def test_the_birth_date_inside_must_agree() -> None:
    assert identity_number_fault("mainland_id", "440305198704063453", "1987-04-06") is None
    assert identity_number_fault("mainland_id", "440305198704063453", "1987-04-07") == OTHER_BIRTH_DATE
    assert identity_number_fault("hkid", "Y000688(0)", "1987-04-07") is None


def test_of_an_unknown_kind_nothing_is_known() -> None:
    assert identity_number_fault("passport", "anything") is None


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_of_a_mainland_number_is_found(digits: str, place: int, step: int) -> None:
    number = digits + mainland_check_character(digits)
    assert identity_number_fault("mainland_id", number) is None
    other = (int(number[place]) + step) % 10
    wrong = number[:place] + str(other) + number[place + 1 :]
    assert identity_number_fault("mainland_id", wrong) in (CHECK_DIGIT_WRONG, NOT_OF_THE_FORM)


@given(st.from_regex(r"[A-Z]{1,2}[0-9]{6}", fullmatch=True))
def test_a_made_hong_kong_number_is_good(body: str) -> None:
    assert identity_number_fault("hkid", f"{body}({hong_kong_check_character(body)})") is None


@given(st.sampled_from(["mainland_id", "hkid", "macao_bir"]), st.text(max_size=24))
def test_any_text(kind: str, number: str) -> None:
    identity_number_fault(kind, number, "2000-01-01")


@pytest.mark.parametrize(
    ("number", "four"),
    [("44030519450801711X", "711X"), ("5631268(1)", "2681"), ("Y000688(0)", "6880"), ("", "")],
)
def test_the_last_four_leave_brackets_out(number: str, four: str) -> None:
    assert last_four(number) == four
