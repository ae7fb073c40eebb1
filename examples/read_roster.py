# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Look through a roster before issuing: which rows would be refused, and why.

python examples/read_roster.py health-code examples/rosters/health_codes_dirty.csv
python examples/read_roster.py health-code examples/rosters/health_codes_gb18030.csv gb18030
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from vcred.credential.type_definition import shipped_type, shipped_type_names
from vcred.errors import StoreError, VcredError
from vcred.issuer.engines.rosters.csv_reader import ENCODINGS
from vcred.issuer.engines.rosters.roster_file import open_rows
from vcred.issuer.roster import RowNote
from vcred.issuer.roster_pass import RosterPass
from vcred.issuer.row_reader import RowReader
from vcred.text.sanitise import sanitise


def main(arguments: list[str]) -> int:
    """Look through the roster that is named on the command line."""
    parser = argparse.ArgumentParser(description="Look through a roster before issuing")
    parser.add_argument("type", choices=shipped_type_names())
    parser.add_argument("roster", type=Path)
    parser.add_argument("encoding", nargs="?", default="utf-8", choices=ENCODINGS)
    given = parser.parse_args(arguments)
    try:
        return look_through(given.type, given.roster, given.encoding)
    except StoreError as error:
        parser.exit(4, f"{parser.prog}: error: {given.roster}: {error}\n")
    except VcredError as error:
        parser.exit(1, f"{parser.prog}: error: {error}\n")


def look_through(type_name: str, path: Path, encoding: str) -> int:
    """Print refused and flagged rows; exit code 1 if a row was refused."""
    ready = refused = 0
    definition = shipped_type(type_name)
    with open_rows(path, encoding) as file:
        roster = RosterPass(definition, file.header)
        reader = RowReader(definition, file.header, encoding=encoding, now=datetime.now(UTC))
        for raw in file.rows:
            row_id = None if raw.fault else roster.row_id(raw.cells)
            is_repeated = row_id is not None and roster.has_met_row(row_id)
            row = reader.read(raw.line, raw.cells, raw.fault, numbers=raw.numbers, is_repeated=is_repeated)
            if isinstance(row, RowNote):
                refused += 1
                print(f"line {row.line}, {sanitise(row.row_id)}: refused, {row.column}: {row.rule}")
                continue
            ready += 1
            for flag in (*row.flags, *roster.person_flags(row.row_id, raw.line, raw.cells)):
                print(f"line {flag.line}, {sanitise(flag.row_id)}: look at {flag.column}: {flag.rule}")
    print(f"{ready} rows ready, {refused} refused")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
