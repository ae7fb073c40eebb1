# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a token's PIN: from a file that only its owner can read, or from a person, asked once."""

from pathlib import Path

from vcred.errors import StoreError, UsageError
from vcred.files import read_capped
from vcred.keys.custody import PinFile, PinSource
from vcred.keys.engines.private_mode import check_private
from vcred.limits import MAX_PIN_BYTES


def read_pin(source: PinSource) -> str:
    """Return the PIN; no message says what it is.

    Raises:
        StoreError: The file cannot be read, or others can read it.
        UsageError: Not 1 to 255 bytes of UTF-8 in one line.
    """
    data = _read_file(source.path) if isinstance(source, PinFile) else source.read()
    try:
        pin = data.decode("utf-8")
    except UnicodeDecodeError:
        # `from None`: the PIN must not travel in a traceback.
        raise UsageError("the PIN is not UTF-8") from None
    if not 0 < len(data) <= MAX_PIN_BYTES or not pin.isprintable():
        raise UsageError(f"a PIN is one line of 1 to {MAX_PIN_BYTES} bytes")
    return pin


def _read_file(path: Path) -> bytes:
    try:
        data = read_capped(path, max_bytes=MAX_PIN_BYTES + 2, from_pipe=True)
    except StoreError as error:
        error.hint = error.hint or "--pin-file or pin-source names the file that holds the PIN"
        raise
    check_private(path)
    return data.removesuffix(b"\n").removesuffix(b"\r")
