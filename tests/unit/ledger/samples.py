# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the ledger's rules share: one change to an operation, and how it is refused."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.seeded_keys import SeededKeys
from tests.world import HOUR, START, Organisation, World, make_world, sign_operation
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Method, Purpose
from vcred.errors import LedgerError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.signer import Signer
from vcred.ledger.drafts import draft_create, draft_genesis, log_key_json
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.ledger.rules import apply, replay_leaf
from vcred.ledger.state import VoidEntry
from vcred.reasons import Reason

KEYS = SeededKeys("ledger rules")
ORIGIN = "ledger.example/tests"


def fresh_world() -> World:
    """The test network, always with the same keys."""
    return make_world(KEYS)


def changed(document: JsonObject, path: str, value: object) -> JsonObject:
    """A copy with one member (or element) set, named as in "document.methods.0.key"."""
    copy: Any = deepcopy(document)
    *parents, last = path.split(".")
    at = copy
    for name in parents:
        at = at[int(name) if isinstance(at, list) else name]
    at[int(last) if isinstance(at, list) else last] = value
    return copy  # type: ignore[no-any-return]


def removed(document: JsonObject, path: str) -> JsonObject:
    """A copy without one member (or element)."""
    copy: Any = deepcopy(document)
    *parents, last = path.split(".")
    at = copy
    for name in parents:
        at = at[int(name) if isinstance(at, list) else name]
    del at[int(last) if isinstance(at, list) else last]
    return copy  # type: ignore[no-any-return]


def refusal(world: World, operation: JsonObject, *, logged_at: int | None = None) -> Reason:
    """Why the rules refuse an operation: a log is told so, a replay skips it and reports the same."""
    at = int(world.now.timestamp()) if logged_at is None else logged_at
    leaf = encode_leaf(operation, logged_at=at)
    with pytest.raises(LedgerError) as caught:
        apply(world.state, parse_leaf(leaf))
    reason = caught.value.reason
    void = VoidEntry(index=world.state.size, reason=reason)
    skipped = replace(world.state, size=world.state.size + 1, void=(*world.state.void, void))
    assert replay_leaf(world.state, leaf) == skipped
    return reason


def without_proof(operation: JsonObject) -> JsonObject:
    """The operation as it was before anybody signed it."""
    return {name: value for name, value in operation.items() if name != "proof"}


def signed(operation: JsonObject, signers: Iterable[Signer]) -> JsonObject:
    """The operation with one proof by each signer, and no other."""
    result = without_proof(operation)
    for signer in signers:
        result = sign_operation(result, signer, START - HOUR)
    return result


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """An organisation that asks to be on the ledger: its draft, and who has to sign it."""

    draft: JsonObject
    control: Signer
    signers: tuple[Signer, ...]
    methods: tuple[Signer, ...]
    next_control: Signer

    def signed(self, draft: JsonObject | None = None, *, by: Sequence[Signer] | None = None) -> JsonObject:
        """The draft, or a changed one, signed by whom it takes, or by others."""
        return signed(self.draft if draft is None else draft, self.signers if by is None else by)


def newcomer(world: World, *, sponsor: Organisation | None = None, name: str = "Clinic") -> Newcomer:
    """A newcomer with one key for each purpose, sponsored by Guangdong unless told otherwise."""
    by = sponsor or world.gd
    control, following = (KEYS.make(f"{name}: {role}", ES256) for role in ("control", "next"))
    methods = {purpose: KEYS.make(f"{name}: {purpose}", ES256) for purpose in Purpose}
    draft = draft_create(
        control=control.public_key,
        next_control=following.public_key,
        name={"en": name},
        methods=[Method(key=signer.public_key, purpose=purpose) for purpose, signer in methods.items()],
        status_bases=[f"https://status.example/{name.lower()}/"],
        network=world.state.require_network().id,
        sponsor=by.did,
    )
    return Newcomer(
        draft=draft,
        control=control,
        signers=(control, by.signer(Purpose.STATEMENT)),
        methods=tuple(methods.values()),
        next_control=following,
    )


@dataclass(frozen=True, kw_only=True)
class Founding:
    """A network that is about to begin."""

    draft: JsonObject
    signers: tuple[Signer, ...]

    def signed(self, draft: JsonObject | None = None, *, by: Sequence[Signer] | None = None) -> JsonObject:
        """Genesis, or a changed one, signed by all founders, or by others."""
        return signed(self.draft if draft is None else draft, self.signers if by is None else by)


def founding(*places: str, status_bases: Sequence[str] = ()) -> Founding:
    """Genesis of a founder and a witness for each place; a place named again is a second founder of it.

    `status_bases` are those of the founders, in their order; none for those beyond.
    """
    founders: list[JsonObject] = []
    witnesses: list[JsonObject] = []
    signers = []
    for number, place in enumerate(places):
        control, following, statement = (
            KEYS.make(f"founder {number}: {role}", algorithm)
            for role, algorithm in (("control", ES256), ("next", ES256), ("statement", EDDSA))
        )
        create = draft_create(
            control=control.public_key,
            next_control=following.public_key,
            name={"en": f"Authority {number}"},
            methods=[Method(key=statement.public_key, purpose=Purpose.STATEMENT)],
            status_bases=status_bases[number : number + 1],
            network=None,
            sponsor=None,
        )
        founders.append({"jurisdiction": place, "create": signed(create, [control])})
        key = KEYS.make(f"witness {number}", EDDSA).public_key
        witnesses.append({"name": f"witness/{number}", "jurisdiction": place, "key": log_key_json(key)})
        signers.append(statement)
    draft = draft_genesis(
        jurisdictions={place: {"en": place} for place in places},
        founders=founders,
        witnesses=witnesses,
        origin=ORIGIN,
        log_key=KEYS.make("log", EDDSA).public_key,
    )
    return Founding(draft=draft, signers=tuple(signers))
