# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Gather all histories and write them out; folders that no scenario has any more are removed."""

import json
import shutil
from pathlib import Path

from tests.histories_read import CHECKPOINT, EXPECT, LOG, History
from tools.history_vectors.book import Book
from tools.history_vectors.checkpoints import add_checkpoints
from tools.history_vectors.did_lives import add_did_lives
from tools.history_vectors.dids import add_dids
from tools.history_vectors.distrusts import add_distrusts
from tools.history_vectors.foundings import add_foundings
from tools.history_vectors.leaves import add_leaves
from tools.history_vectors.networks import add_networks
from tools.history_vectors.statements import add_statements

# Checkpoints come last: they stand on histories of the others.
AREAS = (
    add_dids,
    add_did_lives,
    add_leaves,
    add_statements,
    add_distrusts,
    add_foundings,
    add_networks,
    add_checkpoints,
)


def write_histories(folder: Path) -> int:
    """Write `histories/` under `folder`; returns how many there are."""
    book = make_book()
    area = folder / "histories"
    shutil.rmtree(area, ignore_errors=True)
    for name, history in book.histories.items():
        _write(folder / name, history)
    return len(book.histories)


def make_book() -> Book:
    """Every history."""
    book = Book()
    for add in AREAS:
        add(book)
    return book


def _write(folder: Path, history: History) -> None:
    folder.mkdir(parents=True)
    (folder / LOG).write_bytes(b"".join(leaf + b"\n" for leaf in history.leaves))
    expect = json.dumps(history.expect, ensure_ascii=False, indent=1) + "\n"
    (folder / EXPECT).write_text(expect, encoding="utf-8")
    if history.checkpoint:
        (folder / CHECKPOINT).write_bytes(history.checkpoint)
