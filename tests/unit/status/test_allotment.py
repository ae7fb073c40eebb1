# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How much of a list is given out (INV-4, STA-13)."""

from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.status.allotment import allottable


def test_an_eighth_of_a_list_is_never_given_out() -> None:
    assert allottable(MIN_STATUS_LIST_SIZE) == 114_688
    assert allottable(1_048_576) == 917_504
