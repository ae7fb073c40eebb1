# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Random histories of a ledger: what honest and dishonest hands write on it, one move after the other.

A move reads the world and writes one leaf, good or bad; the rules say which. So every kind of
entry stands among void ones, and later entries stand on earlier ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace as replaced
from typing import TypeAlias

from hypothesis import strategies as st

from tests.seeded_keys import SeededKeys
from tests.world import Organisation, Update, World, make_world, witness_json
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.errors import DecodeError
from vcred.keys.algorithms import EDDSA
from vcred.ledger.drafts import log_key_json
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.ledger.rules import replay

KEYS = SeededKeys("random histories")
Move: TypeAlias = Callable[[World, int], JsonObject | bytes]


def _speaking_world() -> World:
    world = make_world(KEYS)
    for issuer in (world.issuer, world.mo_issuer):
        world.update_did(issuer, add={Purpose.STATEMENT: EDDSA})
    world.entries["registration"] = world.register(world.mo, world.mo_issuer, world.vct)
    return world


START_WORLD = _speaking_world()


def write_history(moves: Sequence[tuple[str, int]]) -> tuple[bytes, ...]:
    """The leaves of the ledger after these moves."""
    world = START_WORLD.fork()
    for name, choice in moves:
        written = MOVES[name](world, choice)
        leaf = written if isinstance(written, bytes) else _leaf(world, written)
        world.leaves.append(leaf)
        world.state = replay([leaf], state=world.state)
    return tuple(world.leaves)


def _leaf(world: World, operation: JsonObject) -> bytes:
    return encode_leaf(operation, logged_at=int(world.now.timestamp()))


def _pass(world: World, choice: int) -> bytes:
    """Time goes on; something unreadable is written."""
    world.later(seconds=(0, 1, 59, 3_600)[choice % 4])
    return bytes([choice])


def _update(world: World, choice: int) -> JsonObject:
    """A good update of an issuer; from now on the world signs as it says."""
    role = ("issuer", "mo_issuer")[choice % 2]
    party: Organisation = getattr(world, role)
    plan = (Update(), Update(rotate=[Purpose.ASSERTION]), Update(drop=[Purpose.AUTHENTICATION]))[choice % 3]
    operation, changed = world.did_update(party, plan)
    after = replay([_leaf(world, operation)], state=world.state)
    if len(after.void) == len(world.state.void):
        setattr(world, role, replaced(changed, signers={**party.signers, **changed.signers}))
    return operation


def _stolen_update(world: World, choice: int) -> JsonObject:
    """What a thief of current keys writes."""
    party = (world.issuer, world.mo_issuer, world.gd)[choice % 3]
    loot = [party.control, *party.signers.values()][choice % (1 + len(party.signers))]
    plan = Update(reveal=[loot], deactivate=choice % 2 == 0)
    return world.did_update(party, plan)[0]


def _deactivation(world: World, choice: int) -> JsonObject:
    return world.did_update((world.mo_issuer, world.gd)[choice % 2], Update(deactivate=True))[0]


def _accreditation(world: World, choice: int) -> JsonObject:
    now = int(world.now.timestamp())
    issuer = (world.issuer, world.mo_issuer)[choice % 2]
    by = (world.gd, world.mo, world.issuer)[choice % 3]
    return world.statement(
        by, Kind.ISSUER_ACCREDIT, issuer=issuer.did, type=world.vct, from_=now, until=now + choice
    )


def _withdrawal(world: World, choice: int) -> JsonObject:
    kind, entry = (
        (Kind.ISSUER_WITHDRAW, "gd"),
        (Kind.ISSUER_WITHDRAW, "mo"),
        (Kind.RECOGNISE_WITHDRAW, "mo<-gd"),
        (Kind.VERIFIER_WITHDRAW, "registration"),
    )[choice % 4]
    by = (world.gd, world.mo)[choice % 2]
    effect = ("cease", "void")[choice // 4 % 2]
    return world.statement(by, kind, entry=world.entries[entry], effect=effect)


def _recognition(world: World, choice: int) -> JsonObject:
    code = ("CN-44", "MO")[choice % 2]
    return world.statement(
        world.mo, Kind.RECOGNISE, type=world.vct, jurisdiction=code, conditions={"max_age": choice}
    )


def _distrust(world: World, choice: int) -> JsonObject:
    party = (world.issuer, world.mo_issuer)[choice % 2]
    by = (world.gd, party, world.mo)[choice % 3]
    purpose = (Purpose.ASSERTION, Purpose.STATUS)[choice // 2 % 2]
    return world.statement(by, Kind.KEY_DISTRUST, key=party.key_id(purpose))


def _evidence(world: World, choice: int) -> JsonObject:
    return world.statement(world.issuer, Kind.EVIDENCE_RECORD, root=hash_text(bytes([choice]) * 32))


def _publication(world: World, choice: int) -> JsonObject:
    vct = f"{world.gd.did}/types/badge/{choice}"
    return world.statement(world.gd, Kind.TYPE_PUBLISH, type=vct, digest=hash_text(bytes(32)), size=1)


def _change(world: World, choice: int) -> JsonObject:
    by = ((world.gd, world.mo), (world.gd,), (world.mo,))[choice % 3]
    name, fresh = f"witness/MO-{choice}", KEYS.make(f"fresh {choice}", EDDSA)
    parts: list[dict[str, object]] = [
        {"limits": {"entry_bytes": 5_000 + choice, "max_merge_delay": 3_600}},
        {"witnesses": {"add": [witness_json(name, fresh)], "remove": ["witness/MO"]}},
        {"log_key": log_key_json(fresh.public_key)},
        {"threshold": choice},
    ]
    return world.network_change(by, **parts[choice % 4])


def _again(world: World, choice: int) -> bytes:
    """An entry that stands there already, now."""
    leaf = world.leaves[choice % len(world.leaves)]
    try:
        return _leaf(world, parse_leaf(leaf).operation)
    except DecodeError:
        return leaf


def _unknown(world: World, choice: int) -> JsonObject:
    return {"kind": "notice.publish", "version": 1, "ignorable": choice % 4 != 0, "n": choice}


def _backwards(world: World, choice: int) -> bytes:
    operation = _recognition(world, 0)
    return encode_leaf(operation, logged_at=int(world.now.timestamp()) - choice)


MOVES: Mapping[str, Move] = {
    "pass": _pass,
    "update": _update,
    "stolen update": _stolen_update,
    "deactivation": _deactivation,
    "accreditation": _accreditation,
    "withdrawal": _withdrawal,
    "recognition": _recognition,
    "distrust": _distrust,
    "evidence": _evidence,
    "publication": _publication,
    "change": _change,
    "again": _again,
    "unknown": _unknown,
    "backwards": _backwards,
}
HISTORIES = st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.integers(0, 23)), max_size=12).map(
    write_history
)
