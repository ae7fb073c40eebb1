# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A bundle that no gate would import is not made."""

from datetime import timedelta

import pytest

from tests.unit.trust.samples import another_network, fresh_world, grow
from tests.world import START, World
from vcred.credential.type_definition import shipped_type
from vcred.errors import TrustBundleError
from vcred.reasons import Reason
from vcred.tlog.tree import leaf_hash, root_of
from vcred.trust.build import build_bundle, make_network_file
from vcred.trust.bundle import parse_bundle

NOW = int(START.timestamp())


def build(world: World, **changes: object) -> bytes:
    values: dict[str, object] = {
        "checkpoint": world.checkpoint_note(),
        "leaves": world.leaves,
        "status_tokens": world.status_tokens(),
        "types": [world.type_definition],
        "network_file": world.network_file(),
        "now": NOW,
    }
    return build_bundle(**(values | changes))  # type: ignore[arg-type]


def test_what_is_built_is_imported() -> None:
    world = fresh_world()
    bundle = parse_bundle(build(world))
    assert bundle == world.bundle()
    world.import_bundle(bundle)


def test_what_no_gate_would_import_is_not_built() -> None:
    world = fresh_world()
    refused: list[tuple[dict[str, object], Reason]] = [
        ({"checkpoint": world.checkpoint_note(cosigners=[])}, Reason.QUORUM_MISSING),
        ({"leaves": world.leaves[:-1]}, Reason.BUNDLE_INCONSISTENT),
        ({"leaves": []}, Reason.ISSUER_UNKNOWN),
        ({"status_tokens": ["x.y.z"]}, Reason.STATUS_INVALID),
        ({"types": [shipped_type("professional-certificate")]}, Reason.BUNDLE_INCONSISTENT),
        ({"network_file": another_network().network_file()}, Reason.ISSUER_UNKNOWN),
        ({"now": NOW - int(timedelta(days=1).total_seconds())}, Reason.NOT_YET_VALID),
    ]
    for changes, reason in refused:
        with pytest.raises(TrustBundleError) as caught:
            build(world, **changes)
        assert caught.value.reason is reason, changes


def test_a_network_file_has_the_head_as_its_floor() -> None:
    world = fresh_world()
    network_id = world.state.require_network().id
    file = make_network_file(network_id=network_id, checkpoint=world.checkpoint_note(), date=NOW)
    assert (file.network_id, file.floor_size, file.floor_date) == (network_id, 8, NOW)
    assert file.floor_root == root_of(map(leaf_hash, world.leaves))
    build(world, network_file=file)
    old = fresh_world()
    grow(world)
    newer = make_network_file(network_id=network_id, checkpoint=world.checkpoint_note(), date=NOW)
    with pytest.raises(TrustBundleError) as caught:
        build(old, network_file=newer)
    assert caught.value.reason is Reason.ROLLBACK
