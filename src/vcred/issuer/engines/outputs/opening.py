# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Open the output that a path means, before anything is dealt or signed for it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from vcred.errors import StoreError, UsageError
from vcred.files import lock_marked, make_private_folder
from vcred.issuer.engines.outputs.folder import FolderOutput
from vcred.issuer.engines.outputs.grown_file import GrownFile, begin_length
from vcred.issuer.engines.outputs.lines import LinesOutput
from vcred.issuer.engines.outputs.output import RECEIPTS_TABLE, Output, is_lines, table_path
from vcred.issuer.engines.runs.leftovers import remove_unfinished


class OutputRecords(Protocol):
    """What the issuer's store remembers of outputs."""

    def sink_length(self, path: str) -> int | None:
        """Return how long a growing file is for certain; None of one never heard of."""

    def outbox(self) -> Iterable[object]:
        """Iterate over the chunks that wait for any output."""

    def take(self, credential_ids: Iterable[str], *, sinks: Mapping[str, int]) -> None:
        """Keep, with credentials that have left, how long files are."""


@contextmanager
def open_output(out: Path, *, store: OutputRecords) -> Iterator[Output]:
    """Hold an output for one process while the `with` block runs.

    Args:
        out: A path that ends in ".jsonl" is a file of lines; any other is a folder. What is missing
            is made, for its owner alone.
        store: The issuer's.

    Raises:
        StoreError: Another process holds it; a file is in the way that is not this issuer's, or that
            has lost or gained something since; or the system refuses.
        UsageError: The path is not text.
    """
    place = _absolute(out)
    _make_folder(place.parent if is_lines(place) else place)
    with lock_marked(place) as mark:
        destination = f"{place}#{mark}"
        receipts = _grown(table_path(place, RECEIPTS_TABLE), mark, store)
        if is_lines(place):
            yield LinesOutput(destination, lines=_grown(place, mark, store), receipts=receipts)
        else:
            remove_unfinished(place)
            yield FolderOutput(place, destination, receipts=receipts)


def _grown(path: Path, mark: str, store: OutputRecords) -> GrownFile:
    key = f"{path}#{mark}"
    recorded = store.sink_length(key)
    is_under_way = any(True for _ in store.outbox())
    length = begin_length(path, recorded=recorded, is_under_way=is_under_way)
    if length != recorded:
        store.take((), sinks={key: length})
    return GrownFile(path, key, length)


def _absolute(out: Path) -> Path:
    try:
        # The last part is left as it is: a file that is a link is refused, not followed.
        place = out.parent.resolve() / out.name if is_lines(out) else out.resolve()
    except (OSError, ValueError) as error:
        raise StoreError(f"{out} is not a path") from error
    try:
        f"{place}".encode()
    except UnicodeEncodeError as error:
        raise UsageError("the path of the output is not UTF-8") from error
    return place


def _make_folder(folder: Path) -> None:
    # One that exists stays as it is: its owner may share it.
    if not folder.is_dir():
        make_private_folder(folder)
