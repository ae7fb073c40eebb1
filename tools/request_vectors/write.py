# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Gather all requests and write them out; files that no vector has any more are removed."""

import json
from collections.abc import Mapping
from pathlib import Path

from tools.request_vectors.book import Book, make_town
from tools.request_vectors.invalid import add_invalid
from tools.request_vectors.valid import add_valid


def write_requests(folder: Path) -> int:
    """Write `requests/` under `folder`; returns how many vectors there are."""
    book = Book(town=make_town())
    add_valid(book)
    add_invalid(book)
    place = folder / "requests"
    _write(place / "ledger", {"network.json": book.town.network_file, "basic.bundle": book.town.bundle})
    for kind in ("valid", "invalid"):
        files = {
            f"{name.rpartition('/')[2]}.json": (
                json.dumps(vector, ensure_ascii=False, indent=2) + "\n"
            ).encode()
            for name, vector in book.vectors.items()
            if name.startswith(f"requests/{kind}/")
        }
        _write(place / kind, files)
    return len(book.vectors)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.name not in files:
            old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
