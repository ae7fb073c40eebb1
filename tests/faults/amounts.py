# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How much of each experiment runs: enough to notice, or the full number before a release."""

import os

FULL = os.environ.get("VCRED_FAULTS") == "full"


def amount(subset: int, full: int) -> int:
    """The number for the subset that runs with all tests, or the full one."""
    return full if FULL else subset
