# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Look through a roster before issuing: which rows would be refused, and why.

python examples/read_roster.py health-code examples/rosters/health_codes_dirty.csv
python examples/read_roster.py health-code examples/rosters/health_codes_gb18030.csv gb18030
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from vcred.credential.type_definition import shipped_type
from vcred.issuer.engines.csv_reader import read_rows
from vcred.issuer.roster import RowNote
from vcred.issuer.roster_pass import RosterPass
from vcred.text.sanitise import sanitise


def main(type_name: str, path: str, encoding: str = "utf-8") -> int:
    """Print refused and flagged rows; exit code 1 if a row was refused."""
    ready = refused = 0
    with Path(path).open("rb") as file:
        rows = read_rows(file, encoding)
        header = next(rows).cells
        roster = RosterPass(shipped_type(type_name), header, encoding=encoding, now=datetime.now(UTC))
        for raw in rows:
            row = roster.read(raw.line, raw.cells, raw.fault)
            if isinstance(row, RowNote):
                refused += 1
                print(f"line {row.line}, {sanitise(row.row_id)}: refused, {row.column}: {row.rule}")
                continue
            ready += 1
            for flag in row.flags:
                print(f"line {flag.line}, {sanitise(flag.row_id)}: look at {flag.column}: {flag.rule}")
    print(f"{ready} rows ready, {refused} refused")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
