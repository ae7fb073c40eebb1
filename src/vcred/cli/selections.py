# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which credentials a command of `vcred status` is about, as the command line says it."""

from collections.abc import Callable
from typing import Any

import click

from vcred.cli.inputs import naming, read_input
from vcred.errors import KeyMaterialError, RefusedError, UsageError
from vcred.issuer.possession import resolve_holder
from vcred.issuer.selection import ByHolder, ByIds, ByRow, Selection, parse_ids
from vcred.limits import MAX_IDS_FILE_BYTES

_IDS_HINT = (
    "write one id a line; a line that begins with # is a comment; the credential ids of a table of"
    ' receipts: "cut -d, -f2 receipts.csv | tail -n +2"'
)


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument ID and `--row`, `--holder`, `--file` to a command."""
    options = (
        click.argument("identifier", metavar="[ID]", required=False),
        click.option("--row", metavar="ROW", help="Every credential of this row of a roster."),
        click.option(
            "--holder", metavar="DID", help="Every credential that was issued to this did:key or did:jwk."
        ),
        click.option("--file", metavar="FILE", help='A file of ids, one a line; "-" is stdin.'),
    )
    for option in reversed(options):
        function = option(function)
    return function


def read_selection(
    command: str, *, identifier: str | None, row: str | None, holder: str | None, file: str | None
) -> Selection:
    """Return what is named by exactly one of the four ways.

    Args:
        command: What the person has typed so far, "vcred status show": hints begin with it.
        identifier: The argument ID.
        row, holder, file: The options of these names.

    Raises:
        UsageError: By none, or by several, or the holder is no DID of a usable key.
        StoreError: The file cannot be read.
        DecodeError: It is no file of ids.
    """
    if sum(way is not None for way in (identifier, row, holder, file)) != 1:
        raise UsageError(
            "name the credentials by one of ID, --row, --holder and --file",
            hint=f'"{command} HC0000001", or "{command} --file ids.txt" with one id a line for several',
        )
    if holder is not None:
        return _by_holder(holder)
    if file is not None:
        return read_ids(file)
    return _by_name(identifier=identifier, row=row)


def read_row(command: str, *, identifier: str | None, row: str | None) -> ByIds | ByRow:
    """Return what is named by ID or by `--row`, where only one row can be meant.

    Raises:
        UsageError: By neither, or by both.
    """
    if (identifier is None) == (row is None):
        raise UsageError("name the row by ID or by --row", hint=f'"{command} --row HC0000001"')
    return _by_name(identifier=identifier, row=row)


def read_ids(file: str) -> ByIds:
    """Read a file of ids, or stdin when `file` is "-".

    Raises:
        StoreError: The file cannot be read.
        DecodeError: It is no file of ids.
    """
    with naming(file, hint=_IDS_HINT):
        return parse_ids(read_input(file, max_bytes=MAX_IDS_FILE_BYTES))


def _by_name(*, identifier: str | None, row: str | None) -> ByIds | ByRow:
    if not (identifier or row or "").isprintable():
        # What the shell could not read as text, too.
        raise UsageError("an id has no characters that cannot be shown")
    if row is not None:
        return ByRow(row)
    assert identifier is not None
    return ByIds((identifier,))


def _by_holder(did: str) -> ByHolder:
    try:
        resolve_holder(did)
    except (RefusedError, KeyMaterialError) as error:
        raise UsageError(
            f"--holder: {error}",
            hint="give the whole did:key or did:jwk, as it stands in the file of holders",
        ) from error
    return ByHolder(did)
