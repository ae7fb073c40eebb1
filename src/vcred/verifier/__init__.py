# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Decide, offline, whether a presentation may be relied upon.

`Verifier` is the door that a program embeds; `evaluate` is the rule behind it, without I/O
and without a clock.
"""

from vcred.verifier.policy import AllOf, AnyOf, ClaimIn, HasClaims, IssuedWithin, IssuerIn, Policy, TypeIn
from vcred.verifier.report import (
    Axes,
    Axis,
    CheckResult,
    CheckStatus,
    Decision,
    VerificationError,
    VerificationReport,
)
from vcred.verifier.steps import evaluate
from vcred.verifier.verifier import Verifier

__all__ = [
    "AllOf",
    "AnyOf",
    "Axes",
    "Axis",
    "CheckResult",
    "CheckStatus",
    "ClaimIn",
    "Decision",
    "HasClaims",
    "IssuedWithin",
    "IssuerIn",
    "Policy",
    "TypeIn",
    "VerificationError",
    "VerificationReport",
    "Verifier",
    "evaluate",
]
