# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a token's library answers, told by what a person has to do about it."""

import pytest
from pkcs11 import exceptions

from vcred.keys.engines.pkcs11_errors import _FULL, _LOCKED, _LOST, _PIN, SessionLostError, translate
from vcred.keys.hsm_errors import HsmError, HsmLockedError, HsmPinError


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("DeviceRemoved", SessionLostError, "was lost (DeviceRemoved)"),
        ("PinIncorrect", HsmPinError, "refuses the PIN"),
        ("PinLocked", HsmLockedError, "takes no PIN any more"),
        ("DeviceMemory", HsmError, "no room for that (DeviceMemory)"),
        ("SessionCount", HsmError, "no room for that (SessionCount)"),
        ("FunctionFailed", HsmError, "the token refuses: FunctionFailed"),
    ],
)
def test_an_answer_in_words(name: str, kind: type[HsmError], words: str) -> None:
    told = translate(getattr(exceptions, name)())
    assert type(told) is kind
    assert words in str(told)


def test_an_answer_that_has_no_name() -> None:
    told = translate(exceptions.PKCS11Error("Unmapped error code 0x80000001"))
    assert type(told) is HsmError
    assert str(told) == "the token refuses: Unmapped error code 0x80000001"


@pytest.mark.parametrize("name", sorted(_LOST | _PIN | _LOCKED | _FULL))
def test_every_name_is_one_of_the_library(name: str) -> None:
    """A name that is written otherwise there would never be met."""
    assert issubclass(getattr(exceptions, name), exceptions.PKCS11Error)
