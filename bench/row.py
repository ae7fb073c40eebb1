# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is measured: one row, one goal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeAlias

Work: TypeAlias = Callable[[], object]
"""Do the operation once. What it needs was made before."""

U_MICROSECONDS = 90.0
"""U on the machine that goals in microseconds were set on."""


class Against(Enum):
    """What a row is measured against, in the same run; the value is how it is printed."""

    UNIT = "U"
    MICROSECONDS = f"us where U = {U_MICROSECONDS:.0f} us"
    PEER = "x peer"
    PYTHON = "x bare python"
    BYTES = "bytes"
    FDATASYNC = "x fdatasync"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An operation with its goal.

    Attributes:
        name: The operation.
        goal: The most it may take, in `against`.
        prepare: Make what the operation needs; return the operation alone, or with the
            peer's, which does the same work.
        against: U, microseconds, or the peer's time.
    """

    name: str
    goal: float
    prepare: Callable[[], Sequence[Work]]
    against: Against = Against.UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """A whole command with its goal, in the CPU time of a bare Python.

    Attributes:
        name: The command.
        goal: The most it may take.
        prepare: Make the files it needs; return the command.
        codes: The exit codes it may end with.
    """

    name: str
    goal: float
    prepare: Callable[[], Sequence[str]]
    codes: tuple[int, ...] = (0,)
    against: Against = Against.PYTHON


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRow:
    """A length with its goal, in bytes; `prepare` returns it."""

    name: str
    goal: float
    prepare: Callable[[], int]
    against: Against = Against.BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRow:
    """An operation that lasts so long, or can be done so few times, that it gets few turns beside U.

    Attributes:
        name: The operation.
        goal: The most that one of its things may take, in `against`: U or microseconds.
        prepare: Make what the operation needs for as many calls as it is given; return it.
        things: How many things one operation does.
        rounds: Turns. Two calls more are made before them, to see how long one lasts.
    """

    name: str
    goal: float
    prepare: Callable[[int], Work]
    things: int
    against: Against = Against.UNIT
    rounds: int = 3

    @property
    def calls(self) -> int:
        """How many times the operation is done."""
        return self.rounds + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableRow:
    """An operation that ends when the disk has it, in wall time of `fdatasync` of one page.

    Attributes:
        name: The operation.
        goal: The most it may take.
        prepare: Make what the operation needs for as many calls as it is given; return it and
            the folder that it writes in.
        before: How many times it is done before it is measured.
        turns: How many times it is measured.
    """

    name: str
    goal: float
    prepare: Callable[[int], tuple[Work, Path]]
    before: int = 400
    turns: int = 400
    against: Against = Against.FDATASYNC


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceRow:
    """What several processes do together, against others that do the same, in wall time.

    Attributes:
        name: The operation, and its peer.
        goal: The most it may take, in the peer's time.
        prepare: Make what both need; return the operation and its peer, which time themselves: a
            start is not to count.
        rounds: Turns.
    """

    name: str
    goal: float
    prepare: Callable[[], tuple[Callable[[], float], Callable[[], float]]]
    rounds: int = 3
    against: Against = Against.PEER


AnyRow: TypeAlias = Row | CommandRow | SizeRow | LongRow | DurableRow | RaceRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a row reached, in its own measure."""

    row: AnyRow
    value: float

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.row.goal
