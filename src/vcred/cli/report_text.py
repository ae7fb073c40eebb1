# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A report in words, for the person at the gate.

What was decided and what was shown goes to stdout; why not, and what to do, to stderr. The
last line on stderr is always vcred's own and says the decision by its code, so that no
text in a credential can pass for it (threats: CLI-06).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vcred.cli.names import name_in
from vcred.cli.output import print_line, say
from vcred.cli.phrases import (
    ACCREDITED,
    AUDIT,
    BECAUSE,
    CLAIM_MIXES_SCRIPTS,
    ERROR,
    HINT,
    ISSUER_MIXES_SCRIPTS,
    RECOGNISED,
    SMALL_STATUS_LIST,
    STATUS_AGE,
    STATUS_AS_OF,
    TOO_OLD,
    TRUST_AS_OF,
)
from vcred.cli.times import age_text, duration_text, time_text
from vcred.codec.json_types import JsonValue
from vcred.credential.paths import ClaimPath, iter_leaves, join_path
from vcred.credential.type_outline import TypeOutline
from vcred.text.reasons import explain_reason, say_axis, say_axis_value, say_cause, say_check, say_decision
from vcred.text.sanitise import sanitise
from vcred.text.scripts import is_mixed_script
from vcred.trust.belief import Belief
from vcred.verifier.report import CheckStatus, Decision, VerificationReport

INDENT = " " * 11
_OPEN = (CheckStatus.FAILED, CheckStatus.INDETERMINATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """To whom a report is told.

    `belief` gives the names of organisations and places, `jurisdiction` is the gate's code,
    `language` one of `vcred.text.languages.LANGUAGES`, `now` the time that was judged.
    """

    belief: Belief
    jurisdiction: str
    language: str
    now: datetime


def tell_report(report: VerificationReport, audience: Audience) -> None:
    """Print a report."""
    print_line("   ".join(_headline(report, audience)))
    if report.decision is Decision.ACCEPTED:
        _tell_claims(report, audience)
        if report.evidence.is_status_list_small:
            say(SMALL_STATUS_LIST[audience.language])
    print_line(INDENT + _axes_line(report, audience.language))
    _tell_reasons(report, audience.language)
    codes = [str(reason) for reason in report.reasons]
    if report.audit and report.decision is Decision.ACCEPTED:
        # An answer about another time opens no gate: a script that reads the last line must see it.
        codes = ["audit"]
    say(f"{report.decision} ({', '.join(codes)})" if codes else str(report.decision))


def _headline(report: VerificationReport, audience: Audience) -> list[str]:
    language = audience.language
    parts = [say_decision(report.decision, language)]
    if report.type is not None and report.issuer is not None:
        outline = audience.belief.type_outline(report.type)
        parts.append(sanitise(report.type if outline is None else outline.name))
        parts.append(_issuer_name(report.issuer, audience))
        if report.decision is Decision.ACCEPTED:
            parts.append(_standing(report, audience))
    return [*parts, AUDIT[language]] if report.audit else parts


def _issuer_name(did: str, audience: Audience) -> str:
    organisation = audience.belief.organisation(did)
    name = did if organisation is None else name_in(organisation.name, audience.language)
    if is_mixed_script(name):
        say(ISSUER_MIXES_SCRIPTS[audience.language])
    return sanitise(name)


def _standing(report: VerificationReport, audience: Audience) -> str:
    """Say by which act the issuer counts here, and how old its status is."""
    belief, code, language = audience.belief, audience.jurisdiction, audience.language
    shown, status_as_of = report.require(), report.evidence.status_as_of
    is_own = any(
        item.jurisdiction == code and item.covers(shown.issued_at)
        for item in belief.accreditations(shown.issuer, shown.type)
    )
    known = belief.ledger_network.jurisdictions.get(code, {})
    place = sanitise(name_in(known, language) or code)
    act = (ACCREDITED if is_own else RECOGNISED)[language].format(place=place)
    if status_as_of is None:
        return act
    age = age_text(int(audience.now.timestamp()) - status_as_of, language)
    return f"{act}, {STATUS_AGE[language].format(age=age)}"


def _tell_claims(report: VerificationReport, audience: Audience) -> None:
    shown = report.require()
    for segments, value in _in_order(shown.claims, audience.belief.type_outline(shown.type)):
        path = join_path(segments)
        name, text = _in_words(path, value, shown.type, audience)
        print_line(f"{INDENT}{sanitise(name)} = {sanitise(text)}")
        if is_mixed_script(text):
            say(CLAIM_MIXES_SCRIPTS[audience.language].format(path=path))


def _in_order(
    claims: Mapping[str, JsonValue], outline: TypeOutline | None
) -> list[tuple[ClaimPath, JsonValue]]:
    """Return the claims, one by one, in the order of their type: that of the disclosures is random."""
    names = () if outline is None else outline.order
    places = {name: place for place, name in enumerate(names)}
    leaves = iter_leaves(dict(claims))
    return sorted(leaves, key=lambda leaf: (places.get(str(leaf[0][0]), len(names)), leaf[0]))


def _in_words(path: str, value: JsonValue, vct: str, audience: Audience) -> tuple[str, str]:
    """Return path and value in English, and their labels in another language."""
    text = value if isinstance(value, str) else str(value).lower()
    language = audience.language
    definition = None if language == "en" else audience.belief.type_definition(vct)
    if definition is None:
        return path, text
    return definition.label(path, language), definition.value_label(path, value, language)


def _axes_line(report: VerificationReport, language: str) -> str:
    axes = report.axes
    answers = (("authentic", axes.authentic), ("authorised", axes.authorised), ("current", axes.current))
    told = [f"{say_axis(name, language)} {say_axis_value(value, language)}" for name, value in answers]
    evidence = report.evidence
    if evidence.status_as_of is not None:
        # *Current* is a word about a list, which knows nothing of what came after it.
        told.append(STATUS_AS_OF[language].format(time=time_text(evidence.status_as_of)))
    return "   ".join([*told, TRUST_AS_OF[language].format(time=time_text(evidence.trust_as_of))])


def _tell_reasons(report: VerificationReport, language: str) -> None:
    hints: dict[str, None] = {}
    for check in report.checks:
        if check.status not in _OPEN or check.reason is None:
            continue
        sentence, hint = explain_reason(check.reason, language)
        # Details are in English, for who looks after the gate.
        detail = f" ({check.detail})" if check.detail and language == "en" else ""
        what = f"{sentence[:1].lower()}{sentence[1:]}"
        if check.cause is not None:
            what += f"{BECAUSE[language]}{say_cause(check.cause, language)}"
        if check.age is not None:
            age, allowed = (duration_text(n, language) for n in (check.age.seconds, check.age.allowed))
            detail += TOO_OLD[language].format(age=age, allowed=allowed)
        say(f"{ERROR[language]}: {say_check(check.name, language)}: {what}{detail}")
        if hint is not None:
            hints[hint] = None
    for hint in hints:
        say(f"{HINT[language]}: {hint}")
