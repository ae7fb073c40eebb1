# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred` at another time, as a process: `python -m tests.terminal.at SECONDS ARGUMENTS`.

SECONDS is how far the clock is behind: it goes on, as clocks do.
"""

import sys
from datetime import UTC, datetime, timedelta

from vcred.cli.main import main


def run(seconds: str, *arguments: str) -> int:
    """Run the command line, with a clock that is so many seconds behind the machine's."""
    behind = timedelta(seconds=float(seconds))
    return main(arguments, clock=lambda: datetime.now(UTC) - behind)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
