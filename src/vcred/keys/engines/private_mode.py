# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Files that hold a secret in the clear: others must not be able to read them."""

from pathlib import Path
from typing import Final

from vcred.errors import StoreError

_OTHERS: Final = 0o077


def check_private(path: Path) -> None:
    """Refuse a file that others can read.

    Raises:
        StoreError: They can, or the file is gone.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise StoreError(f"cannot read {path}") from error
    if mode & _OTHERS:
        raise StoreError(f"others can read {path}", hint=f"chmod 600 {path}")
