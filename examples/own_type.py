# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A credential type of one's own: read its file, name its claims, hold a roster against it.

    python examples/own_type.py

`own_type.json` is the definition, `own_type.csv` a roster for it. Once an authority has put
the definition on its ledger (`vcred type add examples/own_type.json`) and accredited an
issuer for it, that issuer runs `vcred issue library-card --roster examples/own_type.csv --out cards`.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from vcred.credential.type_definition import parse_type_definition
from vcred.issuer.engines.rosters.csv_reader import read_rows
from vcred.issuer.roster import RowNote
from vcred.issuer.row_reader import RowReader
from vcred.text.sanitise import sanitise

HERE = Path(__file__).parent


def main() -> None:
    """Print what the type is called, and what came of each row."""
    argparse.ArgumentParser(description="Show a type of one's own, and hold a roster against it").parse_args()
    definition = parse_type_definition((HERE / "own_type.json").read_bytes())
    print(f"{definition.name} {definition.version}, SHA-256 {definition.digest.hex()}")
    for path in definition.claims:
        print(f"  {path:18} {definition.label(path, 'en'):24} {definition.label(path, 'zh-Hant')}")
    with (HERE / "own_type.csv").open("rb") as file:
        rows = read_rows(file, "utf-8")
        reader = RowReader(definition, next(rows).cells, encoding="utf-8", now=datetime.now(UTC))
        for raw in rows:
            row = reader.read(raw.line, raw.cells, raw.fault)
            outcome = f"{row.column}: {row.rule}" if isinstance(row, RowNote) else "ready"
            print(f"row {sanitise(row.row_id)}: {outcome}")


if __name__ == "__main__":
    main()
