# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The rule: a presentation, a request, a belief, a policy and a time go in; a report comes out.

Nothing here opens a socket, reads a file or asks the clock, and hostile input never raises.

Spec: docs/spec/verdict.md, Checks (the numbers are its steps).
"""

from dataclasses import dataclass, field
from datetime import datetime

from vcred.codec.json_types import JsonObject
from vcred.credential.paths import RESERVED_NAMES
from vcred.credential.presentation import Binding, VerifiedPresentation
from vcred.credential.request import PresentationRequest
from vcred.credential.type_outline import TypeOutline
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation, parse_presentation
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.verifier.authentic import (
    binding_of,
    check_algorithm,
    check_disclosures,
    check_issuer_key,
    check_issuer_signature,
    check_key_binding,
    replay_key,
    replay_until,
    request_until,
)
from vcred.verifier.authorised import check_accreditation, check_policy, check_recognition
from vcred.verifier.case import Case, failed, make_case, passed, unknown
from vcred.verifier.current import StatusFinding, check_status, check_trust_age, check_validity
from vcred.verifier.policy import Policy
from vcred.verifier.report import CHECKS, CheckResult, CheckStatus, Evidence, VerificationReport

# What absence of an entry, not a defect of the code, makes of unpacking.
_UNPACK_UNKNOWN = frozenset({Reason.REFERENCE_UNKNOWN, Reason.VERSION_UNSUPPORTED})


# Checks that do not run are named as such in the report: they count as unknown, never as passed.
_NOT_RUN = {name: CheckResult(name=name, status=CheckStatus.NOT_RUN) for name in CHECKS}


@dataclass(slots=True)
class _Findings:
    """What the steps have found so far; becomes the report."""

    checks: dict[str, CheckResult] = field(default_factory=_NOT_RUN.copy)
    presentation: UnverifiedPresentation | None = None
    definition: TypeOutline | None = None
    claims: JsonObject | None = None
    binding: Binding | None = None
    status: StatusFinding | None = None

    def add(self, result: CheckResult) -> bool:
        """Note a check; returns whether it passed."""
        self.checks[result.name] = result
        return result.status is CheckStatus.PASSED


def evaluate(
    presentation: str,
    *,
    request: PresentationRequest | None,
    belief: Belief,
    policy: Policy,
    now: datetime,
) -> VerificationReport:
    """Run every check that can run, and report each one.

    Args:
        presentation: `VC1:` text, or an SD-JWT(+KB) as text.
        request: The request that it answers; None if nothing was asked.
        belief: From the trust bundle.
        policy: This post's.
        now: Time of verification, timezone-aware.

    Raises:
        ValueError: `now` has no time zone. The caller's mistake, not the holder's.
    """
    if now.utcoffset() is None:
        raise ValueError("now must be timezone-aware")
    case = make_case(belief, policy, request, now=int((now - _EPOCH).total_seconds()))
    found = _Findings()
    found.add(check_trust_age(case))
    text = _open(case, found, presentation)
    if text is not None and (parsed := _parse(found, text)) is not None:
        _judge(case, found, parsed)
    return _report(case, found)


def unreadable(
    error: DecodeError | RefusedError, *, belief: Belief, policy: Policy, now: datetime
) -> VerificationReport:
    """The report on a picture, or bytes, in which no presentation could be read."""
    case = make_case(belief, policy, None, now=int((now - _EPOCH).total_seconds()))
    found = _Findings()
    found.add(check_trust_age(case))
    name = "limits" if isinstance(error, LimitExceededError) else "format"
    found.add(failed(name, _reason_of(error), str(error)))
    return _report(case, found)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _open(case: Case, found: _Findings, presentation: str) -> str | None:
    """Steps 0 and 1: size, then the code unpacked to the byte-identical SD-JWT."""
    if len(presentation) > MAX_PRESENTATION_BYTES:
        detail = f"more than {MAX_PRESENTATION_BYTES} characters"
        found.add(failed("limits", Reason.LIMIT_EXCEEDED, detail))
        return None
    found.add(passed("limits"))
    try:
        text = _unpack(case, presentation) if _is_code(presentation) else presentation
    except RefusedError as error:
        result = unknown if error.reason in _UNPACK_UNKNOWN else failed
        if error.reason is Reason.ISSUER_UNKNOWN:
            # Another network's code: its issuer is unknown here, whatever else it says.
            found.add(failed("issuer_key", error.reason, str(error)))
            return None
        if error.reason is Reason.TYPE_UNKNOWN:
            # The type's content is not held: absence, as for a presentation as text.
            found.add(case.absent("accreditation", error.reason, str(error)))
            return None
        name = "issuer_key" if error.reason in _UNPACK_UNKNOWN else "format"
        found.add(result(name, error.reason, str(error)))
        return None
    except LimitExceededError as error:
        found.add(failed("limits", Reason.LIMIT_EXCEEDED, str(error)))
        return None
    except DecodeError as error:
        found.add(failed("format", Reason.MALFORMED, str(error)))
        return None
    found.add(passed("format"))
    return text


def _is_code(presentation: str) -> bool:
    # An SD-JWT has tildes and no colon; all else must be a code of ours.
    return ":" in presentation or "~" not in presentation


def _unpack(case: Case, presentation: str) -> str:
    # Here, because what reads codes is a fifth of what a verifier of texts would have to load.
    from vcred.qr.frame import decode_text
    from vcred.qr.packing import unpack

    return unpack(decode_text(presentation), case.belief)


def _parse(found: _Findings, text: str) -> UnverifiedPresentation | None:
    """Step 2."""
    try:
        parsed = parse_presentation(text)
    except (RefusedError, DecodeError) as error:
        name = "limits" if isinstance(error, LimitExceededError) else "parse"
        found.add(failed(name, _reason_of(error), str(error)))
        return None
    found.add(passed("parse"))
    return parsed


def _judge(case: Case, found: _Findings, parsed: UnverifiedPresentation) -> None:
    """Steps 3 to 11. Nothing that the issuer is said to have said is judged before its signature."""
    key_result, method = check_issuer_key(case, parsed)
    found.add(key_result)
    if method is None or not found.add(check_algorithm(case, parsed, method.key)):
        return
    if not found.add(check_issuer_signature(parsed, method.key)):
        return
    found.presentation = parsed
    found.definition = definition = _definition(case, parsed)
    found.binding = binding_of(case, parsed)
    paper = definition is not None and definition.paper
    # Step 8 comes before 6 and 7, which it does not need: what the first signature has brought
    # into the processor's caches is then still there for the second.
    found.add(check_key_binding(case, parsed, found.binding, paper=paper))
    disclosures, processed = check_disclosures(parsed)
    found.add(disclosures)
    found.add(check_validity(case, parsed))
    accredited, accreditations = check_accreditation(case, parsed, definition)
    found.add(accredited)
    type_name = "" if definition is None else definition.name
    found.status = check_status(case, parsed, type_name)
    found.add(found.status.check)
    if processed is None:
        return
    found.claims = {n: v for n, v in processed.claims.items() if n not in RESERVED_NAMES}
    if accreditations:
        found.add(check_recognition(case, parsed, accreditations, found.binding, found.claims))
    found.add(check_policy(case, parsed, definition, found.claims, accredited=bool(accreditations)))


def _definition(case: Case, parsed: UnverifiedPresentation) -> TypeOutline | None:
    return None if parsed.vct is None else case.belief.type_outline(parsed.vct)


def _report(case: Case, found: _Findings) -> VerificationReport:
    """Step 12."""
    parsed, binding, status = found.presentation, found.binding, found.status
    proof = None if parsed is None else parsed.key_binding
    until = 0 if proof is None or binding is None else replay_until(proof, binding)
    return VerificationReport(
        checks=tuple(found.checks.values()),
        evidence=Evidence(
            size=case.belief.size,
            root=case.belief.root,
            trust_as_of=case.belief.trust_as_of,
            status_as_of=None if status is None else status.as_of,
            is_status_list_small=status is not None and status.is_small,
        ),
        audit=case.belief.audit,
        binding=binding,
        issuer=None if parsed is None else parsed.issuer,
        type=None if parsed is None else parsed.vct,
        replay_key=None if proof is None else replay_key(proof, binding),
        replay_until=until if case.request is None else max(until, request_until(case.request)),
        _verified=_verified(found),
    )


def _verified(found: _Findings) -> VerifiedPresentation | None:
    parsed, definition = found.presentation, found.definition
    if parsed is None or definition is None or found.claims is None or found.binding is None:
        return None
    return VerifiedPresentation(
        issuer=parsed.issuer,
        type=parsed.vct or "",
        type_name=definition.name,
        binding=found.binding,
        issued_at=parsed.issued_at or 0,
        expires_at=parsed.expires_at,
        claims=found.claims,
    )


def _reason_of(error: DecodeError | RefusedError) -> Reason:
    if isinstance(error, RefusedError):
        return error.reason
    return Reason.LIMIT_EXCEEDED if isinstance(error, LimitExceededError) else Reason.MALFORMED
