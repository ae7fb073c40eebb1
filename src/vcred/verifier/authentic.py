# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Is it what the issuer signed, and shown by its holder now? Steps 3 to 6 and 8.

Spec: RFC 9901 sections 7.1 and 7.3; docs/spec/verdict.md, Binding.
"""

from hashlib import sha256

from vcred.codec.base64url import decode_base64url
from vcred.credential.presentation import Binding
from vcred.credential.request import PresentationRequest
from vcred.did.operations import Purpose
from vcred.errors import DecodeError, RefusedError, SignatureError
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation
from vcred.keys.public import PublicKey
from vcred.ledger.state import MethodRecord
from vcred.limits import CHALLENGE_WINDOW, LIVE_WINDOW_FUTURE, LIVE_WINDOW_PAST
from vcred.reasons import Cause, Reason
from vcred.securing.jws import check_header, verify_jws
from vcred.securing.sd_jwt.key_binding import KeyBinding, verify_key_binding
from vcred.securing.sd_jwt.process import Processed
from vcred.verifier.case import Case, failed, passed
from vcred.verifier.report import CheckResult

LIVE_NONCE_BYTES = 16
_PAST = int(LIVE_WINDOW_PAST.total_seconds())
_FUTURE = int(LIVE_WINDOW_FUTURE.total_seconds())
_CHALLENGE = int(CHALLENGE_WINDOW.total_seconds())
_CLOCK_HINT = "if the code was made just now, the holder's clock is wrong: ask with a request"


def check_issuer_key(
    case: Case, presentation: UnverifiedPresentation
) -> tuple[CheckResult, MethodRecord | None]:
    """Step 3. The key must be that issuer's, for credentials, at `iat`; never one that came along."""
    name, issuer, key_id = "issuer_key", presentation.issuer, presentation.key_id
    if key_id is None or not key_id.startswith(f"{issuer}#"):
        return failed(name, Reason.KEY_NOT_AUTHORISED, "kid is not a DID URL of the issuer"), None
    if case.belief.organisation(issuer) is None:
        return case.absent(name, Reason.ISSUER_UNKNOWN, "the issuer is not on this network's ledger"), None
    method = case.belief.method(issuer, key_id)
    if method is None:
        return case.absent(name, Reason.KEY_NOT_AUTHORISED, "the issuer has no such key"), None
    if method.purpose is not Purpose.ASSERTION:
        return failed(name, Reason.KEY_NOT_AUTHORISED, f"the key is for {method.purpose} only"), None
    issued_at = case.now if presentation.issued_at is None else presentation.issued_at
    if method.is_distrusted(issued_at):
        # Whoever has the key chooses iat. Final: no later bundle brings the key back.
        return failed(name, Reason.KEY_DISTRUSTED, "the issuer's key was declared void"), None
    if not method.in_force(issued_at):
        cause = Cause.KEY_NOT_YET_IN_FORCE if issued_at < method.added_at else Cause.KEY_RETIRED
        return case.absent(name, Reason.KEY_NOT_AUTHORISED, "the key was not in force at iat", cause), None
    return passed(name), method


def check_algorithm(case: Case, presentation: UnverifiedPresentation, key: PublicKey) -> CheckResult:
    """Step 4. The policy's list decides, and the key's own algorithm; the header only agrees."""
    try:
        check_header(presentation.issuer_jws, typ=MEDIA_TYPE, allowed=case.policy.algorithms)
    except RefusedError as error:
        return failed("algorithm", error.reason, str(error))
    if not key.algorithm.is_named(presentation.issuer_jws.header.get("alg")):
        return failed("algorithm", Reason.ALGORITHM_NOT_ALLOWED, "alg is not the algorithm of the key")
    return passed("algorithm")


def check_issuer_signature(presentation: UnverifiedPresentation, key: PublicKey) -> CheckResult:
    """Step 5."""
    try:
        verify_jws(presentation.issuer_jws, key)
    except SignatureError:
        return failed("issuer_signature", Reason.SIGNATURE_INVALID, "the issuer's key did not sign this")
    except RefusedError as error:
        return failed("issuer_signature", error.reason, str(error))
    return passed("issuer_signature")


def check_disclosures(presentation: UnverifiedPresentation) -> tuple[CheckResult, Processed | None]:
    """Step 6. RFC 9901 section 7.1 steps 3 to 5."""
    try:
        return passed("disclosures"), open_claims(presentation)
    except RefusedError as error:
        return failed("disclosures", error.reason, str(error)), None
    except DecodeError as error:
        return failed("disclosures", Reason.DISCLOSURE_INVALID, str(error)), None


def binding_of(case: Case, presentation: UnverifiedPresentation) -> Binding:
    """Which binding the presentation claims; whether it holds is `check_key_binding`'s."""
    if presentation.key_binding is None:
        return Binding.NONE
    live = presentation.key_binding.audience == case.belief.live_audience
    return Binding.LIVE if live else Binding.CHALLENGE


def check_key_binding(
    case: Case, presentation: UnverifiedPresentation, binding: Binding, *, paper: bool
) -> CheckResult:
    """Step 8. Required by the credential and the policy, never by what the holder sent.

    Args:
        case: The question.
        presentation: Its issuer's signature has verified.
        binding: What `binding_of` said.
        paper: Whether the type allows credentials without a holder's key.
    """
    name = "key_binding"
    proof, key = presentation.key_binding, presentation.holder_key
    if "aud" in presentation.payload:
        # V10. Whoever it was issued for, it was not for every gate: no issuer here names one.
        return failed(name, Reason.AUDIENCE_WRONG, "the credential itself is for one audience only")
    if proof is None:
        if presentation.has_cnf or not paper:
            return failed(name, Reason.KEY_BINDING_INVALID, "the holder's key binding is missing")
    elif key is None:
        return failed(name, Reason.KEY_BINDING_INVALID, "the credential is bound to no key")
    else:
        try:
            verify_key_binding(proof, presentation.sd_jwt, key=key, allowed=case.policy.algorithms)
        except RefusedError as error:
            return failed(name, error.reason, str(error))
        wrong = _check_challenge(case, proof) if binding is Binding.CHALLENGE else _check_live(case, proof)
        if wrong is not None:
            return wrong
    if binding not in case.policy.bindings:
        return failed(name, Reason.BINDING_NOT_ACCEPTED, f"this post does not take the binding {binding}")
    return passed(name)


def replay_key(proof: KeyBinding, binding: Binding | None) -> bytes:
    """What must not come twice: the code itself, or of a request any answer, 32 bytes.

    Signatures are malleable: what was signed is remembered, not the signature.
    """
    if binding is Binding.CHALLENGE:
        return request_key(proof.audience, proof.nonce)
    return sha256(proof.jws.signing_input).digest()


def request_key(audience: str, nonce: str) -> bytes:
    """What a request and every answer to it go by, 32 bytes."""
    return sha256(f"request\0{audience}\0{nonce}".encode()).digest()


def request_until(request: PresentationRequest) -> int:
    """Until when an answered request must be remembered: past the time in which it can be answered."""
    return request.expires_at + _FUTURE + _CHALLENGE


def replay_until(proof: KeyBinding, binding: Binding) -> int:
    """Until when a code must be remembered: past the window in which it could be shown again."""
    return proof.issued_at + (_CHALLENGE if binding is Binding.CHALLENGE else _PAST) + _FUTURE


def _check_live(case: Case, proof: KeyBinding) -> CheckResult | None:
    if case.request is not None:
        return failed("key_binding", Reason.AUDIENCE_WRONG, "a live code does not answer a request")
    try:
        nonce = decode_base64url(proof.nonce)
    except DecodeError:
        nonce = b""
    if len(nonce) != LIVE_NONCE_BYTES:
        return failed("key_binding", Reason.NONCE_WRONG, "the nonce of a live code is 16 bytes")
    return _check_window(case, proof, past=_PAST)


def _check_challenge(case: Case, proof: KeyBinding) -> CheckResult | None:
    request = case.request
    if request is None:
        # Nothing was asked. An answer to a DID answers a request that this home does not know.
        asked_by_did = proof.audience.startswith("did:")
        reason = Reason.NONCE_WRONG if asked_by_did else Reason.AUDIENCE_WRONG
        return failed("key_binding", reason, "the code was made for someone else, or for another request")
    if proof.audience != request.audience:
        return failed("key_binding", Reason.AUDIENCE_WRONG, "the answer is for another verifier")
    if proof.nonce != request.nonce:
        return failed("key_binding", Reason.NONCE_WRONG, "the answer is to another request")
    if case.now >= request.expires_at:
        return failed("key_binding", Reason.REQUEST_EXPIRED, "the request has expired")
    return _check_window(case, proof, past=_CHALLENGE)


def _check_window(case: Case, proof: KeyBinding, *, past: int) -> CheckResult | None:
    age = case.now - proof.issued_at
    if age > past:
        return failed("key_binding", Reason.REPLAYED, f"the code is older than {past} s; {_CLOCK_HINT}")
    if age < -_FUTURE:
        return failed("key_binding", Reason.NOT_YET_VALID, f"the code is from the future; {_CLOCK_HINT}")
    return None
