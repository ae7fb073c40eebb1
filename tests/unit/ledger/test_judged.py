# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What was judged before is not judged again: same state, no signature verified; and where to stop.

Whether the entries are those that were judged, and by these rules, is the caller's to know.
"""

from collections.abc import Sequence

import pytest

from tests.unit.ledger.samples import changed, fresh_world, newcomer, signed
from tests.world import World
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.errors import LedgerError
from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.ledger import proofs, rules
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.ledger.rules import Judged, replay
from vcred.ledger.state import State
from vcred.reasons import Reason


def judged(state: State, *, size: int | None = None) -> Judged:
    size = state.size if size is None else size
    void = {entry.index: entry.reason for entry in state.void if entry.index < size}
    return Judged(size=size, void=void)


def eventful() -> World:
    """A ledger on which every kind of entry stands, and some that are void."""
    world = fresh_world()
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION], add={Purpose.STATEMENT: EDDSA})
    world.register(world.mo, world.mo_issuer, world.vct)
    world.record_evidence(world.issuer, bytes(32))
    at = int(world.now.timestamp())
    broken = changed(newcomer(world).signed(), "document.name.en", "Hospital")
    known = parse_leaf(world.leaves[3]).operation
    for leaf in (b"{}", encode_leaf(broken, logged_at=at), encode_leaf(known, logged_at=at)):
        world.leaves.append(leaf)
    world.state = replay(world.leaves)
    world.new_witness("witness/MO-2")
    world.distrust(world.gd, world.issuer.key_id())
    world.deactivate(world.mo_issuer)
    return world


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[JsonObject]:
    """The operations whose signatures are verified from here on."""
    found: list[JsonObject] = []

    def counting(operation: JsonObject) -> Sequence[PublicKey]:
        found.append(operation)
        return proofs.verified_signers(operation)

    monkeypatch.setattr(rules, "verified_signers", counting)
    return found


def test_the_state_is_the_same_and_no_signature_is_verified(verified: list[JsonObject]) -> None:
    world = eventful()
    whole = replay(world.leaves)
    assert len(whole.void) == 3
    verified.clear()
    assert replay(world.leaves, judged=judged(whole)) == whole
    assert verified == []


def test_from_where_it_was_judged_signatures_are_verified_again(verified: list[JsonObject]) -> None:
    world = eventful()
    whole = replay(world.leaves)
    for size in (0, 1, 8, whole.size - 1, whole.size):
        verified.clear()
        assert replay(world.leaves, judged=judged(whole, size=size)) == whole
        # A leaf that cannot be read, and one that stands there already, have none to verify.
        unread = [entry for entry in whole.void if entry.reason is not Reason.SIGNATURE_INVALID]
        left = whole.size - size - sum(entry.index >= size for entry in unread)
        # Genesis has three: its own and its founders'.
        assert len(verified) == left + (2 if size == 0 else 0)


def test_in_pieces_it_is_the_same() -> None:
    world = eventful()
    whole = replay(world.leaves)
    known = judged(whole)
    for at in range(1, whole.size):
        first = replay(world.leaves[:at], judged=known)
        assert replay(world.leaves[at:], state=first, judged=known) == whole


def test_what_was_void_stays_void_for_the_reason_it_had() -> None:
    world = eventful()
    whole = replay(world.leaves)
    known = judged(whole)
    (malformed, broken, second) = whole.void
    assert [entry.reason for entry in (malformed, broken, second)] == [
        Reason.MALFORMED,
        Reason.SIGNATURE_INVALID,
        Reason.REPLAYED,
    ]
    assert replay(world.leaves, judged=known).void == whole.void


def test_only_signatures_are_believed() -> None:
    """All other rules hold, whatever is said to have been judged."""
    world = fresh_world()
    stranger = signed(newcomer(world).draft, [world.gd.signer(Purpose.STATEMENT)])
    leaf = encode_leaf(stranger, logged_at=int(world.now.timestamp()))
    state = replay([leaf], state=world.state, judged=Judged(size=world.state.size + 1))
    assert [entry.reason for entry in state.void] == [Reason.NOT_AUTHORISED]


def test_genesis_that_is_none_is_refused_with_or_without() -> None:
    world = fresh_world()
    for known in (None, Judged(size=1)):
        with pytest.raises(LedgerError) as caught:
            replay([b"{}", *world.leaves], judged=known)
        assert caught.value.reason is Reason.MALFORMED


@pytest.mark.parametrize("amount", [0, 1, 5])
def test_no_more_void_entries_than_are_borne(amount: int) -> None:
    world = fresh_world()
    leaves = [*world.leaves, *[b"{}"] * amount]
    assert len(replay(leaves, max_void=amount).void) == amount
    with pytest.raises(LedgerError) as caught:
        replay([*leaves, b"{}"], max_void=amount)
    assert caught.value.reason is Reason.LIMIT_EXCEEDED
    # Those that stood there before count too.
    state = replay(leaves)
    with pytest.raises(LedgerError):
        replay([b"{}"], state=state, max_void=amount)
