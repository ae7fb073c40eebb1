# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Verify in a program of one's own, offline: three lines to open, one to ask.

    python examples/embed_verifier.py demo/gate-mo demo/presentations/SOME.png [TIME]

The folder is a gate's home (`vcred init verifier`, then `vcred trust import`); the file a
picture of a code, its `VC1:` text, or an SD-JWT with key binding. TIME asks an audit
question, such as 2026-11-20T09:00:00+08:00: what was the answer then?
"""

import sys
from datetime import datetime
from pathlib import Path

from vcred.verifier import Decision, Verifier


def main(home: str, file: str, at: str | None = None) -> int:
    """Print the decision, and claims only if it is accepted."""
    moment = None if at is None else datetime.fromisoformat(at)
    with Verifier.open(home) as gate:
        report = gate.evaluate(Path(file).read_bytes(), at=moment)
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
    sys.exit(main(*sys.argv[1:]))
