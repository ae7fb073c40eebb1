# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""May that issuer issue this type, is it recognised here, and does this post admit it? Steps 9 and 11.

Spec: docs/spec/ledger-entries.md; docs/spec/verdict.md.
"""

from collections.abc import Sequence

from vcred.codec.json_types import JsonObject
from vcred.credential.presentation import Binding
from vcred.credential.type_outline import TypeOutline
from vcred.errors import DecodeError
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation
from vcred.ledger.state import Accreditation, Recognition
from vcred.reasons import Cause, Reason
from vcred.verifier.case import Case, failed, passed, unknown
from vcred.verifier.policy import Facts, HasClaims, Rule, TypeIn, is_shown
from vcred.verifier.report import CheckResult


def check_accreditation(
    case: Case, presentation: UnverifiedPresentation, definition: TypeOutline | None
) -> tuple[CheckResult, tuple[Accreditation, ...]]:
    """Step 9. Some jurisdiction accredited this issuer for this type at `iat`."""
    name, vct = "accreditation", presentation.vct
    if case.belief.state.unsupported:
        detail = "the ledger has an entry that this version cannot judge"
        return unknown(name, Reason.VERSION_UNSUPPORTED, detail), ()
    if vct is None:
        return failed(name, Reason.POLICY_UNMET, "the credential names no type"), ()
    if definition is None:
        return case.absent(
            name, Reason.TYPE_UNKNOWN, "the type is not published, or its content not held"
        ), ()
    issued_at = case.now if presentation.issued_at is None else presentation.issued_at
    known = case.belief.accreditations(presentation.issuer, vct)
    covering = tuple([item for item in known if item.covers(issued_at)])
    if not covering:
        detail = "no accreditation of the issuer covers this type at iat"
        cause = _why_not_accredited(known, issued_at)
        return case.absent(name, Reason.ISSUER_NOT_ACCREDITED, detail, cause), ()
    return passed(name), covering


def check_recognition(
    case: Case,
    presentation: UnverifiedPresentation,
    accreditations: tuple[Accreditation, ...],
    binding: Binding,
    claims: JsonObject,
) -> CheckResult:
    """Step 9. Accredited here, or recognised here now under the entry's conditions. Never transitive."""
    here = case.policy.jurisdiction
    accredited_in = {item.jurisdiction for item in accreditations}
    if here in accredited_in:
        return passed("recognition")
    issued_at = case.now if presentation.issued_at is None else presentation.issued_at
    known = [
        recognition
        for recognition in case.belief.recognitions(here, presentation.vct or "")
        if recognition.of_jurisdiction in accredited_in
    ]
    for recognition in known:
        if recognition.covers(issued_at, now=case.now) and _meets_conditions(recognition, binding, claims):
            return passed("recognition")
    detail = "this jurisdiction does not recognise it"
    return case.absent("recognition", Reason.NOT_RECOGNISED, detail, _why_not_recognised(known, issued_at))


def _why_not_accredited(known: Sequence[Accreditation], issued_at: int) -> Cause | None:
    """What became of the accreditation that would have covered it, the newest if there are several."""
    for item in reversed(known):
        if item.from_time <= issued_at < item.until:
            return Cause.ACCREDITATION_VOID if item.void else Cause.ACCREDITATION_CEASED
    return Cause.ACCREDITATION_NOT_COVERING if known else None


def _why_not_recognised(known: Sequence[Recognition], issued_at: int) -> Cause | None:
    """What became of the newest; but if one still stands, it is its conditions that are not met."""
    causes = [_how_it_ended(item, issued_at) for item in known]
    if None in causes:
        return Cause.RECOGNITION_NOT_COVERING
    return causes[-1] if causes else None


def _how_it_ended(item: Recognition, issued_at: int) -> Cause | None:
    if item.void:
        return Cause.RECOGNITION_VOID
    ceased = item.ceased_at is not None and issued_at >= item.ceased_at
    return Cause.RECOGNITION_CEASED if ceased else None


def check_policy(
    case: Case,
    presentation: UnverifiedPresentation,
    definition: TypeOutline | None,
    claims: JsonObject,
    *,
    accredited: bool,
) -> CheckResult:
    """Step 11. Over verified claims only; a withheld claim is missing, not false.

    An answer must hold what was asked: what the holder's wallet promises is not relied upon. Whether
    the claims are those of the type is asked of those who are `accredited` for it.
    """
    if definition is None:
        detail = "the credential is of no type that could be asked for"
        return case.absent("policy", Reason.POLICY_UNMET, detail)
    if definition.expiry_claim is not None and presentation.expires_at is None:
        return failed("policy", Reason.POLICY_UNMET, "a credential of this type has exp")
    if presentation.issued_at is None:
        return failed("policy", Reason.POLICY_UNMET, "a credential has iat")
    strange = _strange_to_type(presentation, definition, claims) if accredited else None
    if strange is not None:
        return failed("policy", Reason.POLICY_UNMET, strange)
    facts = Facts(
        issuer=presentation.issuer,
        type=presentation.vct or "",
        type_name=definition.name,
        claims=claims,
        issued_at=presentation.issued_at,
        now=case.now,
    )
    missing = next((text for rule in _rules(case) if (text := rule.unmet(facts))), None)
    return passed("policy") if missing is None else failed("policy", Reason.POLICY_UNMET, missing)


def _strange_to_type(
    presentation: UnverifiedPresentation, definition: TypeOutline, claims: JsonObject
) -> str | None:
    """What no credential of this type is: being accredited for one type is no right to say another's."""
    if not claims.keys() <= set(definition.order):
        return "a claim that the type does not have"
    if not presentation.payload.keys() >= set(definition.always_shown):
        return "a claim that is always shown is missing, or was to be withheld"
    try:
        expires_at = definition.expires_at(claims)
    except DecodeError:
        return "the claim that says until when it is good cannot be read"
    # An earlier exp takes nothing from anybody; a later one would outlive what the officer reads.
    if expires_at is not None and (presentation.expires_at or 0) > expires_at:
        return "exp is later than the type's claim says"
    return None


def _rules(case: Case) -> tuple[Rule, ...]:
    asked = case.request
    if asked is None:
        return (case.policy.rule,)
    return (TypeIn(frozenset({asked.type})), HasClaims(asked.claims), case.policy.rule)


def _meets_conditions(recognition: Recognition, binding: Binding, claims: JsonObject) -> bool:
    conditions = recognition.conditions
    if conditions.bindings is not None and binding not in conditions.bindings:
        return False
    return all(is_shown(claims, path) for path in conditions.required_claims)
