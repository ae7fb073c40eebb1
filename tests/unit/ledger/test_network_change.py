# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`network.change`: both sides together change the network; one alone, its own witnesses and nothing else.

LED-01, LED-02, LED-03, LED-11; BND-26, BND-27, BND-29 (root = genesis and its changes).
"""

from collections.abc import Iterable

import pytest

from tests.organisation import spare_keys
from tests.unit.ledger.samples import KEYS, changed, founding, fresh_world, refusal, removed, signed
from tests.world import Organisation, Update, World, make_world, witness_json
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Method, Purpose
from vcred.errors import DecodeError, LedgerError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.signer import Signer
from vcred.ledger.drafts import log_key_json
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.ledger.kinds.network_change import parse_change
from vcred.ledger.rules import replay
from vcred.ledger.state import Network
from vcred.reasons import Reason

KEY = KEYS.make("new key", EDDSA)
LIMITS = {"entry_bytes": 5_000, "max_merge_delay": 3_600}
EITHER = pytest.mark.parametrize("alone", ["gd", "mo"])


def witness(name: str, key: Signer = KEY) -> JsonObject:
    return witness_json(name, key)


def network(world: World) -> Network:
    return world.state.require_network()


def party(world: World, name: str) -> Organisation:
    return {"gd": world.gd, "mo": world.mo}[name]


def both(world: World, **parts: object) -> JsonObject:
    return world.network_change((world.gd, world.mo), **parts)


def again(world: World, operation: JsonObject, *signers: Organisation) -> JsonObject:
    """The changed operation, signed anew by both authorities or by others."""
    return signed(operation, [o.signer(Purpose.STATEMENT) for o in signers or (world.gd, world.mo)])


def authority(world: World, name: str, code: str = "CN-44") -> Organisation:
    """One more organisation with statement keys, not yet in office."""
    sponsor = world.gd if code == "CN-44" else world.mo
    return world.join(name, {Purpose.STATEMENT: EDDSA}, sponsor=sponsor)


def appoint(
    world: World,
    *newcomers: tuple[str, Organisation],
    threshold: int | None = None,
    by: Iterable[Organisation] = (),
) -> str:
    parts: dict[str, object] = {
        "authorities": {"add": [{"jurisdiction": code, "did": o.did} for code, o in newcomers], "remove": []}
    }
    if threshold is not None:
        parts["threshold"] = threshold
    return world.change_network(*by, **parts)


def change_of_each_part(world: World) -> dict[str, dict[str, object]]:
    """A good change of every part, each of which takes both sides."""
    added = authority(world, "Guangdong, second")
    return {
        "authorities": {
            "authorities": {"add": [{"jurisdiction": "CN-44", "did": added.did}], "remove": []},
            "threshold": 3,
        },
        "new witness": {"witnesses": {"add": [witness("witness/MO-2")], "remove": []}},
        "log key": {"log_key": log_key_json(KEY.public_key)},
        "threshold": {"threshold": 2},
        "quorum": {"quorum": {"CN-44": 1, "MO": 1}},
        "limits": {"limits": LIMITS},
    }


PARTS = ["authorities", "new witness", "log key", "threshold", "quorum", "limits"]


# What it does.


def test_each_part_changes_what_it_names_and_nothing_else() -> None:
    world = fresh_world()
    parts = change_of_each_part(world)
    before = network(world)
    for name in PARTS:
        here = world.fork()
        digest = here.change_network(**parts[name])
        after = network(here)
        assert (after.id, after.last_change) == (before.id, digest)
        same = {
            "authorities": after.authorities == before.authorities,
            "new witness": after.witnesses == before.witnesses,
            "log key": after.log_key == before.log_key,
            "limits": after.entry_bytes == before.entry_bytes,
        }
        assert [part for part, kept in same.items() if not kept] == [part for part in same if part == name]


def test_what_it_says_holds_from_the_next_entry_on() -> None:
    world = fresh_world()
    world.change_network(limits=LIMITS)
    assert (network(world).entry_bytes, network(world).max_merge_delay) == (5_000, 3_600)
    sites = tuple(f"https://{n}.example/{'x' * 1_900}" for n in range(3))
    update, _ = world.did_update(world.issuer, Update(profile={"sites": sites}))
    assert refusal(world, update) is Reason.LIMIT_EXCEEDED
    world.change_network(limits={"entry_bytes": 7_500, "max_merge_delay": 86_400})
    world.append(update)


@pytest.mark.parametrize("more", [0, 1])
def test_an_operation_has_as_many_bytes_as_the_limit_says_and_not_one_more(more: int) -> None:
    world = fresh_world()
    update, _ = world.did_update(world.issuer, Update())
    exact = parse_leaf(encode_leaf(update, logged_at=0)).operation_bytes
    world.change_network(limits={"entry_bytes": exact - more, "max_merge_delay": 3_600})
    if more:
        assert refusal(world, update) is Reason.LIMIT_EXCEEDED
    else:
        world.append(update)


def test_a_checkpoint_is_judged_by_the_network_in_force_at_its_size() -> None:
    world = fresh_world()
    first, size = network(world), world.state.size
    world.new_log_key()
    second = network(world)
    world.recognise(world.mo, world.vct, "CN-44")
    world.new_witness("witness/MO-2")
    third = network(world)
    expected = {1: first, size: first, size + 1: second, size + 2: second, size + 3: third}
    assert {at: world.state.network_at(at) for at in expected} == expected
    for never in (0, -1, size + 4):
        with pytest.raises(ValueError):
            world.state.network_at(never)


def test_a_change_of_several_parts_is_one_change() -> None:
    world = fresh_world()
    second = authority(world, "Macao, second", "MO")
    world.change_network(
        authorities={"add": [{"jurisdiction": "MO", "did": second.did}], "remove": [world.mo.did]},
        witnesses={"add": [witness("witness/MO-2")], "remove": ["witness/MO"]},
        log_key=log_key_json(KEYS.make("second log key", EDDSA).public_key),
        threshold=2,
        quorum={"CN-44": 1, "MO": 1},
        limits=LIMITS,
    )
    assert network(world).authorities == {world.gd.did: "CN-44", second.did: "MO"}
    assert [w.name for w in network(world).witnesses] == ["witness/CN-44", "witness/MO-2"]
    # Who has left office says nothing for the jurisdiction, and changes nothing.
    assert refusal(world, both(world, threshold=2)) is Reason.NOT_AUTHORISED
    world.change_network(world.gd, second, threshold=2)
    with pytest.raises(LedgerError) as caught:
        world.accredit(world.mo, world.issuer, world.vct)
    assert caught.value.reason is Reason.NOT_AUTHORISED
    world.accredit(second, world.issuer, world.vct)


# Who must sign.


@EITHER
def test_bnd_27_one_side_alone_changes_nothing(alone: str) -> None:
    world = fresh_world()
    for name, parts in change_of_each_part(world).items():
        world.fork().change_network(**parts)
        operation = world.network_change([party(world, alone)], **parts)
        assert refusal(world, operation) is Reason.NOT_AUTHORISED, name


@EITHER
def test_one_side_replaces_its_own_witness(alone: str) -> None:
    world = fresh_world()
    own, other = ("CN-44", "MO") if alone == "gd" else ("MO", "CN-44")
    by = party(world, alone)
    operation = world.network_change(
        [by], witnesses={"add": [witness(f"witness/{own}-2")], "remove": [f"witness/{own}"]}
    )
    world.fork().append(operation)
    for add, remove in (
        ([witness(f"witness/{own}-2")], []),
        ([], [f"witness/{own}"]),
        (
            [witness(f"witness/{own}-2"), witness(f"witness/{own}-3", KEYS.make("3", EDDSA))],
            [f"witness/{own}"],
        ),
        ([witness(f"witness/{other}-2")], [f"witness/{other}"]),
        ([witness(f"witness/{own}-2")], [f"witness/{other}"]),
        ([witness(f"witness/{other}-2")], [f"witness/{own}"]),
    ):
        wrong = world.network_change([by], witnesses={"add": add, "remove": remove})
        assert refusal(world, wrong) is Reason.NOT_AUTHORISED, (add, remove)
    for part, value in (("limits", LIMITS), ("threshold", 2), ("quorum", {"CN-44": 1, "MO": 1})):
        more = signed(changed(operation, part, value), [by.signer(Purpose.STATEMENT)])
        assert refusal(world, more) is Reason.NOT_AUTHORISED, part
    world.new_witness(f"witness/{own}-2", by, instead_of=f"witness/{own}")
    world.import_bundle()


def test_two_witnesses_are_replaced_by_two() -> None:
    world = fresh_world()
    world.new_witness("witness/MO-2")
    names = ["witness/MO", "witness/MO-2"]
    fresh = [witness(f"witness/MO-{n}", KEYS.make(f"{n}", EDDSA)) for n in (3, 4)]
    assert (
        refusal(world, world.network_change([world.mo], witnesses={"add": fresh[:1], "remove": names}))
        is Reason.NOT_AUTHORISED
    )
    world.change_network(world.mo, witnesses={"add": fresh, "remove": names})


def test_replacing_ones_own_witness_takes_more_than_half_of_the_own_side() -> None:
    world = fresh_world()
    second, third = (authority(world, f"Guangdong, {name}") for name in ("second", "third"))
    parts = {"witnesses": {"add": [witness("witness/CN-44-2")], "remove": ["witness/CN-44"]}}
    appoint(world, ("CN-44", second), threshold=3)
    # One of two is half, not more.
    assert refusal(world, world.network_change([world.gd], **parts)) is Reason.NOT_AUTHORISED
    # The other side's voice does not help it on.
    assert refusal(world, world.network_change([world.gd, world.mo], **parts)) is Reason.NOT_AUTHORISED
    world.fork().append(world.network_change([world.gd, second], **parts))
    appoint(world, ("CN-44", third), threshold=4, by=[world.gd, second, world.mo])
    assert refusal(world, world.network_change([second], **parts)) is Reason.NOT_AUTHORISED
    world.append(world.network_change([second, third], **parts))


def test_the_threshold_and_one_of_every_side() -> None:
    world = fresh_world()
    second, third = (authority(world, f"Guangdong, {name}") for name in ("second", "third"))
    fourth = authority(world, "Macao, second", "MO")
    appoint(world, ("CN-44", second), ("CN-44", third), ("MO", fourth), threshold=4)
    parts = {"limits": LIMITS}
    four = (world.gd, second, third, fourth)
    world.fork().append(world.network_change(four, **parts))
    world.fork().append(world.network_change((*four, world.mo), **parts))
    for fewer in ((world.gd, second, third), (world.gd, second, world.mo), (world.mo, fourth)):
        assert refusal(world, world.network_change(fewer, **parts)) is Reason.NOT_AUTHORISED
    # A signature twice is one voice.
    twice = world.network_change((world.gd, second, world.mo, world.mo), **parts)
    assert refusal(world, twice) is Reason.NOT_AUTHORISED


def test_the_threshold_alone_without_one_side_is_not_enough() -> None:
    """Three sides, threshold 3: two of them have four voices, and still nothing without the third."""

    found = founding("A", "B", "C", "A", "B")
    draft = changed(found.draft, "threshold", 3)
    genesis = found.signed(draft)
    leaf = encode_leaf(genesis, logged_at=0)
    state = replay([leaf])
    digest = parse_leaf(leaf).hash
    operation: JsonObject = {
        "kind": "network.change",
        "version": 1,
        "network": digest,
        "prev": digest,
        "threshold": 4,
    }
    for voices, good in (((0, 1, 2), True), ((0, 1, 2, 3, 4), True), ((0, 1, 3, 4), False), ((2, 0), False)):
        by = [found.signers[number] for number in voices]
        after = replay([encode_leaf(signed(operation, by), logged_at=0)], state=state)
        assert [entry.reason for entry in after.void] == ([] if good else [Reason.NOT_AUTHORISED]), voices


def test_an_authority_signs_by_its_own_threshold() -> None:
    world = fresh_world()
    second_key = KEYS.make("gd, second statement key", EDDSA)
    first_key = world.gd.signer(Purpose.STATEMENT)
    record = world.state.organisations[world.gd.did]

    methods = [Method(key=k.public_key, purpose=Purpose.STATEMENT) for k in (first_key, second_key)]
    world.update_did(world.gd, profile={"methods": tuple(methods), "statement_threshold": 2})
    assert record.statement_threshold == 1
    one = both(world, limits=LIMITS)
    assert refusal(world, one) is Reason.NOT_AUTHORISED
    keys = [first_key, second_key, world.mo.signer(Purpose.STATEMENT)]
    world.append(signed(one, keys))


def test_led_02_only_statement_keys_in_force_count() -> None:
    world = fresh_world()
    old = world.gd.signer(Purpose.STATEMENT)
    operation = both(world, limits=LIMITS)
    world.fork().append(operation)
    rotated = world.fork()
    rotated.update_did(rotated.gd, rotate=[Purpose.STATEMENT])
    assert refusal(rotated, operation) is Reason.NOT_AUTHORISED
    distrusted = world.fork()
    distrusted.distrust(distrusted.gd, distrusted.gd.key_id(Purpose.STATEMENT))
    assert refusal(distrusted, operation) is Reason.NOT_AUTHORISED
    control = signed(operation, [world.gd.control, world.mo.signer(Purpose.STATEMENT)])
    assert refusal(world, control) is Reason.NOT_AUTHORISED
    stranger = signed(operation, [old, world.mo.signer(Purpose.STATEMENT), KEYS.make("x", ES256)])
    assert refusal(world, stranger) is Reason.NOT_AUTHORISED
    issuer = world.update_did(world.issuer, add={Purpose.STATEMENT: EDDSA})
    assert refusal(world, again(world, operation, world.gd, world.mo, issuer)) is Reason.NOT_AUTHORISED
    world.append(operation)


def test_a_changed_word_is_a_broken_signature() -> None:
    world = fresh_world()
    operation = both(world, limits=LIMITS)
    assert refusal(world, changed(operation, "limits.entry_bytes", 5_001)) is Reason.SIGNATURE_INVALID
    assert refusal(world, removed(operation, "proof")) is Reason.MALFORMED


# Order.


def test_bnd_26_changes_follow_one_another() -> None:
    world = fresh_world()
    first = both(world, limits=LIMITS)
    ahead = world.fork()
    ahead.append(first)
    second = both(ahead, threshold=2)
    # N+2 without N+1; then N+1, and N+1 again; then N+2, and N+1 once more.
    assert refusal(world, second) is Reason.REPLAYED
    world.append(first)
    assert refusal(world, first) is Reason.REPLAYED
    assert refusal(world, again(world, first)) is Reason.REPLAYED
    world.append(second)
    assert refusal(world, first) is Reason.REPLAYED


def test_led_03_prev_is_the_networks_last_operation() -> None:
    world = fresh_world()
    operation = both(world, limits=LIMITS)
    for prev in (hash_text(b"\x07" * 32), world.entries["gd"], "", network(world).id[:-1]):
        assert refusal(world, again(world, changed(operation, "prev", prev))) is Reason.REPLAYED, prev
    for prev in (None, 0):
        assert refusal(world, again(world, changed(operation, "prev", prev))) is Reason.MALFORMED
    assert refusal(world, again(world, removed(operation, "prev"))) is Reason.MALFORMED
    world.append(operation)


def test_led_10_of_two_changes_after_one_the_first_counts() -> None:
    world = fresh_world()
    one, two = both(world, limits=LIMITS), both(world, threshold=2)
    for first, second in ((one, two), (two, one)):
        here = world.fork()
        here.append(first)
        assert refusal(here, second) is Reason.REPLAYED


def test_bnd_26_a_chain_of_a_thousand_changes_is_replayed_in_bounded_time() -> None:
    world = fresh_world()
    for number in range(1_025):
        world.change_network(limits={"entry_bytes": 5_000 + number, "max_merge_delay": 3_600})
    assert network(world).entry_bytes == 6_024
    assert world.state.void == ()


def test_led_01_a_change_of_another_network_means_nothing_here() -> None:
    world = fresh_world()
    operation = changed(both(world, limits=LIMITS), "network", hash_text(b"\x07" * 32))
    assert refusal(world, again(world, operation)) is Reason.NOT_AUTHORISED


# Form.


def test_nothing_personal_can_enter() -> None:
    world = fresh_world()
    operation = both(world, limits=LIMITS)
    for name in ("note", "holder", "ignorable", "author", "previous", "origin", "jurisdictions"):
        assert refusal(world, again(world, changed(operation, name, "x"))) is Reason.MALFORMED, name
    nothing = again(world, removed(operation, "limits"))
    assert refusal(world, nothing) is Reason.MALFORMED


BAD_FORMS: list[tuple[str, object]] = [
    ("limits", {"entry_bytes": 999, "max_merge_delay": 3_600}),
    ("limits", {"entry_bytes": 32 * 1024 + 1, "max_merge_delay": 3_600}),
    ("limits", {"entry_bytes": 5_000, "max_merge_delay": 59}),
    ("limits", {"entry_bytes": 5_000, "max_merge_delay": 30 * 86_400 + 1}),
    ("limits", {"entry_bytes": 5_000}),
    ("limits", {**LIMITS, "x": 1}),
    ("threshold", "2"),
    ("threshold", None),
    ("quorum", {}),
    ("quorum", {"CN-44": 0, "MO": 1}),
    ("quorum", {"CN-44": 1}),
    ("quorum", {"CN-44": 1, "MO": 1, "HK": 1}),
    ("quorum", {"CN-44": 2, "MO": 1}),
    ("quorum", {"CN-44": 1, "MO": "1"}),
    ("log_key", {"algorithm": "Ed25519"}),
    ("log_key", {**log_key_json(KEY.public_key), "x": 1}),
    ("authorities", {"add": [], "remove": []}),
    ("authorities", {"add": [1], "remove": []}),
    ("authorities", {"add": []}),
    ("authorities", {"add": [], "remove": ["did:vcred:x"]}),
    ("authorities", {"add": [], "remove": [1]}),
    ("authorities", {"add": [{"jurisdiction": "HK", "did": "x"}], "remove": []}),
    ("authorities", {"add": [{"jurisdiction": "MO", "did": "x", "name": "x"}], "remove": []}),
    ("witnesses", {"add": [], "remove": []}),
    ("witnesses", {"add": [], "remove": ["witness/HK"]}),
    ("witnesses", {"add": [], "remove": ["witness/MO", "witness/MO"]}),
    ("witnesses", {"add": [{**witness("witness/MO-2"), "jurisdiction": "HK"}], "remove": []}),
    ("witnesses", {"add": [{**witness("witness/MO-2"), "x": 1}], "remove": []}),
    ("witnesses", {"add": [witness("witness/MO x")], "remove": []}),
    ("witnesses", {"add": [witness("witness/MO+x")], "remove": []}),
    ("witnesses", {"add": [witness("witness/MO")], "remove": []}),
    ("witnesses", {"add": ["witness/MO-2"], "remove": []}),
]


@pytest.mark.parametrize(("part", "value"), BAD_FORMS)
def test_a_change_with_another_form_is_malformed(part: str, value: object) -> None:
    world = fresh_world()
    assert refusal(world, both(world, **{part: value})) is Reason.MALFORMED


def test_a_list_of_changes_has_no_other_member_and_no_name_twice() -> None:
    world = fresh_world()
    second = authority(world, "Macao, second", "MO")
    good: JsonObject = {"add": [{"jurisdiction": "MO", "did": second.did}], "remove": [world.mo.did]}
    world.fork().append(both(world, authorities=good))
    for wrong in ({**good, "swap": []}, {**good, "remove": [world.mo.did] * 2}):
        assert refusal(world, both(world, authorities=wrong)) is Reason.MALFORMED


def test_an_authority_is_of_a_jurisdiction_of_the_network() -> None:
    world = fresh_world()
    second = authority(world, "Hong Kong")
    for code, good in (("MO", True), ("HK", False), ("", False)):
        added = {"add": [{"jurisdiction": code, "did": second.did}], "remove": []}
        operation = both(world, authorities=added, threshold=3)
        if good:
            assert parse_change(operation, network(world)).new_authorities == {second.did: code}
        else:
            with pytest.raises(DecodeError, match="jurisdiction is not one of"):
                parse_change(operation, network(world))


@pytest.mark.parametrize("limits", [(1_000, 60), (32 * 1024, 30 * 86_400)])
def test_the_limits_of_limits(limits: tuple[int, int]) -> None:
    world = fresh_world()
    world.change_network(limits={"entry_bytes": limits[0], "max_merge_delay": limits[1]})


# Sound after it as at genesis.


@pytest.mark.parametrize("threshold", [-1, 0, 1, 3, 2**53 - 1])
def test_bnd_29_no_side_alone_reaches_the_threshold_and_all_together_do(threshold: int) -> None:
    world = fresh_world()
    assert refusal(world, both(world, threshold=threshold)) is Reason.NOT_AUTHORISED
    world.change_network(threshold=2)


def test_bnd_29_a_new_authority_must_not_let_its_side_rule() -> None:
    world = fresh_world()
    second = authority(world, "Guangdong, second")
    parts = {"authorities": {"add": [{"jurisdiction": "CN-44", "did": second.did}], "remove": []}}
    assert refusal(world, both(world, **parts)) is Reason.NOT_AUTHORISED
    world.change_network(**parts, threshold=3)


def test_every_side_keeps_an_authority_and_its_witnesses() -> None:
    world = fresh_world()
    assert refusal(world, both(world, authorities={"add": [], "remove": [world.mo.did]})) is Reason.MALFORMED
    assert refusal(world, both(world, witnesses={"add": [], "remove": ["witness/MO"]})) is Reason.MALFORMED
    world.new_witness("witness/MO-2")
    world.fork().append(both(world, witnesses={"add": [], "remove": ["witness/MO"]}))
    world.change_network(quorum={"CN-44": 1, "MO": 2})
    # BND-29. Not below the quorum either.
    assert refusal(world, both(world, witnesses={"add": [], "remove": ["witness/MO"]})) is Reason.MALFORMED


def test_no_more_witnesses_than_a_checkpoint_has_room_for() -> None:
    world = fresh_world()
    keys = spare_keys(KEYS, "witness", 0) + tuple(KEYS.make(f"w{n}", EDDSA) for n in range(14))
    add = [witness(f"witness/MO-{number}", key) for number, key in enumerate(keys)]
    assert refusal(world, both(world, witnesses={"add": add, "remove": []})) is Reason.MALFORMED
    world.change_network(witnesses={"add": add[:-1], "remove": []})
    assert len(network(world).witnesses) == 15


def test_bnd_02_no_key_watches_or_signs_twice() -> None:
    world = fresh_world()
    mo, log = world.witnesses["witness/MO"], world.log_key
    for key in (mo, log):
        twice = both(world, witnesses={"add": [witness("witness/CN-44-2", key)], "remove": []})
        assert refusal(world, twice) is Reason.MALFORMED
    assert refusal(world, both(world, log_key=log_key_json(mo.public_key))) is Reason.MALFORMED
    two = [witness("witness/MO-2"), witness("witness/MO-3")]
    assert refusal(world, both(world, witnesses={"add": two, "remove": []})) is Reason.MALFORMED
    named = {**witness("witness/MO-2"), "name": network(world).origin}
    assert refusal(world, both(world, witnesses={"add": [named], "remove": []})) is Reason.MALFORMED
    world.change_network(witnesses={"add": two[:1], "remove": []})


@pytest.mark.parametrize("part", ["log_key", "witnesses"])
def test_a_key_of_log_or_witness_is_ed25519(part: str) -> None:
    world = fresh_world()
    p256 = {"algorithm": "Ed25519", "public": KEYS.make("p256", ES256).public_key.to_multikey()}
    named = {"algorithm": "ES256", "public": KEY.public_key.to_multikey()}
    for key in (p256, named):
        value = key if part == "log_key" else {"add": [{**witness("witness/MO-2"), "key": key}], "remove": []}
        assert refusal(world, both(world, **{part: value})) is Reason.KEY_UNUSABLE


# What has ended never returns.


def test_a_retired_witness_never_returns() -> None:
    """After loss or restore its record may have forgotten what it signed: a fork could get a quorum."""
    world = fresh_world()
    old = world.witnesses["witness/MO"]
    same_name = {"add": [witness("witness/MO")], "remove": ["witness/MO"]}
    same_key = {"add": [witness("witness/MO-2", old)], "remove": ["witness/MO"]}
    for parts in (same_name, same_key):
        for by in ((world.mo,), (world.gd, world.mo)):
            assert refusal(world, world.network_change(by, witnesses=parts)) is Reason.KEY_UNUSABLE
    world.new_witness("witness/MO-2", world.mo, instead_of="witness/MO")
    third = KEYS.make("third", EDDSA)
    for name, key in (("witness/MO", third), ("witness/MO-3", old), ("witness/CN-44-2", old)):
        back = both(world, witnesses={"add": [witness(name, key)], "remove": []})
        assert refusal(world, back) is Reason.KEY_UNUSABLE, name
    world.change_network(witnesses={"add": [witness("witness/MO-3", third)], "remove": []})


def test_a_retired_log_key_never_returns() -> None:
    world = fresh_world()
    first = world.log_key
    assert refusal(world, both(world, log_key=log_key_json(first.public_key))) is Reason.KEY_UNUSABLE
    second = world.new_log_key()
    for parts in (
        {"log_key": log_key_json(first.public_key)},
        {"witnesses": {"add": [witness("witness/MO-2", first)], "remove": []}},
    ):
        assert refusal(world, both(world, **parts)) is Reason.KEY_UNUSABLE
    # Nor does the key that ends become a witness's in the same breath.
    swapped = {
        "log_key": log_key_json(KEY.public_key),
        "witnesses": {"add": [witness("witness/MO-2", second)], "remove": []},
    }
    assert refusal(world, both(world, **swapped)) is Reason.KEY_UNUSABLE
    retired = {
        "log_key": log_key_json(world.witnesses["witness/MO"].public_key),
        "witnesses": {"add": [witness("witness/MO-2")], "remove": ["witness/MO"]},
    }
    assert refusal(world, both(world, **retired)) is Reason.KEY_UNUSABLE
    world.new_log_key("log, third")


# Authorities.


def test_a_new_authority_is_on_the_ledger_and_can_sign() -> None:
    world = fresh_world()
    good = authority(world, "Guangdong, second")
    gone = authority(world, "Guangdong, gone")
    world.deactivate(gone)
    cases = (
        (world.issuer.did, "no statement key"),
        (gone.did, "deactivated"),
        ("did:vcred:" + "1" * 32, "none"),
    )

    def appointment(did: str) -> JsonObject:
        added = {"add": [{"jurisdiction": "CN-44", "did": did}], "remove": []}
        return both(world, authorities=added, threshold=3)

    for did, why in cases:
        assert refusal(world, appointment(did)) is Reason.DID_INVALID, why
    world.fork().append(appointment(good.did))
    world.distrust(good, good.key_id(Purpose.STATEMENT))
    assert refusal(world, appointment(good.did)) is Reason.DID_INVALID


def test_an_authority_that_reaches_not_even_its_own_threshold_takes_no_office() -> None:
    world = fresh_world()
    good = authority(world, "Guangdong, second")

    more = KEYS.make("one more", EDDSA)
    methods = tuple(
        Method(key=key.public_key, purpose=Purpose.STATEMENT)
        for key in (good.signer(Purpose.STATEMENT), more)
    )
    parts = {
        "authorities": {"add": [{"jurisdiction": "CN-44", "did": good.did}], "remove": []},
        "threshold": 3,
    }
    world.distrust(good, good.key_id(Purpose.STATEMENT))
    world.update_did(good, profile={"methods": methods})
    world.fork().change_network(**parts)
    world = fresh_world()
    good = authority(world, "Guangdong, second")
    world.distrust(good, good.key_id(Purpose.STATEMENT))
    world.update_did(good, profile={"methods": methods, "statement_threshold": 2})
    assert refusal(world, both(world, **parts)) is Reason.DID_INVALID


def test_nobody_is_appointed_twice() -> None:
    world = fresh_world()
    second = authority(world, "Guangdong, second")
    for adds in ([world.gd.did], [second.did, second.did]):
        added = {"add": [{"jurisdiction": "CN-44", "did": did} for did in adds], "remove": []}
        assert refusal(world, both(world, authorities=added, threshold=3)) is Reason.MALFORMED
    # Not for the other side either: one voice would be two.
    other = {"add": [{"jurisdiction": "MO", "did": world.gd.did}], "remove": []}
    assert refusal(world, both(world, authorities=other, threshold=2)) is Reason.MALFORMED
    appoint(world, ("CN-44", second), threshold=3)


def test_all_authorities_may_hand_over_at_once() -> None:
    world = fresh_world()
    gd, mo = authority(world, "Guangdong, second"), authority(world, "Macao, second", "MO")
    add = [{"jurisdiction": "CN-44", "did": gd.did}, {"jurisdiction": "MO", "did": mo.did}]
    world.change_network(authorities={"add": add, "remove": [world.gd.did, world.mo.did]})
    assert network(world).authorities == {gd.did: "CN-44", mo.did: "MO"}
    assert refusal(world, both(world, limits=LIMITS)) is Reason.NOT_AUTHORISED
    world.change_network(gd, mo, limits=LIMITS)


def test_genesis_stands_at_entry_0_and_nowhere_else() -> None:
    world = fresh_world()
    genesis = parse_leaf(world.leaves[0]).operation
    assert refusal(world, genesis) is Reason.REPLAYED
    other = fresh_world().fork()

    foreign = parse_leaf(make_world().leaves[0]).operation
    assert refusal(other, foreign) is Reason.MALFORMED
