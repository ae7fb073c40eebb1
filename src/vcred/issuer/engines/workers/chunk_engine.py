# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where chunks are worked on: in this process, in others beside it, or on other machines."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Final, Protocol, TypeVar

from vcred.errors import RefusedError
from vcred.issuer.chunk import ChunkResult, ChunkTask

MAX_ATTEMPTS: Final = 3
"""So often is a chunk handed out whose worker dies; then something in it kills workers."""

_FLYING_PER_WORKER: Final = 2


class ChunkEngine(Protocol):
    """Works on chunks.

    `workers`: how many chunks it works on beside the caller; 0: it works while `submit` runs.
    """

    workers: int

    def submit(self, task: ChunkTask) -> "Future[ChunkResult]":
        """Hand out a chunk.

        The future raises StoreError if no worker can do it: the key cannot be had there, or
        whoever works on it dies, again and again.
        """
        ...

    def close(self) -> None:
        """Drop what was handed out and not fetched, and let go of the workers."""
        ...


class HasTask(Protocol):
    """What the caller knows of a chunk, with the task for the worker."""

    @property
    def task(self) -> ChunkTask:
        """What is handed out."""
        ...


Prepared = TypeVar("Prepared", bound=HasTask)


def iter_worked(engine: ChunkEngine, chunks: Iterable[Prepared]) -> Iterator[tuple[Prepared, ChunkResult]]:
    """Yield each chunk with its result, in the order of the chunks.

    Twice as many chunks as there are workers are out at any time: no worker waits for the caller, and
    memory stays bounded.

    Args:
        engine: Where they are worked on.
        chunks: Taken one by one, as there is room. If it is refused to make one, those that are
            out are yielded first: their places are dealt, and are not to be lost.
    """
    source = iter(chunks)
    flying: deque[tuple[Prepared, Future[ChunkResult]]] = deque()
    refusal: RefusedError | None = None
    while refusal is None:
        try:
            chunk = next(source, None)
        except RefusedError as error:
            refusal = error
            continue
        if chunk is None:
            break
        flying.append((chunk, engine.submit(chunk.task)))
        while len(flying) > _FLYING_PER_WORKER * engine.workers:
            done, future = flying.popleft()
            yield done, future.result()
    while flying:
        done, future = flying.popleft()
        yield done, future.result()
    if refusal is not None:
        raise refusal
