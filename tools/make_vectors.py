# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Write tests/vectors anew. The same source gives the same bytes: `make vectors` leaves no diff.

Keys and salts come from public seeds (`tests/seeded_keys.py`): they are TEST KEYS.
"""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
VECTORS = PROJECT / "tests" / "vectors"


def main() -> None:
    """Write every area."""
    # The tools stand beside the package, not in it: only this script knows where.
    sys.path.insert(0, str(PROJECT))
    from tools.history_vectors.write import write_histories
    from tools.request_vectors.write import write_requests
    from tools.verifier_vectors.write import write_all

    made = f"{write_all(VECTORS)} vectors of the verifier, {write_histories(VECTORS)} histories"
    print(f"{made}, {write_requests(VECTORS)} requests")


if __name__ == "__main__":
    main()
