# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The DID document of an organisation, as the ledger has it, now or as of a version or a time.

A document lists the methods in force, each in the relationship of its one purpose. A key that
is distrusted stays listed, so that its name can be looked up, and is in no relationship: it
authorises nothing.

Spec: docs/spec/did-vcred.md, Resolve; DID Core 1.0 section 5.
"""

from dataclasses import dataclass

from vcred.did.document import DidDocument, Service, VerificationMethod
from vcred.did.methods.vcred import validate_did
from vcred.did.operations import SITE_SERVICE, STATUS_SERVICE
from vcred.did.resolution import DocumentMetadata, Problem, Resolution
from vcred.did.syntax import parse_did
from vcred.errors import RefusedError
from vcred.ledger.state import DidVersion, Organisation, State
from vcred.limits import MAX_JSON_INTEGER


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """A version of an organisation, and the moment (NumericDate) at which its keys are looked at."""

    version: DidVersion
    following: DidVersion | None
    at: int


def resolve_did(
    state: State, did: str, *, version_id: str | None = None, version_time: int | None = None
) -> Resolution:
    """Resolve a did:vcred on the ledger's state. Never raises.

    Says what stands below the state's size and nothing about how old that is.

    Args:
        state: The ledger, replayed.
        did: The DID; may come from a stranger.
        version_id: Text of the hash of one of the DID's operations: the version that it made, as
            it was when the next one came.
        version_time: NumericDate: the version in force then, with the keys in force then.

    Spec: docs/spec/did-vcred.md, Resolve; DID Resolution 1.0 section 4.4.
    """
    if version_id is not None and version_time is not None:
        return Resolution.failed(Problem.INVALID_OPTIONS, "versionId and versionTime exclude each other")
    try:
        if parse_did(did).method != "vcred":
            return Resolution.failed(Problem.METHOD_NOT_SUPPORTED, "not a did:vcred")
        validate_did(did)
    except RefusedError as error:
        return Resolution.failed(Problem.INVALID_DID, str(error))
    organisation = state.organisations.get(did)
    if organisation is None:
        return Resolution.failed(Problem.NOT_FOUND, "that DID is not on the ledger that is held")
    chosen = _choose(organisation, version_id, version_time)
    if chosen is None:
        return Resolution.failed(Problem.NOT_FOUND, "that DID has no such version on the ledger that is held")
    metadata = _metadata(organisation, chosen)
    if chosen.version.deactivated:
        return Resolution.ended(metadata)
    return Resolution.found(_document(organisation, chosen), metadata)


def _choose(organisation: Organisation, version_id: str | None, version_time: int | None) -> _Chosen | None:
    # The newest version lasts: whatever was ever said against its keys counts.
    at, following = MAX_JSON_INTEGER, None
    for version in reversed(organisation.versions):
        by_id = version_id is None or version.hash == version_id
        by_time = version_time is None or version.logged_at <= version_time
        if by_id and by_time:
            moment = at if version_time is None else version_time
            return _Chosen(version=version, following=following, at=max(moment, version.logged_at))
        at, following = version.logged_at - 1, version
    return None


def _metadata(organisation: Organisation, chosen: _Chosen) -> DocumentMetadata:
    version, following = chosen.version, chosen.following
    is_first = version is organisation.versions[0]
    return DocumentMetadata(
        created=organisation.created_at,
        updated=None if is_first else version.logged_at,
        deactivated=version.deactivated,
        version_id=version.hash,
        next_update=None if following is None else following.logged_at,
        next_version_id=None if following is None else following.hash,
    )


def _document(organisation: Organisation, chosen: _Chosen) -> DidDocument:
    did, at = organisation.did, chosen.at
    in_force = [method for method in organisation.methods if method.in_force(at)]
    relationships: dict[str, tuple[str, ...]] = {}
    for method in in_force:
        if not method.is_distrusted(at):
            purpose = str(method.purpose)
            relationships[purpose] = (*relationships.get(purpose, ()), method.id)
    return DidDocument(
        id=did,
        controller=did,
        methods=tuple(
            VerificationMethod(id=method.id, controller=did, key=method.key) for method in in_force
        ),
        relationships=relationships,
        services=_services(organisation, chosen.version),
    )


def _services(organisation: Organisation, version: DidVersion) -> tuple[Service, ...]:
    # A base keeps the number that it had first (docs/spec/qr.md): its id never means another place.
    bases = [
        Service(id=f"{organisation.did}#status-{number}", type=STATUS_SERVICE, endpoint=base)
        for number, base in enumerate(organisation.status_bases)
        if base in version.status_bases
    ]
    sites = [
        Service(id=f"{organisation.did}#site-{number}", type=SITE_SERVICE, endpoint=site)
        for number, site in enumerate(version.sites)
    ]
    return (*bases, *sites)
