# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Histories of what authorities and publishers say and take back, and may not say."""

from datetime import timedelta

from tools.history_vectors.book import ENTRIES, NOBODY, Book, fresh_world, re_signed, seconds

from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind, parse_leaf
from vcred.ledger.rules import replay
from vcred.reasons import Reason

OFFSETS = (-1, 0, 1)
WITHDRAW = f"{ENTRIES}, issuer.withdraw"


def add_statements(book: Book) -> None:
    """All of them."""
    _withdrawals(book)
    _withdrawals_again(book)
    _types(book)
    _accreditations(book)
    _registrations(book)


def _withdrawals(book: Book) -> None:
    base = fresh_world().later(seconds=60)
    at, gd = seconds(base), base.entries["gd"]
    answers = {"cease": [True, False, False], "void": [False] * 3}
    pairs = (
        ("accreditation", Kind.ISSUER_WITHDRAW, base.gd, gd),
        ("recognition", Kind.RECOGNISE_WITHDRAW, base.mo, base.entries["mo<-gd"]),
    )
    for of, kind, author, entry in pairs:
        for effect, expected in answers.items():
            world = base.fork()
            world.withdraw(author, kind, entry, effect)
            book.valid(
                f"{of}_{'ceased' if effect == 'cease' else effect}",
                f"An {of} is withdrawn; what was issued a second before, at, and after it."
                if of == "accreditation"
                else f"A {of} is withdrawn; what was issued a second before, at, and after it.",
                world,
                spec=WITHDRAW if of == "accreditation" else f"{ENTRIES}, recognise.withdraw",
                asks=[(of, entry, at + o, yes) for o, yes in zip(OFFSETS, expected, strict=True)],
            )
    plain = base.statement(base.gd, Kind.ISSUER_WITHDRAW, entry=gd, effect="cease")
    key = base.gd.signer(Purpose.STATEMENT)
    without: JsonObject = {name: value for name, value in plain.items() if name != "effect"}
    mo = base.statement(base.mo, Kind.ISSUER_WITHDRAW, entry=gd, effect="cease")
    others = base.statement(base.gd, Kind.ISSUER_WITHDRAW, entry=base.entries["mo"], effect="void")
    for name, comment, operation, reason in (
        (
            "withdrawal_without_effect",
            "There is no default.",
            re_signed(base, without, key),
            Reason.MALFORMED,
        ),
        (
            "withdrawal_to_suspend",
            "Another effect.",
            re_signed(base, {**plain, "effect": "suspend"}, key),
            Reason.MALFORMED,
        ),
        ("withdrawn_by_the_other_side", "Macao withdraws what Guangdong said.", mo, Reason.NOT_AUTHORISED),
        (
            "withdrawn_what_the_other_side_said",
            "Guangdong withdraws what Macao said.",
            others,
            Reason.NOT_AUTHORISED,
        ),
    ):
        book.void(name, comment, "accreditation_ceased", operation, reason)


def _withdrawals_again(book: Book) -> None:
    base = fresh_world().later(seconds=60)
    gd = base.entries["gd"]
    world = base.fork()
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, gd, "cease")
    world.later(seconds=60)
    again = world.statement(world.gd, Kind.ISSUER_WITHDRAW, entry=gd, effect="cease")
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, gd, "void")
    book.valid("ceased_then_void", "Void may follow cease.", world, spec=WITHDRAW)
    book.void("ceased_twice", "Nothing else may.", "ceased_then_void", again, Reason.REPLAYED)
    world = base.fork()
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, gd, "void")
    cease = world.statement(world.gd, Kind.ISSUER_WITHDRAW, entry=gd, effect="cease")
    world.accredit(world.gd, world.issuer, world.vct)
    book.valid("void_then_said_anew", "A new accreditation stands for itself.", world, spec=WITHDRAW)
    book.void("void_then_ceased", "What is void is gone.", "void_then_said_anew", cease, Reason.REPLAYED)
    played = parse_leaf(base.leaves[4]).operation
    assert parse_leaf(base.leaves[4]).hash == gd
    book.void(
        "withdrawn_and_played_again",
        "The first accreditation, logged again.",
        "void_then_said_anew",
        played,
        Reason.REPLAYED,
    )


def _types(book: Book) -> None:
    world = fresh_world()
    base = world.fork()
    vct = world.vct[:-1] + "2"
    digest = hash_text(world.type_definition.digest)
    world.say(world.gd, Kind.TYPE_PUBLISH, type=vct, digest=digest, size=1)
    book.valid("type_in_a_new_version", "A change is a new version.", world, spec=f"{ENTRIES}, type.publish")
    for name, comment, wrong, reason in (
        ("type_published_twice", "A version is published once.", base.vct, Reason.REPLAYED),
        (
            "type_under_anothers_did",
            "A type of Macao's name.",
            f"{base.mo.did}/types/badge/1",
            Reason.NOT_AUTHORISED,
        ),
        (
            "type_with_a_second_name",
            "01 would be another name of 1.",
            f"{base.gd.did}/types/badge/01",
            Reason.MALFORMED,
        ),
    ):
        operation = base.statement(base.gd, Kind.TYPE_PUBLISH, type=wrong, digest=digest, size=1)
        book.void(name, comment, "type_in_a_new_version", operation, reason)


def _accreditations(book: Book) -> None:
    base = fresh_world()
    world, at = base.fork(), seconds(base)
    until = world.now + timedelta(seconds=1)
    entry = world.accredit(world.gd, world.mo_issuer, world.vct, start=world.now, until=until)
    book.valid(
        "accredited_for_a_second",
        "From is in, until is out.",
        world,
        spec=f"{ENTRIES}, issuer.accredit",
        asks=[("accreditation", entry, at + offset, offset == 0) for offset in OFFSETS],
        covers="BND-33",
    )
    members = {"issuer": base.mo_issuer.did, "type": base.vct, "from_": at, "until": at + 1}
    speaker = base.fork()
    speaker.update_did(speaker.issuer, add={Purpose.STATEMENT: EDDSA})
    for name, comment, change, reason in (
        ("accredited_for_no_time", "Until is not after from.", {"until": at}, Reason.MALFORMED),
        ("accredited_nobody", "The issuer is not on the ledger.", {"issuer": NOBODY}, Reason.DID_INVALID),
    ):
        operation = base.statement(base.gd, Kind.ISSUER_ACCREDIT, **(members | change))
        book.void(name, comment, "accredited_for_a_second", operation, reason)
    operation = speaker.statement(speaker.issuer, Kind.ISSUER_ACCREDIT, **members)
    speaker.append(parse_leaf(world.leaves[-1]).operation)
    book.valid(
        "issuer_speaks",
        "An issuer with a statement key; an authority accredits.",
        speaker,
        spec=f"{ENTRIES}, issuer.accredit",
    )
    book.void(
        "accredited_by_an_issuer", "An issuer accredits.", "issuer_speaks", operation, Reason.NOT_AUTHORISED
    )


def _registrations(book: Book) -> None:
    base = fresh_world()
    world, at = base.fork(), seconds(base)
    entry = world.register(world.mo, world.mo_issuer, world.vct, until=at + 1)
    book.valid(
        "verifier_registered",
        "Macao's health bureau may ask, for one second.",
        world,
        spec=f"{ENTRIES}, verifier.register",
        asks=[("registration", entry, at + offset, offset == 0) for offset in OFFSETS],
    )
    operation = parse_leaf(world.leaves[-1]).operation
    key = base.mo.signer(Purpose.STATEMENT)
    for name, comment, members, reason in (
        ("verifier_claims_twice", "One claim twice.", {"claims": ["match", "match"]}, Reason.MALFORMED),
        ("verifier_claims_none", "No claims.", {"claims": []}, Reason.MALFORMED),
        ("verifier_without_purpose", "No purpose in any language.", {"purpose": {}}, Reason.MALFORMED),
        (
            "verifier_of_nobody",
            "The verifier is not on the ledger.",
            {"verifier": NOBODY},
            Reason.DID_INVALID,
        ),
    ):
        mutated = re_signed(base, {**operation, **members}, key)  # type: ignore[dict-item]
        book.void(name, comment, "verifier_registered", mutated, reason)
    world = base.fork()
    entry = world.register(world.mo, world.mo_issuer, world.vct)
    world.later(seconds=60).withdraw(world.mo, Kind.VERIFIER_WITHDRAW, entry, "cease")
    at = seconds(world)
    book.valid(
        "verifier_withdrawn",
        "It may ask no more from that second on.",
        world,
        spec=f"{ENTRIES}, verifier.withdraw",
        asks=[("registration", entry, at + offset, offset < 0) for offset in OFFSETS],
    )
    wrong = world.fork()
    wrong.state = replay(world.leaves[:-1])
    other = wrong.statement(wrong.gd, Kind.VERIFIER_WITHDRAW, entry=entry, effect="cease")
    book.void(
        "verifier_withdrawn_by_the_other_side",
        "Guangdong withdraws it.",
        "verifier_withdrawn",
        other,
        Reason.NOT_AUTHORISED,
    )
