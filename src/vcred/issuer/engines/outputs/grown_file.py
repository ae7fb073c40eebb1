# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A file that grows by chunks, and of which the store knows how long it is for certain.

    file             store                    then
    is not there     anything                 it is begun (who took it away may use the name again)
    is empty, ours   never heard of it        it is begun
    is there         never heard of it        refused: it is somebody else's
    is as long       as it is                 goes on
    is longer        some chunk is under way  what lies beyond is cut off, the chunk is written again, if
                                              it is what a stop leaves of a chunk (`torn`); else refused
    is longer        nothing is under way     refused: somebody else wrote to it
    is shorter       longer                   refused: delivered credentials are gone from it

A file that is begun is made known to the store, as empty, before anything is written to it: so what
a stop leaves in it is never taken for somebody else's.
"""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from vcred.errors import StoreError
from vcred.files import append_at, read_behind
from vcred.issuer.engines.outputs.torn import is_torn


class GrownFile:
    """Grows by whole chunks. `key` is how the store names it."""

    def __init__(self, path: Path, key: str, length: int) -> None:
        self._path = path
        self._length = length
        self.key = key

    @property
    def length(self) -> int:
        """Bytes that stand in it for certain."""
        return self._length

    def append(self, data: bytes) -> None:
        """Put a chunk behind them, durably.

        Raises:
            StoreError: The disk refuses, or somebody else has written to it since it was opened.
        """
        if self.is_longer():
            raise self._foreign()
        self._length = append_at(self._path, data, length=self._length)

    def is_longer(self) -> bool:
        """Say whether something stands behind them."""
        return (_size(self._path) or 0) > self._length

    def refuse_foreign(self, lines: Sequence[bytes]) -> None:
        """Refuse what stands behind them, unless a stop has left it of these lines.

        Raises:
            StoreError: Somebody else wrote it, or the disk refuses.
        """
        if not self.is_longer():
            return
        longest = sum(map(len, lines))
        behind = read_behind(self._path, length=self._length, at_most=longest + 1)
        if len(behind) > longest or not is_torn(behind, lines):
            raise self._foreign()

    def cut(self) -> None:
        """Cut off what stands behind them, durably. After `refuse_foreign`."""
        if self.is_longer():
            append_at(self._path, b"", length=self._length)

    def _foreign(self) -> StoreError:
        path, length = self._path, self._length
        return StoreError(
            f"what stands behind byte {length} of {path} is nothing that waits in this issuer's store",
            # Of a store that was put back, it is what that has lost.
            hint="nothing was changed; if a backup was restored, first enter the receipts again,"
            ' "vcred status reconcile --receipts FILE", then move it away; else keep it elsewhere,'
            f' "tail -c +{length + 1} {path}", take it away, "truncate -s {length} {path}",'
            " and run the same command again",
        )


def begin_length(path: Path, *, recorded: int | None, is_under_way: bool) -> int:
    """Return from which length a file goes on, or refuse it, by the table above.

    Args:
        recorded: What the store says of it; None if it never heard of it.
        is_under_way: A chunk waits in the outbox, for this output or for another one from which
            this one was taking it.

    Raises:
        StoreError: As above, or it is no file.
    """
    size = _size(path)
    if size is None:
        return 0
    if recorded is None:
        if size == 0 and _is_ours_alone(path):
            return 0
        # An empty one, too: who put it there first would own all that is written to it.
        raise StoreError(
            f"{path} exists already, and this issuer's store does not know it",
            hint="choose another name, or move it away",
        )
    if size < recorded:
        raise StoreError(
            f"{path} is {size} bytes long, and {recorded} bytes were delivered to it",
            hint="put back what was there; or move it away: a new one is begun, and what was in it"
            ' is made anew only once it is revoked, with "--reissue"',
        )
    if size > recorded and not is_under_way:
        raise StoreError(
            f"{path} is {size} bytes long, and only {recorded} of them were written by this issuer",
            # Of a store that was put back, the rest is what it has lost: cut off, it were lost for good.
            hint='if a backup was restored, first enter the receipts again, "vcred status reconcile'
            f' --receipts FILE", then move it away; only if the rest is of no use: truncate -s {recorded}'
            f" {path}",
        )
    return recorded


def _size(path: Path) -> int | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {(error.strerror or 'refused').lower()}") from error
    # Also a symbolic link: whoever planted it chose where the credentials go.
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(f"{path} is not a file", hint="choose another name, or move it away")
    return found.st_size


def _is_ours_alone(path: Path) -> bool:
    """Whether a file is as a stop leaves one of ours: nobody else may read it, or has another name for it."""
    found = path.lstat()
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077 and found.st_nlink == 1
