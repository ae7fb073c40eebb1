# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a test needs of the machine it runs on: programs, libraries, folders.

Whatever can be installed is there in CI, so that its absence is a failure there and a skip
elsewhere. Only what the kernel or the file system refuses is a skip everywhere, and says so.
"""

import os

import pytest


def require(found: object, problem: str) -> None:
    """Skip the test if what it needs was not found; fail it where CI=true.

    Args:
        found: True of it if it is there.
        problem: What is missing, and what is not tested without it.
    """
    if found:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)
