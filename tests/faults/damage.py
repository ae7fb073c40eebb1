# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Damage files: cut their tails, zero or age their sectors, flip their bits. And say what came of it."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from vcred.errors import VcredError

SECTOR: Final = 512
T = TypeVar("T")

Content: TypeAlias = tuple[object, ...]
"""What a store holds, in an order of its own."""


class Outcome(StrEnum):
    """What a damaged store says."""

    WHOLE = "whole"
    EARLIER = "earlier"
    REFUSED = "refused"
    OTHER = "other"


@dataclass(frozen=True)
class Files:
    """The files of a store by the ends of their names, as they lay at one moment."""

    content: dict[str, bytes]

    @classmethod
    def of(cls, file: Path) -> "Files":
        """Those of a database, as a power cut would leave them."""
        names = {"": file, "-wal": file.with_name(f"{file.name}-wal")}
        return cls({end: path.read_bytes() for end, path in names.items() if path.exists()})

    def put(self, file: Path) -> None:
        """Lay them down in a home that has no such store yet."""
        for end, content in self.content.items():
            file.with_name(f"{file.name}{end}").write_bytes(content)

    def replaced(self, end: str, content: bytes) -> "Files":
        """With another content of one file."""
        return Files({**self.content, end: content})


def torn_tails(files: Files, end: str, number: int) -> Iterator[Files]:
    """One file cut at each of its last bytes."""
    content = files.content[end]
    for length in range(max(0, len(content) - number), len(content)):
        yield files.replaced(end, content[:length])


def bad_sectors(files: Files, end: str, older: bytes) -> Iterator[Files]:
    """Each sector of one file all zero, and each as it was before."""
    content = files.content[end]
    for start in range(0, len(content), SECTOR):
        for sector in (bytes(SECTOR), older[start : start + SECTOR]):
            if len(sector) == SECTOR and sector != content[start : start + SECTOR]:
                yield files.replaced(end, content[:start] + sector + content[start + SECTOR :])


def flipped_bits(content: bytes, number: int, *, seed: int = 0) -> Iterator[tuple[int, bytes]]:
    """The place of a bit, and the content with that one flipped; all different."""
    for place in random.Random(seed).sample(range(8 * len(content)), min(number, 8 * len(content))):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        yield place, bytes(flipped)


def sampled(cases: Sequence[T], number: int) -> list[T]:
    """So many of them, always the same for as many."""
    return random.Random(len(cases)).sample(cases, min(number, len(cases)))


def judge(read: Callable[[], Content], whole: Content, is_earlier: Callable[[Content], bool]) -> Outcome:
    """Read a damaged store. Only an error of vcred's own is a refusal.

    Args:
        read: Opens the store and gives what it holds, in order.
        whole: What it held before.
        is_earlier: Whether it once held that.
    """
    try:
        found = read()
    except VcredError:
        return Outcome.REFUSED
    if found == whole:
        return Outcome.WHOLE
    return Outcome.EARLIER if is_earlier(found) else Outcome.OTHER
