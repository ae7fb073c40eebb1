# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the demo hands over: homes, credentials, presentations with the expected and the found decision."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.reasons import Reason
from vcred.verifier.report import Decision, VerificationReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision and its first reason."""

    decision: Decision
    reason: Reason | None = None

    @classmethod
    def of(cls, report: VerificationReport) -> "Verdict":
        """What a report says."""
        return cls(decision=report.decision, reason=next(iter(report.reasons), None))

    def to_json(self) -> JsonObject:
        """Lower case codes."""
        return {
            "decision": self.decision.value,
            "reason": None if self.reason is None else self.reason.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedFile:
    """A credential that one of the three holders has."""

    file: Path
    type: str
    holder: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One presentation at one gate. `audit` is what the gate answers to the same question later, `--at`."""

    title: str
    file: Path
    gate: str
    at: datetime
    expected: Verdict
    found: Verdict
    audit: Verdict
    packed_bytes: int | None = None
    symbol: str | None = None

    @property
    def as_expected(self) -> bool:
        """Whether the gate decided as the story says it must."""
        return self.expected == self.found


@dataclass(slots=True, kw_only=True)
class Outcome:
    """All artefacts of one run, under `out`."""

    out: Path
    network: Path
    homes: dict[str, Path] = field(default_factory=dict)
    credentials: list[IssuedFile] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def as_expected(self) -> bool:
        """Whether every gate decided as it must."""
        return bool(self.shown) and all(item.as_expected for item in self.shown)

    def to_json(self) -> JsonObject:
        """The public contract of `vcred demo --json`."""
        homes: JsonObject = {name: str(path) for name, path in sorted(self.homes.items())}
        credentials: list[JsonValue] = [
            {"file": str(c.file), "type": c.type, "holder": c.holder, "issuer": c.issuer}
            for c in self.credentials
        ]
        return {
            "network": str(self.network),
            "homes": homes,
            "credentials": credentials,
            "presentations": [_shown_json(item) for item in self.shown],
            "seconds": round(self.seconds, 2),
        }


def _shown_json(item: Shown) -> JsonObject:
    return {
        "title": item.title,
        "file": str(item.file),
        "gate": item.gate,
        "at": item.at.isoformat(),
        "expected": item.expected.to_json(),
        "found": item.found.to_json(),
        "audit": item.audit.to_json(),
        "packed_bytes": item.packed_bytes,
        "symbol": item.symbol,
    }
