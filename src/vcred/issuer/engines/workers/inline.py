# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Chunks are worked on in this process, one after the other."""

from concurrent.futures import Future

from vcred.issuer.chunk import ChunkResult, ChunkTask, work_chunk
from vcred.keys.signer import Signer


class InlineEngine:
    """Works at once; for small rosters, and where there is one processor."""

    workers = 0

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def submit(self, task: ChunkTask) -> "Future[ChunkResult]":
        """Work on a chunk; what goes wrong is raised here."""
        future: Future[ChunkResult] = Future()
        future.set_result(work_chunk(task, self._signer))
        return future

    def close(self) -> None:
        """Nothing is held."""
