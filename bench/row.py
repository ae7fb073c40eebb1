# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is measured: one row, one goal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
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
class Reached:
    """What a row reached, in its own measure."""

    row: Row | CommandRow | SizeRow
    value: float

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.row.goal
