# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issuing: what is in the clear, what is hidden, and that the claims come back. ISS-12, 13, 16."""

from dataclasses import replace

import pytest

from tests.unit.formats.samples import (
    CERTIFICATE,
    DID,
    HEALTH,
    HOLDER,
    ISSUED_AT,
    ISSUER,
    KEY_ID,
    draft,
    without,
)
from vcred.codec.base64url import decode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import shipped_type
from vcred.errors import SchemaError
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation, parse_presentation
from vcred.keys.algorithms import EDDSA
from vcred.keys.software import SoftwareSigner
from vcred.securing.jws import verify_jws

REGISTERED = {"iss", "iat", "nbf", "exp", "cnf", "vct", "status"}


def issued(type_name: str = "health-code", claims: JsonObject | None = None) -> UnverifiedPresentation:
    return parse_presentation(issue_credential(draft(type_name, claims), ISSUER))


@pytest.mark.parametrize(
    ("type_name", "claims"), [("health-code", HEALTH), ("professional-certificate", CERTIFICATE)]
)
def test_the_claims_come_back(type_name: str, claims: JsonObject) -> None:
    presentation = issued(type_name, claims)
    verify_jws(presentation.issuer_jws, ISSUER.public_key)
    done = open_claims(presentation).claims
    assert {name: done[name] for name in done if name not in REGISTERED} == claims


def test_the_header_and_the_claims_in_the_clear() -> None:
    presentation = issued()
    assert presentation.issuer_jws.header == {"alg": "ES256", "kid": KEY_ID, "typ": "dc+sd-jwt"}
    shown = {name: value for name, value in presentation.payload.items() if name != "_sd"}
    assert shown == {
        "iss": DID,
        "vct": f"{DID}/types/health-code/1",
        "iat": ISSUED_AT,
        "exp": 1_795_373_880,
        "cnf": {"jwk": HOLDER.public_key.to_jwk()},
        "status": {"status_list": {"idx": 104_729, "uri": "https://status.example/health/0"}},
        "_sd_alg": "sha-256",
        "colour": "green",
        "valid_until": HEALTH["valid_until"],
    }


def test_everything_is_in_its_jcs_form() -> None:
    presentation = issued("professional-certificate")
    assert presentation.issuer_jws.payload == encode_jcs(presentation.payload)
    for disclosure in presentation.disclosures:
        array = [disclosure.salt, disclosure.value]
        array[1:1] = [] if disclosure.name is None else [disclosure.name]
        assert decode_base64url(disclosure.encoded) == encode_jcs([*array])


def test_the_order_of_the_disclosures() -> None:
    places = open_claims(issued("professional-certificate")).places
    assert places == (("match",), ("award",), ("modules",), ("modules", 0), ("modules", 1))
    members = [
        place[1] for place in open_claims(issued()).places if place[0] == "identity" and len(place) == 2
    ]
    assert members == sorted(HEALTH["identity"])  # type: ignore[arg-type]


def test_a_lacking_group_or_member_leaves_no_gap() -> None:
    """ISS-16: as many digests at each level, whatever a person has."""
    identity = HEALTH["identity"]
    assert isinstance(identity, dict)
    lacking: JsonObject = {**without(HEALTH, "vaccination"), "identity": without(identity, "name_latin")}
    full, less = issued(), issued("health-code", lacking)
    assert [len(item.payload["_sd"]) for item in (full, less)] == [4, 4]  # type: ignore[arg-type]
    inner = [
        next(disclosure.value for disclosure in item.disclosures if disclosure.name == "identity")
        for item in (full, less)
    ]
    assert [len(value["_sd"]) for value in inner] == [6, 6]  # type: ignore[index, call-overload, arg-type]
    assert len(less.disclosures) == len(full.disclosures) - 2


def test_digests_are_sorted_and_salts_never_repeat() -> None:
    """ISS-11, ISS-12: two issues of one draft share nothing that hides."""
    first, second = issued(), issued()
    for item in (first, second):
        assert item.payload["_sd"] == sorted(item.payload["_sd"])  # type: ignore[arg-type,type-var]
    assert not {item.salt for item in first.disclosures} & {item.salt for item in second.disclosures}
    assert not set(first.payload["_sd"]) & set(second.payload["_sd"])  # type: ignore[arg-type]


def test_times_and_status_only_where_given() -> None:
    bare = parse_presentation(issue_credential(draft(status=None), ISSUER))
    assert (bare.status, bare.not_before) == (None, None)
    assert not {"status", "nbf"} & bare.payload.keys()
    later = parse_presentation(issue_credential(draft(not_before=ISSUED_AT + 5), ISSUER))
    assert later.not_before == ISSUED_AT + 5


def test_an_ed25519_issuer_and_holder() -> None:
    issuer, holder = SoftwareSigner.generate(EDDSA), SoftwareSigner.generate(EDDSA)
    presentation = parse_presentation(issue_credential(draft(holder_key=holder.public_key), issuer))
    verify_jws(presentation.issuer_jws, issuer.public_key)
    assert presentation.holder_key == holder.public_key


@pytest.mark.parametrize("name", [*sorted(REGISTERED), "_sd", "...", "_sd_alg", "nickname"])
def test_a_claim_that_the_type_does_not_know(name: str) -> None:
    """ISS-13."""
    issue_credential(draft(), ISSUER)
    with pytest.raises(SchemaError):
        issue_credential(draft(claims={**HEALTH, name: "x"}), ISSUER)


def test_control_names_inside_a_claim() -> None:
    """ISS-13: unvalidated claims still cannot forge structure."""
    match: JsonObject = {"name": {"_sd": ["x"]}}
    with pytest.raises(ValueError, match="control name"):
        issue_credential(draft(claims={**HEALTH, "match": match}), ISSUER)


def test_a_missing_claim_or_one_of_another_shape() -> None:
    with pytest.raises(SchemaError, match="colour"):
        issue_credential(draft(claims=without(HEALTH, "colour")), ISSUER)
    with pytest.raises(SchemaError, match="identity"):
        issue_credential(draft(claims={**HEALTH, "identity": "x"}), ISSUER)


def test_a_paper_credential_has_no_key() -> None:
    paper = replace(shipped_type("health-code"), paper=True)
    presentation = parse_presentation(
        issue_credential(replace(draft(), type_definition=paper, holder_key=None), ISSUER)
    )
    assert (presentation.holder_key, presentation.has_cnf) == (None, False)
