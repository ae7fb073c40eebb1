# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whose status list is it? Only the issuer's status key, under the issuer's own base, may say."""

import pytest

from tests.unit.trust.samples import KEYS, fresh_world, refusal
from tests.world import Organisation, World
from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.did.methods.vcred import method_id
from vcred.did.operations import Purpose
from vcred.errors import LimitExceededError, TrustBundleError
from vcred.keys.algorithms import ES256
from vcred.limits import MAX_STATUS_TOKEN_BYTES
from vcred.reasons import Reason
from vcred.status.bits import StatusList, compress_list
from vcred.trust.statuses import list_number, open_status_token

WORLD = fresh_world()


def refused(world: World, token: str) -> Reason:
    """Why a token is refused, alone and in a bundle."""
    with pytest.raises(TrustBundleError) as caught:
        open_status_token(token, world.state)
    reason = caught.value.reason
    assert refusal(world.fork(), world.bundle(status_tokens=(token,))) is reason
    return reason


def test_a_list_is_its_issuers() -> None:
    believed = open_status_token(WORLD.status_token(WORLD.issuer), WORLD.state)
    assert believed.did == WORLD.issuer.did
    assert believed.snapshot.uri == WORLD.status_uri()
    assert believed.snapshot.lookup(7) == 0


@pytest.mark.parametrize("number", ["0", "1", "10", "999999999"])
def test_a_list_has_a_number_under_a_base(number: str) -> None:
    uri = WORLD.issuer.status_base + number
    assert list_number(uri, WORLD.state.organisations[WORLD.issuer.did]) == int(number)
    assert open_status_token(WORLD.status_token(WORLD.issuer, uri=uri), WORLD.state).snapshot.uri == uri


@pytest.mark.parametrize(
    "ending", ["", "00", "01", "-1", "+1", "1e3", "x", "0/", "0?x", "0#x", "１", "10000000000"]
)
def test_what_is_no_plain_number_is_no_list(ending: str) -> None:
    uri = WORLD.issuer.status_base + ending
    assert list_number(uri, WORLD.state.organisations[WORLD.issuer.did]) is None
    assert refused(WORLD, WORLD.status_token(WORLD.issuer, uri=uri)) is Reason.STATUS_INVALID


def test_nobody_states_anothers_list() -> None:
    """The other issuer's key is good, and the place is not its own."""
    uri = WORLD.status_uri(WORLD.mo_issuer)
    assert refused(WORLD, WORLD.status_token(WORLD.issuer, uri=uri)) is Reason.STATUS_INVALID
    assert (
        refused(WORLD, WORLD.status_token(WORLD.issuer, uri="https://evil.example/0"))
        is Reason.STATUS_INVALID
    )


@pytest.mark.parametrize("purpose", [Purpose.ASSERTION, Purpose.AUTHENTICATION])
def test_only_a_status_key_states_it(purpose: Purpose) -> None:
    token = WORLD.status_token(
        WORLD.issuer, kid=WORLD.issuer.key_id(purpose), signer=WORLD.issuer.signer(purpose)
    )
    assert refused(WORLD, token) is Reason.STATUS_INVALID


def stranger() -> Organisation:
    key = KEYS.make("stranger", ES256)
    did = "did:vcred:" + "1" * 32
    return Organisation(did=did, control=key, signers={Purpose.STATUS: key}, create={})


def test_a_key_of_nobody_on_the_ledger() -> None:
    other = stranger()
    key = other.signer(Purpose.STATUS)
    uri = WORLD.status_uri()
    for kid in (
        other.key_id(Purpose.STATUS),
        method_id(WORLD.issuer.did, key.public_key),
        WORLD.issuer.did,
        f"{WORLD.issuer.did}#",
        f"#{key.public_key.thumbprint()}",
        key.public_key.did_key(),
    ):
        token = WORLD.status_token(WORLD.issuer, uri=uri, kid=kid, signer=key)
        assert refused(WORLD, token) is Reason.STATUS_INVALID, kid


def test_a_list_signed_by_another_key_than_it_names() -> None:
    token = WORLD.status_token(WORLD.issuer, signer=WORLD.mo_issuer.signer(Purpose.STATUS))
    assert refused(WORLD, token) is Reason.STATUS_INVALID


def test_a_list_dated_before_its_key_was_on_the_ledger() -> None:
    added = WORLD.state.organisations[WORLD.issuer.did].created_at
    good = WORLD.status_token(WORLD.issuer, issued_at=added)
    assert open_status_token(good, WORLD.state).snapshot.issued_at == added
    assert refused(WORLD, WORLD.status_token(WORLD.issuer, issued_at=added - 1)) is Reason.STATUS_INVALID


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "..", "é"])
def test_what_is_no_token(text: str) -> None:
    with pytest.raises(TrustBundleError) as caught:
        open_status_token(text, WORLD.state)
    assert caught.value.reason is Reason.STATUS_INVALID


def unsigned(header: dict[str, object], payload: dict[str, object]) -> str:
    return ".".join(encode_base64url(encode_jcs(part)) for part in (header, payload)) + "."  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "ES256", "typ": "JWT"}, {"alg": "ES256", "typ": "statuslist+jwt"}]
)
def test_an_unsigned_list_is_refused(header: dict[str, object]) -> None:
    listed = compress_list(StatusList.empty(bits=2, size=131_072))
    payload: dict[str, object] = {
        "sub": WORLD.status_uri(),
        "iat": int(WORLD.now.timestamp()),
        "status_list": {"bits": 2, "lst": listed},
    }
    token = unsigned({"kid": WORLD.issuer.key_id(Purpose.STATUS), **header}, payload)
    assert refused(WORLD, token) is Reason.STATUS_INVALID


def test_a_changed_list_is_refused() -> None:
    token = WORLD.status_token(WORLD.issuer)
    head, payload, signature = token.split(".")
    other = WORLD.status_token(WORLD.issuer, issued_at=int(WORLD.now.timestamp()) + 1).split(".")[1]
    for text in (f"{head}.{other}.{signature}", f"{head}.{payload}.{signature[:-2]}AA", f"{head}.{payload}."):
        assert refused(WORLD, text) is Reason.STATUS_INVALID


def test_a_list_has_a_limit() -> None:
    with pytest.raises(LimitExceededError):
        open_status_token("x" * (MAX_STATUS_TOKEN_BYTES + 1), WORLD.state)
