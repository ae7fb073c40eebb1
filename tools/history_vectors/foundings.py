# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Histories of a network that begins and changes, and of changes that one side alone may not make."""

from tests.world import World
from tools.history_vectors.book import ENTRIES, NO_HASH, Book, fresh_world, re_signed

from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.keys.signer import Signer
from vcred.ledger.entries import parse_leaf
from vcred.ledger.rules import replay
from vcred.reasons import Reason

CHANGE = f"{ENTRIES}, network.change"
LIMITS: JsonObject = {"entry_bytes": 5_000, "max_merge_delay": 3_600}


def add_foundings(book: Book) -> None:
    """All of them."""
    _genesis(book)
    _changes(book)


def _genesis(book: Book) -> None:
    world = fresh_world()
    world.leaves = world.leaves[:1]
    world.state = replay(world.leaves)
    entry = parse_leaf(world.leaves[0])
    spec = f"{ENTRIES}, network.genesis"
    book.valid("founded", "Two jurisdictions found a network.", world, spec=spec)
    genesis = entry.operation
    gd, mo = _keys(world)
    witnesses, founders = genesis["witnesses"], genesis["founders"]
    assert isinstance(witnesses, list) and isinstance(founders, list)
    first = witnesses[0]
    assert isinstance(first, dict)
    rows: list[tuple[str, str, JsonObject, tuple[Signer, ...], Reason, str]] = [
        (
            "founded_by_one_side",
            "Guangdong alone reaches the threshold.",
            {**genesis, "threshold": 1},
            (gd, mo),
            Reason.NOT_AUTHORISED,
            "BND-29",
        ),
        (
            "founded_with_a_threshold_of_nobody",
            "More authorities are needed than there are.",
            {**genesis, "threshold": 3},
            (gd, mo),
            Reason.NOT_AUTHORISED,
            "BND-29",
        ),
        (
            "founded_without_a_signature",
            "Macao's authority has not signed.",
            genesis,
            (gd,),
            Reason.NOT_AUTHORISED,
            "BND-02",
        ),
        (
            "founded_with_a_quorum_of_nobody",
            "A quorum of 0.",
            {**genesis, "quorum": {"CN-44": 0, "MO": 1}},
            (gd, mo),
            Reason.MALFORMED,
            "BND-29",
        ),
        (
            "founded_with_a_quorum_above_its_witnesses",
            "A quorum of 2 where there is one witness.",
            {**genesis, "quorum": {"CN-44": 2, "MO": 1}},
            (gd, mo),
            Reason.MALFORMED,
            "BND-29",
        ),
        (
            "founded_with_a_witness_twice",
            "One key watches for both sides.",
            {**genesis, "witnesses": [first, {**first, "name": "witness/MO", "jurisdiction": "MO"}]},
            (gd, mo),
            Reason.MALFORMED,
            "BND-02",
        ),
        (
            "founded_with_one_jurisdiction",
            "There is nobody to watch.",
            {**genesis, "jurisdictions": genesis["jurisdictions"][:1]},  # type: ignore[index]
            (gd, mo),
            Reason.MALFORMED,
            "",
        ),
    ]
    for name, comment, operation, signers, reason, covers in rows:
        mutated = re_signed(world, operation, *signers)
        book.void(name, comment, "founded", mutated, reason, covers=covers, logged_at=entry.logged_at)


def _changes(book: Book) -> None:
    world = fresh_world()
    base = world.fork()
    world.change_network(limits=LIMITS)
    book.valid("limits_changed", "Both sides change the limits.", world, spec=CHANGE)
    gd, mo = _keys(base)
    plain = _both(base, limits=LIMITS)
    rows: list[tuple[str, str, JsonObject, Reason, str]] = [
        (
            "bnd_27_changed_by_guangdong_alone",
            "Only Guangdong has signed.",
            re_signed(base, plain, gd),
            Reason.NOT_AUTHORISED,
            "BND-27",
        ),
        (
            "bnd_27_changed_by_macao_alone",
            "Only Macao has signed.",
            re_signed(base, plain, mo),
            Reason.NOT_AUTHORISED,
            "BND-27",
        ),
        (
            "bnd_02_one_signature_twice",
            "Guangdong has signed twice.",
            re_signed(base, plain, gd, gd),
            Reason.NOT_AUTHORISED,
            "BND-02",
        ),
        (
            "changed_with_a_strangers_signature",
            "A key that is no authority's has signed too.",
            re_signed(base, plain, gd, mo, base.issuer.signer(Purpose.ASSERTION)),
            Reason.NOT_AUTHORISED,
            "",
        ),
        (
            "led_03_change_of_nothing_before",
            "prev is the hash of nothing on the ledger.",
            re_signed(base, {**plain, "prev": NO_HASH}, gd, mo),
            Reason.REPLAYED,
            "LED-03",
        ),
        (
            "bnd_29_threshold_of_one",
            "One side alone would reach it.",
            _both(base, threshold=1),
            Reason.NOT_AUTHORISED,
            "BND-29",
        ),
        (
            "bnd_29_threshold_of_none",
            "Nobody would have to sign.",
            _both(base, threshold=0),
            Reason.NOT_AUTHORISED,
            "BND-29",
        ),
        (
            "bnd_29_threshold_above_all",
            "Nobody could reach it.",
            _both(base, threshold=3),
            Reason.NOT_AUTHORISED,
            "BND-29",
        ),
        (
            "bnd_29_quorum_of_none",
            "A quorum of 0.",
            _both(base, quorum={"CN-44": 1, "MO": 0}),
            Reason.MALFORMED,
            "BND-29",
        ),
        (
            "bnd_29_quorum_above_witnesses",
            "A quorum of 2 where there is one witness.",
            _both(base, quorum={"CN-44": 1, "MO": 2}),
            Reason.MALFORMED,
            "BND-29",
        ),
        ("change_of_nothing", "It changes nothing.", _both(base), Reason.MALFORMED, ""),
        (
            "limits_below_the_least",
            "999 bytes; 1,000 is the least.",
            _both(base, limits={**LIMITS, "entry_bytes": 999}),
            Reason.MALFORMED,
            "",
        ),
    ]
    for name, comment, operation, reason, covers in rows:
        book.void(name, comment, "limits_changed", operation, reason, covers=covers)
    ahead = world.fork()
    ahead.change_network(threshold=2)
    beyond = _both(ahead, limits={**LIMITS, "entry_bytes": 6_000})
    world.change_network(quorum={"CN-44": 1, "MO": 1})
    book.valid("changed_twice", "Two changes, one on the other.", world, spec=CHANGE)
    for name, comment, operation in (
        ("bnd_26_change_skipped", "It stands on a change that is not on the ledger.", beyond),
        ("bnd_26_change_again", "The change before, once more.", plain),
    ):
        book.void(name, comment, "changed_twice", operation, Reason.REPLAYED, covers="BND-26")
    book.valid(
        "limits_at_their_least",
        "1,000 bytes and one minute.",
        _with(base, limits={"entry_bytes": 1_000, "max_merge_delay": 60}),
        spec=CHANGE,
    )


def _keys(world: World) -> tuple[Signer, Signer]:
    return world.gd.signer(Purpose.STATEMENT), world.mo.signer(Purpose.STATEMENT)


def _both(world: World, **parts: object) -> JsonObject:
    return world.network_change((world.gd, world.mo), **parts)


def _with(base: World, **parts: object) -> World:
    world = base.fork()
    world.change_network(**parts)
    return world
