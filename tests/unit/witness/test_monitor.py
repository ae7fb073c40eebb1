# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a witness asks of the entries: each rule from a good case, with one thing changed. LED-23."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.samples import KEYS, fresh_world
from tests.unit.witness.watching import NAME, head
from tests.world import World
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.errors import LedgerError
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.tlog.tree import leaf_hash, root_of
from vcred.tlog.witness import RefusalKind
from vcred.witness.monitor import Handed, Replayed, judge_entries, may_be_logged, withheld

DELAY = 86_400
VOID: JsonObject = {"kind": "network.genesis", "version": 1}


def a_type(world: World) -> JsonObject:
    """A statement that a log would take."""
    did = world.gd.did
    return world.statement(
        world.gd, Kind.TYPE_PUBLISH, type=f"{did}/types/x/1", digest=hash_text(bytes(32)), size=1
    )


@dataclass
class Case:
    """A head of a world, offered to a witness that has replayed its first entries."""

    world: World = field(default_factory=fresh_world)
    known: int = 4
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def latest(self) -> int:
        return max(parse_leaf(leaf).logged_at for leaf in self.world.leaves)

    def judge(self, **changes: Any) -> RefusalKind | None:
        before = Replayed().grow(self.world.leaves[: self.known])
        after = before.grow(self.world.leaves[self.known :])
        values: dict[str, Any] = {
            "before": before,
            "after": after,
            "note": head(self.world),
            "root": root_of(map(leaf_hash, self.world.leaves)),
            "network_id": self.world.state.require_network().id,
            "own": [(NAME, KEYS.make("witness CN-44", EDDSA).public_key)],
            "handed": (),
            "now": int(self.world.now.timestamp()),
        }
        return judge_entries(**(values | self.changes | changes))


@pytest.fixture
def case() -> Case:
    found = Case()
    assert found.judge() is None
    return found


def test_the_same_head_again_is_good_too(case: Case) -> None:
    case.known = len(case.world.leaves)
    assert case.judge() is None


def test_rule_1_another_network(case: Case) -> None:
    assert case.judge(network_id=hash_text(bytes(32))) is RefusalKind.ORIGIN_UNKNOWN


def test_rule_1_no_network_at_all(case: Case) -> None:
    assert case.judge(after=Replayed()) is RefusalKind.ORIGIN_UNKNOWN


def test_rule_2_another_root(case: Case) -> None:
    assert case.judge(root=bytes(32)) is RefusalKind.ENTRIES_DIFFER


def test_rule_2_an_entry_more_or_less(case: Case) -> None:
    before = Replayed().grow(case.world.leaves[: case.known])
    for leaves in (case.world.leaves[case.known : -1], [*case.world.leaves[case.known :], b"one more"]):
        assert case.judge(after=before.grow(leaves)) is RefusalKind.ENTRIES_DIFFER


def test_rule_3_the_key_in_force_at_the_size_signs() -> None:
    case = Case()
    old_key = case.world.log_key
    case.world.new_log_key()
    assert case.judge() is None
    assert case.judge(note=head(case.world, signer=old_key)) is RefusalKind.UNSIGNED


def test_rule_3_a_key_that_is_not_in_force_yet(case: Case) -> None:
    ahead = case.world.fork()
    following = ahead.new_log_key()
    assert case.judge(note=head(case.world, signer=following)) is RefusalKind.UNSIGNED


@pytest.mark.parametrize(("seconds", "refusal"), [(0, None), (1, RefusalKind.LOGGED_BACKWARD)])
def test_rule_4_the_clock_of_the_log_does_not_go_back(
    case: Case, seconds: int, refusal: RefusalKind | None
) -> None:
    statement = case.world.statement(
        case.world.mo,
        Kind.TYPE_PUBLISH,
        type=f"{case.world.mo.did}/types/x/1",
        digest=hash_text(bytes(32)),
        size=1,
    )
    case.world.leaves.append(encode_leaf(statement, logged_at=case.latest - seconds))
    assert case.judge() is refusal
    # Once such a head has been cosigned elsewhere, it stands below and is no reason any more.
    case.known = len(case.world.leaves)
    assert case.judge() is None


def test_rule_4_holds_however_the_entries_are_cut(case: Case) -> None:
    """A void entry moves no state, but it has been dated; the next one may not be dated before it."""
    case.world.leaves.append(encode_leaf(VOID, logged_at=case.latest + 5))
    assert case.judge() is None
    case.known = len(case.world.leaves)
    case.world.leaves.append(encode_leaf(VOID, logged_at=case.latest - 1))
    assert case.judge() is RefusalKind.LOGGED_BACKWARD
    case.known -= 1
    assert case.judge() is RefusalKind.LOGGED_BACKWARD


@pytest.mark.parametrize(("ahead", "refusal"), [(300, None), (301, RefusalKind.LOGGED_AHEAD)])
def test_led_23_rule_4_five_minutes_ahead_and_no_more(
    case: Case, ahead: int, refusal: RefusalKind | None
) -> None:
    assert case.judge(now=case.latest - ahead) is refusal


def test_rule_4_a_leaf_that_cannot_be_read_has_no_date(case: Case) -> None:
    case.world.leaves.append(b"not an entry")
    assert case.judge() is None


@pytest.mark.parametrize(("ignorable", "refusal"), [(True, None), (False, RefusalKind.VERSION_UNSUPPORTED)])
def test_rule_5_what_it_cannot_judge(case: Case, ignorable: bool, refusal: RefusalKind | None) -> None:
    case.world.leaves.append(
        encode_leaf({"kind": "unheard.of", "version": 1, "ignorable": ignorable}, logged_at=case.latest)
    )
    assert case.judge() is refusal
    # Others have cosigned it: below the record it is no reason any more.
    case.known = len(case.world.leaves)
    assert case.judge() is None


def test_rule_6_a_witness_that_the_network_has_replaced(case: Case) -> None:
    following = case.world.new_witness(f"{NAME}/2", instead_of=NAME)
    assert case.judge() is RefusalKind.RETIRED
    assert case.judge(own=[(f"{NAME}/2", following.public_key)]) is None


@pytest.mark.parametrize("part", ["name", "key"])
def test_rule_6_name_and_key_are_both_listed(case: Case, part: str) -> None:
    name, key = NAME, KEYS.make("witness CN-44", EDDSA).public_key
    other = {"name": ("witness/MO", key), "key": (name, KEYS.make("another", EDDSA).public_key)}
    assert case.judge(own=[other[part]]) is RefusalKind.RETIRED
    assert case.judge(own=[other[part], (name, key)]) is None


@pytest.mark.parametrize(("age", "refusal"), [(DELAY, None), (DELAY + 1, RefusalKind.WITHHELD)])
def test_rule_7_what_was_handed_over_comes_in_time(case: Case, age: int, refusal: RefusalKind | None) -> None:
    now = int(case.world.now.timestamp())
    handed = [Handed(hash=hash_text(bytes(32)), handed_at=now - age)]
    assert case.judge(handed=handed) is refusal


def test_rule_7_what_stands_on_the_ledger_is_not_missing(case: Case) -> None:
    late = int(case.world.now.timestamp()) - 2 * DELAY
    for leaf in case.world.leaves:
        assert case.judge(handed=[Handed(hash=parse_leaf(leaf).hash, handed_at=late)]) is None


def test_rule_7_an_operation_that_was_spoilt_on_its_way_is_missing(case: Case) -> None:
    """The log takes its proof away and logs the rest: the hash is the same, the entry void."""
    world = case.world
    statement = a_type(world)
    late = Handed(hash=hash_text(operation_hash(statement)), handed_at=case.latest - DELAY - 1)
    good = replace(world, leaves=[*world.leaves, encode_leaf(statement, logged_at=case.latest)])
    assert Case(good).judge(handed=[late]) is None
    spoilt = {**statement, "proof": []}
    bad = replace(world, leaves=[*world.leaves, encode_leaf(spoilt, logged_at=case.latest)])
    assert Case(bad).judge(handed=[late]) is RefusalKind.WITHHELD


def test_rule_7_the_delay_is_the_one_in_force(case: Case) -> None:
    now = int(case.world.now.timestamp())
    handed = [Handed(hash=hash_text(bytes(32)), handed_at=now - 3601)]
    assert case.judge(handed=handed) is None
    case.world.change_network(limits={"entry_bytes": 7500, "max_merge_delay": 3600})
    assert case.judge(handed=handed) is RefusalKind.WITHHELD
    handed = [Handed(hash=hash_text(bytes(32)), handed_at=now - 3600)]
    assert case.judge(handed=handed) is None


def test_what_is_missing_is_named_oldest_first(case: Case) -> None:
    items = [Handed(hash=hash_text(bytes([n]) * 32), handed_at=n) for n in (3, 1, 2)]
    state = case.world.state
    assert [item.handed_at for item in withheld(state, items, now=DELAY + 3)] == [1, 2]
    assert withheld(state, items, now=DELAY + 1) == ()


# The replay.


@given(st.data())
def test_a_replay_in_pieces_is_the_replay(data: st.DataObject) -> None:
    world = fresh_world()
    leaves = [*world.leaves, b"void", encode_leaf({"kind": "did.create", "version": 1}, logged_at=5)]
    whole = Replayed().grow(leaves)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(leaves)), max_size=4)))
    pieces = Replayed()
    for start, end in zip([0, *cuts], [*cuts, len(leaves)], strict=True):
        pieces = pieces.grow(leaves[start:end])
    assert pieces == whole
    assert (whole.reversals, whole.state.size) == (1, len(leaves))


def test_a_log_that_does_not_begin_with_a_network_is_refused() -> None:
    with pytest.raises(LedgerError):
        Replayed().grow([b"void"])


# What may be asked for at all.


def test_what_the_rules_take_may_be_asked_for(case: Case) -> None:
    world = case.world
    statement = a_type(world)
    now = int(world.now.timestamp())
    assert may_be_logged(statement, state=world.state, now=now)
    # The witness's clock may be behind the log's.
    assert may_be_logged(statement, state=world.state, now=0)
    others: list[JsonObject] = [{**statement, "proof": []}, {**statement, "size": -1}, {"kind": 7}]
    for other in others:
        assert not may_be_logged(other, state=world.state, now=now)
    world.append(statement)
    assert not may_be_logged(statement, state=world.state, now=now)
