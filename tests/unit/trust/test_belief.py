# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The belief answers what the ledger says, and says when it does not know."""

from hashlib import sha256

import pytest

from tests.unit.trust.samples import fresh_world, refusal
from tests.world import World
from vcred.did.methods.vcred import hash_text, parse_hash_text
from vcred.did.operations import Purpose
from vcred.keys.algorithms import ES256
from vcred.ledger.entries import Kind
from vcred.reasons import Reason
from vcred.trust.belief import belief_of
from vcred.trust.held import Held

WORLD = fresh_world()
BELIEF = WORLD.belief()
STRANGER = "did:vcred:" + "1" * 32
NOW = int(WORLD.now.timestamp())


def test_nothing_held_nothing_believed() -> None:
    assert belief_of(Held()) is None
    assert belief_of(WORLD.held, at=NOW - 1) is None


def test_the_network_is_named() -> None:
    assert BELIEF.live_audience == f"{BELIEF.network_id}#live"
    assert BELIEF.network == parse_hash_text(BELIEF.network_id)[:8]
    assert (BELIEF.size, BELIEF.trust_as_of) == (8, NOW)


def test_keys_are_found_by_their_id_and_by_their_ordinal() -> None:
    issuer = WORLD.issuer
    for ordinal, purpose in enumerate((Purpose.ASSERTION, Purpose.STATUS, Purpose.AUTHENTICATION)):
        key_id = issuer.key_id(purpose)
        method = BELIEF.method(issuer.did, key_id)
        assert method is not None and (method.purpose, method.key) == (
            purpose,
            issuer.signer(purpose).public_key,
        )
        assert BELIEF.key_ordinal(issuer.did, key_id) == ordinal
        assert BELIEF.key_at(issuer.did, ordinal) == (key_id, ES256)
        assert BELIEF.methods_for(issuer.did, purpose, at=NOW) == (method,)
        assert BELIEF.methods_for(issuer.did, purpose, at=method.added_at - 1) == ()
    assert BELIEF.methods_for(issuer.did, Purpose.STATEMENT, at=NOW) == ()


@pytest.mark.parametrize("ordinal", [-1, 3, 2**53])
def test_what_is_not_there_is_none(ordinal: int) -> None:
    assert BELIEF.key_at(WORLD.issuer.did, ordinal) is None
    assert BELIEF.key_at(STRANGER, 0) is None
    assert BELIEF.method(WORLD.issuer.did, WORLD.mo_issuer.key_id()) is None
    assert BELIEF.method(STRANGER, WORLD.issuer.key_id()) is None
    assert BELIEF.key_ordinal(STRANGER, WORLD.issuer.key_id()) is None
    assert BELIEF.organisation(STRANGER) is None
    assert BELIEF.methods_for(STRANGER, Purpose.ASSERTION, at=NOW) == ()
    assert BELIEF.accreditations(WORLD.issuer.did, "x") == ()
    assert BELIEF.recognitions("HK", WORLD.vct) == ()
    assert BELIEF.status("https://status.example/0") is None
    assert BELIEF.status_bases(STRANGER) == ()
    assert (BELIEF.did_index(STRANGER), BELIEF.type_index("x"), BELIEF.type_definition("x")) == (
        None,
        None,
        None,
    )
    for index in (-1, 8, 2**53):
        assert (BELIEF.did_at(index), BELIEF.type_at(index)) == (None, None)


def test_entries_are_referred_to_by_their_index() -> None:
    assert BELIEF.did_index(WORLD.issuer.did) == 1
    assert BELIEF.did_at(1) == WORLD.issuer.did
    assert BELIEF.type_index(WORLD.vct) == 3
    assert BELIEF.type_at(3) == WORLD.vct
    # Founders stand inside genesis: no entry is theirs.
    assert BELIEF.did_index(WORLD.gd.did) is None
    assert BELIEF.did_at(0) is None
    assert BELIEF.did_at(3) is None
    assert BELIEF.type_at(1) is None


def test_accreditations_and_recognitions_are_those_of_the_ledger() -> None:
    (accreditation,) = BELIEF.accreditations(WORLD.issuer.did, WORLD.vct)
    assert (accreditation.entry, accreditation.jurisdiction) == (WORLD.entries["gd"], "CN-44")
    (recognition,) = BELIEF.recognitions("MO", WORLD.vct)
    assert (recognition.entry, recognition.of_jurisdiction) == (WORLD.entries["mo<-gd"], "CN-44")


def test_types_are_found_by_name_the_newest_version_last() -> None:
    world = fresh_world()
    for version in ("2", "10"):
        vct = world.vct[:-1] + version
        digest = hash_text(version.encode().ljust(32))
        world.say(world.gd, Kind.TYPE_PUBLISH, type=vct, digest=digest, size=1)
    found = world.belief().types_named("health-code")
    assert found == [world.vct, world.vct[:-1] + "2", world.vct[:-1] + "10"]
    assert world.belief().types_named("code") == []
    # Published, and the content is not held.
    assert world.belief().type_definition(found[-1]) is None


# Types in a bundle.


def publish(world: World, *, digest: bytes, size: int, version: int = 2) -> str:
    vct = f"{world.vct[:-1]}{version}"
    world.say(world.gd, Kind.TYPE_PUBLISH, type=vct, digest=hash_text(digest), size=size)
    return vct


def content(world: World) -> tuple[bytes, bytes]:
    ((digest, data),) = world.definitions.items()
    return digest, data


def test_a_type_that_nobody_published_is_refused() -> None:
    world = fresh_world()
    data = content(world)[1].replace(b'"version":1', b'"version":2')
    digest = sha256(data).digest()
    types = {**world.definitions, digest: data}
    assert refusal(world, world.bundle(types=types)) is Reason.BUNDLE_INCONSISTENT
    publish(world, digest=digest, size=len(data))
    world.import_bundle(world.bundle(types=types))


@pytest.mark.parametrize("off", [-1, 1])
def test_a_type_has_the_size_that_was_published(off: int) -> None:
    world = fresh_world()
    data = content(world)[1].replace(b'"version":1', b'"version":2')
    digest = sha256(data).digest()
    publish(world, digest=digest, size=len(data) + off)
    assert refusal(world, world.bundle(types={digest: data})) is Reason.BUNDLE_INCONSISTENT


@pytest.mark.parametrize("data", [b"{}", b"x", b"\xff", b'{"name":"x"}'])
def test_a_type_is_a_well_formed_definition(data: bytes) -> None:
    world = fresh_world()
    digest = sha256(data).digest()
    publish(world, digest=digest, size=len(data))
    assert refusal(world, world.bundle(types={digest: data})) is Reason.BUNDLE_INCONSISTENT


def test_a_type_is_in_its_one_form() -> None:
    world = fresh_world()
    data = content(world)[1] + b"\n"
    digest = sha256(data).digest()
    publish(world, digest=digest, size=len(data))
    assert refusal(world, world.bundle(types={digest: data})) is Reason.BUNDLE_INCONSISTENT


def test_nobody_spoils_a_type_by_publishing_it_again() -> None:
    """Another organisation publishes the same digest with another size: the first one still counts."""
    world = fresh_world()
    digest, data = content(world)
    vct = f"{world.mo.did}/types/health-code/1"
    world.say(world.mo, Kind.TYPE_PUBLISH, type=vct, digest=hash_text(digest), size=len(data) + 1)
    world.import_bundle()
    definition = world.belief().type_definition(world.vct)
    assert definition is not None and definition.digest == digest
