# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a holder pastes, or names as a file, before anything is verified."""

import json
from pathlib import Path

import pytest

from vcred.errors import DecodeError, LimitExceededError, StoreError
from vcred.limits import MAX_COPIES, MAX_SEALED_CHARACTERS
from vcred.qr.engines.zxing import draw_png
from vcred.wallet.engines.incoming import read_credential_file
from vcred.wallet.incoming import is_picture, split_credentials


def test_one_and_several() -> None:
    assert split_credentials(" a~b~ \n") == ("a~b~",)
    assert split_credentials("a~\r\n\n  b~\n") == ("a~", "b~")
    line = json.dumps({"row": "HC1", "credential": "a~b~"})
    assert split_credentials(f"{line}\n{line}") == ("a~b~", "a~b~")


@pytest.mark.parametrize("text", ["", " \n\t\n", "ä~", '{"credential": 7}', '{"row": "x"}', "{", "VC1:ABC"])
def test_what_is_no_credential(text: str) -> None:
    with pytest.raises(DecodeError):
        split_credentials(text)


def test_limits() -> None:
    assert split_credentials("a" * MAX_SEALED_CHARACTERS)
    with pytest.raises(LimitExceededError):
        split_credentials("a" * (MAX_SEALED_CHARACTERS + 1))
    assert len(split_credentials("a\n" * MAX_COPIES)) == MAX_COPIES
    with pytest.raises(LimitExceededError):
        split_credentials("a\n" * (MAX_COPIES + 1))


def test_files(tmp_path: Path) -> None:
    file = tmp_path / "credential"
    file.write_bytes(b"a~b~\n")
    assert read_credential_file(file) == ("a~b~",)
    picture = draw_png("A~B~")
    assert is_picture(picture) and not is_picture(b"a~b~")
    file.write_bytes(picture)
    assert read_credential_file(file) == ("A~B~",)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(DecodeError):
        read_credential_file(file)
    with pytest.raises(StoreError):
        read_credential_file(tmp_path / "nothing")
