# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`party.json`: what a home knows of its own organisation. Private, written in one step."""

from pathlib import Path
from typing import Final

from vcred.codec.fields import optional_text
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.files import read_capped, write_atomic
from vcred.home import PARTY_FILE

FILE_NAME: Final = PARTY_FILE
_MAX_BYTES: Final = 64 * 1024


class PartyFile:
    """The file in a home, and what it says; empty while there is none."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE_NAME
        there = self._file.exists()
        self.known: JsonObject = (
            decode_json_object(read_capped(self._file, max_bytes=_MAX_BYTES)) if there else {}
        )

    @property
    def did(self) -> str | None:
        """The organisation's DID, if it has made one."""
        return optional_text(self.known, "did")

    def keep(self, members: JsonObject) -> None:
        """Write what is known, and this too, in one step. Raises StoreError."""
        known = self.known | members
        write_atomic(self._file, encode_jcs(known) + b"\n", mode=0o600, overwrite=self._file.exists())
        self.known = known
