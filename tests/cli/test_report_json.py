# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""As of when, for programs: the list's own time, and how old it is where it is too old."""

import json
from typing import Any

from tests.world import START, World, make_world
from vcred.cli.report_json import report_json


def told(world: World, credential: str) -> dict[str, Any]:
    """The report as a program reads it."""
    report = report_json(world.evaluate(world.present(credential, "match")))
    parsed: dict[str, Any] = json.loads(json.dumps(report))
    return parsed


def ages(report: dict[str, Any]) -> dict[str, object]:
    return {check["name"]: check["age"] for check in report["checks"] if check["age"] is not None}


def test_a_list_that_is_too_old_says_so_in_seconds() -> None:
    world = make_world()
    credential = world.issue()
    world.belief()
    world.later(hours=24)
    good = told(world, credential)
    assert (good["decision"], good["axes"]["current"], ages(good)) == ("accepted", "yes", {})
    assert good["evidence"]["status_as_of"] == START.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert good["evidence"]["status_list_small"] is False
    world.later(seconds=1)
    stale = told(world, credential)
    assert (stale["decision"], stale["axes"]["current"]) == ("indeterminate", "unknown")
    assert stale["reasons"] == ["stale"]
    assert ages(stale) == {"status": {"seconds": 86_401, "allowed": 86_400}}
    assert stale["evidence"]["status_as_of"] == good["evidence"]["status_as_of"]


def test_a_list_and_a_bundle_each_say_their_own_age() -> None:
    world = make_world()
    credential = world.issue()
    world.belief()
    world.later(days=8)
    assert ages(told(world, credential)) == {
        # The list has expired, after a week of its own; so has the bundle's word, by the policy.
        "status": {"seconds": 8 * 86_400, "allowed": 7 * 86_400},
        "trust_age": {"seconds": 8 * 86_400, "allowed": 7 * 86_400},
    }
