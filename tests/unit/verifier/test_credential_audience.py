# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A credential that names an audience of its own (threats: V10)."""

from tests.world import make_world
from vcred.codec.strict_json import decode_json_object
from vcred.did.operations import Purpose
from vcred.reasons import Reason
from vcred.securing.jws import parse_jws, sign_jws
from vcred.securing.sd_jwt.combined import SdJwt, join_sd_jwt, split_sd_jwt
from vcred.verifier.report import Decision


def test_a_credential_for_one_audience_is_for_no_gate() -> None:
    world = make_world()
    credential = world.issue()
    assert world.evaluate(world.present(credential, "match")).decision is Decision.ACCEPTED
    sd_jwt = split_sd_jwt(credential)
    jws = parse_jws(sd_jwt.issuer_jwt)
    header = {name: value for name, value in jws.header.items() if name != "alg"}
    payload = decode_json_object(jws.payload) | {"aud": "https://elsewhere.example"}
    signed = sign_jws(header, payload, world.issuer.signer(Purpose.ASSERTION))
    changed = join_sd_jwt(SdJwt(issuer_jwt=signed, disclosures=sd_jwt.disclosures))
    report = world.evaluate(world.present(changed, "match"))
    assert report.decision is Decision.REJECTED
    assert report.reasons == (Reason.AUDIENCE_WRONG,)
