# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Histories of leaves and of what all statements have in common: form, author, order, clock, kind."""

from tools.history_vectors.book import ENTRIES, NO_HASH, NOBODY, Book, fresh_world, re_signed, seconds

from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.ledger.entries import parse_leaf
from vcred.reasons import Reason

OFFSETS = (-1, 0, 1)


def add_leaves(book: Book) -> None:
    """All of them."""
    _leaves(book)
    _clock(book)
    _unknown(book)


def _leaves(book: Book) -> None:
    world = fresh_world()
    base = world.fork()
    world.recognise(world.mo, world.vct, "CN-44", max_age=60)
    book.valid(
        "recognised",
        "Macao recognises Guangdong's health codes, not older than a minute.",
        world,
        spec=f"{ENTRIES}, recognise",
    )
    operation = parse_leaf(world.leaves[-1]).operation
    statement = world.mo.signer(Purpose.STATEMENT)

    def bad(name: str, comment: str, entry: JsonObject | bytes, reason: Reason, covers: str = "") -> None:
        book.void(name, comment, "recognised", entry, reason, covers=covers)

    def changed(**members: object) -> JsonObject:
        return re_signed(base, {**operation, **members}, statement)  # type: ignore[dict-item]

    leaf = world.leaves[-1]
    bad("not_json", "The leaf is no JSON at all.", b"\x00\x01", Reason.MALFORMED)
    bad("leaf_empty", "The leaf is empty.", b"", Reason.MALFORMED)
    bad(
        "led_09_other_spelling",
        "The same content with one space: another leaf of the same meaning.",
        leaf.replace(b'","', b'", "', 1),
        Reason.MALFORMED,
        "LED-09",
    )
    bad(
        "leaf_with_a_note",
        "A member beside logged_at and operation.",
        leaf[:-1] + b',"zz":1}',
        Reason.MALFORMED,
    )
    at = str(seconds(world)).encode()
    bad("leaf_dated_in_halves", "logged_at is no integer.", leaf.replace(at, at + b".5", 1), Reason.MALFORMED)
    long = [f"c{number}" + "x" * 240 for number in range(32)]
    bad(
        "led_09_above_the_limit",
        "More than 7,500 bytes.",
        changed(conditions={"required_claims": long}),
        Reason.LIMIT_EXCEEDED,
        "LED-09",
    )
    bad(
        "led_11_entry_twice",
        "The operation of entry 6 once more.",
        parse_leaf(world.leaves[6]).operation,
        Reason.REPLAYED,
        "LED-11",
    )
    bad(
        "previous_of_another",
        "previous is what Guangdong said last.",
        changed(previous=base.entries["gd<-mo"]),
        Reason.REPLAYED,
    )
    bad("previous_null", "previous says that it is the first.", changed(previous=None), Reason.REPLAYED)
    bad("author_of_nobody", "The author is not on the ledger.", changed(author=NOBODY), Reason.NOT_AUTHORISED)
    bad(
        "signed_by_the_other_side",
        "Guangdong has signed what Macao says.",
        re_signed(base, operation, base.gd.signer(Purpose.STATEMENT)),
        Reason.NOT_AUTHORISED,
    )
    bad(
        "signed_by_one_more",
        "Guangdong has signed too.",
        re_signed(base, operation, statement, base.gd.signer(Purpose.STATEMENT)),
        Reason.NOT_AUTHORISED,
    )
    bad(
        "led_02_signed_by_a_control_key",
        "Control keys sign operations of the DID and nothing else.",
        re_signed(base, operation, base.mo.control),
        Reason.NOT_AUTHORISED,
        "LED-02",
    )
    bad("not_signed", "No proof.", {**operation, "proof": []}, Reason.MALFORMED)
    bad(
        "changed_after_signing",
        "Another age than was signed.",
        {**operation, "conditions": {"max_age": 61}},
        Reason.SIGNATURE_INVALID,
    )
    bad(
        "statement_of_another_network",
        "Another network.",
        changed(network=NO_HASH),
        Reason.NOT_AUTHORISED,
    )
    bad(
        "holder_in_a_statement",
        "A member that no rule knows.",
        changed(holder="did:key:z6Mk"),
        Reason.MALFORMED,
    )
    bad(
        "known_kind_marked_ignorable",
        "What is known cannot be marked.",
        changed(ignorable=True),
        Reason.MALFORMED,
    )
    bad("recognised_its_own_side", "Macao recognises Macao.", changed(jurisdiction="MO"), Reason.MALFORMED)
    bad(
        "condition_unknown",
        "A condition beside the closed list.",
        changed(conditions={"only_on_sundays": True}),
        Reason.MALFORMED,
    )
    bad(
        "type_never_published",
        "Nobody has published the type.",
        changed(type=f"{base.gd.did}/types/badge/1"),
        Reason.TYPE_UNKNOWN,
    )


def _clock(book: Book) -> None:
    world = fresh_world().later(seconds=10)
    world.recognise(world.mo, world.vct, "CN-44", max_age=60)
    world.recognise(world.mo, world.vct, "CN-44", max_age=61)
    book.valid("logged_in_one_second", "Two entries in one second.", world, spec=f"{ENTRIES}, The leaf")
    operation = parse_leaf(world.leaves[-1]).operation
    book.void(
        "led_23_logged_a_second_before",
        "logged_at is a second before that of the entry before.",
        "logged_in_one_second",
        operation,
        Reason.MALFORMED,
        covers="LED-23",
        logged_at=seconds(world) - 1,
    )


def _unknown(book: Book) -> None:
    spec = f"{ENTRIES}, Unknown and invalid entries"
    rows: list[tuple[str, str, JsonObject]] = [
        (
            "unknown_kind",
            "A kind that this version does not know: decisions become indeterminate.",
            {"kind": "notice.publish", "version": 1},
        ),
        (
            "unknown_kind_ignorable",
            "The same, marked ignorable: nothing changes.",
            {"kind": "notice.publish", "version": 1, "ignorable": True},
        ),
        (
            "newer_withdrawal_marked_ignorable",
            "A kind that takes trust away may never be ignored, whatever it says of itself.",
            {"kind": "issuer.withdraw", "version": 2, "ignorable": True},
        ),
    ]
    for name, comment, operation in rows:
        world = fresh_world()
        world.append(operation)
        book.valid(name, comment, world, spec=spec)
        assert world.state.unsupported is (name != "unknown_kind_ignorable")
