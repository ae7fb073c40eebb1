# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to DID documents: one question, whatever the method.

did:key and did:jwk say it themselves. did:vcred is read from the source that the program
gives: a trust bundle, or the ledger. did:web comes with the guarded fetcher; until then it is
a method that is not supported.
"""

from typing import Protocol

from vcred.did.document import DidDocument
from vcred.did.methods.jwk import resolve_did_jwk
from vcred.did.methods.key import resolve_did_key
from vcred.did.resolution import Problem, Resolution
from vcred.did.syntax import parse_did
from vcred.errors import KeyMaterialError, RefusedError


class VcredSource(Protocol):
    """Resolves a did:vcred on the evidence it has: `partial(resolve_did, state)` is one."""

    def __call__(self, did: str, *, version_id: str | None, version_time: int | None) -> Resolution:
        """Answer as `Resolver.resolve`."""
        ...


class Resolver:
    """Resolves DIDs. Without a source no did:vcred is found."""

    def __init__(self, source: VcredSource | None = None) -> None:
        self._source = source

    def resolve(
        self, did: str, *, version_id: str | None = None, version_time: int | None = None
    ) -> Resolution:
        """Resolve a DID: the newest version, or the one that is asked for. Never raises.

        Args:
            did: A DID without path, query or fragment; may come from a stranger.
            version_id: Name of a version, as the metadata of a result give it.
            version_time: NumericDate: the version in force then.

        Spec: DID Resolution 1.0 section 4.4.
        """
        try:
            method = parse_did(did).method
        except RefusedError as error:
            return Resolution.failed(Problem.INVALID_DID, str(error))
        if version_id is not None and version_time is not None:
            return Resolution.failed(Problem.INVALID_OPTIONS, "versionId and versionTime exclude each other")
        match method:
            case "key" | "jwk":
                return _resolve_key(did, method, version_id)
            case "vcred" if self._source is not None:
                return self._source(did, version_id=version_id, version_time=version_time)
            case "vcred":
                return Resolution.failed(Problem.NOT_FOUND, "no ledger is known here")
        return Resolution.failed(Problem.METHOD_NOT_SUPPORTED, "not a DID of a method that is known here")


def _resolve_key(did: str, method: str, version_id: str | None) -> Resolution:
    """A key never changes: it is the same at any time, and has no versions to name."""
    if version_id is not None:
        return Resolution.failed(Problem.NOT_FOUND, "a DID that is a key has no versions")
    try:
        document: DidDocument = resolve_did_key(did) if method == "key" else resolve_did_jwk(did)
    except (RefusedError, KeyMaterialError) as error:
        return Resolution.failed(Problem.INVALID_DID, str(error))
    return Resolution.found(document)
