# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Gather all scenarios and write them out; files that no scenario has any more are removed."""

import json
from collections.abc import Mapping
from pathlib import Path

from tools.verifier_vectors.book import Book, to_json
from tools.verifier_vectors.bundles import make_bundles
from tools.verifier_vectors.negatives import NEGATIVES
from tools.verifier_vectors.positives import add_positives
from tools.verifier_vectors.scene import make_scene


def write_all(folder: Path) -> int:
    """Write `bundles/` and `verifier/` under `folder`; returns how many vectors there are."""
    scene = make_scene()
    book = Book(scene=scene)
    add_positives(book)
    for add in NEGATIVES:
        add(book)
    bundles = {f"{name}.bundle": data for name, data in make_bundles(scene).items()}
    _write(folder / "bundles", {"network.json": scene.network_file, **bundles})
    for kind in ("valid", "invalid"):
        files = {
            f"{vector.id.partition('/')[2]}.json": _encode(to_json(vector))
            for vector in book.vectors.values()
            if vector.id.startswith(f"{kind}/")
        }
        _write(folder / "verifier" / kind, files)
    return len(book.vectors)


def _encode(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "surrogatepass")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.name not in files:
            old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
