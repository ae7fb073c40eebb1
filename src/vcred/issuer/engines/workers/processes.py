# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Chunks are worked on by processes of this machine.

Each process opens the keyring of the home by itself: a private key never crosses from one to
another. A process that dies takes its pool with it, as the operating system may kill any of them;
the pool is made anew and the chunks are handed in again, the same ones, with the same places.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from vcred.errors import StoreError, VcredError
from vcred.files.system import keep_memory_private
from vcred.home import Home
from vcred.issuer.chunk import ChunkResult, ChunkTask, work_chunk
from vcred.issuer.engines.workers.chunk_engine import MAX_ATTEMPTS
from vcred.keys.custody import KeyRole, Unlock
from vcred.keys.home_keys import open_home_keyring
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlace:
    """Where a worker finds the key: in which home, what opens it, and which of its keys it is."""

    home: Home
    unlock: Unlock | None
    key: PublicKey


class ProcessEngine:
    """A pool of processes. Close it, or use it as long as this process lives."""

    def __init__(self, *, home: Home, unlock: Unlock | None, workers: int, key: PublicKey) -> None:
        """Start nothing yet; processes start as chunks come.

        Args:
            home: The issuer's; each process opens its keyring.
            unlock: What opens it; None means the home's own key file.
            workers: How many processes, at least 1.
            key: Public half of the key that signs.
        """
        self.workers = workers
        self._place = KeyPlace(home=home, unlock=unlock, key=key)
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._is_closed = False

    def submit(self, task: ChunkTask) -> "Future[ChunkResult]":
        """Hand a chunk to the next process that is free."""
        promise: Future[ChunkResult] = Future()
        self._hand_in(task, promise, attempt=1)
        return promise

    def close(self) -> None:
        """Drop what has not begun, wait for what has, and end the processes."""
        with self._lock:
            pool, self._pool = self._pool, None
            self._is_closed = True
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _hand_in(self, task: ChunkTask, promise: "Future[ChunkResult]", *, attempt: int) -> None:
        while (pool := self._open_pool()) is not None:
            # Outside our lock: a pool that breaks calls `_settle` under a lock of its own.
            try:
                with _undisturbed():
                    work = pool.submit(_work, task)
            except BrokenProcessPool:
                # It broke between two chunks; its callbacks hand in again what was in it.
                self._forget(pool)
                continue
            work.add_done_callback(lambda done: self._settle(task, promise, done, pool, attempt))
            return
        promise.cancel()

    def _settle(
        self,
        task: ChunkTask,
        promise: "Future[ChunkResult]",
        work: "Future[ChunkResult]",
        pool: ProcessPoolExecutor,
        attempt: int,
    ) -> None:
        """Called when a chunk is done, in a thread of the pool."""
        if work.cancelled():
            promise.cancel()
            return
        error = work.exception()
        if error is None:
            promise.set_result(work.result())
        elif not isinstance(error, BrokenProcessPool):
            promise.set_exception(error)
        elif attempt < MAX_ATTEMPTS:
            self._forget(pool)
            self._hand_in(task, promise, attempt=attempt + 1)
        else:
            promise.set_exception(
                StoreError(
                    f"the processes that sign have died {MAX_ATTEMPTS} times",
                    hint="see what kills them (memory?), then run the same command again: it goes on",
                )
            )

    def _forget(self, broken: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is broken:
                self._pool = None

    def _open_pool(self) -> ProcessPoolExecutor | None:
        """Return the pool, made if need be; None once the engine is closed."""
        with self._lock:
            if self._pool is None and not self._is_closed:
                self._pool = ProcessPoolExecutor(
                    self.workers,
                    # A forked child would inherit open databases and the locks of threads.
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_begin,
                    initargs=(self._place,),
                )
            return self._pool


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C, not even while they import what they need.

    A process inherits which signals are held back in the thread that starts it. Here a Ctrl-C of
    meanwhile is heard at the end of the `with` block; and so is a SIGTERM, which would leave a pool
    behind whose own thread was never started, and cannot be waited for.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_place: KeyPlace | None = None


def _begin(place: KeyPlace) -> None:
    """In a new process: note where the key is, and end when whoever started it ends."""
    global _place
    _place = place
    # Whoever uses the library may not have done it: no crash writes the key, and claims, to the disk.
    keep_memory_private()
    # Ctrl-C reaches the whole group; who handed the chunks out decides what becomes of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        # A killed parent says nothing; its children would wait for chunks for ever.
        parent.join()
        os._exit(1)


def _work(task: ChunkTask) -> ChunkResult:
    try:
        return work_chunk(task, _signer())
    except StoreError:
        # It comes back as it is: a token's error keeps its code.
        raise
    except VcredError as error:
        # Not every error survives the way back; this one does.
        raise StoreError(str(error), hint=error.hint) from None


@lru_cache(maxsize=1)
def _signer() -> Signer:
    assert _place is not None
    with open_home_keyring(_place.home, _place.unlock) as keyring:
        for signer in keyring.signers(KeyRole.ISSUING).values():
            if signer.public_key == _place.key:
                return signer
    raise StoreError("the issuing key is no longer in the keyring of this home")
