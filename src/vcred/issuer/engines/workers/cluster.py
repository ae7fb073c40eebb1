# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Chunks are worked on by other machines, through Dask distributed.

    this process --task: rows, places, which key--> scheduler --> a worker that holds the key
                 <------------------- signed texts ------------------

Claims travel, so the way is TLS with a certificate on both sides, always. A chunk whose worker dies
is handed out again by the scheduler, with the same places, a few times. Whatever else fails ends the
run: nothing is lost by that, and the same command goes on.
"""

import asyncio
from concurrent.futures import CancelledError, Future
from typing import Any, Final
from uuid import uuid4

from vcred import __version__
from vcred.errors import StoreError
from vcred.issuer.chunk import ChunkResult, ChunkTask
from vcred.issuer.engines.workers.cluster_connection import CONNECT_SECONDS, connect
from vcred.issuer.engines.workers.cluster_messages import decode_answer, encode_task
from vcred.issuer.engines.workers.cluster_worker import work_in_cluster

_DESERTED_SECONDS: Final = 60
_LOOK_SECONDS: Final = 1.0
_RESUME: Final = "run the same command again: it goes on"
_PAGE: Final = "see docs/operate/bulk.md"


class DaskEngine:
    """A cluster of Dask distributed, as its client. Close it."""

    def __init__(self, address: str, *, deserted_seconds: float = _DESERTED_SECONDS) -> None:
        """Connect, and see that there are workers, all of this version.

        Args:
            address: "tls://HOST:PORT" of the scheduler.
            deserted_seconds: So long a cluster may have no worker before the run ends.

        Raises:
            UsageError: As `connect`.
            StoreError: As `connect`; nobody works there, or another version does.
        """
        self._client = connect(address)
        self._deserted_seconds = deserted_seconds
        self._flying: set[Future[ChunkResult]] = set()
        try:
            self._wait_for_workers()
            self._refuse_other_versions()
            self.workers = self._threads()
        except BaseException:
            self._client.close()
            raise
        self._loop: asyncio.AbstractEventLoop = self._client.loop.asyncio_loop
        self._deserted: asyncio.Future[None] = self._loop.create_future()
        self._watching = asyncio.run_coroutine_threadsafe(self._watch(), self._loop)

    def submit(self, task: ChunkTask) -> "Future[ChunkResult]":
        """Hand a chunk to the scheduler."""
        promise = asyncio.run_coroutine_threadsafe(self._fetch(task), self._loop)
        self._flying.add(promise)
        promise.add_done_callback(self._flying.discard)
        return promise

    def close(self) -> None:
        """Let the scheduler and the workers drop what is theirs of this run, and go."""
        self._watching.cancel()
        for promise in tuple(self._flying):
            promise.cancel()
        self._client.close()

    async def _fetch(self, task: ChunkTask) -> ChunkResult:
        """Runs in the loop of the client."""
        encoded = encode_task(task)
        # A key without meaning: keys are seen in logs. The same task twice must be two.
        future = self._client.submit(work_in_cluster, encoded, key=f"vcred-{uuid4().hex}", pure=False)
        answer = asyncio.ensure_future(_answer(future))
        try:
            await asyncio.wait((answer, self._deserted), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise _no_workers()
            return decode_answer(encoded, answer.result())
        finally:
            answer.cancel()
            # The texts are dropped where they lie.
            future.release()

    async def _watch(self) -> None:
        """See how many work there, and whether any do: Dask would wait for a worker for ever."""
        alone_since: float | None = None
        while not self._deserted.done():
            await asyncio.sleep(_LOOK_SECONDS)
            now = self._loop.time()
            threads = self._threads()
            if threads:
                self.workers, alone_since = threads, None
            elif alone_since is None:
                alone_since = now
            elif now - alone_since > self._deserted_seconds:
                self._deserted.set_result(None)

    def _threads(self) -> int:
        return int(self._client.scheduler_info(n_workers=0)["total_threads"])

    def _wait_for_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=min(CONNECT_SECONDS, self._deserted_seconds))
        except TimeoutError as error:
            raise _no_workers() from error

    def _refuse_other_versions(self) -> None:
        told = self._client.get_versions(packages=["vcred"])
        for address, versions in {"the scheduler": told["scheduler"], **told["workers"]}.items():
            found = versions["packages"].get("vcred")
            if found != __version__:
                what = "has no vcred" if found in (None, "MISSING") else f"runs vcred {found}"
                raise StoreError(
                    f"in the cluster, {address} {what}, this machine vcred {__version__}",
                    hint="install the same everywhere",
                )


async def _answer(future: Any) -> Any:
    """Wait for a task; translate what Dask says went wrong with it."""
    from distributed.scheduler import KilledWorker, NoValidWorkerError

    try:
        return await future
    except KilledWorker as error:
        raise StoreError(
            f"the workers that had one chunk died, {error.allowed_failures + 1} of them",
            hint=f"see what kills them (memory?), then {_RESUME}",
        ) from None
    except NoValidWorkerError:
        raise _no_workers() from None
    except CancelledError:
        raise StoreError(
            "the connection to the scheduler is lost", hint=f"see that it runs, then {_RESUME}"
        ) from None
    except ImportError as error:
        raise StoreError("a worker of the cluster has no vcred", hint=_PAGE) from error


def _no_workers() -> StoreError:
    return StoreError("no worker is connected to the scheduler", hint=f"start some, then {_RESUME}")
