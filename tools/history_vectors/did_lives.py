# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Histories of DIDs in order: one operation on the other, which keys never return, and the end."""

from dataclasses import replace

from tests.world import Update, World
from tools.history_vectors.book import (
    DIDS,
    STRANGER,
    Book,
    fresh_world,
    re_signed,
    seconds,
)

from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import commitment
from vcred.did.operations import Method, Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind, parse_leaf
from vcred.reasons import Reason

UPDATE = f"{DIDS}, Update"


def add_did_lives(book: Book) -> None:
    """All of them."""
    _orders(book)
    _keys(book)
    _ends(book)


def _orders(book: Book) -> None:
    world = fresh_world()
    one, after = world.did_update(world.issuer, Update(rotate=[Purpose.STATUS]))
    other, _ = world.did_update(world.issuer, Update(commit=[STRANGER]))
    world.append(one)
    world.issuer = after
    world.update_did(after)
    book.valid("updated_twice", "Two updates, one on the other.", world, spec=UPDATE)
    book.void(
        "led_10_second_update_of_one_prev",
        "Two well-signed updates name one operation before: the first counts.",
        "updated_twice",
        other,
        Reason.REPLAYED,
        covers="LED-10",
    )
    book.void(
        "led_11_update_twice",
        "The same update once more.",
        "updated_twice",
        one,
        Reason.REPLAYED,
        covers="LED-11",
    )


def _keys(book: Book) -> None:
    world = fresh_world()
    stolen, created = world.issuer.signer(Purpose.ASSERTION), world.issuer.control
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    base = world.fork()
    world.update_did(world.issuer, add={Purpose.STATEMENT: EDDSA})
    book.valid(
        "method_added", "After a rotation a statement method comes beside the others.", world, spec=UPDATE
    )
    record = base.state.organisations[base.issuer.did]
    methods = tuple(Method(key=m.key, purpose=m.purpose) for m in record.methods if m.removed_at is None)
    cases = {
        "removed_key_returns": ("A key that was removed comes back.", stolen, Purpose.ASSERTION),
        "removed_key_returns_in_another_role": ("And for another purpose.", stolen, Purpose.STATEMENT),
        "control_key_as_method": (
            "A control key that was used becomes a method.",
            created,
            Purpose.STATEMENT,
        ),
    }
    for name, (comment, key, purpose) in cases.items():
        profile = {"methods": (*methods, Method(key=key.public_key, purpose=purpose))}
        operation = _update(base, profile=profile)
        book.void(name, comment, "method_added", operation, Reason.KEY_UNUSABLE, covers="LED-02")
    turned = (replace(methods[0], purpose=Purpose.STATEMENT), *methods[1:])
    book.void(
        "method_changes_its_role",
        "A status key becomes a statement key.",
        "method_added",
        _update(base, profile={"methods": turned}),
        Reason.KEY_UNUSABLE,
    )
    used = _update(base, commit=[stolen])
    assert used["next"] == {"threshold": 1, "hashes": [commitment(stolen.public_key)]}
    book.void(
        "removed_method_committed_to",
        "A key that was a method is to become a control key.",
        "method_added",
        used,
        Reason.KEY_UNUSABLE,
    )


def _ends(book: Book) -> None:
    world = fresh_world().later(seconds=1)
    base = world.fork()
    world.deactivate(world.issuer)
    key_id, at = base.issuer.key_id(), seconds(world)
    book.valid(
        "deactivated",
        "Every key of the DID ends at the second of the entry.",
        world,
        spec=UPDATE,
        asks=[("method", key_id, at + offset, offset < 0) for offset in (-1, 0, 1)],
    )
    stolen = base.issuer.control
    by_thief = _update(base, deactivate=True, reveal=[stolen])
    book.void(
        "led_06_deactivated_by_current_keys",
        "A thief of the keys in use ends the DID.",
        "deactivated",
        by_thief,
        Reason.DID_INVALID,
        covers="LED-06",
    )
    ending, _ = base.did_update(base.mo, Update(deactivate=True))
    book.void(
        "authority_ends_in_office",
        "Its jurisdiction would be left without a voice, and the network never be changed again.",
        "deactivated",
        ending,
        Reason.NOT_AUTHORISED,
    )
    after, _ = base.did_update(base.issuer, Update(commit=[STRANGER]))
    last = parse_leaf(world.leaves[-1]).hash
    following = re_signed(world, {**after, "prev": last}, *base.issuer.next_control)
    accreditation = world.statement(
        world.gd, Kind.ISSUER_ACCREDIT, issuer=base.issuer.did, type=world.vct, from_=0, until=at
    )
    world.update_did(world.mo_issuer)
    book.valid("deactivated_and_others_go_on", "One DID has ended, another one changes.", world, spec=UPDATE)
    for name, comment, operation in (
        ("led_06_update_after_the_end", "An update of the DID that has ended.", following),
        ("led_06_accredited_after_the_end", "An accreditation of the DID that has ended.", accreditation),
    ):
        book.void(
            name, comment, "deactivated_and_others_go_on", operation, Reason.DID_INVALID, covers="LED-06"
        )


def _update(world: World, **plan: object) -> JsonObject:
    return world.did_update(world.issuer, Update(**plan))[0]  # type: ignore[arg-type]
