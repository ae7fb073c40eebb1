# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Says what is wrong with an issued roster: output, receipts and journal, held against one another.

    INV-4   no place in a status list is given twice
    INV-5   no credential is out whose entry is not in the journal
    ISS-17  a row is issued once, and not left out
    PRV-05  nothing of a credential is left where it does not belong

A complaint is a line that begins so; none is what a test wants to see.
"""

import base64
import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import base58
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
)

from tests.faults.issued_formats import (
    Entry,
    disclosed,
    is_signed_by,
    payload_of,
    read_journal,
    read_receipts,
    read_written,
)

STORE_FILE = "issuer.sqlite"
_SHOWN = 3
# The two lines that every mark begins with; what an issuer notes under them has no form of a credential.
_MARK = re.compile(rb"\d{1,16}\n\d+:(\d+|-)\n([0-9a-f:. -]{1,200}\n)?", re.ASCII)
_MAX_MARK_BYTES = 512
# What stands in no credential under the name that it has in the roster.
_IDENTITY = ("name", "name_latin", "region", "id_type", "id_number", "birth_date")


@dataclass(frozen=True)
class Place:
    """What one source says of one row: id of the credential, list, index."""

    credential_id: str | None
    uri: str
    index: int


def read_roster(file: Path) -> dict[str, dict[str, str]]:
    """Every row of a roster in CSV, by row id."""
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["row_id"]: row for row in csv.DictReader(rows)}


def complaints_of_issue(
    home: Path,
    out: Path,
    row_ids: Iterable[str],
    *,
    elsewhere: Collection[str] = (),
    temporary_in: Sequence[Path] = (),
) -> list[str]:
    """Hold an output that should be whole against its receipts and the journal, every row of them.

    Args:
        home: The issuer's.
        out: A folder, or a file of lines.
        row_ids: Of the roster: each of them, and nothing else, should be there once.
        elsewhere: Rows that were issued into another output.
        temporary_in: Folders in which no unfinished file may lie.
    """
    expected = set(row_ids)
    written = [(item.row_id, _place_of(item.credential_id, item.text)) for item in read_written(out)]
    receipts = read_receipts(out)
    entries, waiting = read_journal(home / STORE_FILE)
    entries = [entry for entry in entries if entry.row_id not in elsewhere]
    told = [(item["row_id"], _receipt_place(item)) for item in receipts]
    kept = [(item.row_id, Place(item.credential_id, item.uri, item.index)) for item in entries]
    complaints = [f"PRV-05: chunks wait in the outbox: {waiting}"] * bool(waiting)
    for source, rows in (("output", written), ("receipts", told), ("journal", kept)):
        complaints += [f"{line} ({source})" for line in _counted(rows, expected)]
    journal = dict(kept)
    complaints += _disagreeing(dict(written), journal, "INV-5: a credential is not what the journal says")
    complaints += _disagreeing(dict(told), journal, "ISS-17: a receipt is not what the journal says")
    complaints += _some("PRV-05: an entry waits", [entry.row_id for entry in entries if entry.waits])
    complaints += _of_deals(entries)
    states = Counter(receipt["state"] for receipt in receipts)
    complaints += [f"a receipt says {state}" for state in states if state != "delivered"]
    complaints += [f"PRV-05: {path} is left" for path in _unfinished([out.parent, home, *temporary_in])]
    return complaints


def complaints_of_part(home: Path, out: Path, *, elsewhere: Collection[str] = ()) -> list[str]:
    """Hold what has left so far against the journal.

    Each can be revoked (INV-5), nothing is doubled, and what waits no longer in the outbox is there.
    """
    if not (home / STORE_FILE).exists():
        return ["INV-5: credentials are out"] * out.exists()
    entries, _ = read_journal(home / STORE_FILE)
    journal = {item.row_id: Place(item.credential_id, item.uri, item.index) for item in entries}
    written = [(item.row_id, _place_of(item.credential_id, item.text)) for item in read_written(out)]
    complaints = [*_counted(written, {row_id for row_id, _ in written})]
    unknown = [row_id for row_id, _ in written if row_id not in journal]
    complaints += _some("INV-5: a credential is out and not in the journal", unknown)
    here = {row_id for row_id, _ in written}
    lost = [item.row_id for item in entries if not item.waits and item.row_id not in {*here, *elsewhere}]
    complaints += _some("ISS-17: a credential was delivered and is not there", lost)
    words = "INV-5: a credential is not what the journal says"
    return [*complaints, *_disagreeing(dict(written), journal, words), *_of_deals(entries)]


def complaints_of_sample(
    out: Path, roster: Mapping[str, Mapping[str, str]], sample: frozenset[str], key: EllipticCurvePublicKey
) -> list[str]:
    """Of some rows: the signature holds, and person, holder and list are those of the row."""
    complaints, seen = [], 0
    for item in read_written(out):
        if item.row_id not in sample:
            continue
        seen += 1
        row, payload = roster[item.row_id], payload_of(item.text)
        if not is_signed_by(item.text, key):
            complaints.append(f"{item.row_id}: the signature does not hold")
        claims = disclosed(item.text)
        if any(claims.get(name) != row[name] for name in _IDENTITY):
            complaints.append(f"{item.row_id}: it is another person's")
        if (payload["colour"], payload["valid_until"]) != (row["colour"], row["valid_until"]):
            complaints.append(f"{item.row_id}: it says something else than the row")
        if not _is_bound(payload["cnf"]["jwk"], row["holder"]):
            complaints.append(f"{item.row_id}: it is bound to another key")
    if seen != len(sample):
        complaints.append(f"{len(sample)} rows were to be looked at, {seen} are there")
    return complaints


def _place_of(credential_id: str | None, text: str) -> Place:
    listed = payload_of(text)["status"]["status_list"]
    return Place(credential_id, listed["uri"], listed["idx"])


def _receipt_place(receipt: Mapping[str, str]) -> Place:
    return Place(receipt["credential_id"], receipt["status_uri"], int(receipt["status_index"]))


def _counted(rows: Sequence[tuple[str, Place]], expected: set[str]) -> Iterator[str]:
    """Rows and places must be there once; ids too, where the source has them."""
    times = Counter(row_id for row_id, _ in rows)
    doubled = [row_id for row_id, number in times.items() if number > 1]
    yield from _some("ISS-17: a row is there twice", doubled)
    yield from _some("ISS-17: a row is missing", expected - times.keys())
    yield from _some("ISS-17: a row is not of the roster", times.keys() - expected)
    places = Counter((place.uri, place.index) for _, place in rows)
    yield from _some("INV-4: a place is given twice", [item for item, number in places.items() if number > 1])
    ids = Counter(place.credential_id for _, place in rows if place.credential_id is not None)
    yield from _some("an id is given twice", [item for item, number in ids.items() if number > 1])


def _disagreeing(said: Mapping[str, Place], journal: Mapping[str, Place], words: str) -> Iterator[str]:
    """Two sources must say the same of each row that both have; a file alone has no id in it."""
    other = []
    for row_id in said.keys() & journal.keys():
        here, there = said[row_id], journal[row_id]
        is_same_id = here.credential_id in (None, there.credential_id)
        if not is_same_id or (here.uri, here.index) != (there.uri, there.index):
            other.append(row_id)
    yield from _some(words, other)


def _of_deals(entries: Sequence[Entry]) -> Iterator[str]:
    undealt = [entry.row_id for entry in entries if not entry.is_dealt or entry.index != entry.deck_index]
    yield from _some("INV-4: a place was never dealt", undealt)


def _is_bound(jwk: Mapping[str, Any], did: str) -> bool:
    """Whether a did:key on P-256 names this key: a multicodec of two bytes, then a compressed point."""
    point = base58.b58decode(did.removeprefix("did:key:z"))[2:]
    numbers = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point).public_numbers()
    named = [int.from_bytes(base64.urlsafe_b64decode(f"{jwk[name]}="), "big") for name in ("x", "y")]
    return [numbers.x, numbers.y] == named


def _unfinished(folders: Iterable[Path]) -> list[str]:
    return [
        path.name
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if re.search(r"tmp|journal$|~$", path.name) and not _is_part_of_mark(path)
    ]


def _is_part_of_mark(path: Path) -> bool:
    """Whether it is a mark that never got its name, which may lie beside a store, or its beginning."""
    with path.open("rb") as file:
        data = file.read(_MAX_MARK_BYTES + 1)
    return data == b"" or _MARK.fullmatch(data) is not None


def _some(words: str, found: Iterable[object]) -> Iterator[str]:
    """One line for them all, with the first few."""
    items = sorted(map(str, found))
    if items:
        yield f"{words}: {len(items)}, as {', '.join(items[:_SHOWN])}"
