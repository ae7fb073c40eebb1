# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The DID document of an organisation: now, as of a version, as of a time."""

import pytest

from tests.world import World, make_world
from vcred.did.document import DidDocument
from vcred.did.operations import Purpose
from vcred.did.resolution import Problem
from vcred.ledger.resolve import resolve_did
from vcred.ledger.state import Organisation

SITE = "https://health.example"


@pytest.fixture
def world() -> World:
    return make_world()


def record(world: World) -> Organisation:
    return world.state.organisations[world.issuer.did]


def document(world: World, **asked: object) -> DidDocument:
    return resolve_did(world.state, world.issuer.did, **asked).require()  # type: ignore[arg-type]


def at(world: World) -> int:
    return int(world.now.timestamp())


def test_a_document_lists_each_key_under_its_one_purpose(world: World) -> None:
    shown = document(world)
    assert shown.controller == shown.id == world.issuer.did
    assert {str(name): list(ids) for name, ids in shown.relationships.items()} == {
        str(purpose): [world.issuer.key_id(purpose)] for purpose in world.issuer.signers
    }
    assert [(s.id, s.type, s.endpoint) for s in shown.services] == [
        (f"{shown.id}#status-0", "TokenStatusList", world.issuer.status_base)
    ]
    metadata = resolve_did(world.state, world.issuer.did).metadata
    assert (metadata.created, metadata.updated) == (record(world).created_at, None)
    assert metadata.version_id == world.issuer.did.rpartition(":")[2]


def test_a_retired_key_is_in_no_newer_document_and_in_every_older_one(world: World) -> None:
    """DID-11."""
    old, before = world.issuer.key_id(), at(world)
    world.later(minutes=1)
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION], profile={"sites": (SITE,)})
    new = world.issuer.key_id()
    assert document(world).relationships[Purpose.ASSERTION] == (new,)
    assert old not in [method.id for method in document(world).methods]
    # At the second of the update the new one is in force, a second before it the old one.
    assert document(world, version_time=at(world)).relationships[Purpose.ASSERTION] == (new,)
    assert document(world, version_time=at(world) - 1).relationships[Purpose.ASSERTION] == (old,)
    first, second = record(world).versions
    then = resolve_did(world.state, world.issuer.did, version_id=first.hash)
    assert then.require() == document(world, version_time=before)
    assert then.metadata.updated is None
    assert (then.metadata.next_update, then.metadata.next_version_id) == (at(world), second.hash)
    assert resolve_did(world.state, world.issuer.did).metadata.updated == at(world)
    assert [service.id.rpartition("#")[2] for service in document(world).services] == ["status-0", "site-0"]


def test_a_base_keeps_its_number_when_another_takes_its_place(world: World) -> None:
    first = world.issuer.status_base
    for base in ("https://lists.example/a/", first):
        world.later(minutes=1)
        world.update_did(world.issuer, profile={"status_bases": (base,)})
    numbers = [
        document(world, version_id=version.hash).services[0].id.rpartition("-")[2]
        for version in record(world).versions
    ]
    assert numbers == ["0", "1", "0"]


def test_a_distrusted_key_is_listed_and_in_no_relationship(world: World) -> None:
    key = world.issuer.key_id()
    assert key in document(world).relationships[Purpose.ASSERTION]
    # Whoever accredited the issuer may distrust its keys.
    world.accredit(world.gd, world.issuer, world.vct)
    world.later(minutes=1)
    world.distrust(world.gd, key)
    for asked in ({}, {"version_time": at(world)}, {"version_time": at(world) - 30}):
        shown = document(world, **asked)
        assert key in [method.id for method in shown.methods]
        assert Purpose.ASSERTION not in shown.relationships


def test_a_did_that_has_ended_resolves_to_nothing_but_what_it_was_stays(world: World) -> None:
    before = document(world)
    world.later(minutes=1)
    world.deactivate(world.issuer)
    ended = resolve_did(world.state, world.issuer.did)
    assert (ended.document, ended.problem, ended.http_status) == (None, None, 410)
    assert ended.metadata.deactivated
    assert document(world, version_time=at(world) - 1) == before
    assert resolve_did(world.state, world.issuer.did, version_time=at(world)).document is None


@pytest.mark.parametrize(
    ("did", "asked", "problem"),
    [
        ("did:vcred:short", {}, Problem.INVALID_DID),
        ("did:vcred:11111111111111111111111111111111", {}, Problem.NOT_FOUND),
        ("did:key:zDnae", {}, Problem.METHOD_NOT_SUPPORTED),
        ("", {}, Problem.INVALID_DID),
        (None, {"version_id": "1"}, Problem.NOT_FOUND),
        (None, {"version_time": 0}, Problem.NOT_FOUND),
        (None, {"version_id": "1", "version_time": 0}, Problem.INVALID_OPTIONS),
    ],
)
def test_what_does_not_resolve(
    world: World, did: str | None, asked: dict[str, object], problem: Problem
) -> None:
    assert resolve_did(world.state, world.issuer.did).problem is None
    wanted = world.issuer.did if did is None else did
    assert resolve_did(world.state, wanted, **asked).problem is problem  # type: ignore[arg-type]
