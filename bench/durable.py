# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What waits for the disk, against the disk alone: wall time, by turns with `fdatasync`."""

import os
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Final

from bench.row import Work

_PAGE: Final = os.urandom(4096)
# As many pages as SQLite writes to its log before it begins again at the front.
_PAGES: Final = 1000


def beside_fdatasync(work: Work, folder: Path, *, before: int, turns: int) -> float:
    """Return how many durable pages one operation lasts as long as, medians of turns.

    Args:
        work: The operation; it writes in `folder`.
        folder: On a disk.
        before: How many times it is done before anything is measured: files that grow are slow.
        turns: How many times each is done.
    """
    for _ in range(before):
        work()
    descriptor = os.open(folder / "pages", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, _PAGE * _PAGES, 0)
        os.fsync(descriptor)
        alone, whole = list[int](), list[int]()
        for turn in range(turns):
            # In place, as SQLite writes once its log has its size: that is the disk at its fastest.
            alone.append(_lasts(partial(_write, descriptor, turn % _PAGES)))
            whole.append(_lasts(work))
    finally:
        os.close(descriptor)
    return median(whole) / median(alone)


def _write(descriptor: int, page: int) -> None:
    os.pwrite(descriptor, _PAGE, page * len(_PAGE))
    os.fdatasync(descriptor)


def _lasts(work: Work) -> int:
    started = perf_counter_ns()
    work()
    return perf_counter_ns() - started
