# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Verify in a program of one's own, offline: three lines to open, one to ask.

    python examples/embed_verifier.py demo/gate-mo demo/presentations/SOME.png [TIME]

The folder is a gate's home (`vcred init verifier`, then `vcred trust import`); the file a
picture of a code, its `VC1:` text, or an SD-JWT with key binding. TIME asks an audit
question, such as 2026-11-20T09:00:00+08:00: what was the answer then?
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from vcred.errors import VcredError
from vcred.verifier import Decision, Verifier


def main(arguments: list[str]) -> int:
    """Verify what is named on the command line."""
    parser = argparse.ArgumentParser(description="Verify in a program of one's own, offline")
    parser.add_argument("home", type=Path, help="a gate's home")
    parser.add_argument("file", type=Path, help="picture or text of a code, or an SD-JWT")
    parser.add_argument("time", nargs="?", type=datetime.fromisoformat, help="for an audit, with zone")
    given = parser.parse_args(arguments)
    if given.time is not None and given.time.tzinfo is None:
        parser.error("a time needs a zone, such as 2026-11-20T09:00:00+08:00")
    try:
        return verify(given.home, given.file.read_bytes(), given.time)
    except OSError as error:
        parser.exit(4, f"{parser.prog}: error: {given.file}: {error.strerror}\n")
    except VcredError as error:
        parser.exit(4, f"{parser.prog}: error: {error}\n")


def verify(home: Path, raw: bytes, at: datetime | None) -> int:
    """Print the decision, and claims only if it is accepted."""
    with Verifier.open(home) as gate:
        report = gate.evaluate(raw, at=at)
    # Not `if report`: a report is no bool, so that nobody takes a forgery for a yes.
    if report.decision is Decision.ACCEPTED:
        verified = report.require()
        print(f"accepted: {verified.type_name} by {verified.issuer}, {len(verified.claims)} claims shown")
        return 0
    print(f"{report.decision}: {', '.join(report.reasons)}")
    for check in report.checks:
        print(f"  {check.name:24} {check.status}  {check.reason or ''}")
    return 1 if report.decision is Decision.REJECTED else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
