# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Entry 0: all founders have signed, and no side can rule alone. LED-01, BND-29."""

import pytest

from tests.unit.ledger.samples import KEYS, ORIGIN, Founding, changed, founding, refusal, removed, signed
from tests.world import START, World, make_world
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import did_of, hash_text, operation_hash
from vcred.errors import LedgerError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.ledger.drafts import log_key_json
from vcred.ledger.entries import encode_leaf
from vcred.ledger.rules import replay
from vcred.ledger.state import State
from vcred.reasons import Reason

NOW = int(START.timestamp())
TWO = founding("CN-44", "MO")
LOG_KEY = KEYS.make("log", EDDSA).public_key
ES256_KEY = KEYS.make("another", ES256).public_key


def begin(genesis: JsonObject) -> State:
    return replay([encode_leaf(genesis, logged_at=NOW)])


def refused(genesis: JsonObject) -> Reason:
    with pytest.raises(LedgerError) as caught:
        begin(genesis)
    return caught.value.reason


def test_a_network_begins() -> None:
    genesis = TWO.signed()
    state = begin(genesis)
    network = state.require_network()
    assert network.id == hash_text(operation_hash(TWO.draft))
    assert list(network.jurisdictions) == ["CN-44", "MO"]
    creates = [founder["create"] for founder in TWO.draft["founders"]]  # type: ignore[index,union-attr,call-overload]
    assert network.authorities == {did_of(creates[0]): "CN-44", did_of(creates[1]): "MO"}  # type: ignore[arg-type]
    assert (network.threshold, network.origin, network.log_key) == (2, ORIGIN, LOG_KEY)
    assert [(witness.name, witness.group) for witness in network.witnesses] == [
        ("witness/0", "CN-44"),
        ("witness/1", "MO"),
    ]
    assert network.quorum.groups == {"CN-44": 1, "MO": 1}
    assert (network.entry_bytes, network.max_merge_delay) == (7_500, 86_400)
    assert all(organisation.index is None for organisation in state.organisations.values())
    assert (state.size, state.logged_at, state.void) == (1, NOW, ())


def test_led_01_the_network_is_named_by_what_was_founded() -> None:
    first = begin(TWO.signed()).require_network().id
    # Who signed in which order does not matter; one other word is another network.
    assert begin(TWO.signed(by=tuple(reversed(TWO.signers)))).require_network().id == first
    other = changed(TWO.draft, "jurisdictions.0.name.en", "Canton")
    assert begin(TWO.signed(other)).require_network().id != first


REFUSED: list[tuple[str, object, Reason]] = [
    # The form.
    ("x", "1954-09-24", Reason.MALFORMED),
    ("jurisdictions", [{"code": "MO", "name": {"en": "Macao"}}], Reason.MALFORMED),
    ("jurisdictions.1.code", "CN-44", Reason.MALFORMED),
    ("jurisdictions.1.code", "", Reason.MALFORMED),
    ("jurisdictions.1.code", "X" * 17, Reason.MALFORMED),
    ("jurisdictions.1.code", "澳門", Reason.MALFORMED),
    ("jurisdictions.1.name", {}, Reason.MALFORMED),
    ("jurisdictions.1.x", 1, Reason.MALFORMED),
    ("jurisdictions", ["CN-44", "MO"], Reason.MALFORMED),
    ("founders.0.jurisdiction", "HK", Reason.MALFORMED),
    ("founders.0.jurisdiction", "MO", Reason.MALFORMED),
    ("founders.0.x", 1, Reason.MALFORMED),
    ("founders.0", "did:vcred:x", Reason.MALFORMED),
    ("founders.0.create.kind", "did.update", Reason.MALFORMED),
    ("founders.0.create.version", 2, Reason.MALFORMED),
    ("founders.0.create.version", True, Reason.MALFORMED),
    ("founders.0.create.network", "x", Reason.MALFORMED),
    ("founders.0.create.document.name.en", "Someone else", Reason.SIGNATURE_INVALID),
    ("founders", [], Reason.MALFORMED),
    ("log.origin", "", Reason.MALFORMED),
    ("log.origin", "a b", Reason.MALFORMED),
    ("log.origin", "a\nb", Reason.MALFORMED),
    ("log.origin", "witness/0", Reason.MALFORMED),
    ("log.x", 1, Reason.MALFORMED),
    ("log.key.x", 1, Reason.MALFORMED),
    ("log.key.algorithm", "Ed448", Reason.KEY_UNUSABLE),
    ("log.key", log_key_json(ES256_KEY), Reason.KEY_UNUSABLE),
    ("log.key.public", "z6Mk", Reason.KEY_UNUSABLE),
    ("log.key", log_key_json(KEYS.make("witness 0", EDDSA).public_key), Reason.MALFORMED),
    ("witnesses.0.name", "witness/1", Reason.MALFORMED),
    ("witnesses.0.name", "witness+0", Reason.MALFORMED),
    ("witnesses.0.name", "witness 0", Reason.MALFORMED),
    ("witnesses.0.jurisdiction", "HK", Reason.MALFORMED),
    ("witnesses.0.jurisdiction", "MO", Reason.MALFORMED),
    ("witnesses.0.key", log_key_json(KEYS.make("witness 1", EDDSA).public_key), Reason.MALFORMED),
    ("witnesses.0.x", 1, Reason.MALFORMED),
    ("witnesses.0", "witness/0", Reason.MALFORMED),
    ("witnesses", [], Reason.MALFORMED),
    ("quorum", {"CN-44": 1}, Reason.MALFORMED),
    ("quorum", {"CN-44": 1, "MO": 1, "HK": 1}, Reason.MALFORMED),
    ("quorum", {}, Reason.MALFORMED),
    ("quorum.MO", 0, Reason.MALFORMED),
    ("quorum.MO", 2, Reason.MALFORMED),
    ("quorum.MO", True, Reason.MALFORMED),
    ("threshold", "2", Reason.MALFORMED),
    ("limits.entry_bytes", 999, Reason.MALFORMED),
    ("limits.entry_bytes", 32 * 1024 + 1, Reason.MALFORMED),
    ("limits.max_merge_delay", 59, Reason.MALFORMED),
    ("limits.max_merge_delay", 30 * 86_400 + 1, Reason.MALFORMED),
    ("limits.x", 1, Reason.MALFORMED),
    # One side alone, or nobody.
    ("threshold", 0, Reason.NOT_AUTHORISED),
    ("threshold", 1, Reason.NOT_AUTHORISED),
    ("threshold", 3, Reason.NOT_AUTHORISED),
]


@pytest.mark.parametrize(("path", "value", "reason"), REFUSED)
def test_one_change_that_all_founders_signed_is_refused(path: str, value: object, reason: Reason) -> None:
    assert begin(TWO.signed()).size == 1
    assert refused(TWO.signed(changed(TWO.draft, path, value))) is reason


TOP = ("jurisdictions", "founders", "threshold", "log", "witnesses", "quorum", "limits")
INNER = ("log.origin", "log.key", "limits.entry_bytes", "limits.max_merge_delay", "founders.0.create")


@pytest.mark.parametrize("path", [*TOP, *INNER, "witnesses.0.key", "founders.1", "witnesses.1"])
def test_nothing_may_be_missing(path: str) -> None:
    assert refused(TWO.signed(removed(TWO.draft, path))) is Reason.MALFORMED


def test_one_jurisdiction_founds_nothing() -> None:
    alone = founding("MO")
    assert refused(alone.signed()) is Reason.MALFORMED


@pytest.mark.parametrize("code", ["", "X" * 17, "澳門"])
def test_a_jurisdiction_has_a_plain_code(code: str) -> None:
    assert begin(founding("X" * 16, "MO").signed()).size == 1
    assert refused(founding(code, "MO").signed()) is Reason.MALFORMED


def test_a_jurisdiction_stands_once() -> None:
    listed = TWO.draft["jurisdictions"]
    assert isinstance(listed, list)
    assert refused(TWO.signed(changed(TWO.draft, "jurisdictions", [*listed, listed[1]]))) is Reason.MALFORMED


def test_two_founders_of_one_side_do_not_reach_the_threshold_alone() -> None:
    three = founding("CN-44", "CN-44", "MO")
    draft = changed(three.draft, "jurisdictions", [{"code": c, "name": {"en": c}} for c in ("CN-44", "MO")])
    assert begin(three.signed(draft)).require_network().threshold == 3
    assert refused(three.signed(changed(draft, "threshold", 2))) is Reason.NOT_AUTHORISED


def test_a_founder_does_not_stand_twice() -> None:
    founders = TWO.draft["founders"]
    assert isinstance(founders, list)
    assert refused(TWO.signed(changed(TWO.draft, "founders", [*founders, founders[0]]))) is Reason.MALFORMED


def test_a_witness_is_of_one_of_the_jurisdictions() -> None:
    witnesses = TWO.draft["witnesses"]
    assert isinstance(witnesses, list)
    third: JsonObject = {
        "name": "witness/3",
        "jurisdiction": "MO",
        "key": log_key_json(KEYS.make("witness 3", EDDSA).public_key),
    }
    assert begin(TWO.signed(changed(TWO.draft, "witnesses", [*witnesses, third]))).size == 1
    elsewhere = changed(TWO.draft, "witnesses", [*witnesses, {**third, "jurisdiction": "HK"}])
    assert refused(TWO.signed(elsewhere)) is Reason.MALFORMED


@pytest.mark.parametrize("missing", [0, 1])
def test_bnd_02_every_founder_has_signed(missing: int) -> None:
    present = TWO.signers[1 - missing]
    assert refused(TWO.signed(by=(present,))) is Reason.NOT_AUTHORISED
    # The same key twice is one signature.
    assert refused(TWO.signed(by=(present, present))) is Reason.NOT_AUTHORISED


def test_nobody_has_signed() -> None:
    assert refused(TWO.draft) is Reason.MALFORMED
    assert refused(changed(TWO.draft, "proof", [])) is Reason.MALFORMED


def test_a_stranger_beside_the_founders_spoils_it() -> None:
    stranger = KEYS.make("another", ES256)
    assert refused(TWO.signed(by=(*TWO.signers, stranger))) is Reason.NOT_AUTHORISED
    control = KEYS.make("founder 0: control", ES256)
    assert refused(TWO.signed(by=(*TWO.signers, control))) is Reason.NOT_AUTHORISED


def test_a_signature_of_another_text_is_invalid() -> None:
    genesis = TWO.signed()
    assert refused(changed(genesis, "limits.max_merge_delay", 60)) is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize("by", [(), ("founder 1: control",), ("founder 0: control", "founder 1: control")])
def test_a_founders_own_operation_is_signed_by_its_control_key_alone(by: tuple[str, ...]) -> None:
    create = TWO.draft["founders"][0]["create"]  # type: ignore[index,call-overload]
    assert isinstance(create, dict)
    other = signed(create, [KEYS.make(name, ES256) for name in by])
    reason = refused(TWO.signed(changed(TWO.draft, "founders.0.create", other)))
    assert reason is (Reason.NOT_AUTHORISED if by else Reason.MALFORMED)


def test_more_than_one_witness_of_a_side_may_be_needed() -> None:
    four = founding("CN-44", "CN-44", "MO", "MO")
    draft = changed(four.draft, "jurisdictions", [{"code": c, "name": {"en": c}} for c in ("CN-44", "MO")])
    state = begin(four.signed(changed(draft, "quorum", {"CN-44": 2, "MO": 1})))
    assert state.require_network().quorum.groups == {"CN-44": 2, "MO": 1}
    assert refused(four.signed(changed(draft, "quorum", {"CN-44": 3, "MO": 1}))) is Reason.MALFORMED


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"{}",
        encode_leaf({"kind": "did.create", "version": 1}, logged_at=NOW),
        encode_leaf(TWO.draft, logged_at=0),
    ],
)
def test_a_ledger_begins_with_genesis_or_not_at_all(leaf: bytes) -> None:
    with pytest.raises(LedgerError) as caught:
        replay([leaf])
    assert caught.value.reason is Reason.MALFORMED


def test_a_genesis_of_another_version_is_none() -> None:
    assert refused(TWO.signed(changed(TWO.draft, "version", 2))) is Reason.MALFORMED
    assert refused(TWO.signed(changed(TWO.draft, "kind", "network.genesis2"))) is Reason.MALFORMED


@pytest.mark.parametrize("founded", [TWO, founding("HK", "TW")], ids=["once more", "another"])
def test_a_second_genesis_is_void(founded: Founding) -> None:
    """Of a known kind: skipped, not a reason to stop all decisions."""
    state = begin(TWO.signed())
    world: World = make_world(KEYS)
    world.state = state
    first_again = founded is TWO
    reason = refusal(world, founded.signed())
    assert reason is (Reason.REPLAYED if first_again else Reason.MALFORMED)


@pytest.mark.parametrize("ending", ["", "1", "007"])
def test_two_founders_do_not_share_status_lists(ending: str) -> None:
    """did.create, rule 9: of two lists at one URI, the newer would stand in the place of the other."""
    base = "https://status.example/lists/"
    apart = founding("CN-44", "MO", status_bases=[base + "gd/", base + "mo/"])
    assert {of.status_bases for of in begin(apart.signed()).organisations.values()} == {
        (base + "gd/",),
        (base + "mo/",),
    }
    together = founding("CN-44", "MO", status_bases=[base, base + ending])
    assert refused(together.signed()) is Reason.NOT_AUTHORISED


def test_nobody_takes_the_place_of_a_founders_status_lists() -> None:
    base = "https://status.example/lists/"
    state = begin(founding("CN-44", "MO", status_bases=[base]).signed())
    (gd,) = (of for of in state.organisations.values() if of.status_bases)
    assert dict(state.list_places) == {base: gd.did}


def test_sixteen_jurisdictions_and_not_one_more() -> None:
    places = [f"P{number}" for number in range(17)]
    found = founding(*places[:15])
    assert len(begin(found.signed()).require_network().jurisdictions) == 15
    codes = [{"code": place, "name": {"en": place}} for place in places]
    few = founding("P0", "P1")
    # Sixteen are read, and refused only because not each of them has a founder; seventeen are not read.
    for amount, why in ((16, "every jurisdiction"), (17, "at least two")):
        draft = changed(few.draft, "jurisdictions", codes[:amount])
        with pytest.raises(LedgerError, match=why) as caught:
            begin(few.signed(draft))
        assert caught.value.reason is Reason.MALFORMED


def test_a_founder_is_made_by_as_many_control_keys_as_it_says() -> None:
    found = founding("CN-44", "MO")
    create = found.draft["founders"][0]["create"]  # type: ignore[index,call-overload]
    one, two = (KEYS.make(name, ES256) for name in ("founder 0: control", "second control key"))
    keys = [signer.public_key.to_multikey() for signer in (one, two)]
    both = changed(create, "control", {"threshold": 2, "keys": keys})
    for signers, good in (([one, two], True), ([one], False), ([two, two], False)):
        draft = changed(found.draft, "founders.0.create", signed(both, signers))
        if good:
            begin(found.signed(draft))
        else:
            with pytest.raises(LedgerError) as caught:
                begin(found.signed(draft))
            assert caught.value.reason is Reason.NOT_AUTHORISED
