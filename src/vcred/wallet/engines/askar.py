# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One encrypted file, kept by Askar in SQLite: entries and keys, by category and name.

Askar speaks asyncio. It is driven by a thread of its own here, so that programs with and without
an event loop call this store alike. Names, values and categories are encrypted; who reads the file
learns how many entries there are, and how large.

Only this module knows Askar.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from aries_askar import AskarError, AskarErrorCode, Key, Session, Store

from vcred.errors import StoreError
from vcred.files.system import NO_FOLLOW, PRIVATE_FILE, make_durable, translated
from vcred.wallet.engines.soundness import SIDE_FILES, check_store_file, refuse_links, wait_until_closed

_Result = TypeVar("_Result")

KEYS: Final = "keys"
"""The category of private keys, which Askar keeps apart."""

# FULL: with less, SQLite loses acknowledged commits at a power cut (threats, section 3). Two
# connections: one stays open for reading, so that a read is one call. Milliseconds: after a kill, one
# of the two recovers the log while the other waits.
_OPTIONS: Final = (
    "journal_mode=wal&synchronous=full&locking_mode=normal"
    "&busy_timeout=5000&min_connections=2&max_connections=2"
)
# An error that quotes bytes of a damaged page is lost in Askar's binding, which reads it as UTF-8:
# nobody would ever be told.
ANSWER_SECONDS: Final = 30.0
_RAW: Final = "raw"
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW
_DAMAGED_HINT: Final = 'restore it from a backup: "vcred wallet restore"'


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a store. `value` is what is put there; None takes away what is there.

    In the category KEYS the value is a private JWK, and a key is never replaced by another.
    """

    category: str
    name: str
    value: bytes | None
    is_new: bool = True


class AskarFile:
    """An open store. Not shared by processes: the wallet's door holds a lock."""

    def __init__(self, path: Path, secret: bytes) -> None:
        """Open a store that `make_askar_file` made.

        Args:
            path: The file.
            secret: 32 bytes.

        Raises:
            StoreError: Another secret, a damaged file, a symbolic link, or the system refuses.
        """
        self._path = path
        refuse_links(path)
        check_store_file(path, remedy=_DAMAGED_HINT)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wallet", daemon=True)
        self._thread.start()
        self._store: Store | None = None
        self._reader: Session | None = None
        self._is_broken = False
        try:
            self._store = self._run(Store.open(_address(path), _RAW, _raw_key(secret)))
            self._reader = self._run(_begin(self._store.session()))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._loop.is_closed():
            return
        reader, store = self._reader, self._store
        self._reader = self._store = None
        try:
            if reader is not None:
                self._run(reader.close())
            if store is not None:
                self._run(store.close())
                wait_until_closed(self._path)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    # Reading.

    def fetch(self, category: str, name: str) -> bytes | None:
        """The value of an entry, or None."""
        entry = self._run(self._reading().fetch(category, name))
        return None if entry is None else bytes(entry.value)

    def fetch_all(self, category: str) -> dict[str, bytes]:
        """All values of a category, by name."""
        entries = self._run(self._reading().fetch_all(category))
        return {entry.name: bytes(entry.value) for entry in entries}

    def fetch_key(self, name: str) -> bytes | None:
        """The private key of a name as JWK, or None. For one use: whoever asks forgets it."""
        entry = self._run(self._reading().fetch_key(name))
        return None if entry is None else bytes(entry.key.get_jwk_secret())

    def fetch_keys(self) -> dict[str, bytes]:
        """All private keys as JWK, by name."""
        entries = self._run(self._reading().fetch_all_keys())
        return {entry.name: bytes(entry.key.get_jwk_secret()) for entry in entries}

    # Writing.

    def write(self, changes: Iterable[Change]) -> None:
        """Make all changes, durably, or none.

        Raises:
            StoreError: The system refuses, or refused before: what a disk has of a write that failed
                nobody knows, and so nothing is written after it.
        """
        if self._is_broken:
            raise StoreError(f"{self._path} could not be written before", hint="open the wallet again")
        self._is_broken = True
        self._run(_write(self._opened(), tuple(changes)))
        self._is_broken = False

    def _opened(self) -> Store:
        if self._store is None:
            raise StoreError("the wallet is locked", hint="open it again")
        return self._store

    def _reading(self) -> Session:
        if self._reader is None:
            raise StoreError("the wallet is locked", hint="open it again")
        return self._reader

    def _run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return _awaited(asyncio.run_coroutine_threadsafe(work, self._loop), self._path)


def make_askar_file(path: Path, secret: bytes, *, content: Iterable[Change]) -> None:
    """Make a store with its first content, whole, in one step: a kill leaves no store, or this one.

    Args:
        path: Where there is none; mode 0600.
        secret: 32 bytes that will open it.
        content: What it holds at first.

    Raises:
        StoreError: One is there already, or the system refuses.
    """
    if path.exists():
        raise StoreError(f"{path} exists already")
    unfinished = path.with_name(f".{path.name}.new")
    # Of a making that was killed: nobody was told of anything in it.
    _remove(unfinished)
    with translated("make", unfinished):
        os.close(os.open(unfinished, _NEW_FILE, PRIVATE_FILE))
    _fill(unfinished, secret, tuple(content))
    with translated("make", path):
        unfinished.replace(path)
        make_durable(path.parent)


def _fill(path: Path, secret: bytes, content: tuple[Change, ...]) -> None:
    async def fill() -> None:
        store = await Store.provision(_address(path), _RAW, _raw_key(secret))
        try:
            await _write(store, content)
        finally:
            # The last connection folds the write-ahead log into the file.
            await store.close()

    _in_thread(fill, path)
    leftovers = [side for side in SIDE_FILES if path.with_name(path.name + side).exists()]
    if leftovers:
        raise StoreError(f"cannot make {path}: it is not closed")
    with translated("make", path):
        descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _in_thread(work: Callable[[], Coroutine[Any, Any, None]], path: Path) -> None:
    # Also a caller with an event loop of its own may make a store.
    errors: list[AskarError] = []

    def call() -> None:
        try:
            asyncio.run(work())
        except AskarError as error:
            errors.append(error)

    thread = threading.Thread(target=call, name="wallet")
    thread.start()
    thread.join()
    for error in errors:
        raise _translate(error, path) from error


async def _write(store: Store, changes: tuple[Change, ...]) -> None:
    session = await store.transaction()
    try:
        for change in changes:
            await _change(session, change)
    except BaseException:
        await session.rollback()
        raise
    await session.commit()


async def _change(session: Session, change: Change) -> None:
    match change:
        case Change(category=category, name=name, value=None) if category == KEYS:
            await session.remove_key(name)
        case Change(category=category, name=name, value=None):
            await session.remove(category, name)
        case Change(category=category, name=name, value=jwk) if category == KEYS:
            await session.insert_key(name, Key.from_jwk(jwk))
        case Change(category=category, name=name, value=value, is_new=True):
            await session.insert(category, name, value)
        case Change(category=category, name=name, value=value):
            await session.replace(category, name, value)


async def _begin(opening: Any) -> Session:
    session: Session = await opening
    return session


def _awaited(answer: "Future[_Result]", path: Path) -> _Result:
    try:
        return answer.result(timeout=ANSWER_SECONDS)
    except AskarError as error:
        raise _translate(error, path) from error
    except KeyboardInterrupt:
        # Closing would meet what is under way, and say "in use" in place of this.
        wait([answer], timeout=ANSWER_SECONDS)
        raise
    except TimeoutError as error:
        answer.cancel()
        raise StoreError(f"{path} is damaged, or its disk does not answer", hint=_DAMAGED_HINT) from error


def _translate(error: AskarError, path: Path) -> StoreError:
    match error.code:
        case AskarErrorCode.ENCRYPTION | AskarErrorCode.UNEXPECTED | AskarErrorCode.UNSUPPORTED:
            return StoreError(f"{path} is damaged, or of another wallet", hint=_DAMAGED_HINT)
        case AskarErrorCode.NOT_FOUND:
            return StoreError(f"{path} is damaged: something is missing in it", hint=_DAMAGED_HINT)
        case AskarErrorCode.DUPLICATE:
            return StoreError(f"{path} has it already")
        case AskarErrorCode.BUSY:
            return StoreError(f"{path} is in use", hint="close the other program")
        case _:
            # Askar's own words may quote SQL, never a value.
            return StoreError(f"{path} cannot be read or written", hint="is the disk full?")


def _address(path: Path) -> str:
    return f"sqlite://{quote(os.fspath(path.absolute()))}?{_OPTIONS}"


def _raw_key(secret: bytes) -> str:
    import base58

    return base58.b58encode(secret).decode("ascii")


def _remove(path: Path) -> None:
    with translated("remove", path):
        for place in (path, *(path.with_name(path.name + side) for side in SIDE_FILES)):
            place.unlink(missing_ok=True)
