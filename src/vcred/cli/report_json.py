# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A report as JSON, for programs: part of the public contract."""

from vcred.cli.times import time_text
from vcred.codec.json_types import JsonObject
from vcred.verifier.report import Decision, VerificationReport


def report_json(report: VerificationReport) -> JsonObject:
    """Return the report as a JSON object; `claims` is null unless the decision is accepted."""
    accepted = report.decision is Decision.ACCEPTED
    return {
        "decision": str(report.decision),
        "axes": {
            "authentic": str(report.axes.authentic),
            "authorised": str(report.axes.authorised),
            "current": str(report.axes.current),
        },
        "audit": report.audit,
        "binding": None if report.binding is None else str(report.binding),
        "evidence": {
            "size": report.evidence.size,
            "root": report.evidence.root.hex(),
            "trust_as_of": time_text(report.evidence.trust_as_of),
            "status_as_of": time_text(report.evidence.status_as_of),
            "status_list_small": report.evidence.is_status_list_small,
        },
        "reasons": [str(reason) for reason in report.reasons],
        "checks": [
            {
                "name": check.name,
                "status": str(check.status),
                "reason": None if check.reason is None else str(check.reason),
                "cause": None if check.cause is None else str(check.cause),
                "age": None
                if check.age is None
                else {"seconds": check.age.seconds, "allowed": check.age.allowed},
            }
            for check in report.checks
        ],
        "issuer": report.issuer,
        "type": report.type,
        "claims": dict(report.require().claims) if accepted else None,
    }
