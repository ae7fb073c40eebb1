# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The only ways out: data on stdout, words on stderr, files by `vcred.files`.

Whatever is printed here passes the sanitiser (text) or is escaped (JSON): claims, names
and file names come from strangers, and a terminal obeys what it is sent (threats: CLI-01
to CLI-06). A reader who closes the pipe ends the output, never changes the exit code.
"""

import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from vcred.codec.json_types import JsonValue

MAX_LINE_CHARACTERS = 2000


def prepare_streams() -> None:
    """Let no locale make printing fail: what it cannot show is written as an escape (CLI-09)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def print_line(text: str) -> None:
    """Print one line of data on stdout; control characters in it become visible escapes."""
    _write(sys.stdout, _clean(text) + "\n")


def print_json(value: "JsonValue") -> None:
    """Print a value as indented JSON on stdout."""
    import json

    _write(sys.stdout, escape_json(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")


def say(text: str) -> None:
    """Print one line of words on stderr."""
    _write(sys.stderr, f"vcred: {_clean(text)}\n")


def complain(message: str, hint: str | None) -> None:
    """Print an error, and what to do about it, on stderr."""
    say(f"error: {message}")
    if hint is not None:
        say(f"hint: {hint}")


def write_data(data: bytes, out: str, *, mode: int = 0o644, overwrite: bool = False) -> None:
    """Write `data` to the file `out`, or to stdout when `out` is "-".

    With `overwrite` a file takes the place of an older one in one step: a reader sees one or the other.

    Raises:
        StoreError: The file exists, is a link, or cannot be written.
    """
    if out != "-":
        from pathlib import Path

        from vcred.files import write_atomic

        write_atomic(Path(out), data, mode=mode, overwrite=overwrite)
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _silence(sys.stdout)


def require_place(out: str) -> None:
    """See that a new file `out` can be written, before something is done that cannot be undone.

    Finds the usual mistakes. The disk may still be full, and somebody else may take the name.

    Raises:
        StoreError: The name is taken, also by a link, or the folder is missing or takes no file.
    """
    # Here, because only a command that can be too late needs them.
    from pathlib import Path
    from tempfile import TemporaryFile

    from vcred.files.system import translated

    place = Path(out)
    with translated("write", place):
        try:
            place.lstat()
        except FileNotFoundError:
            # It has no name, and is gone whatever happens.
            with TemporaryFile(dir=place.parent):
                return
        raise FileExistsError


def escape_json(text: str) -> str:
    """Escape, in a JSON text, every character that a terminal could obey or that hides others.

    The value stays the same: only its spelling changes.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    import unicodedata

    if character == "\n" or (character.isprintable() and not unicodedata.combining(character)):
        return character
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _clean(text: str) -> str:
    from vcred.text.sanitise import sanitise

    return sanitise(text, max_characters=MAX_LINE_CHARACTERS)


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Send the rest of the stream nowhere, so that the interpreter's last flush is quiet too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
