# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which credentials a command of `vcred status` is about, as the command line says it."""

from collections.abc import Callable
from typing import Any

import click

from vcred.cli.inputs import naming, read_input
from vcred.errors import UsageError
from vcred.issuer.selection import ByHolder, ByIds, ByRow, Selection, parse_ids
from vcred.limits import MAX_IDS_FILE_BYTES


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument ID and `--row`, `--holder`, `--file` to a command."""
    options = (
        click.argument("identifier", metavar="[ID]", required=False),
        click.option("--row", metavar="ROW", help="Every credential of this row of a roster."),
        click.option(
            "--holder", metavar="DID", help="Every credential that was issued to this did:key or did:jwk."
        ),
        click.option("--file", metavar="FILE", help="A file of ids, one a line; - is stdin."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def read_selection(
    *, identifier: str | None, row: str | None, holder: str | None, file: str | None
) -> Selection:
    """Return what is named by exactly one of the four ways.

    Raises:
        UsageError: By none, or by several.
        StoreError: The file cannot be read.
        DecodeError: It is no file of ids.
    """
    if sum(way is not None for way in (identifier, row, holder, file)) != 1:
        raise UsageError(
            "name the credentials by one of ID, --row, --holder and --file",
            hint='"vcred status revoke HC0000001", or "vcred status revoke --file lost.txt"',
        )
    if not (identifier or row or "").isprintable():
        # What the shell could not read as text, too.
        raise UsageError("an id has no characters that cannot be shown")
    if row is not None:
        return ByRow(row)
    if holder is not None:
        return ByHolder(holder)
    if file is not None:
        with naming(file, hint="write one id a line; a line that begins with # is a comment"):
            return parse_ids(read_input(file, max_bytes=MAX_IDS_FILE_BYTES))
    assert identifier is not None
    return ByIds((identifier,))
