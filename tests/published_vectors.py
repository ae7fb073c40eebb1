# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where the vectors lie that others published. They are not copied into the project."""

import os
from pathlib import Path

from tests.machine import require

_BESIDE_THE_PROJECT = Path(__file__).parents[2] / "shared" / "vectors"
_HINT = "published vectors not found: set VCRED_VECTORS to their folder"


def published(folder: str) -> Path:
    """Return a folder of vectors; skip the test if it is not there, but fail where CI=true.

    `folder` is a path below $VCRED_VECTORS, such as "w3c/vc-di-eddsa".
    """
    path = Path(os.environ.get("VCRED_VECTORS") or _BESIDE_THE_PROJECT) / folder
    require(path.is_dir(), _HINT)
    return path
