# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The stable reason codes. Tests, vectors, exit codes and screens use the code, never the prose.

`docs/spec/verdict.md` tables what each means, on which axis it weighs and to which
decision it leads. Adding a code is fine; removing or renaming one breaks the contract.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a check failed, or could not be made."""

    LIMIT_EXCEEDED = "limit_exceeded"
    MALFORMED = "malformed"
    ALGORITHM_NOT_ALLOWED = "algorithm_not_allowed"
    HEADER_NOT_ALLOWED = "header_not_allowed"
    MEDIA_TYPE_WRONG = "media_type_wrong"
    SIGNATURE_INVALID = "signature_invalid"
    KEY_UNUSABLE = "key_unusable"
    KEY_NOT_AUTHORISED = "key_not_authorised"
    KEY_DISTRUSTED = "key_distrusted"
    DID_INVALID = "did_invalid"
    ISSUER_UNKNOWN = "issuer_unknown"
    ISSUER_NOT_ACCREDITED = "issuer_not_accredited"
    NOT_RECOGNISED = "not_recognised"
    TYPE_UNKNOWN = "type_unknown"
    DISCLOSURE_INVALID = "disclosure_invalid"
    KEY_BINDING_INVALID = "key_binding_invalid"
    BINDING_NOT_ACCEPTED = "binding_not_accepted"
    AUDIENCE_WRONG = "audience_wrong"
    NONCE_WRONG = "nonce_wrong"
    REPLAYED = "replayed"
    REQUEST_INVALID = "request_invalid"
    REQUEST_EXPIRED = "request_expired"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    CLOCK_UNRELIABLE = "clock_unreliable"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    STATUS_INVALID = "status_invalid"
    STATUS_MISSING = "status_missing"
    STALE = "stale"
    POLICY_UNMET = "policy_unmet"
    REFERENCE_UNKNOWN = "reference_unknown"
    VERSION_UNSUPPORTED = "version_unsupported"

    QUORUM_MISSING = "quorum_missing"
    ROLLBACK = "rollback"
    FORK = "fork"
    BUNDLE_INCONSISTENT = "bundle_inconsistent"
    BUNDLE_GAP = "bundle_gap"
    PATH_REFUSED = "path_refused"
    NOT_AUTHORISED = "not_authorised"

    ADDRESS_REFUSED = "address_refused"
    CONTEXT_REFUSED = "context_refused"
    CANONICALIZATION_LIMIT = "canonicalization_limit"
    PROOF_PURPOSE_WRONG = "proof_purpose_wrong"
    RATE_LIMITED = "rate_limited"
    APPROVAL_REQUIRED = "approval_required"
    COPIES_SPENT = "copies_spent"


class Cause(StrEnum):
    """Which of the ways to a reason it was, where one reason has several."""

    KEY_RETIRED = "key_retired"
    KEY_NOT_YET_IN_FORCE = "key_not_yet_in_force"
    ACCREDITATION_CEASED = "accreditation_ceased"
    ACCREDITATION_VOID = "accreditation_void"
    ACCREDITATION_NOT_COVERING = "accreditation_not_covering"
    RECOGNITION_CEASED = "recognition_ceased"
    RECOGNITION_VOID = "recognition_void"
    RECOGNITION_NOT_COVERING = "recognition_not_covering"
