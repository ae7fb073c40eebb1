# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that may never come back: each is made in a thread of its own, and waited for only so long.

A call into a library cannot be stopped. When its time is over the caller goes on without it; the
thread stays with the call, and is free for another one if the call ever ends. The threads are
daemons: a library that hangs does not keep the process from ending.
"""

from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, LifoQueue, SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from vcred.keys.hsm_errors import HsmSlowError

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any
    error: BaseException | None


class _Lane(Generic[S]):
    """One thread and what it works with."""

    def __init__(self, seat: S, free: "LifoQueue[_Lane[S]]") -> None:
        self._seat = seat
        self._free = free
        self._calls: SimpleQueue[tuple[Callable[[S], Any], SimpleQueue[_Outcome]]] = SimpleQueue()
        Thread(target=self._serve, daemon=True, name="vcred-token").start()

    def call(self, work: Callable[[S], T], *, seconds: float) -> T:
        answer: SimpleQueue[_Outcome] = SimpleQueue()
        self._calls.put((work, answer))
        try:
            outcome = answer.get(timeout=seconds)
        except Empty:
            raise _slow(seconds) from None
        if outcome.error is not None:
            raise outcome.error
        value: T = outcome.value
        return value

    def _serve(self) -> None:
        while True:
            work, answer = self._calls.get()
            try:
                outcome = _Outcome(work(self._seat), None)
            except BaseException as error:  # noqa: BLE001  Handed on to the caller, whatever it is.
                outcome = _Outcome(None, error)
            # First free, then answered: the caller's next call finds this lane.
            self._free.put(self)
            answer.put(outcome)
            del work, answer, outcome


class Lanes(Generic[S]):
    """At most `size` lanes, made when needed. Each has a seat of its own, which no other thread touches.

    Args:
        make_seat: Makes what a lane works with; called in the caller's thread, must not block.
        size: How many calls may be under way at a time.
    """

    def __init__(self, make_seat: Callable[[], S], *, size: int) -> None:
        self._make_seat = make_seat
        self._free: LifoQueue[_Lane[S]] = LifoQueue()
        self._left = size
        self._lock = Lock()

    def call(self, work: Callable[[S], T], *, seconds: float) -> T:
        """Run `work` with a seat and return what it returns, or raise what it raises.

        Raises:
            HsmSlowError: No lane was free, or no answer came, within `seconds` each.
        """
        return self._take(seconds).call(work, seconds=seconds)

    def _take(self, seconds: float) -> _Lane[S]:
        try:
            return self._free.get_nowait()
        except Empty:
            pass
        with self._lock:
            if self._left:
                self._left -= 1
                return _Lane(self._make_seat(), self._free)
        try:
            return self._free.get(timeout=seconds)
        except Empty:
            raise _slow(seconds) from None


def _slow(seconds: float) -> HsmSlowError:
    return HsmSlowError(
        f"the token that holds the key has not answered within {seconds:g} seconds",
        hint="see whether the token and the way to it are well; nothing was signed",
    )
