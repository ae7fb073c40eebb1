# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Histories of keys that are distrusted, and of evidence that is recorded."""

from tools.history_vectors.book import ENTRIES, Book, fresh_world, re_signed, seconds

from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.reasons import Reason

OFFSETS = (-1, 0, 1)


def add_distrusts(book: Book) -> None:
    """All of them."""
    _distrusts(book)
    _evidence(book)


def _distrusts(book: Book) -> None:
    base = fresh_world()
    base.update_did(base.issuer, add={Purpose.STATEMENT: EDDSA})
    base.later(seconds=60)
    key, at, spec = base.issuer.key_id(), seconds(base), f"{ENTRIES}, key.distrust"
    world = base.fork()
    world.distrust(world.gd, key)
    book.valid(
        "key_distrusted",
        "All that the key ever signed is void, whatever its date.",
        world,
        spec=spec,
        covers="DID-11",
        asks=[("distrust", key, when, True) for when in (0, at - 60, at)],
    )
    world = base.fork()
    world.distrust(world.issuer, key, scope={"from": at}, never_left_hsm=True)
    book.valid(
        "key_distrusted_since",
        "The issuer says that its key was never out of its module: what is older stays.",
        world,
        spec=spec,
        covers="DID-11",
        asks=[("distrust", key, at + offset, offset >= 0) for offset in OFFSETS],
    )
    scope = {"scope": {"from": at}, "never_left_hsm": True}
    rows: list[tuple[str, str, JsonObject, Reason]] = [
        (
            "distrusted_since_by_an_authority",
            "Only the organisation knows where its key was.",
            base.statement(base.gd, Kind.KEY_DISTRUST, key=key, **scope),
            Reason.NOT_AUTHORISED,
        ),
        (
            "distrusted_from_a_second_ahead",
            "From a second that is still to come.",
            base.statement(
                base.issuer, Kind.KEY_DISTRUST, key=key, scope={"from": at + 1}, never_left_hsm=True
            ),
            Reason.MALFORMED,
        ),
        (
            "distrusted_since_without_the_statement",
            "Nothing says that the key never left its module.",
            base.statement(base.issuer, Kind.KEY_DISTRUST, key=key, scope={"from": at}),
            Reason.MALFORMED,
        ),
        (
            "distrusted_by_the_other_side",
            "Macao never accredited it.",
            base.statement(base.mo, Kind.KEY_DISTRUST, key=key),
            Reason.NOT_AUTHORISED,
        ),
        (
            "distrusted_a_key_of_nobody",
            "No organisation has that key.",
            base.statement(base.gd, Kind.KEY_DISTRUST, key=f"{base.issuer.did}#x"),
            Reason.DID_INVALID,
        ),
    ]
    for name, comment, operation, reason in rows:
        book.void(name, comment, "key_distrusted_since", operation, reason)
    world = base.fork()
    world.distrust(world.issuer, key, **scope)
    narrower = world.statement(world.issuer, Kind.KEY_DISTRUST, key=key, **scope)
    world.distrust(world.gd, key)
    book.valid("distrust_grows", "From a second on, then all.", world, spec=spec)
    book.void(
        "distrust_twice", "It is distrusted from there already.", "distrust_grows", narrower, Reason.REPLAYED
    )
    world = base.fork()
    world.accredit(world.mo, world.gd, world.vct)
    silencing = world.statement(world.mo, Kind.KEY_DISTRUST, key=world.gd.key_id(Purpose.STATEMENT))
    world.recognise(world.mo, world.vct, "CN-44")
    book.valid(
        "authority_accredited_by_the_other_side", "Macao accredits Guangdong's authority.", world, spec=spec
    )
    book.void(
        "one_side_silences_the_other",
        "And then voids the key by which it speaks.",
        "authority_accredited_by_the_other_side",
        silencing,
        Reason.NOT_AUTHORISED,
    )


def _evidence(book: Book) -> None:
    base, spec = fresh_world(), f"{ENTRIES}, evidence.record"
    base.update_did(base.issuer, add={Purpose.STATEMENT: EDDSA})
    base.record_evidence(base.issuer, bytes(32))
    base.later(seconds=3_600)
    world = base.fork()
    world.record_evidence(world.issuer, b"\x01" * 32)
    book.valid("evidence_after_an_hour", "Two roots, 3,600 seconds apart.", world, spec=spec)
    operation = parse_leaf(world.leaves[-1]).operation
    key = world.issuer.signer(Purpose.STATEMENT)
    book.void(
        "evidence_within_the_hour",
        "Two roots, 3,599 seconds apart.",
        "evidence_after_an_hour",
        encode_leaf(operation, logged_at=seconds(world) - 1),
        Reason.RATE_LIMITED,
    )
    book.void(
        "evidence_of_33_bytes",
        "A root is 32 bytes.",
        "evidence_after_an_hour",
        re_signed(world, {**operation, "root": hash_text(bytes(33))}, key),
        Reason.MALFORMED,
    )
    book.void(
        "evidence_with_a_leaf",
        "Leaves stay off the ledger.",
        "evidence_after_an_hour",
        re_signed(world, {**operation, "leaf": "x"}, key),
        Reason.MALFORMED,
    )
    gd = base.statement(base.gd, Kind.EVIDENCE_RECORD, root=hash_text(bytes(32)))
    book.void(
        "evidence_of_one_that_is_not_accredited",
        "The author has no accreditation.",
        "evidence_after_an_hour",
        gd,
        Reason.NOT_AUTHORISED,
    )
