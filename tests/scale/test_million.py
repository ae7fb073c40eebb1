# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Revoke 1 % of a million and rebuild the bundle: every revoked one is rejected, every other accepted."""

import random
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.faults.amounts import amount
from tests.scale.province import Province, WorldClock, open_province
from tests.world import START, World, make_world
from vcred.issuer.approval import sign_approval
from vcred.issuer.engines.statuses.publication import publish
from vcred.issuer.engines.statuses.status_desk import StatusDesk
from vcred.issuer.engines.store.changes import Waiting
from vcred.issuer.journal import StatusValue
from vcred.issuer.selection import ByIds
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.status.snapshot import StatusSnapshot
from vcred.trust.bundle import encode_bundle, parse_bundle
from vcred.trust.statuses import open_status_token
from vcred.verifier.report import Decision

COUNT = 1_000_000
REVOKED = COUNT // 100
SAMPLE = amount(4_000, 20_000)
SEED = 20_261_120
# A minute and a half after the change; the grid is one of minutes.
PUBLISHED = START + timedelta(minutes=1)


@dataclass
class Revoked:
    """What is left of the day: who issued, what was revoked, what is in the sample, the lists by number."""

    province: Province
    revoked: frozenset[int]
    sample: list[int]
    lists: dict[int, StatusSnapshot]

    @property
    def world(self) -> World:
        return self.province.world


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Revoked:
    """Issue, revoke with a second person, publish, build the bundle, import it."""
    chosen = random.Random(SEED)
    revoked = frozenset(chosen.sample(range(COUNT), REVOKED))
    half = SAMPLE // 2
    others = [number for number in chosen.sample(range(COUNT), SAMPLE) if number not in revoked]
    sample = [*chosen.sample(sorted(revoked), half), *others[:half]]
    world = make_world()
    province = open_province(world, tmp_path_factory.mktemp("province") / "issuer")
    with province.store:
        province.issue(COUNT, sample=frozenset(sample))
        revoke(province, sorted(revoked))
        world.later(seconds=90)
        clock = WorldClock(world)
        published = publish(province.store, province.status_key, clock=clock, guard=lambda: None)
    tokens = tuple(item.token for item in published)
    bundle = encode_bundle(world.bundle(status_tokens=(*tokens, world.status_token(world.mo_issuer))))
    world.later(minutes=1)
    world.import_bundle(parse_bundle(bundle))
    snapshots = [open_status_token(token, world.state).snapshot for token in tokens]
    lists = {int(item.uri.rpartition("/")[2]): item for item in snapshots}
    return Revoked(province, revoked, sample, lists)


def revoke(province: Province, numbers: list[int]) -> None:
    """By their ids, as from a file. It is more than one person may do alone."""
    world = province.world
    carol = SoftwareSigner.generate(ES256)
    desk = StatusDesk(
        province.store, issuer=world.issuer.did, own_keys=(), clock=WorldClock(world), keep=lambda: None
    )
    desk.add_approver(carol.public_key.did_key(), name="Carol")
    ids = province.credential_ids(numbers)
    waiting = desk.change(ByIds(tuple(ids)), StatusValue.REVOKED, why="a laboratory was closed")
    assert isinstance(waiting, Waiting)
    desk.apply(sign_approval(waiting.request, signer=carol, at=int(world.now.timestamp())))


def test_each_one_in_a_sample_of_thousands(day: Revoked) -> None:
    """Issued, presented, and judged by a gate that has nothing but the bundle."""
    world, found = day.world, {Decision.ACCEPTED: 0, Decision.REJECTED: 0}
    for number in day.sample:
        report = world.evaluate(world.present(day.province.signed[number], "match"))
        is_revoked = number in day.revoked
        assert report.decision is (Decision.REJECTED if is_revoked else Decision.ACCEPTED), number
        assert report.reasons == ((Reason.REVOKED,) if is_revoked else ())
        found[report.decision] += 1
    assert min(found.values()) > SAMPLE // 3


def test_each_entry_of_them_all(day: Revoked) -> None:
    """Every credential that was issued, by the lists of the bundle; and no place is given twice."""
    province, seen = day.province, set[tuple[int, int]]()
    for number, (listed, index) in enumerate(zip(province.numbers, province.indices, strict=True)):
        assert day.lists[listed].lookup(index) == (number in day.revoked), number
        seen.add((listed, index))
    assert len(seen) == COUNT


def test_the_lists_are_dated_on_the_grid_and_speak_for_a_day(day: Revoked) -> None:
    """To the second; then the gate says that it does not know."""
    world = day.world.fork()
    assert {item.issued_at for item in day.lists.values()} == {int(PUBLISHED.timestamp())}
    number = next(number for number in day.sample if number not in day.revoked)
    for seconds, reasons in ((0, ()), (1, (Reason.STALE,))):
        world.now = PUBLISHED + timedelta(hours=24, seconds=seconds)
        assert world.evaluate(world.present(day.province.signed[number], "match")).reasons == reasons


def test_the_lists_hide_how_many(day: Revoked) -> None:
    """STA-13, and decoys: no list is small, and none shows the number that was revoked in it."""
    province = day.province
    real = dict.fromkeys(day.lists, 0)
    for number in day.revoked:
        real[province.numbers[number]] += 1
    for listed, snapshot in day.lists.items():
        assert snapshot.list.size >= MIN_STATUS_LIST_SIZE
        values = snapshot.list
        shown = sum(values.get(index) == 1 for index in range(values.size))
        assert shown > real[listed]
