# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a stop has left what stands behind the certain end of a file, or somebody else wrote it.

A chunk waits as lines. A stop leaves lines of it, the last one torn anywhere, and after a power cut
blocks of NULs where something was not written yet. A line that is none of them is somebody else's,
and never ours to cut off.
"""

import re
from collections.abc import Sequence
from typing import Final

_LINE_END: Final = b"\n"
_UNWRITTEN: Final = re.compile(rb"\0+")


def is_torn(behind: bytes, lines: Sequence[bytes]) -> bool:
    """Say whether these bytes are what a stop may have left of lines that wait.

    Args:
        behind: What stands behind the end.
        lines: All lines that wait, each with its line end; a quoted cell may have more of them inside.
    """
    whole = b"".join(lines)
    known = frozenset(whole.split(_LINE_END)[:-1])
    first, *others = _UNWRITTEN.split(behind)
    return _begins(first, lines, known) and all(_is_part(part, whole, known) for part in others)


def _begins(part: bytes, lines: Sequence[bytes], known: frozenset[bytes]) -> bool:
    """Say whether a part is made of whole lines, and the beginning of one."""
    *full, last = part.split(_LINE_END)
    return known.issuperset(full) and (not last or any(line.startswith(last) for line in _rows(lines)))


def _is_part(part: bytes, whole: bytes, known: frozenset[bytes]) -> bool:
    """Say whether a part is made of whole lines between the end of one and the beginning of one."""
    first, *others = part.split(_LINE_END)
    if not others:
        return first in whole
    *full, last = others
    is_end_of_one = first + _LINE_END in whole
    return is_end_of_one and known.issuperset(full) and _LINE_END + last in _LINE_END + whole


def _rows(lines: Sequence[bytes]) -> Sequence[bytes]:
    return [row for line in lines for row in line.split(_LINE_END)]
