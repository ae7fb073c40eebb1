# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process of its own does not look for garbage at its end; a program that calls `main` still does."""

import gc
import subprocess
import sys

import pytest

from vcred.cli.main import main

PROGRAM = """
import gc, sys
from vcred.cli.main import main
sys.argv = ["vcred", "--version"]
assert main() == 0
print(gc.isenabled(), gc.get_freeze_count() > 0)
"""


def test_the_callers_collector_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    before = (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count())
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("vcred ")
    assert (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()) == before


def test_a_process_ends_without_looking_for_garbage() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[1:] == ["False True"]
