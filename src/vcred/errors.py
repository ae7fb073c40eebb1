# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Errors, by whose fault they are.

A message names what is wrong and where, never a claim's value. `hint` says what
to do next. Misuse by the calling programmer is ValueError, TypeError or
RuntimeError instead, never one of these.
"""

from typing import ClassVar

from vcred.reasons import Reason


class VcredError(Exception):
    """Anything vcred refuses or cannot do. `code` is stable; the message is prose."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class DecodeError(VcredError):
    """The bytes are not what they claim to be."""

    code = "malformed"


class LimitExceededError(DecodeError):
    """The bytes are larger, deeper or more than a limit of `vcred.limits` allows."""

    code = "limit_exceeded"


class SchemaError(VcredError):
    """Claims do not fit their credential type, or a type definition its own rules.

    `path` is the claim path ("match.name"), `rule` the rule in words ("not in the list").
    """

    code = "schema"

    def __init__(self, path: str, rule: str, *, hint: str | None = None) -> None:
        super().__init__(f"{path}: {rule}", hint=hint)
        self.path = path
        self.rule = rule


class KeyMaterialError(VcredError):
    """The key cannot be used: off its curve, of small order, wrong length or kind."""

    code = "key_unusable"


class UnsupportedAlgorithmError(KeyMaterialError):
    """No row of the table of algorithms, or not one that is allowed here."""

    code = "algorithm_not_allowed"


class SignatureError(VcredError):
    """A signature does not verify under the key."""

    code = "signature_invalid"


class RefusedError(VcredError):
    """A check has failed; `reason` is its stable code."""

    code = "refused"

    def __init__(self, reason: Reason, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class ResolutionError(VcredError):
    """A DID cannot be resolved: `kind` is the DID Resolution error."""

    code = "did_resolution"

    def __init__(self, kind: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


class LedgerError(VcredError):
    """The ledger refuses an entry; `reason` is its stable code."""

    code = "ledger"

    def __init__(self, reason: Reason, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class InclusionError(VcredError):
    """An inclusion proof does not lead to the root it was held against."""

    code = "inclusion"


class InconsistencyError(VcredError):
    """Two heads of one log are not prefix and extension. The values are evidence: keep them."""

    code = "fork"


class QuorumError(VcredError):
    """Too few witnesses have cosigned a checkpoint."""

    code = "quorum_missing"


class TrustBundleError(VcredError):
    """A trust bundle may not replace what is held; `reason` is the stable code.

    `evidence` holds, for a fork, the two signed things that contradict each other: keep them.
    """

    code = "trust_bundle"

    def __init__(
        self, reason: Reason, message: str, *, hint: str | None = None, evidence: tuple[bytes, ...] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.evidence = evidence


class StoreError(VcredError):
    """A store is locked, damaged, missing or of another kind."""

    code = "store"


class LockedError(StoreError):
    """Another process has the place. It ends, or it is waited for."""


class WrongSecretError(StoreError):
    """The passphrase or key file is another one, or what it opens is damaged: which, nobody can say."""


class HeadMovedError(StoreError):
    """Another writer has appended to the log, or published, since it was read. Try again."""


class FetchError(VcredError):
    """A server cannot be reached, or does not answer as it should."""

    code = "fetch"


class UsageError(VcredError):
    """The command was given something it does not take."""

    code = "usage"
