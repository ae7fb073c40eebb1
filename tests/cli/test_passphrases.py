# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How passphrases come in by a descriptor, and how never. WAL-02, WAL-11, WAL-13."""

import ast
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.architecture.source import modules
from tests.cli.run import Outcome, run
from tests.cli.test_help import LEAVES
from vcred.cli.secret_input import chosen_passphrase, given_passphrase
from vcred.errors import UsageError

SECRET = b"canary of the mine"
PLACE = Path("/srv/holder")
SECRET_NAMES = re.compile(r"pass|secret|\bpin\b|pwd|password|phrase")


def piped(data: bytes) -> int:
    """The end of a pipe that holds `data`, and whose other end is closed."""
    read, write = os.pipe()
    os.write(write, data)
    os.close(write)
    return read


def given(descriptor: int) -> bytes:
    return given_passphrase(PLACE, descriptor=descriptor, language="en").secret


@pytest.fixture
def closing() -> Iterator[list[int]]:
    """Descriptors to close in the end."""
    descriptors: list[int] = []
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


def with_passphrase(secret: bytes, *arguments: object) -> Outcome:
    read = piped(secret + b"\n")
    try:
        return run(*arguments, "--passphrase-fd", read)
    finally:
        os.close(read)


def test_no_option_and_no_argument_takes_a_secret() -> None:
    """A flag that asks, the number of a descriptor, or the name of a file: nothing that is secret itself."""
    found = set()
    for path, command in LEAVES:
        for param in command.params:
            named = [name for name in (*param.opts, param.name or "") if SECRET_NAMES.search(name)]
            if not named:
                continue
            found.update(param.opts)
            assert isinstance(param, click.Option), path
            is_descriptor = isinstance(param.type, click.IntRange) and param.opts[0].endswith("-fd")
            is_file = param.metavar == "FILE" and param.opts[0].endswith("-file")
            assert param.is_flag or is_descriptor or is_file, (path, named)
    assert {"--passphrase", "--passphrase-fd", "--pin-file"} <= found


def test_no_secret_comes_from_the_environment() -> None:
    for path, command in LEAVES:
        assert all(param.envvar is None for param in command.params), path
        assert command.context_settings.get("auto_envvar_prefix") is None, path
    names = {
        node.value
        for module in modules()
        for call in ast.walk(module.tree)
        if "environ" in ast.unparse(call) and isinstance(call, ast.Call | ast.Subscript)
        for node in ast.walk(call)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert "VCRED_HOME" in names, "the test can see what is read"
    assert [name for name in names if SECRET_NAMES.search(name.lower())] == []


@pytest.mark.parametrize("end", [b"", b"\n", b"\nnot of it\n", b"\n" + b"x" * 4000])
def test_the_first_line_of_a_descriptor_is_taken(closing: list[int], end: bytes) -> None:
    closing.append(piped(SECRET + end))
    assert given(closing[0]) == SECRET


def test_a_line_that_comes_in_pieces_is_taken_whole(closing: list[int]) -> None:
    read, write = os.pipe()
    closing.append(read)

    def deliver() -> None:
        for byte in SECRET + b"\n":
            os.write(write, bytes([byte]))
            time.sleep(0.002)
        os.close(write)

    thread = threading.Thread(target=deliver)
    thread.start()
    try:
        assert given(read) == SECRET
    finally:
        thread.join()


def test_a_descriptor_is_let_go_and_its_number_opens_nothing(closing: list[int]) -> None:
    read, write = os.pipe()
    closing.extend((read, write))
    os.write(write, SECRET + b"\nmore\n")
    assert given(read) == SECRET
    with pytest.raises(BrokenPipeError):
        os.write(write, b"x")
    assert os.read(read, 10) == b""
    assert not os.get_inheritable(read)


@pytest.mark.parametrize(("size", "taken"), [(1024, True), (1025, False), (1_000_000, False), (0, False)])
def test_a_line_of_up_to_1024_bytes(tmp_path: Path, closing: list[int], size: int, taken: bool) -> None:
    (tmp_path / "secret").write_bytes(b"x" * size + b"\n")
    closing.append(os.open(tmp_path / "secret", os.O_RDONLY))
    if taken:
        assert given(closing[0]) == b"x" * size
        return
    with pytest.raises(UsageError, match="1 to 1024 bytes"):
        given(closing[0])


def test_a_terminal_is_no_descriptor_for_a_secret(closing: list[int]) -> None:
    """It would show what is typed."""
    closing.extend(os.openpty())
    with pytest.raises(UsageError, match="is a terminal") as caught:
        given(closing[1])
    assert caught.value.hint is not None


def test_a_descriptor_that_is_not_open_is_told(tmp_path: Path) -> None:
    outcome = run("init", "approver", "--home", tmp_path / "carol", "--passphrase-fd", 987)
    assert outcome.code == 2
    assert outcome.said[0] == "vcred: error: --passphrase-fd: descriptor 987 cannot be read"


def test_a_new_passphrase_is_long_enough_and_an_old_one_is_not_judged(
    tmp_path: Path, closing: list[int]
) -> None:
    home = tmp_path / "carol"
    short = with_passphrase(b"1234567", "init", "approver", "--home", home)
    assert short.code == 2
    assert short.said[0] == "vcred: error: a new passphrase has at least 8 characters"
    assert not home.exists()
    assert with_passphrase(b"12345678", "init", "approver", "--home", home).code == 0
    closing.extend((piped(b"1234567"), piped(b"1234567")))
    assert given(closing[0]) == b"1234567"
    with pytest.raises(UsageError, match="8 characters"):
        chosen_passphrase(PLACE, descriptor=closing[1], language="en")


def test_a_wrong_one_hears_the_same_ten_times(tmp_path: Path) -> None:
    home = tmp_path / "holder"
    assert with_passphrase(SECRET, "init", "holder", "--home", home).code == 0
    wrong = [b"x", SECRET[:-1], SECRET + b" ", SECRET.upper(), b"\xff\xfe", "金絲雀".encode()] * 2
    heard = {
        (outcome.code, outcome.out, outcome.err)
        for outcome in (with_passphrase(one, "wallet", "history", "--home", home) for one in wrong[:10])
    }
    ((code, out, err),) = heard
    assert (code, out) == (4, "")
    assert "another one, or the file is damaged" in err
    assert with_passphrase(SECRET, "wallet", "history", "--home", home).code == 0


PRIVATE = """
import ctypes, os, resource, sys
from pathlib import Path
from vcred.cli.main import main
libc = ctypes.CDLL(None)
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
assert libc.prctl(3, 0, 0, 0, 0) == 1, "the control: other processes could read this one"
sys.exit(main(sys.argv[1:]) or not (
    libc.prctl(3, 0, 0, 0, 0) == 0 and resource.getrlimit(resource.RLIMIT_CORE)[0] == 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the limit is set")
def test_who_unlocks_a_home_has_closed_its_memory(tmp_path: Path) -> None:
    home = tmp_path / "carol"
    for command in (("init", "holder"), ("wallet", "history")):
        subprocess.run(
            [sys.executable, "-c", PRIVATE, *command, "--home", home],
            check=True,
            timeout=60,
            capture_output=True,
        )
