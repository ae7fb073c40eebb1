# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""May this credential be stored? Judged by the gate's own rule, before it is.

The wallet shows the whole credential to itself, bound to its own key, and evaluates that as a gate of
the jurisdiction that accredits the issuer would. So signature, disclosures, type, issuer, and that the
key is ours, are all seen by the one implementation there is.

Stored is what is authentic, and whose issuer is authorised. What is expired or revoked is refused.
What is suspended, not yet valid, or of a status that nobody here knows of, is stored, and says so.

Spec: RFC 9901 section 7.2; SD-JWT VC; threats WAL-01, SDJ-33.
"""

from datetime import datetime
from typing import Final

from vcred.errors import RefusedError
from vcred.formats.sd_jwt_vc.present import StoredCredential
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.verifier.policy import Policy
from vcred.verifier.report import AUTHENTIC, AUTHORISED, Axis, CheckStatus, VerificationReport
from vcred.verifier.steps import evaluate
from vcred.wallet.states import holder_policy

NOWHERE: Final = "nowhere"
"""No jurisdiction: of an issuer whom none accredits."""

# May stand against a credential that is stored all the same: they pass.
_PASSING: Final = frozenset((Reason.NOT_YET_VALID, Reason.SUSPENDED))
_NEWER: Final = 'import a newer trust bundle: "vcred trust import"'


def check_reception(text: str, stored: StoredCredential, *, belief: Belief, now: datetime) -> None:
    """Refuse what is not to be stored.

    Args:
        text: The whole credential, shown by this wallet's key as a live code (as it is on paper).
        stored: The same, taken apart.
        belief: Of the wallet's trust bundle.
        now: Timezone-aware.

    Raises:
        RefusedError: With the reason that a gate would give.
    """
    policy = _policy(stored, belief)
    report = evaluate(text, request=None, belief=belief, policy=policy, now=now)
    axes = report.axes
    if Axis.YES is axes.authentic and Axis.YES is axes.authorised and not _is_against(report):
        return
    raise _refusal(report)


def _policy(stored: StoredCredential, belief: Belief) -> Policy:
    presentation = stored.presentation
    vct = presentation.vct or ""
    places = [item.jurisdiction for item in belief.accreditations(presentation.issuer, vct)]
    return holder_policy(places[-1] if places else NOWHERE, vct or NOWHERE)


def _is_against(report: VerificationReport) -> bool:
    failed = [check.reason for check in report.checks if check.status is CheckStatus.FAILED]
    return any(reason not in _PASSING for reason in failed)


def _refusal(report: VerificationReport) -> RefusedError:
    """Name the first check that failed; else the first that could not be decided."""
    weighing = [check for check in report.checks if check.name in (*AUTHENTIC, *AUTHORISED)]
    failed = [check for check in report.checks if check.status is CheckStatus.FAILED]
    against = [check for check in failed if check.reason not in _PASSING]
    unknown = [check for check in weighing if check.status is CheckStatus.INDETERMINATE]
    for check in (*against, *unknown):
        if check.reason is not None:
            hint = None if check.status is CheckStatus.FAILED else _NEWER
            return RefusedError(check.reason, f"not stored: {check.detail}", hint=hint)
    return RefusedError(Reason.MALFORMED, "not stored: it could not be verified")
