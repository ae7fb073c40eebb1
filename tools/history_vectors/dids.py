# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Histories of DIDs: made, rotated, and what a thief of their keys tries."""

from tests.organisation import spare_keys
from tests.world import Update, World
from tools.history_vectors.book import (
    DIDS,
    KEYS,
    NO_HASH,
    NOBODY,
    STRANGER,
    Book,
    fresh_world,
    re_signed,
    seconds,
)

from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.keys.algorithms import ES256
from vcred.reasons import Reason

CREATE, UPDATE = f"{DIDS}, Create", f"{DIDS}, Update"


def add_dids(book: Book) -> None:
    """All of them."""
    _creations(book)
    _rotations(book)
    _thresholds(book)


def _creations(book: Book) -> None:
    world = fresh_world()
    clinic = world.join("Clinic", {Purpose.ASSERTION: ES256, Purpose.STATUS: ES256}, sponsor=world.gd)
    book.valid("did_created", "An organisation joins; Guangdong sponsors it.", world, spec=CREATE)
    twin = "did_created"
    create, statement = clinic.create, world.gd.signer(Purpose.STATEMENT)
    control = clinic.control

    def bad(name: str, comment: str, operation: JsonObject, reason: Reason, covers: str = "") -> None:
        book.void(name, comment, twin, operation, reason, covers=covers)

    bad(
        "create_without_its_sponsor",
        "Only the control key has signed.",
        re_signed(world, create, control),
        Reason.NOT_AUTHORISED,
    )
    bad(
        "create_without_its_control_key",
        "Only the sponsor has signed.",
        re_signed(world, create, statement),
        Reason.NOT_AUTHORISED,
    )
    bad(
        "create_sponsored_by_no_authority",
        "The sponsor is an issuer.",
        re_signed(world, create | {"sponsor": world.issuer.did}, control, statement),
        Reason.NOT_AUTHORISED,
    )
    document = create["document"]
    assert isinstance(document, dict) and isinstance(document["methods"], list)
    first, second = document["methods"]
    assert isinstance(first, dict) and isinstance(second, dict)
    bad(
        "did_18_two_methods_of_one_id",
        "One key as assertion method and as status method: both would have its thumbprint as id.",
        re_signed(
            world,
            create | {"document": document | {"methods": [first, second | {"key": first["key"]}]}},
            control,
            statement,
        ),
        Reason.KEY_UNUSABLE,
        "DID-18",
    )
    theirs = fresh_world().state.organisations[world.mo_issuer.did].status_bases[0]
    services = [{"type": "TokenStatusList", "endpoint": f"{theirs}1"}]
    bad(
        "create_lists_where_anothers_stand",
        "Its status lists would stand where those of another DID stand, but for digits at the end.",
        re_signed(world, create | {"document": document | {"services": services}}, control, statement),
        Reason.NOT_AUTHORISED,
    )


def _rotations(book: Book) -> None:
    world = fresh_world().later(seconds=1)
    before = world.issuer
    plain = _update(world, rotate=[Purpose.ASSERTION])
    after = world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    at, old, new = seconds(world), before.key_id(), after.key_id()
    book.valid(
        "rotated",
        "A new assertion key takes the place of the old one at the second of the entry.",
        world,
        spec=UPDATE,
        covers="DID-11",
        asks=[
            *(("method", old, at + offset, offset < 0) for offset in (-1, 0, 1)),
            *(("method", new, at + offset, offset >= 0) for offset in (-1, 0, 1)),
        ],
    )
    (key,) = before.next_control
    rows: list[tuple[str, str, JsonObject, Reason, str]] = [
        (
            "did_22_key_that_was_not_committed_to",
            "The revealed key is none of those that the operation before committed to.",
            {**plain, "control": {"keys": [STRANGER.public_key.to_multikey()]}},
            Reason.DID_INVALID,
            "DID-22",
        ),
        (
            "did_22_current_control_key_revealed_again",
            "A thief of the control key that made the DID reveals it once more.",
            {**plain, "control": {"keys": [before.control.public_key.to_multikey()]}},
            Reason.DID_INVALID,
            "DID-22 LED-02",
        ),
        (
            "led_01_did_of_nobody",
            "No entry has made this DID.",
            {**plain, "did": NOBODY},
            Reason.DID_INVALID,
            "LED-01",
        ),
        (
            "led_03_prev_null",
            "An update follows something.",
            {**plain, "prev": None},
            Reason.MALFORMED,
            "LED-03",
        ),
        (
            "led_03_prev_unknown",
            "prev is the hash of nothing on the ledger.",
            {**plain, "prev": NO_HASH},
            Reason.REPLAYED,
            "LED-03",
        ),
        (
            "led_03_prev_of_another_did",
            "prev is the last operation of another DID.",
            {**plain, "prev": world.mo_issuer.did.rpartition(":")[2]},
            Reason.REPLAYED,
            "LED-03",
        ),
        (
            "update_of_another_network",
            "The operation names another network.",
            {**plain, "network": NO_HASH},
            Reason.NOT_AUTHORISED,
            "LED-01",
        ),
        (
            "update_with_a_date_of_birth",
            "A member that no rule knows: there is no place for anything personal.",
            {**plain, "birth_date": "1954-09-24"},
            Reason.MALFORMED,
            "",
        ),
    ]
    signers = {
        "did_22_key_that_was_not_committed_to": STRANGER,
        "did_22_current_control_key_revealed_again": before.control,
    }
    for name, comment, operation, reason, covers in rows:
        mutated = re_signed(world, operation, signers.get(name, key))
        book.void(name, comment, "rotated", mutated, reason, covers=covers)
    missing: JsonObject = {name: value for name, value in plain.items() if name != "prev"}
    book.void(
        "led_03_prev_missing",
        "No prev.",
        "rotated",
        re_signed(world, missing, key),
        Reason.MALFORMED,
        covers="LED-03",
    )
    book.void(
        "led_02_signed_by_current_keys",
        "It reveals the committed key, and is signed by the keys in use.",
        "rotated",
        re_signed(world, plain, before.control, before.signer(Purpose.ASSERTION)),
        Reason.NOT_AUTHORISED,
        covers="LED-02",
    )
    book.void(
        "update_signed_by_one_more",
        "A key that is no control key has signed too.",
        "rotated",
        re_signed(world, plain, key, world.gd.signer(Purpose.STATEMENT)),
        Reason.NOT_AUTHORISED,
    )
    document = plain["document"]
    assert isinstance(document, dict)
    book.void(
        "update_changed_after_signing",
        "Another name in the document than was signed.",
        "rotated",
        {**plain, "document": document | {"name": {"en": "Hospital"}}},
        Reason.SIGNATURE_INVALID,
    )


def _thresholds(book: Book) -> None:
    world = fresh_world()
    three = spare_keys(KEYS, "two of three", 3)
    world.update_did(world.issuer, commit=three, threshold=2)
    base = world.fork()
    world.update_did(world.issuer, reveal=three[:2], sign=three[:2])
    book.valid("two_of_three", "Two of three committed keys are revealed, and sign.", world, spec=UPDATE)
    plans: dict[str, tuple[str, Update]] = {
        "one_of_three": ("One of three is revealed, and signs.", Update(reveal=three[:1], sign=three[:1])),
        "one_of_three_twice": (
            "Two are revealed; one of them has signed twice.",
            Update(reveal=three[:2], sign=[three[0], three[0]]),
        ),
        "one_of_three_and_a_thief": (
            "Two are revealed; one of them has signed, and the key in use.",
            Update(reveal=three[:2], sign=[three[0], base.issuer.control]),
        ),
    }
    for name, (comment, plan) in plans.items():
        operation, _ = base.did_update(base.issuer, plan)
        book.void(name, comment, "two_of_three", operation, Reason.NOT_AUTHORISED, covers="LED-02")
    spare = three[2]
    world = base.fork()
    world.update_did(world.issuer, reveal=three[:2], commit=[spare])
    carried = world.fork()
    world.update_did(world.issuer)
    book.valid(
        "spare_commitment_carried_over",
        "A key that was not revealed is committed to again, and reveals itself in the next operation.",
        world,
        spec=UPDATE,
    )
    used, _ = carried.did_update(carried.issuer, Update(commit=[three[0]]))
    book.void(
        "used_control_key_committed_to_again",
        "A key that has been revealed is committed to once more.",
        "spare_commitment_carried_over",
        used,
        Reason.KEY_UNUSABLE,
    )


def _update(world: World, **plan: object) -> JsonObject:
    return world.did_update(world.issuer, Update(**plan))[0]  # type: ignore[arg-type]
