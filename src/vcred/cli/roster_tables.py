# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tables beside a roster's output: which rows were refused, flagged, or had gone to another key.

They are written anew by each run, and go if there is nothing to tell. So a table that does not begin as
those of vcred do is somebody's own: it is neither overwritten nor removed.
"""

import errno
import os
import stat
from pathlib import Path
from typing import Final

from vcred.errors import StoreError
from vcred.files import make_private_folder, write_atomic
from vcred.issuer.engines.outputs.output import table_path
from vcred.issuer.receipts import encode_row_notes
from vcred.issuer.roster import RowNote
from vcred.issuer.summary import Summary

REFUSED: Final = "refused"
FLAGGED: Final = "flagged"
OTHER_KEY: Final = "other_key"

_HEADER: Final = encode_row_notes(())


def check_tables(out: Path) -> None:
    """Refuse, before anything is issued, an output whose tables are not vcred's.

    Raises:
        StoreError: A file of another kind has the name of one.
    """
    for name in (REFUSED, FLAGGED, OTHER_KEY):
        _is_there(table_path(out, name))


def save_tables(summary: Summary, out: Path) -> None:
    """Write the tables of this run; one of a former run, of which this one has nothing to tell, goes.

    Raises:
        StoreError: The disk refuses, or one is not vcred's.
    """
    _save(table_path(out, REFUSED), summary.refused)
    _save(table_path(out, FLAGGED), summary.flagged)
    _save(table_path(out, OTHER_KEY), summary.other_key)


def listed(out: Path | None, name: str) -> str:
    """Say where a table lies; nothing if there is none."""
    return "" if out is None else f", listed in {table_path(out, name)}"


def _save(path: Path, notes: tuple[RowNote, ...]) -> None:
    is_there = _is_there(path)
    if not notes:
        if is_there:
            _remove(path)
        return
    # A check that refused a row has made no output yet.
    if not path.parent.is_dir():
        make_private_folder(path.parent)
    write_atomic(path, encode_row_notes(notes), mode=0o600, overwrite=True)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot remove {path}, which an earlier run has written") from error


def _is_there(path: Path) -> bool:
    """Say whether a run has left a table.

    Raises:
        StoreError: What has its name does not begin as such a table does, or cannot be read.
    """
    try:
        # A pipe that nobody writes into would be waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        # Not a path at all: whoever opens the output says so.
        return False
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _not_ours(path) from error
        raise StoreError(f"cannot read {path}: {(error.strerror or 'refused').lower()}") from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode) or os.read(handle, len(_HEADER)) != _HEADER:
            raise _not_ours(path)
    finally:
        os.close(handle)
    return True


def _not_ours(path: Path) -> StoreError:
    return StoreError(
        f"{path} exists already, and is no table of vcred's",
        hint="move it away, or choose another place for the output",
    )
