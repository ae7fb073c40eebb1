# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issue a roster as a process: `python -m tests.unit.issuer.run.runner HOME ROSTER OUT WORKERS`.

Chunks are small, so that a small roster has many.
"""

import sys
from pathlib import Path
from unittest.mock import patch

from tests.unit.issuer.run.homes import issue
from vcred.errors import StoreError
from vcred.issuer.engines.runs import roster_chunks

CHUNK_ROWS = 6


def main() -> int:
    home, roster, out, workers = sys.argv[1:]
    with patch.object(roster_chunks, "CHUNK_CREDENTIALS", CHUNK_ROWS):
        try:
            summary = issue(
                Path(home),
                Path(roster),
                Path(out),
                workers=int(workers),
                on_progress=lambda progress: print(progress.issued, flush=True),
            )
        except StoreError as error:
            print(f"vcred: error: {error}", file=sys.stderr)
            return 4
    print("done", summary.issued, summary.skipped, summary.refused_count, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
