# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""DID documents: which key may do what. DID-09, DID-10, DID-18, JOS-18 (two keys, one id)."""

import pickle

import pytest

from vcred.did.document import DidDocument, Relationship, Service, VerificationMethod
from vcred.errors import RefusedError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason

DID = "did:vcred:abc"
OTHER = "did:vcred:other"
FIRST = SoftwareSigner.generate(ES256).public_key
SECOND = SoftwareSigner.generate(EDDSA).public_key
SERVICE = Service(id=f"{DID}#status", type="StatusList", endpoint="https://status.example/")


def document(
    *,
    ids: tuple[str, str] = (f"{DID}#1", f"{DID}#2"),
    controller: str = DID,
    assertion: tuple[str, ...] = (f"{DID}#1",),
    services: tuple[Service, ...] = (SERVICE,),
) -> DidDocument:
    return DidDocument(
        id=DID,
        methods=(
            VerificationMethod(id=ids[0], controller=controller, key=FIRST),
            VerificationMethod(id=ids[1], controller=DID, key=SECOND),
        ),
        relationships={Relationship.ASSERTION_METHOD: assertion, Relationship.AUTHENTICATION: (f"{DID}#2",)},
        services=services,
    )


def refusal(method_id: str, relationship: Relationship, given: DidDocument) -> Reason:
    with pytest.raises(RefusedError) as caught:
        given.key_for(method_id, relationship)
    return caught.value.reason


def test_a_key_is_found_for_what_it_may_do() -> None:
    assert document().key_for(f"{DID}#1", Relationship.ASSERTION_METHOD) == FIRST
    assert document().key_for(f"{DID}#2", Relationship.AUTHENTICATION) == SECOND


# DID-09.
def test_a_method_that_another_did_controls_is_not_authorised() -> None:
    assert refusal(f"{DID}#1", Relationship.ASSERTION_METHOD, document(controller=OTHER)) is (
        Reason.KEY_NOT_AUTHORISED
    )


# DID-10.
@pytest.mark.parametrize("given", [document(), document(assertion=())])
def test_a_method_without_the_relationship_is_not_authorised(given: DidDocument) -> None:
    assert refusal(f"{DID}#2", Relationship.ASSERTION_METHOD, given) is Reason.KEY_NOT_AUTHORISED
    assert refusal(f"{DID}#1", Relationship.CAPABILITY_INVOCATION, given) is Reason.KEY_NOT_AUTHORISED


# JOS-07.
@pytest.mark.parametrize("method_id", ["", "#1", "1", f"{OTHER}#1", f"{DID}#3", "../../x", f"{DID}#1\0", DID])
def test_an_id_that_is_not_there_is_not_authorised(method_id: str) -> None:
    assert refusal(method_id, Relationship.ASSERTION_METHOD, document()) is Reason.KEY_NOT_AUTHORISED


# DID-18.
@pytest.mark.parametrize(
    ("second", "services"),
    [
        pytest.param(f"{DID}#1", (), id="methods"),
        pytest.param(f"{DID}#2", (SERVICE, SERVICE), id="services"),
        pytest.param(f"{DID}#2", (Service(id=f"{DID}#1", type="x", endpoint="y"),), id="method and service"),
    ],
)
def test_one_id_twice_is_refused(second: str, services: tuple[Service, ...]) -> None:
    document(ids=(f"{DID}#1", f"{DID}#2"), services=(SERVICE,))
    with pytest.raises(RefusedError) as caught:
        document(ids=(f"{DID}#1", second), services=services)
    assert caught.value.reason is Reason.DID_INVALID


@pytest.mark.parametrize("name", [f"{OTHER}#2", f"{DID}#", DID, "#2", f"{DID}x#2", ""])
def test_an_id_that_is_not_under_the_did_is_refused(name: str) -> None:
    with pytest.raises(RefusedError, match="not under its DID") as caught:
        document(ids=(f"{DID}#1", name))
    assert caught.value.reason is Reason.DID_INVALID


def test_a_relationship_that_names_no_method_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        document(assertion=(f"{DID}#3",))
    assert caught.value.reason is Reason.DID_INVALID


def test_a_document_is_read_only_and_survives_a_process_boundary() -> None:
    given = document()
    with pytest.raises(TypeError):
        given.relationships["assertionMethod"] = ()  # type: ignore[index]
    assert pickle.loads(pickle.dumps(given)) == given


def test_json_says_what_the_document_says() -> None:
    assert document().to_json() == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": DID,
        "verificationMethod": [
            {
                "id": f"{DID}#1",
                "type": "Multikey",
                "controller": DID,
                "publicKeyMultibase": FIRST.to_multikey(),
            },
            {
                "id": f"{DID}#2",
                "type": "Multikey",
                "controller": DID,
                "publicKeyMultibase": SECOND.to_multikey(),
            },
        ],
        "assertionMethod": [f"{DID}#1"],
        "authentication": [f"{DID}#2"],
        "service": [
            {"id": f"{DID}#status", "type": "StatusList", "serviceEndpoint": "https://status.example/"}
        ],
    }
    assert "service" not in document(services=()).to_json()
    assert all(type(name) is str for name in document().to_json())
