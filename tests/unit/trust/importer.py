# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process that imports one bundle and ends: `python -m tests.unit.trust.importer HOME BUNDLE SECONDS`."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from vcred.home import read_home
from vcred.trust.store import TrustStore


def main() -> None:
    home, bundle, seconds = sys.argv[1:]
    now = datetime.fromtimestamp(int(seconds), UTC)
    with TrustStore.open(read_home(Path(home)), clock=lambda: now) as store:
        store.import_bundle(Path(bundle).read_bytes())


if __name__ == "__main__":
    main()
