# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The name of the file that a row's credential goes into. A row id is never trusted as a path."""

import hashlib
import re
from typing import Final

FILE_SUFFIX: Final = ".sdjwt"
SEALED_SUFFIX: Final = ".jwe"

# Names that mean the same on every system; two rows never share one, also where case does not count.
_PLAIN_NAME: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")


def file_name(row_id: str, copy: int, *, generation: int = 0, sealed: bool = False) -> str:
    """Return the file name of a row's credential.

    A plain id in capitals and digits is used as it stands; any other by its digest. A credential that
    takes the place of a former one, `NAME+1`, does not overwrite the former one's file.

    Args:
        copy: Of the copies of the row, from 0.
        generation: How often the row was issued anew.
        sealed: It is encrypted to the holder's key.
    """
    is_plain = _PLAIN_NAME.fullmatch(row_id) is not None
    stem = row_id if is_plain else f"row-{hashlib.sha256(row_id.encode()).hexdigest()[:32]}"
    again = f"+{generation}" if generation else ""
    which = f"~{copy}" if copy else ""
    return f"{stem}{again}{which}{SEALED_SUFFIX if sealed else FILE_SUFFIX}"
