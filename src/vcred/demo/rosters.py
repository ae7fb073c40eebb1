# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The rosters that the demo reads: real formats, synthetic people. They ship in `examples/`."""

from dataclasses import dataclass
from pathlib import Path

from vcred.errors import StoreError
from vcred.files import read_capped

MAX_ROSTER_BYTES = 4 * 1024 * 1024
_PACKAGED = Path(__file__).parent / "rosters"
_IN_CHECKOUT = Path(__file__).parents[3] / "examples" / "rosters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A roster file and its encoding."""

    name: str
    encoding: str

    def first_rows(self, rows: int) -> bytes:
        """The header and the first rows, in the file's own encoding.

        Raises:
            StoreError: The examples are not there.
        """
        # None of the encodings used has a line feed inside a character.
        lines = read_capped(_folder() / self.name, max_bytes=MAX_ROSTER_BYTES).split(b"\n")
        return b"\n".join(lines[: rows + 1]) + b"\n"

    def row_ids(self, rows: int) -> list[str]:
        """The ids of the first rows: the first column."""
        return [line.split(b",")[0].decode("ascii") for line in self.first_rows(rows).split(b"\n")[1:-1]]


HEALTH_GD = Roster(name="health_codes_gb18030.csv", encoding="gb18030")
HEALTH_MO = Roster(name="health_codes_big5hkscs.csv", encoding="big5hkscs")
CERTIFICATES = Roster(name="professional_certificates.csv", encoding="utf-8")


def _folder() -> Path:
    for folder in (_PACKAGED, _IN_CHECKOUT):
        if folder.is_dir():
            return folder
    raise StoreError("the example rosters are not there", hint="run the demo from a checkout of the project")
