# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a run that was killed left in the folder it wrote to: files that never got their names."""

import re
from pathlib import Path
from typing import Final

from vcred.errors import StoreError

# As `files.write_atomic` names a file that is not whole yet.
_UNFINISHED: Final = re.compile(r"\.[0-9a-f]{16}\.tmp", re.ASCII)


def remove_unfinished(folder: Path) -> None:
    """Remove unfinished files: they hold signed text, or half of it, which the journal has whole.

    Args:
        folder: Locked by the caller (`files.lock_folder`): no run is writing into it now.

    Raises:
        StoreError: The system refuses.
    """
    try:
        for path in folder.iterdir():
            if _UNFINISHED.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot tidy {folder}: {(error.strerror or 'refused').lower()}") from error
