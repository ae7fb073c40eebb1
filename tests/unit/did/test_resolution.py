# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Results of DID resolution, and the door that gives them."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.did.document import CONTEXTS, DidDocument, Relationship, Service, VerificationMethod
from vcred.did.methods.key import resolve_did_key
from vcred.did.resolution import DocumentMetadata, Problem, Resolution
from vcred.did.resolver import Resolver
from vcred.errors import ResolutionError
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.ledger.resolve import resolve_did
from vcred.ledger.state import State

KEY = SoftwareSigner.generate(ES256).public_key
DID_KEY = KEY.did_key()
DID = "did:vcred:11111111111111111111111111111111"
STATUSES = {
    Problem.INVALID_DID: 400,
    Problem.INVALID_OPTIONS: 400,
    Problem.NOT_FOUND: 404,
    Problem.METHOD_NOT_SUPPORTED: 501,
}


def test_what_was_found_is_the_document_and_what_is_known_of_it() -> None:
    document = resolve_did_key(DID_KEY)
    metadata = DocumentMetadata(created=0, updated=1, version_id="b", next_update=2, next_version_id="c")
    found = Resolution.found(document, metadata)
    assert found.require() == document
    assert found.http_status == 200
    assert found.to_json() == {
        "didDocument": document.to_json(),
        "didResolutionMetadata": {"contentType": "application/did+ld+json"},
        "didDocumentMetadata": {
            "created": "1970-01-01T00:00:00Z",
            "updated": "1970-01-01T00:00:01Z",
            "versionId": "b",
            "nextUpdate": "1970-01-01T00:00:02Z",
            "nextVersionId": "c",
        },
    }


def test_a_did_that_has_ended_is_no_error_and_has_no_document() -> None:
    ended = Resolution.ended(DocumentMetadata(created=0, updated=1, deactivated=True))
    assert ended.http_status == 410
    result = ended.to_json()
    assert (result["didDocument"], result["didResolutionMetadata"]) == (None, {})
    assert result["didDocumentMetadata"] == {
        "created": "1970-01-01T00:00:00Z",
        "updated": "1970-01-01T00:00:01Z",
        "deactivated": True,
    }
    with pytest.raises(ResolutionError) as caught:
        ended.require()
    assert caught.value.kind == "deactivated"


@pytest.mark.parametrize("problem", Problem)
def test_each_problem_has_its_url_and_status(problem: Problem) -> None:
    failed = Resolution.failed(problem, "why")
    assert failed.http_status == STATUSES[problem]
    result = failed.to_json()
    assert (result["didDocument"], result["didDocumentMetadata"]) == (None, {})
    assert result["didResolutionMetadata"] == {
        "error": {
            "type": f"https://www.w3.org/ns/did#{problem.name}",
            "title": problem.name.capitalize().replace("_", " "),
            "detail": "why",
        }
    }
    with pytest.raises(ResolutionError) as caught:
        failed.require()
    assert caught.value.kind == problem


# The door.


def test_a_key_resolves_by_itself_at_any_time() -> None:
    resolver = Resolver()
    for at in (None, 0, 2**40):
        assert resolver.resolve(DID_KEY, version_time=at).require() == resolve_did_key(DID_KEY)


@pytest.mark.parametrize(
    ("did", "options", "problem"),
    [
        ("", {}, Problem.INVALID_DID),
        (f"{DID_KEY}#a", {}, Problem.INVALID_DID),
        ("did:key:zNothing", {}, Problem.INVALID_DID),
        ("did:jwk:AAAA", {}, Problem.INVALID_DID),
        (DID_KEY, {"version_id": "a"}, Problem.NOT_FOUND),
        (DID_KEY, {"version_id": "a", "version_time": 1}, Problem.INVALID_OPTIONS),
        (DID, {}, Problem.NOT_FOUND),
        ("did:web:example.org", {}, Problem.METHOD_NOT_SUPPORTED),
        ("did:webvh:x:example.org", {}, Problem.METHOD_NOT_SUPPORTED),
    ],
)
def test_what_does_not_resolve(did: str, options: dict[str, object], problem: Problem) -> None:
    assert Resolver().resolve(did, **options).problem is problem  # type: ignore[arg-type]


def test_a_did_vcred_is_the_sources_to_answer() -> None:
    asked = []

    def source(did: str, *, version_id: str | None, version_time: int | None) -> Resolution:
        asked.append((did, version_id, version_time))
        return Resolution.failed(Problem.NOT_FOUND, "there")

    assert Resolver(source).resolve(DID, version_time=5).detail == "there"
    assert asked == [(DID, None, 5)]


@given(st.one_of(st.text(), st.text().map("did:vcred:{}".format), st.text().map("did:jwk:{}".format)))
def test_any_text_gives_a_result(text: str) -> None:
    resolver = Resolver(partial(resolve_did, State()))
    assert resolver.resolve(text).problem is not None


# The document.


def method(number: int) -> VerificationMethod:
    key = SoftwareSigner.generate(ES256).public_key
    return VerificationMethod(id=f"{DID}#{number}", controller=DID, key=key)


def test_a_document_defines_the_terms_that_did_core_lacks_and_no_others() -> None:
    plain = DidDocument(
        id=DID, methods=(method(0),), relationships={Relationship.AUTHENTICATION: (f"{DID}#0",)}
    )
    assert plain.to_json()["@context"] == [*CONTEXTS]
    assert "controller" not in plain.to_json()
    extended = DidDocument(
        id=DID,
        controller=DID,
        methods=(method(0),),
        relationships={Relationship.STATUS_ASSERTION: (f"{DID}#0",)},
        services=(
            Service(id=f"{DID}#status-0", type="TokenStatusList", endpoint="https://a.example/"),
            Service(id=f"{DID}#site-0", type="LinkedDomains", endpoint="https://b.example"),
        ),
    )
    document = extended.to_json()
    contexts = document["@context"]
    assert isinstance(contexts, list)
    assert contexts[:2] == [*CONTEXTS]
    assert isinstance(contexts[2], dict)
    assert set(contexts[2]) == {"statusAssertion", "TokenStatusList", "LinkedDomains"}
    assert document["controller"] == DID
    assert document["statusAssertion"] == [f"{DID}#0"]
