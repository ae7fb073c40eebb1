# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A report in words, for the person at the gate.

What was decided and what was shown goes to stdout; why not, and what to do, to stderr. The
last line on stderr is always vcred's own and says the decision by its code, so that no
text in a credential can pass for it (threats: CLI-06).
"""

from datetime import datetime

from vcred.cli.output import print_line, say
from vcred.cli.times import age_text, time_text
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.paths import iter_leaves, join_path
from vcred.text.reasons import explain_reason, say_axis, say_axis_value, say_check, say_decision
from vcred.text.sanitise import sanitise
from vcred.text.scripts import is_mixed_script
from vcred.trust.belief import Belief
from vcred.verifier.report import CheckStatus, Decision, VerificationReport

INDENT = " " * 11
_OPEN = (CheckStatus.FAILED, CheckStatus.INDETERMINATE)


def tell_report(
    report: VerificationReport, *, belief: Belief, jurisdiction: str, language: str, now: datetime
) -> None:
    """Print a report.

    Args:
        report: What was decided.
        belief: On what: gives the names of organisations and jurisdictions.
        jurisdiction: Code of the gate's jurisdiction.
        language: One of `vcred.text.languages.LANGUAGES`.
        now: The time that was judged, to say how old the evidence is.
    """
    print_line("   ".join(_headline(report, belief, jurisdiction, language, int(now.timestamp()))))
    if report.decision is Decision.ACCEPTED:
        for path, value in iter_leaves(dict(report.require().claims)):
            _tell_claim(join_path(path), value)
    print_line(INDENT + _axes_line(report, language))
    _tell_reasons(report, language)
    codes = ", ".join(report.reasons)
    say(f"{report.decision} ({codes})" if codes else str(report.decision))


def _headline(
    report: VerificationReport, belief: Belief, jurisdiction: str, language: str, now: int
) -> list[str]:
    parts = [say_decision(report.decision, language)]
    if report.type is not None:
        definition = belief.type_definition(report.type)
        parts.append(sanitise(report.type if definition is None else definition.name))
    if report.issuer is not None:
        parts.append(_issuer_name(report.issuer, belief, language))
    if report.decision is Decision.ACCEPTED and report.issuer is not None and report.type is not None:
        parts.append(_standing(report, belief, jurisdiction, language, now))
    if report.audit:
        parts.append("audit")
    return parts


def _issuer_name(did: str, belief: Belief, language: str) -> str:
    organisation = belief.organisation(did)
    name = did if organisation is None else name_in(organisation.name, language)
    if is_mixed_script(name):
        say("warning: the issuer's name mixes scripts: letters may not be what they look like")
    return sanitise(name)


def name_in(name: JsonObject, language: str) -> str:
    """Return a name in the language, else in English, else in whichever there is."""
    for wanted in (language, "en", *sorted(name)):
        text = name.get(wanted)
        if isinstance(text, str):
            return text
    return ""


def _standing(report: VerificationReport, belief: Belief, jurisdiction: str, language: str, now: int) -> str:
    """Say by which act the issuer counts here, and how old its status is."""
    accreditations = belief.accreditations(report.issuer or "", report.type or "")
    here = any(item.jurisdiction == jurisdiction for item in accreditations)
    known = belief.ledger_network.jurisdictions.get(jurisdiction, {})
    name = sanitise(name_in(known, language) or jurisdiction)
    act = f"{'accredited' if here else 'recognised'} in {name}"
    status = report.evidence.status_as_of
    return act if status is None else f"{act}, status {age_text(now - status)} old"


def _tell_claim(path: str, value: JsonValue) -> None:
    text = value if isinstance(value, str) else str(value).lower()
    print_line(f"{INDENT}{path} = {sanitise(text)}")
    if is_mixed_script(text):
        say(f"warning: {path} mixes scripts: letters may not be what they look like")


def _axes_line(report: VerificationReport, language: str) -> str:
    axes = report.axes
    told = [
        f"{say_axis(name, language)} {say_axis_value(value, language)}"
        for name, value in (
            ("authentic", axes.authentic),
            ("authorised", axes.authorised),
            ("current", axes.current),
        )
    ]
    return "   ".join(told) + f", as of {time_text(report.evidence.trust_as_of)}"


def _tell_reasons(report: VerificationReport, language: str) -> None:
    hints: dict[str, None] = {}
    for check in report.checks:
        if check.status not in _OPEN or check.reason is None:
            continue
        sentence, hint = explain_reason(check.reason, language)
        detail = f" ({check.detail})" if check.detail else ""
        say(f"error: {say_check(check.name, language)}: {sentence}{detail}")
        if hint is not None:
            hints[hint] = None
    for hint in hints:
        say(f"hint: {hint}")
