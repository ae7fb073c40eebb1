# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Both directions with both peers: what we issue and present verifies there, what they do verifies here."""

from collections.abc import Iterable

import pytest

from tests.interop.peers import PEERS, Peer, PeerRefusedError
from tests.unit.formats.samples import disclose
from vcred.codec.json_types import JsonObject
from vcred.credential.draft import CredentialDraft
from vcred.credential.paths import parse_path
from vcred.credential.type_definition import shipped_type
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation, parse_presentation
from vcred.formats.sd_jwt_vc.present import open_credential, present
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.securing.jws import check_header, sign_jws, verify_jws
from vcred.securing.sd_jwt.combined import SdJwt, join_sd_jwt
from vcred.securing.sd_jwt.key_binding import verify_key_binding

pytestmark = pytest.mark.online

ISSUER, HOLDER = SoftwareSigner.generate(ES256), SoftwareSigner.generate(ES256)
DID = "did:vcred:2drjgzGXyjGrEZzBQhBJMjgMK9mPYfJqnVwFDjzqT4Zs"
KEY_ID = f"{DID}#{ISSUER.public_key.thumbprint()}"
ISSUED_AT, NOW = 1_795_100_280, 1_795_103_880
AUDIENCE, NONCE = "network-id#live", "bm9uY2Utb2YtMTYtYnl0ZXM"

CLAIMS: JsonObject = {
    "title": "Registered Quantity Surveyor",
    "title_zh": "註冊工料測量師",
    "level": "full",
    "expires": "2028-12-31",
    "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
    "identity": {"name": "陳大文", "name_latin": 'Chan "Tai" Man / é', "birth_date": "1954-09-24"},
    "award": {"certificate_no": "GD-2026-000123", "awarded": "2026-06-30", "exam_centre": "Guangzhou"},
    "modules": [
        {"title": "Law", "mark": 71},
        {"title": "Measurement", "mark": 88},
        {"title": "Cost", "mark": 64},
    ],
}
REGISTERED: JsonObject = {
    "iss": DID,
    "iat": ISSUED_AT,
    "exp": 1_861_891_200,
    "vct": f"{DID}/types/professional-certificate/1",
}
# Recursive disclosures of members and of elements, and groups of one disclosure.
HIDDEN: list[list[str | int]] = [
    ["match"],
    ["award"],
    ["identity"],
    ["identity", "name"],
    ["identity", "name_latin"],
    ["identity", "birth_date"],
    ["modules"],
    ["modules", 0],
    ["modules", 1],
    ["modules", 2],
]
SHOWN = ("match", "identity.name_latin", "modules.1")
SHOWN_CLAIMS: JsonObject = {
    **{name: CLAIMS[name] for name in ("title", "title_zh", "level", "expires", "match")},
    "identity": {"name_latin": 'Chan "Tai" Man / é'},
    "modules": [{"title": "Measurement", "mark": 88}],
}


@pytest.fixture(params=PEERS)
def peer(request: pytest.FixtureRequest) -> Peer:
    return PEERS[request.param]()


def our_credential() -> str:
    definition = shipped_type("professional-certificate")
    draft = CredentialDraft(
        type_definition=definition,
        vct=f"{DID}/types/professional-certificate/1",
        issuer=DID,
        key_id=KEY_ID,
        claims=CLAIMS,
        holder_key=HOLDER.public_key,
        issued_at=ISSUED_AT,
        expires_at=definition.expires_at(CLAIMS),
    )
    return issue_credential(draft, ISSUER)


def our_presentation(credential: str, paths: Iterable[str] = SHOWN) -> str:
    stored = open_credential(credential)
    return present(stored, paths, signer=HOLDER, audience=AUDIENCE, nonce=NONCE, issued_at=NOW)


def their_credential(peer: Peer) -> str:
    return peer.ask_text(
        "issue",
        claims={**REGISTERED, **CLAIMS},
        hidden=[[*path] for path in HIDDEN],
        issuer=ISSUER.to_private_jwk(),
        holder=HOLDER.to_private_jwk(),
        kid=KEY_ID,
    )


def their_presentation(peer: Peer, credential: str) -> str:
    steps = [parse_path(path) for path in SHOWN]
    return peer.ask_text(
        "present",
        credential=credential,
        paths=[[*path] for path in steps],
        claims={**REGISTERED, **CLAIMS},
        holder=HOLDER.to_private_jwk(),
        audience=AUDIENCE,
        nonce=NONCE,
        issuedAt=NOW,
    )


def they_verify(peer: Peer, text: str, *, bound: bool) -> JsonObject:
    answer = peer.ask_object(
        "verify",
        presentation=text,
        issuer=ISSUER.public_key.to_jwk(),
        audience=AUDIENCE if bound else None,
        nonce=NONCE if bound else None,
        now=NOW,
    )
    return claims_of(answer)


def claims_of(payload: JsonObject) -> JsonObject:
    registered = {*REGISTERED, "cnf", "status", "_sd_alg"}
    return {name: value for name, value in payload.items() if name not in registered}


def we_verify(text: str) -> tuple[UnverifiedPresentation, JsonObject]:
    presentation = parse_presentation(text)
    check_header(presentation.issuer_jws, typ="dc+sd-jwt", allowed=(ES256,))
    verify_jws(presentation.issuer_jws, ISSUER.public_key)
    claims = claims_of(open_claims(presentation).claims)
    if presentation.key_binding is not None:
        assert presentation.holder_key == HOLDER.public_key
        verify_key_binding(
            presentation.key_binding, presentation.sd_jwt, key=presentation.holder_key, allowed=(ES256,)
        )
    return presentation, claims


def test_our_credential_there(peer: Peer) -> None:
    assert they_verify(peer, our_credential(), bound=False) == CLAIMS


def test_our_presentation_there(peer: Peer) -> None:
    assert they_verify(peer, our_presentation(our_credential()), bound=True) == SHOWN_CLAIMS


def test_our_credential_presented_there_verified_here(peer: Peer) -> None:
    presentation, claims = we_verify(their_presentation(peer, our_credential()))
    assert presentation.key_binding is not None
    assert (presentation.key_binding.audience, presentation.key_binding.nonce) == (AUDIENCE, NONCE)
    assert claims == SHOWN_CLAIMS


def test_their_credential_here(peer: Peer) -> None:
    presentation, claims = we_verify(their_credential(peer))
    assert claims == CLAIMS
    assert (presentation.issuer, presentation.key_id, presentation.issued_at) == (DID, KEY_ID, ISSUED_AT)
    assert presentation.holder_key == HOLDER.public_key


def test_their_presentation_here(peer: Peer) -> None:
    presentation, claims = we_verify(their_presentation(peer, their_credential(peer)))
    assert presentation.key_binding is not None
    assert (presentation.key_binding.audience, presentation.key_binding.nonce) == (AUDIENCE, NONCE)
    assert claims == SHOWN_CLAIMS


def test_their_credential_presented_here_verified_there(peer: Peer) -> None:
    shown = our_presentation(their_credential(peer))
    assert they_verify(peer, shown, bound=True) == SHOWN_CLAIMS


def test_one_meaning(peer: Peer) -> None:
    """SDJ-15: digests in arrays of arrays, put there by the issuer and by a disclosure."""
    inner, member = disclose(None, "deep"), disclose("name", "Chan")
    outer = disclose(None, [[{"...": inner.digest}], {"_sd": [member.digest]}])
    payload: JsonObject = {
        **REGISTERED,
        "a": [[{"...": outer.digest}, [[{"...": "decoy"}]]]],
        "_sd_alg": "sha-256",
    }
    header: JsonObject = {"kid": KEY_ID, "typ": "dc+sd-jwt"}
    text = join_sd_jwt(
        SdJwt(
            issuer_jwt=sign_jws(header, payload, ISSUER),
            disclosures=(outer.encoded, inner.encoded, member.encoded),
        )
    )
    _, ours = we_verify(text)
    assert ours == {"a": [[[["deep"], {"name": "Chan"}], [[]]]]}
    assert they_verify(peer, text, bound=False) == ours


def changed_claim(text: str) -> str:
    """The same with one character of the issuer's payload changed."""
    head, payload, tail = text.split(".", 2)
    position = len(payload) // 2
    other = "A" if payload[position] != "A" else "B"
    return f"{head}.{payload[:position]}{other}{payload[position + 1 :]}.{tail}"


def test_a_changed_presentation_there(peer: Peer) -> None:
    """The peer really verifies: a suite that cannot fail proves nothing."""
    good = our_presentation(our_credential())
    they_verify(peer, good, bound=True)
    for bad in (changed_claim(good), good[:-8] + "AAAAAAAA"):
        with pytest.raises(PeerRefusedError):
            they_verify(peer, bad, bound=True)
