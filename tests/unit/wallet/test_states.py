# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How a credential stands: by its dates, by its list, and not known where nothing says it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.unit.trust.samples import fresh_world
from tests.world import World
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.wallet.kept import KeptCredential, keep
from vcred.wallet.states import CredentialState, Standing, judging_case, standing_of

SUSPENDED, REVOKED = 2, 1


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def kept_of(world: World, **changes: object) -> KeptCredential:
    stored = open_credential(world.issue())
    return replace(keep(stored, name="health-code", received_at=0), **changes)  # type: ignore[arg-type]


def standing(world: World, kept: KeptCredential) -> Standing:
    now = seconds(world.now)
    return standing_of(kept, judging_case(world.belief(), now=now), now=now)


def state(world: World, kept: KeptCredential) -> CredentialState:
    return standing(world, kept).state


def test_valid_as_of_the_list() -> None:
    world = fresh_world()
    found = standing(world, kept_of(world))
    assert found.state is CredentialState.VALID
    assert found.as_of is not None
    # A list is dated at the begin of its interval.
    assert 0 <= seconds(world.now) - found.as_of < 3600


@pytest.mark.parametrize(
    ("value", "expected"), [(REVOKED, CredentialState.REVOKED), (SUSPENDED, CredentialState.SUSPENDED)]
)
def test_by_its_list(value: int, expected: CredentialState) -> None:
    world = fresh_world()
    kept = kept_of(world)
    assert state(world.fork(), kept) is CredentialState.VALID
    world.revoke(7, value=value)
    found = standing(world, kept)
    assert (found.state, found.as_of is None) == (expected, False)


def test_the_state_goes_on_with_time() -> None:
    """To the second, for a credential without a list, whose dates alone say it."""
    world = fresh_world()
    start = seconds(world.now)
    kept = kept_of(world, status=None, issued_at=start, not_before=start + 10, expires_at=start + 4000)
    case = judging_case(world.belief(), now=start)

    def at(later: int) -> CredentialState:
        return standing_of(kept, case, now=start + later).state

    # A quarter of its life before the end.
    assert [at(later) for later in (0, 9, 10, 2999, 3000, 3999, 4000)] == [
        CredentialState.NOT_YET_VALID,
        CredentialState.NOT_YET_VALID,
        CredentialState.VALID,
        CredentialState.VALID,
        CredentialState.EXPIRING,
        CredentialState.EXPIRING,
        CredentialState.EXPIRED,
    ]


def test_a_long_life_expires_soon_for_two_weeks() -> None:
    world = fresh_world()
    now = seconds(world.now)
    two_weeks = int(timedelta(days=14).total_seconds())
    year = 365 * 86_400
    kept = kept_of(world, status=None, expires_at=now + two_weeks + 1, issued_at=now + two_weeks - year)
    assert state(world, kept) is CredentialState.VALID
    assert state(world, replace(kept, expires_at=now + two_weeks)) is CredentialState.EXPIRING
    assert state(world, replace(kept, expires_at=None)) is CredentialState.VALID


def test_without_a_bundle_nothing_is_known_but_its_end() -> None:
    world = fresh_world()
    kept, now = kept_of(world), seconds(world.now)
    assert standing_of(kept, None, now=now) == Standing(state=CredentialState.UNKNOWN)
    ended = replace(kept, expires_at=now)
    assert standing_of(ended, None, now=now).state is CredentialState.EXPIRED


def test_an_old_list_says_nothing_of_today() -> None:
    """At a gate a list of a health code may be 24 hours old: here, too."""
    world = fresh_world()
    kept = kept_of(world, expires_at=None)
    world.import_bundle()
    assert state(world.later(hours=23), kept) is CredentialState.VALID
    found = standing(world.later(hours=2), kept)
    assert (found.state, found.as_of is None) == (CredentialState.UNKNOWN, False)


def test_without_its_list_it_is_unknown() -> None:
    world = fresh_world()
    kept = kept_of(world)
    assert state(world.fork(), kept) is CredentialState.VALID
    world.listed.clear()
    assert standing(world, kept) == Standing(state=CredentialState.UNKNOWN)


def test_an_old_bundle_says_nothing_of_today() -> None:
    world = fresh_world()
    kept = kept_of(world, status=None, expires_at=None)
    world.import_bundle()
    assert state(world.later(days=6), kept) is CredentialState.VALID
    assert state(world.later(days=2), kept) is CredentialState.UNKNOWN


def test_what_is_final_stays_final() -> None:
    """Revoked before expired: whoever shows it is told the reason that does not go away."""
    world = fresh_world()
    kept = kept_of(world)
    world.revoke(7, value=REVOKED)
    world.import_bundle()
    now = seconds(world.later(hours=1).now)
    case = judging_case(world.belief(), now=now)
    assert standing_of(replace(kept, expires_at=now), case, now=now).state is CredentialState.REVOKED
