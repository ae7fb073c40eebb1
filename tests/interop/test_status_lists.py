# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status lists both ways with both peers, signatures included; and what they take that is refused here."""

import random
import zlib
from collections.abc import Iterable
from datetime import timedelta

import pytest

from tests.interop.peers import STATUS_PEERS, Peer, PeerRefusedError
from tests.world import START, make_world
from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.operations import Purpose
from vcred.errors import RefusedError, TrustBundleError
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason
from vcred.securing.jws import sign_jws
from vcred.status.bits import StatusList, compress_list
from vcred.status.token_status_list import MEDIA_TYPE, encode_status_token
from vcred.trust.statuses import open_status_token
from vcred.verifier.report import Decision

pytestmark = pytest.mark.online

NOW = int(START.timestamp())
WEEK = int(timedelta(days=7).total_seconds())
SMALL, LARGE = 131_072, 1_048_576
SHAPES = [(1, SMALL), (1, LARGE), (2, SMALL), (2, LARGE)]
REVOKED_IN = 100
ASKED = 400
WORLD = make_world()


@pytest.fixture(params=STATUS_PEERS)
def peer(request: pytest.FixtureRequest) -> Peer:
    return STATUS_PEERS[request.param]()


@pytest.fixture
def openvc() -> Peer:
    return STATUS_PEERS["openvc"]()


@pytest.fixture
def node() -> Peer:
    return STATUS_PEERS["node"]()


def signer() -> SoftwareSigner:
    """The issuer's key for status lists, as the ledger of WORLD knows it."""
    found = WORLD.issuer.signer(Purpose.STATUS)
    assert isinstance(found, SoftwareSigner)
    return found


def random_values(bits: int, size: int) -> dict[int, int]:
    """One in a hundred is not valid, and the first and the last are among them."""
    chosen = random.Random(f"{bits} {size}")
    indices = {0, size - 1, *(chosen.randrange(size) for _ in range(size // REVOKED_IN))}
    return {index: chosen.randrange(1, 2**bits) for index in sorted(indices)}


def asked(values: dict[int, int], size: int) -> list[int]:
    """Indices to look at: half of them not valid."""
    chosen = random.Random(size)
    others = (chosen.randrange(size) for _ in range(ASKED // 2))
    return [*chosen.sample([*values], ASKED // 2), *others, 0, size - 1]


def our_token(bits: int, size: int, values: dict[int, int]) -> str:
    return encode_status_token(
        StatusList.empty(bits=bits, size=size).changed(values),
        uri=WORLD.status_uri(),
        issued_at=NOW,
        expires_at=NOW + WEEK,
        ttl=43_200,
        kid=WORLD.issuer.key_id(Purpose.STATUS),
        signer=signer(),
    )


def their_token(peer: Peer, bits: int, size: int, values: dict[int, int], **changes: JsonValue) -> str:
    members: JsonObject = {
        "bits": bits,
        "size": size,
        "values": [[index, value] for index, value in values.items()],
        "uri": WORLD.status_uri(),
        "issuedAt": NOW,
        "expiresAt": NOW + WEEK,
        "ttl": 43_200,
        "kid": WORLD.issuer.key_id(Purpose.STATUS),
        "issuer": signer().to_private_jwk(),
    }
    return peer.ask_text("make", **(members | changes))


def they_read(peer: Peer, token: str, indices: Iterable[int]) -> JsonValue:
    return peer.ask(
        "read",
        token=token,
        issuer=signer().public_key.to_jwk(),
        uri=WORLD.status_uri(),
        now=NOW + 60,
        indices=[*indices],
    )


@pytest.mark.parametrize(("bits", "size"), SHAPES)
def test_our_list_there(peer: Peer, bits: int, size: int) -> None:
    values = random_values(bits, size)
    indices = asked(values, size)
    assert they_read(peer, our_token(bits, size, values), indices) == [values.get(i, 0) for i in indices]


@pytest.mark.parametrize(("bits", "size"), SHAPES)
def test_their_list_here(peer: Peer, bits: int, size: int) -> None:
    """By the rule that imports it: whose key, under whose base, then every single value."""
    values = random_values(bits, size)
    believed = open_status_token(their_token(peer, bits, size, values), WORLD.state)
    snapshot = believed.snapshot
    assert (believed.did, snapshot.uri) == (WORLD.issuer.did, WORLD.status_uri())
    assert (snapshot.issued_at, snapshot.expires_at, snapshot.ttl) == (NOW, NOW + WEEK, 43_200)
    assert (snapshot.bits, snapshot.list.size) == (bits, size)
    assert snapshot.list == StatusList.empty(bits=bits, size=size).changed(values)


def test_a_credential_revoked_by_their_list(peer: Peer) -> None:
    """Through a trust bundle, to the decision."""
    world = WORLD.fork()
    other = world.status_token(world.mo_issuer)
    token = their_token(peer, 2, SMALL, {8: 1, 9: 2})
    world.import_bundle(world.bundle(status_tokens=(token, other)))
    found = {index: world.evaluate(world.present(world.issue(index=index), "match")) for index in (7, 8, 9)}
    assert {index: report.decision for index, report in found.items()} == {
        7: Decision.ACCEPTED,
        8: Decision.REJECTED,
        9: Decision.REJECTED,
    }
    assert [found[8].reasons, found[9].reasons] == [(Reason.REVOKED,), (Reason.SUSPENDED,)]


def test_a_changed_list_there_and_here(peer: Peer) -> None:
    """The peer really verifies: a suite that cannot fail proves nothing."""
    values = {5: 1}
    good, other = our_token(1, SMALL, values), our_token(1, SMALL, {})
    assert they_read(peer, good, [5]) == [1]
    mixed = ".".join([*other.split(".")[:2], good.split(".")[2]])
    with pytest.raises(PeerRefusedError):
        they_read(peer, mixed, [5])
    theirs = their_token(peer, 1, SMALL, values)
    assert open_status_token(theirs, WORLD.state).snapshot.lookup(5) == 1
    stranger = SoftwareSigner.generate(ES256).to_private_jwk()
    with pytest.raises(TrustBundleError) as caught:
        open_status_token(their_token(peer, 1, SMALL, values, issuer=stranger), WORLD.state)
    assert caught.value.reason is Reason.STATUS_INVALID


# What is refused here and read there. Each list says of entry 5 that it is revoked.

LIST = StatusList.empty(bits=2, size=SMALL).changed({5: 1})
GOOD: JsonObject = {
    "sub": WORLD.status_uri(),
    "iat": NOW,
    "exp": NOW + WEEK,
    "ttl": 60,
    "status_list": {"bits": 2, "lst": compress_list(LIST)},
}


def odd_token(*, typ: str = MEDIA_TYPE, header: JsonObject | None = None, **changes: JsonValue) -> str:
    payload = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    kid = WORLD.issuer.key_id(Purpose.STATUS)
    return sign_jws({"typ": typ, "kid": kid, **(header or {})}, payload, signer())


def with_lst(lst: str) -> JsonObject:
    return {"bits": 2, "lst": lst}


TRAILING = encode_base64url(zlib.compress(LIST.data) + b"behind it")
ODD: dict[str, tuple[str, set[str]]] = {
    "a padded list": (odd_token(status_list=with_lst(f"{compress_list(LIST)}==")), {"openvc", "node"}),
    "something behind the list": (odd_token(status_list=with_lst(TRAILING)), {"openvc", "node"}),
    "no time of issue": (odd_token(iat=None), {"openvc", "node"}),
    "a fraction of a second": (odd_token(iat=NOW + 0.5), {"openvc", "node"}),
    "an end before the beginning": (odd_token(exp=NOW - 1), {"node"}),
    "no lifetime": (odd_token(ttl=0), {"openvc", "node"}),
    "another kind of token": (odd_token(typ="JWT"), {"node"}),
    "a header that is critical": (odd_token(header={"crit": ["x"], "x": 1}), {"node"}),
    "a key in the header": (odd_token(header={"jwk": signer().public_key.to_jwk()}), {"openvc", "node"}),
    "another list's name": (odd_token(sub=WORLD.status_uri(WORLD.mo_issuer)), {"node"}),
}


@pytest.mark.parametrize("name", ODD)
def test_what_they_read_and_we_refuse(openvc: Peer, node: Peer, name: str) -> None:
    good = odd_token()
    assert open_status_token(good, WORLD.state).snapshot.lookup(5) == 1
    token, expected = ODD[name]
    readers = {"openvc": openvc, "node": node}
    taken = set()
    for reader, peer in readers.items():
        assert they_read(peer, good, [5]) == [1]
        try:
            if they_read(peer, token, [5]) == [1]:
                taken.add(reader)
        except PeerRefusedError:
            continue
    assert taken == expected
    with pytest.raises((TrustBundleError, RefusedError)) as caught:
        open_status_token(token, WORLD.state).snapshot.lookup(5)
    assert caught.value.reason is Reason.STATUS_INVALID
