# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Histories of who watches, who signs for the log, and who rules: what has ended never returns."""

from tests.world import Update, World, witness_json
from tools.history_vectors.book import ENTRIES, KEYS, NOBODY, Book, fresh_world, re_signed

from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.drafts import log_key_json
from vcred.ledger.entries import Kind
from vcred.reasons import Reason

CHANGE = f"{ENTRIES}, network.change"
LIMITS: JsonObject = {"entry_bytes": 5_000, "max_merge_delay": 3_600}
FRESH = KEYS.make("a witness that was never one", EDDSA)


def add_networks(book: Book) -> None:
    """All of them."""
    _witnesses(book)
    _log_keys(book)
    _authorities(book)


def _witnesses(book: Book) -> None:
    world = fresh_world()
    base = world.fork()
    world.new_witness("witness/MO-2", world.mo, instead_of="witness/MO")
    book.valid("witness_replaced_by_its_own_side", "Macao replaces its witness.", world, spec=CHANGE)
    mo_2, mo_3 = witness_json("witness/MO-2", FRESH), witness_json("witness/MO-3", FRESH)
    one_for_one = {"add": [mo_2], "remove": ["witness/MO"]}
    old = base.witnesses["witness/MO"]
    rows: list[tuple[str, str, JsonObject, Reason]] = [
        (
            "witness_replaced_by_the_other_side",
            "Guangdong replaces Macao's.",
            base.network_change([base.gd], witnesses=one_for_one),
            Reason.NOT_AUTHORISED,
        ),
        (
            "witness_added_by_one_side",
            "Macao adds one: more witnesses are more weight.",
            base.network_change([base.mo], witnesses={"add": [mo_2], "remove": []}),
            Reason.NOT_AUTHORISED,
        ),
        (
            "witness_moved_by_one_side",
            "Macao replaces Guangdong's witness by one of its own.",
            base.network_change([base.mo], witnesses={"add": [mo_2], "remove": ["witness/CN-44"]}),
            Reason.NOT_AUTHORISED,
        ),
        (
            "witness_replaced_with_a_quorum",
            "Macao replaces its own, and says one thing more.",
            base.network_change([base.mo], witnesses=one_for_one, quorum={"CN-44": 1, "MO": 1}),
            Reason.NOT_AUTHORISED,
        ),
        (
            "witness_keeps_its_key",
            "A new name for a key that has ended.",
            base.network_change(
                [base.mo],
                witnesses={"add": [witness_json("witness/MO-2", old)], "remove": ["witness/MO"]},
            ),
            Reason.KEY_UNUSABLE,
        ),
        (
            "witness_keeps_its_name",
            "A new key for a name that has ended.",
            base.network_change(
                [base.mo],
                witnesses={"add": [witness_json("witness/MO", FRESH)], "remove": ["witness/MO"]},
            ),
            Reason.KEY_UNUSABLE,
        ),
        (
            "witness_removed_and_none_left",
            "Macao would have nobody to watch.",
            _both(base, witnesses={"add": [], "remove": ["witness/MO"]}),
            Reason.MALFORMED,
        ),
        (
            "witness_with_a_plus_in_its_name",
            "No note can bear the name.",
            _both(base, witnesses={"add": [{**mo_2, "name": "witness+MO"}], "remove": []}),
            Reason.MALFORMED,
        ),
    ]
    for name, comment, operation, reason in rows:
        book.void(name, comment, "witness_replaced_by_its_own_side", operation, reason)
    before = world.fork()
    world.new_witness("witness/MO-3")
    book.valid("witness_added_by_both", "Both add a second witness for Macao.", world, spec=CHANGE)
    for name, comment, witness in (
        ("retired_witness_name_returns", "A name that has ended.", witness_json("witness/MO", FRESH)),
        (
            "retired_witness_key_returns",
            "A key that has ended.",
            {**mo_3, **witness_json("witness/MO-3", old)},
        ),
    ):
        operation = _both(before, witnesses={"add": [witness], "remove": []})
        book.void(name, comment, "witness_added_by_both", operation, Reason.KEY_UNUSABLE)


def _log_keys(book: Book) -> None:
    world = fresh_world()
    first = world.log_key
    world.new_log_key()
    book.valid("log_key_changed", "From this entry on the log signs with another key.", world, spec=CHANGE)
    before = world.fork()
    world.new_log_key("log, third")
    book.valid("log_key_changed_twice", "And with a third one.", world, spec=CHANGE)
    witness = {"add": [witness_json("witness/MO-2", first)], "remove": []}
    for name, comment, parts in (
        ("retired_log_key_returns", "The first key comes back.", {"log_key": log_key_json(first.public_key)}),
        (
            "log_key_kept",
            "The key takes its own place.",
            {"log_key": log_key_json(before.log_key.public_key)},
        ),
        ("retired_log_key_watches", "The first key becomes a witness's.", {"witnesses": witness}),
    ):
        operation = _both(before, **parts)
        book.void(name, comment, "log_key_changed_twice", operation, Reason.KEY_UNUSABLE)


def _authorities(book: Book) -> None:
    world = fresh_world()
    second = world.join("Macao, second", {Purpose.STATEMENT: EDDSA}, sponsor=world.mo)
    gone = world.join("Macao, gone", {Purpose.STATEMENT: EDDSA}, sponsor=world.mo)
    world.deactivate(gone)
    base = world.fork()

    def appointing(did: str, *removed: str) -> JsonObject:
        return {"add": [{"jurisdiction": "MO", "did": did}], "remove": list(removed)}

    world.change_network(authorities=appointing(second.did), threshold=3)
    book.valid("authority_added", "Macao has a second authority; all three are needed.", world, spec=CHANGE)
    for name, comment, did, threshold, reason in (
        ("authority_that_has_ended", "It is deactivated.", gone.did, 3, Reason.DID_INVALID),
        ("authority_without_a_voice", "It has no statement key.", base.mo_issuer.did, 3, Reason.DID_INVALID),
        ("authority_of_nobody", "It is not on the ledger.", NOBODY, 3, Reason.DID_INVALID),
        ("authority_for_both_sides", "One voice would be two.", base.gd.did, 3, Reason.MALFORMED),
        (
            "authority_that_lets_one_side_rule",
            "Macao alone would reach 2.",
            second.did,
            2,
            Reason.NOT_AUTHORISED,
        ),
    ):
        operation = _both(base, authorities=appointing(did), threshold=threshold)
        book.void(name, comment, "authority_added", operation, reason)
    world = base.fork()
    former = world.mo
    world.change_network(authorities=appointing(second.did, former.did))
    world.mo = second
    speaks = world.statement(former, Kind.RECOGNISE, type=world.vct, jurisdiction="CN-44", conditions={})
    votes = world.network_change((world.gd, former), limits=LIMITS)
    before = world.fork()
    world.append(world.did_update(former, Update(deactivate=True))[0])
    book.valid(
        "authority_replaced", "Another authority takes office; the former one ends.", world, spec=CHANGE
    )
    sponsored = before.fork()
    clinic = sponsored.join("Clinic", {Purpose.STATEMENT: EDDSA}, sponsor=second)
    voice = former.signer(Purpose.STATEMENT)
    for name, comment, operation in (
        ("led_02_former_authority_speaks", "It speaks for Macao still.", speaks),
        ("led_02_former_authority_votes", "It votes still.", votes),
        (
            "former_authority_sponsors",
            "It sponsors still.",
            re_signed(before, {**clinic.create, "sponsor": former.did}, clinic.control, voice),
        ),
    ):
        book.void(name, comment, "authority_replaced", operation, Reason.NOT_AUTHORISED, covers="LED-02")


def _both(world: World, **parts: object) -> JsonObject:
    return world.network_change((world.gd, world.mo), **parts)
