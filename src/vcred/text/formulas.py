# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Text that a spreadsheet would compute instead of show.

A name such as `=HYPERLINK(...)` in a table that somebody opens later runs on that person's
machine. Inside vcred it stays what it is, a text; on the way into a table it gets an
apostrophe, which spreadsheets take for "this is text".

Spec: threats ISS-18.
"""

import re
from typing import Final

# Spaces, and what does not show, are skipped: some programs drop them when they open a table.
_SKIPPED: Final = "\\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_SIGNS: Final = "=+\\-@＝＋－＠﹢﹣﹦﹫−"
_FORMULA: Final = re.compile(f"[\t\r\n]|[{_SKIPPED}]*[{_SIGNS}]")
# In half the world a spreadsheet parts the cells of a table at semicolons, quoted or not.
_INNER: Final = re.compile(f"(;)(?=[{_SKIPPED}]*[{_SIGNS}])")


def is_formula_like(cell: str) -> bool:
    """Say whether a spreadsheet might take a cell for a formula; full-width signs count."""
    return _FORMULA.match(cell) is not None


def neutralise(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would compute instead of show."""
    inner = _INNER.sub(r"\1'", cell) if ";" in cell else cell
    return f"'{inner}" if is_formula_like(cell) else inner
