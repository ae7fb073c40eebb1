# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tables beside a roster's output: which rows were refused, flagged, or had gone to another key."""

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


def save_tables(summary: Summary, out: Path) -> None:
    """Write the tables of this run; one of a former run, of which this one has nothing to tell, goes.

    Raises:
        StoreError: The disk refuses.
    """
    _save(table_path(out, REFUSED), summary.refused)
    _save(table_path(out, FLAGGED), summary.flagged)
    _save(table_path(out, OTHER_KEY), summary.other_key)


def listed(out: Path | None, name: str) -> str:
    """Say where a table lies; nothing if there is none."""
    return "" if out is None else f", listed in {table_path(out, name)}"


def _save(path: Path, notes: tuple[RowNote, ...]) -> None:
    if not notes:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"cannot remove {path}, which an earlier run has written") from error
        return
    # A check that refused a row has made no output yet.
    if not path.parent.is_dir():
        make_private_folder(path.parent)
    write_atomic(path, encode_row_notes(notes), mode=0o600, overwrite=True)
