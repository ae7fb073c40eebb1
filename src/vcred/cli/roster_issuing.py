# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue --roster`: read the options, run the roster, tell what came of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from vcred.cli.inputs import STREAM, read_input
from vcred.cli.names import counted
from vcred.cli.output import complain
from vcred.cli.roster_progress import ProgressTeller
from vcred.cli.roster_report import HOLDERS_FORM, code_of, tell_summary
from vcred.cli.roster_tables import check_tables
from vcred.cli.stopping import stop_code, stoppable
from vcred.errors import DecodeError, RefusedError, StoreError, UsageError
from vcred.issuer.applications import Applications, parse_applications
from vcred.issuer.engines.runs.roster_run import OnProgress
from vcred.issuer.issuer import Issuer
from vcred.issuer.summary import Progress, Summary
from vcred.limits import MAX_HOLDERS_FILE_BYTES

_AGAIN: Final = "run the same command again"
GO_ON: Final = f"{_AGAIN} to go on"

PASSED_ON: Final = ("encoding", "copies", "reissue", "sealed", "engine", "workers")


def issue_roster(issuer: Issuer, type_: str, given: dict[str, Any], *, as_json: bool) -> int:
    """Issue, or only check, a roster; return the exit code.

    Args:
        given: The options of `vcred issue`.
    """
    out = None if given["out"] is None else Path(given["out"])
    if out is not None:
        check_tables(out)
    teller, gone_out = ProgressTeller(), _GoneOut()
    told = gone_out.note if as_json else gone_out.noting(teller.tell)
    try:
        with stoppable(), gone_out.said_of_errors():
            summary = _run(issuer, type_, given, out, told)
    except KeyboardInterrupt as stop:
        teller.end()
        complain(f"stopped; {GO_ON}", None)
        return stop_code(stop)
    finally:
        teller.end()
    with gone_out.said_of_errors():
        tell_summary(summary, out, encoding=given["encoding"], as_json=as_json)
    return code_of(summary)


class _GoneOut:
    """Knows how many credentials have left, for whoever reads that the disk is full or the token gone."""

    def __init__(self) -> None:
        self._count: int | None = None

    def note(self, progress: Progress) -> None:
        """Take the state after a chunk; while rows are only checked, nothing leaves."""
        if not progress.checking:
            self._count = progress.issued

    def noting(self, tell: OnProgress) -> OnProgress:
        """Return what notes it, and tells it."""

        def note_and_tell(progress: Progress) -> None:
            self.note(progress)
            tell(progress)

        return note_and_tell

    @contextmanager
    def said_of_errors(self) -> Iterator[None]:
        """Add to what is said of an error that ends a run between two chunks what a stop says, too."""
        try:
            yield
        except RefusedError as error:
            if self._count:
                error.hint = f"{self._said()}; {error.hint}"
            raise
        except StoreError as error:
            if self._count is not None:
                is_said = error.hint is not None and _AGAIN in error.hint
                said = self._said() if is_said else f"{self._said()}; {GO_ON}"
                error.hint = said if error.hint is None else f"{error.hint}; {said}"
            raise

    def _said(self) -> str:
        have = "has" if self._count == 1 else "have"
        return f"{counted(self._count or 0, 'credential')} {have} gone out"


def _run(
    issuer: Issuer, type_: str, given: dict[str, Any], out: Path | None, on_progress: OnProgress
) -> Summary:
    roster: Path | BinaryIO = sys.stdin.buffer if given["roster"] == STREAM else Path(given["roster"])
    options: dict[str, Any] = {
        "applications": _applications(given["holders"]),
        "on_progress": on_progress,
        **{name: given[name] for name in PASSED_ON},
    }
    with _unreadable_is_misuse():
        if out is None:
            return issuer.check_roster(type_, roster, **options)
        return issuer.issue_roster(type_, roster, out=out, check=given["check"], **options)


@contextmanager
def _unreadable_is_misuse() -> Iterator[None]:
    """Tell a file that is no roster of the type as one that is no file of holders: rejected are rows."""
    try:
        yield
    except DecodeError as error:
        raise UsageError(str(error), hint=error.hint) from error


def _applications(holders: str | None) -> Applications | None:
    if holders is None:
        return None
    try:
        return parse_applications(read_input(holders, max_bytes=MAX_HOLDERS_FILE_BYTES))
    except DecodeError as error:
        raise UsageError(str(error), hint=f"{HOLDERS_FORM}; see docs/holders.md") from error
