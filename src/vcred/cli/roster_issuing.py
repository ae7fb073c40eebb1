# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue --roster`: read the options, run the roster, tell what came of it."""

import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

from vcred.cli.inputs import STREAM, read_input
from vcred.cli.output import complain
from vcred.cli.roster_progress import ProgressTeller
from vcred.cli.roster_report import HOLDERS_FORM, code_of, tell_summary
from vcred.cli.stopping import stop_code, stoppable
from vcred.errors import DecodeError, UsageError
from vcred.issuer.applications import Applications, parse_applications
from vcred.issuer.issuer import Issuer
from vcred.issuer.summary import Summary
from vcred.limits import MAX_HOLDERS_FILE_BYTES

PASSED_ON: Final = ("encoding", "copies", "reissue", "sealed", "engine", "workers")


def issue_roster(issuer: Issuer, type_: str, given: dict[str, Any], *, as_json: bool) -> int:
    """Issue, or only check, a roster; return the exit code.

    Args:
        given: The options of `vcred issue`.
    """
    out = None if given["out"] is None else Path(given["out"])
    teller = ProgressTeller()
    try:
        with stoppable():
            summary = _run(issuer, type_, given, out, None if as_json else teller)
    except KeyboardInterrupt as stop:
        teller.end()
        complain("stopped; run the same command again to go on", None)
        return stop_code(stop)
    finally:
        teller.end()
    tell_summary(summary, out, encoding=given["encoding"], as_json=as_json)
    return code_of(summary)


def _run(
    issuer: Issuer, type_: str, given: dict[str, Any], out: Path | None, teller: ProgressTeller | None
) -> Summary:
    roster: Path | BinaryIO = sys.stdin.buffer if given["roster"] == STREAM else Path(given["roster"])
    options: dict[str, Any] = {
        "applications": _applications(given["holders"]),
        "on_progress": None if teller is None else teller.tell,
        **{name: given[name] for name in PASSED_ON},
    }
    if out is None:
        return issuer.check_roster(type_, roster, **options)
    return issuer.issue_roster(type_, roster, out=out, check=given["check"], **options)


def _applications(holders: str | None) -> Applications | None:
    if holders is None:
        return None
    try:
        return parse_applications(read_input(holders, max_bytes=MAX_HOLDERS_FILE_BYTES))
    except DecodeError as error:
        raise UsageError(str(error), hint=f"{HOLDERS_FORM}; see docs/holders.md") from error
