# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An accreditation for one type is no right to speak as another (threats: BND-33, SDJ-21, STA-11)."""

import pytest

from tests.world import NONCE, World, make_world
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.credential.type_definition import shipped_type
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA, ES256
from vcred.ledger.entries import Kind
from vcred.reasons import Reason
from vcred.securing.jws import parse_jws, sign_jws
from vcred.securing.sd_jwt.combined import SdJwt, join_sd_jwt, split_sd_jwt
from vcred.securing.sd_jwt.disclosure import parse_disclosure
from vcred.securing.sd_jwt.key_binding import make_key_binding
from vcred.verifier import AllOf, Decision, HasClaims, TypeIn

ROLES = {Purpose.STATEMENT: EDDSA, Purpose.ASSERTION: ES256, Purpose.STATUS: ES256}
DAY = 86_400


@pytest.fixture
def world() -> World:
    return make_world()


def resigned(world: World, credential: str, changes: JsonObject, *without: str) -> str:
    """The credential with another payload, well signed by its issuer."""
    sd_jwt = split_sd_jwt(credential)
    jws = parse_jws(sd_jwt.issuer_jwt)
    header = {name: value for name, value in jws.header.items() if name != "alg"}
    payload = decode_json_object(jws.payload) | changes
    kept = {name: value for name, value in payload.items() if name not in without}
    signed = sign_jws(header, kept, world.issuer.signer(Purpose.ASSERTION))
    return join_sd_jwt(SdJwt(issuer_jwt=signed, disclosures=sd_jwt.disclosures))


def test_content_under_another_name_is_no_type(world: World) -> None:
    definition = shipped_type("health-code")
    policy = world.policy(rule=AllOf((TypeIn(frozenset({"health-code"})), HasClaims(("match",)))))
    assert world.evaluate(world.show(), policy=policy).decision is Decision.ACCEPTED
    library = world.join("Library", ROLES, sponsor=world.mo)
    vct = f"{library.did}/types/library-card/1"
    digest = hash_text(definition.digest)
    world.say(library, Kind.TYPE_PUBLISH, type=vct, digest=digest, size=len(definition.encoded))
    world.accredit(world.mo, library, vct)
    world.later(seconds=5)
    world.import_bundle()
    shown = world.present(world.issue(issuer=library, vct=vct), "match", "test")
    report = world.evaluate(shown, policy=policy)
    assert report.decision is Decision.REJECTED
    assert Reason.TYPE_UNKNOWN in report.reasons


@pytest.mark.parametrize(
    "changes",
    [{"degree": "doctor"}, {"": 1}, {"vct#integrity": "sha256-AAAA"}],
    ids=["other", "empty", "integrity"],
)
def test_a_claim_that_the_type_does_not_have(world: World, changes: JsonObject) -> None:
    credential = world.issue()
    assert world.evaluate(world.present(credential, "match")).decision is Decision.ACCEPTED
    report = world.evaluate(world.present(resigned(world, credential, changes), "match"))
    assert report.reasons == (Reason.POLICY_UNMET,)


def test_an_always_shown_claim_is_missing(world: World) -> None:
    credential = world.issue()
    assert world.evaluate(world.present(credential, "match")).decision is Decision.ACCEPTED
    report = world.evaluate(world.present(resigned(world, credential, {}, "colour"), "match"))
    assert report.reasons == (Reason.POLICY_UNMET,)


def test_exp_outlives_what_the_officer_reads(world: World) -> None:
    credential = world.issue()
    payload = decode_json_object(parse_jws(split_sd_jwt(credential).issuer_jwt).payload)
    expires_at = payload["exp"]
    assert isinstance(expires_at, int)
    for exp, reasons in ((expires_at, ()), (expires_at - 1, ()), (expires_at + 1, (Reason.POLICY_UNMET,))):
        changed = resigned(world, credential, {"exp": exp})
        assert world.evaluate(world.present(changed, "match")).reasons == reasons


def test_a_group_without_a_member_shows_nothing(world: World) -> None:
    policy = world.policy(rule=HasClaims(("identity",)))
    assert world.evaluate(world.show("identity.region"), policy=policy).decision is Decision.ACCEPTED
    sd_jwt = split_sd_jwt(world.issue())
    parent = tuple(text for text in sd_jwt.disclosures if parse_disclosure(text).name == "identity")
    empty = SdJwt(issuer_jwt=sd_jwt.issuer_jwt, disclosures=parent)
    audience = world.state.require_network().id + "#live"
    issued_at = int(world.now.timestamp())
    proof = make_key_binding(empty, world.holder, audience=audience, nonce=NONCE, issued_at=issued_at)
    report = world.evaluate(join_sd_jwt(empty) + proof, policy=policy)
    assert report.reasons == (Reason.POLICY_UNMET,)


def test_a_recognition_that_requires_a_group_is_not_met_by_an_empty_one(world: World) -> None:
    world.say(world.mo, Kind.RECOGNISE_WITHDRAW, entry=world.entries["mo<-gd"], effect="void")
    world.recognise(world.mo, world.vct, "CN-44", required_claims=["match", "m." + "9" * 4400])
    world.later(seconds=5)
    world.import_bundle()
    report = world.evaluate(world.show("match"))
    assert report.reasons == (Reason.NOT_RECOGNISED,)


def test_good_news_beside_a_mechanism_that_cannot_be_asked(world: World) -> None:
    credential = world.issue()
    assert world.evaluate(world.present(credential, "match")).decision is Decision.ACCEPTED
    payload = decode_json_object(parse_jws(split_sd_jwt(credential).issuer_jwt).payload)
    status = payload["status"]
    assert isinstance(status, dict)
    changed = resigned(world, credential, {"status": status | {"other": {"id": 1}}})
    report = world.evaluate(world.present(changed, "match"))
    assert report.decision is Decision.INDETERMINATE
    assert report.reasons == (Reason.STATUS_INVALID,)
