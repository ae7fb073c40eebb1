# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What leaves on stdout: lines that a terminal cannot be commanded by, JSON that means the same."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.cli.output import escape_json, print_line, write_data
from vcred.errors import StoreError


@given(st.dictionaries(st.text(), st.text()))
def test_escaped_json_means_the_same_and_commands_nothing(value: dict[str, str]) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode("utf-8")
    except UnicodeEncodeError:
        return
    escaped = escape_json(text)
    assert json.loads(escaped) == value
    assert all(character.isprintable() for character in escaped)


def test_chinese_stays_readable_in_json() -> None:
    assert escape_json('{"name": "陳大文"}') == '{"name": "陳大文"}'
    assert escape_json('"\u202e\x7f\U000e0041e\u0301"') == '"\\u202e\\u007f\\udb40\\udc41e\\u0301"'


def test_a_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_line("green\nvcred: accepted\x1b[1A")
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "\x1b" not in out


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    """CLI-11."""
    out = tmp_path / "code.txt"
    write_data(b"first", str(out))
    with pytest.raises(StoreError):
        write_data(b"second", str(out))
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError):
        write_data(b"third", str(link))
    with pytest.raises(StoreError):
        write_data(b"fourth", str(tmp_path))
    assert out.read_bytes() == b"first"
    assert not (tmp_path / "elsewhere").exists()
