# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer's store and its published lists say of statuses, read a second time without vcred's code.

Spec: Token Status List sections 4.1 and 5.1.
"""

import json
import sqlite3
import zlib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.faults.issued import STORE_FILE
from tests.faults.issued_formats import base64url

REVOKED = 1


@dataclass(frozen=True)
class StatusFacts:
    """Of a store.

    `revoked`: list and index of each credential that is; `told`: how often the audit log tells of a
    credential's change; `tokens`: the newest of each list by URI.
    """

    revoked: set[tuple[str, int]]
    told: Counter[str]
    tokens: dict[str, str]

    def complaints(self, folder: Path | None = None) -> list[str]:
        """What does not fit together; with a folder, also of the lists that were written there."""
        complaints = [f"INV-14: a change is told {times} times" for times in self.told.values() if times > 1]
        if len(self.revoked) != len(self.told):
            complaints.append(f"INV-14: {len(self.revoked)} are revoked, {len(self.told)} are told")
        if folder is None:
            return complaints
        written = {file.name: file.read_text("ascii").strip() for file in folder.glob("*.jwt")}
        kept = {f"{uri.rpartition('/')[2]}.jwt": token for uri, token in self.tokens.items()}
        if written != kept:
            complaints.append("INV-6: another list is out than the one that is kept")
        shown = {(uri, index) for uri, token in self.tokens.items() for index in revoked_in(token)}
        if not self.revoked <= shown:
            complaints.append(f"INV-6: {len(self.revoked - shown)} revoked ones are not in the lists")
        return complaints


def status_facts(home: Path) -> StatusFacts:
    """Read a store."""
    with closing(sqlite3.connect(home / STORE_FILE)) as database:
        lists = {number: rest for number, *rest in database.execute("SELECT number, uri, token FROM list")}
        revoked = {
            (lists[number >> 32][0], index)
            for number, index in database.execute("SELECT id, idx FROM journal WHERE status = 1")
        }
        entries = [json.loads(entry) for (entry,) in database.execute("SELECT entry FROM audit")]
    return StatusFacts(
        revoked=revoked,
        told=Counter(entry["credential"] for entry in entries if entry["kind"] == "status"),
        tokens={uri: token for uri, token in lists.values() if token},
    )


def revoked_in(token: str) -> set[int]:
    """The indices that a status list token calls revoked."""
    told = json.loads(base64url(token.split(".")[1]))["status_list"]
    data, bits = zlib.decompress(base64url(told["lst"])), told["bits"]
    each = 8 // bits
    return {
        each * place + part
        for place, byte in enumerate(data)
        if byte
        for part in range(each)
        if byte >> bits * part & (1 << bits) - 1 == REVOKED
    }
