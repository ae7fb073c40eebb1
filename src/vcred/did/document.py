# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a DID document says: which keys, for which purposes, and which services.

A key listed but in no relationship authorises nothing, nor does a key that
another DID controls: `key_for` is the only way from an id to a key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import RefusedError
from vcred.keys.public import PublicKey
from vcred.reasons import Reason


class Relationship(StrEnum):
    """What a verification method may be used for."""

    AUTHENTICATION = "authentication"
    ASSERTION_METHOD = "assertionMethod"
    CAPABILITY_INVOCATION = "capabilityInvocation"
    CAPABILITY_DELEGATION = "capabilityDelegation"
    STATUS_ASSERTION = "statusAssertion"


# Those of DID Core; `statusAssertion` is our own (docs/spec/did-vcred.md, Resolve).
CORE_RELATIONSHIPS: Final = (
    Relationship.AUTHENTICATION,
    Relationship.ASSERTION_METHOD,
    Relationship.CAPABILITY_INVOCATION,
    Relationship.CAPABILITY_DELEGATION,
)
CONTEXTS: Final = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
# What the contexts of DID Core do not define. Names only: nothing is ever fetched from them.
_NAMESPACE: Final = "urn:uuid:915d9a80-1afd-500b-8d5c-08f2003da94a#"
_EXTENSIONS: Final[Mapping[str, JsonValue]] = MappingProxyType(
    {
        "statusAssertion": {"@id": f"{_NAMESPACE}statusAssertion", "@type": "@id", "@container": "@set"},
        "TokenStatusList": f"{_NAMESPACE}TokenStatusList",
        "LinkedDomains": "https://identity.foundation/.well-known/resources/did-configuration/#LinkedDomains",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationMethod:
    """A key under an id (a DID URL with a fragment), and the DID that controls it."""

    id: str
    controller: str
    key: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where a DID's subject offers something; unverified text, shown or fetched under guard."""

    id: str
    type: str
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DidDocument:
    """The state of a DID. `relationships` maps a relationship to the ids of its methods.

    `controller` is the DID that may change the document; None where the method says it all.

    Raises:
        RefusedError: DID_INVALID: an id twice, a method or service id not under the DID, or a
            relationship that names no method.
    """

    id: str
    methods: tuple[VerificationMethod, ...]
    relationships: Mapping[str, tuple[str, ...]]
    services: tuple[Service, ...] = ()
    controller: str | None = None

    def __post_init__(self) -> None:
        method_ids = [method.id for method in self.methods]
        # Two keys under one id: whoever looks it up gets the one that suits the attacker.
        _check_ids(self.id, [*method_ids, *(service.id for service in self.services)])
        for ids in self.relationships.values():
            if not set(ids) <= set(method_ids):
                raise RefusedError(Reason.DID_INVALID, "DID document: a relationship names no method of it")
        object.__setattr__(self, "relationships", MappingProxyType(dict(self.relationships)))

    def __reduce__(self) -> tuple[object, ...]:
        # A read-only mapping cannot cross a process boundary: hand its content over instead.
        return _rebuild, (self.id, self.methods, dict(self.relationships), self.services, self.controller)

    def key_for(self, method_id: str, relationship: Relationship) -> PublicKey:
        """Return the key of a method that may be used for a relationship.

        Raises:
            RefusedError: KEY_NOT_AUTHORISED: no such method, not in that relationship, or
                controlled by another DID.

        Spec: Controlled Identifiers 1.0 section 3.3; DID Core 1.0 section 5.3.
        """
        for method in self.methods:
            if method.id == method_id:
                if method.controller != self.id:
                    raise _not_authorised("another DID controls the method")
                if method_id not in self.relationships.get(relationship, ()):
                    raise _not_authorised(f"the method is not one for {relationship}")
                return method.key
        raise _not_authorised("no such method")

    def to_json(self) -> JsonObject:
        """Return the document as JSON-LD, every key as a Multikey.

        Terms that DID Core lacks are defined in the document itself, so that it needs no context
        of ours from anywhere.

        Spec: DID Core 1.0 section 6.3.1; Controlled Identifiers 1.0 section 2.2.2.
        """
        document: JsonObject = {"@context": self._contexts(), "id": self.id}
        if self.controller is not None:
            document["controller"] = self.controller
        document["verificationMethod"] = [_method_json(method) for method in self.methods]
        document.update({str(name): _texts(ids) for name, ids in self.relationships.items()})
        if self.services:
            document["service"] = [_service_json(service) for service in self.services]
        return document

    def _contexts(self) -> JsonValue:
        terms = {*self.relationships, *(service.type for service in self.services)}
        extensions = {term: meaning for term, meaning in _EXTENSIONS.items() if term in terms}
        return [*CONTEXTS, extensions] if extensions else [*CONTEXTS]


def _check_ids(did: str, ids: list[str]) -> None:
    if len(set(ids)) != len(ids):
        raise RefusedError(Reason.DID_INVALID, "DID document: an id is there twice")
    if not all(name.startswith(f"{did}#") and len(name) > len(did) + 1 for name in ids):
        raise RefusedError(Reason.DID_INVALID, "DID document: an id is not under its DID")


def _method_json(method: VerificationMethod) -> JsonValue:
    return {
        "id": method.id,
        "type": "Multikey",
        "controller": method.controller,
        "publicKeyMultibase": method.key.to_multikey(),
    }


def _service_json(service: Service) -> JsonValue:
    return {"id": service.id, "type": service.type, "serviceEndpoint": service.endpoint}


def _texts(ids: Iterable[str]) -> JsonValue:
    return list(ids)


def _rebuild(
    did: str,
    methods: tuple[VerificationMethod, ...],
    relationships: Mapping[str, tuple[str, ...]],
    services: tuple[Service, ...],
    controller: str | None,
) -> DidDocument:
    return DidDocument(
        id=did, methods=methods, relationships=relationships, services=services, controller=controller
    )


def _not_authorised(what: str) -> RefusedError:
    return RefusedError(Reason.KEY_NOT_AUTHORISED, f"DID document: {what}")
