# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Lists that are odd, bombs, or not lists at all, through import and verdict: STA-03, 13, 14, 15, 17.

The other rows are vectors (tests/vectors/verifier/invalid/sta-*).
"""

import hmac
import time
import tracemalloc
import zlib
from functools import cache

import pytest

from tests.unit.trust.samples import refusal
from tests.world import World, make_world
from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.credential.status_reference import StatusReference
from vcred.did.operations import Purpose
from vcred.errors import LimitExceededError
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.securing.jws import sign_jws
from vcred.status.bits import StatusList, compress_list, inflate_list
from vcred.verifier.report import Decision, VerificationReport

HALF_GIB = 512 * 1024 * 1024
MAX_MEMORY_BYTES = 64 * 1024 * 1024


@pytest.fixture
def world() -> World:
    """One whose gate accepts what it issues."""
    made = make_world()
    assert made.evaluate(made.show()).decision is Decision.ACCEPTED
    return made


def payload(world: World, lst: str) -> JsonObject:
    return {
        "sub": world.status_uri(),
        "iat": int(world.now.timestamp()) + 1,
        "status_list": {"bits": 2, "lst": lst},
    }


def verdict_with(world: World, lst: str) -> VerificationReport:
    """Import a genuine token with that list, and verify a fresh code."""
    world.later(seconds=2)
    header: JsonObject = {"typ": "statuslist+jwt", "kid": world.issuer.key_id(Purpose.STATUS)}
    token = sign_jws(header, payload(world, lst), world.issuer.signer(Purpose.STATUS))
    world.import_bundle(world.bundle(status_tokens=(token,)))
    return world.evaluate(world.show())


@pytest.mark.parametrize(
    ("size", "is_small"), [(MIN_STATUS_LIST_SIZE, False), (MIN_STATUS_LIST_SIZE - 4, True), (8, True)]
)
def test_sta_13_a_small_list_is_taken_and_marked(world: World, size: int, is_small: bool) -> None:
    report = verdict_with(world, compress_list(StatusList.empty(bits=2, size=size)))
    assert report.decision is Decision.ACCEPTED
    assert report.evidence.is_status_list_small is is_small


def test_sta_13_what_is_not_good_needs_no_mark(world: World) -> None:
    revoked = StatusList.empty(bits=2, size=8).changed({7: 1})
    report = verdict_with(world, compress_list(revoked))
    assert (report.decision, report.reasons) == (Decision.REJECTED, (Reason.REVOKED,))
    assert not report.evidence.is_status_list_small


@pytest.mark.parametrize("secret", ["jwk", "thumbprint", "empty"])
def test_sta_03_a_list_with_a_mac(world: World, secret: str) -> None:
    """The public key is known to everybody: as a secret it proves nothing."""
    key = world.issuer.signer(Purpose.STATUS).public_key
    secrets = {"jwk": encode_jcs(key.to_jwk()), "thumbprint": key.thumbprint().encode(), "empty": b""}
    header: JsonObject = {
        "alg": "HS256",
        "typ": "statuslist+jwt",
        "kid": world.issuer.key_id(Purpose.STATUS),
    }
    said = payload(world, compress_list(StatusList.empty(bits=2, size=MIN_STATUS_LIST_SIZE)))
    signed = ".".join(encode_base64url(encode_jcs(part)) for part in (header, said))
    mac = encode_base64url(hmac.digest(secrets[secret], signed.encode(), "sha256"))
    world.later(seconds=2)
    assert refusal(world.fork(), world.bundle(status_tokens=(f"{signed}.{mac}",))) is Reason.STATUS_INVALID
    assert world.evaluate(world.show()).decision is Decision.ACCEPTED


@cache
def half_a_gibibyte() -> str:
    """All zeros: half a megabyte as a token carries it."""
    block, deflate = bytes(1024 * 1024), zlib.compressobj(1)
    parts = [deflate.compress(block) for _ in range(HALF_GIB // len(block))]
    return encode_base64url(b"".join([*parts, deflate.flush()]))


def test_sta_14_half_a_gibibyte_is_refused_cheaply(world: World) -> None:
    bomb = half_a_gibibyte()
    with pytest.raises(LimitExceededError):
        inflate_list(2, bomb)
    began = time.process_time()
    report = verdict_with(world, bomb)
    assert time.process_time() - began < 1
    # Such a list says nothing, neither good nor bad.
    assert (report.decision, report.reasons) == (Decision.INDETERMINATE, (Reason.STATUS_INVALID,))


def test_sta_14_half_a_gibibyte_takes_no_memory(world: World) -> None:
    bomb = half_a_gibibyte()
    tracemalloc.start()
    try:
        verdict_with(world, bomb)
        assert tracemalloc.get_traced_memory()[1] < MAX_MEMORY_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("ending", ["0?idx=7", "0/7", "0#7", "holder-7", "00", ""])
def test_sta_15_a_list_that_would_tell_who_is_asked_about(world: World, ending: str) -> None:
    """No such URI is a list's name: nothing of it is imported, and the credential is left open."""
    uri = world.issuer.status_base + ending
    status = StatusReference(uri=uri, index=7)
    token = world.status_token(world.issuer, uri=uri)
    assert refusal(world.fork(), world.bundle(status_tokens=(token,))) is Reason.STATUS_INVALID
    report = world.evaluate(world.present(world.issue(status=status), "match"))
    assert (report.decision, report.reasons) == (Decision.INDETERMINATE, (Reason.STATUS_MISSING,))


def test_sta_17_a_list_is_no_credential_and_a_credential_no_list(world: World) -> None:
    token = world.status_token(world.issuer)
    report = world.evaluate(f"{token}~")
    assert report.decision is Decision.REJECTED
    assert report.reasons == (Reason.MEDIA_TYPE_WRONG,)
    credential = world.issue().partition("~")[0]
    assert refusal(world.fork(), world.bundle(status_tokens=(credential,))) is Reason.STATUS_INVALID


def test_sta_17_a_list_of_one_issuer_says_nothing_of_anothers_credentials(world: World) -> None:
    """The entry is there, and good; the list is for the other issuer's credentials."""
    uri = world.status_uri(world.mo_issuer)
    good = world.issue(issuer=world.mo_issuer)
    assert world.evaluate(world.present(good, "match")).decision is Decision.ACCEPTED
    report = world.evaluate(world.present(world.issue(status=StatusReference(uri=uri, index=7)), "match"))
    assert (report.decision, report.reasons) == (Decision.REJECTED, (Reason.STATUS_INVALID,))


def test_sta_09_a_list_replayed_to_a_gate_that_knows_better(world: World) -> None:
    old = world.bundle()
    world.later(minutes=1)
    world.revoke(7)
    world.import_bundle()
    code = world.show()
    assert world.evaluate(code).reasons == (Reason.REVOKED,)
    assert refusal(world, old) is Reason.ROLLBACK
    assert world.evaluate(code).reasons == (Reason.REVOKED,)
    # The old list in a new bundle is no better.
    stolen = world.bundle(status_tokens=old.status_tokens)
    assert refusal(world, stolen) is Reason.ROLLBACK
    assert world.evaluate(code).decision is Decision.REJECTED
