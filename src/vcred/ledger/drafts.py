# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Operations before anybody has signed them. Only shapes: the rules are `ledger.rules`.

Spec: docs/spec/ledger-entries.md; docs/spec/did-vcred.md.
"""

from collections.abc import Mapping, Sequence

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.methods.vcred import commitment
from vcred.did.operations import SITE_SERVICE, STATUS_SERVICE, Method, NextKeys, Profile
from vcred.keys.public import PublicKey
from vcred.ledger.entries import VERSION, Kind
from vcred.limits import MAX_ENTRY_BYTES

MAX_MERGE_DELAY_SECONDS = 86_400


def draft_create(
    *,
    control: PublicKey,
    next_control: PublicKey,
    name: JsonObject,
    methods: Sequence[Method],
    status_bases: Sequence[str],
    network: str | None,
    sponsor: str | None,
) -> JsonObject:
    """A `did.create` under one control key. `network` and `sponsor` are None inside genesis."""
    profile = Profile(
        name=name, methods=tuple(methods), statement_threshold=1, status_bases=tuple(status_bases), sites=()
    )
    operation: JsonObject = {
        "kind": Kind.DID_CREATE.value,
        "version": VERSION,
        "control": {"threshold": 1, "keys": [control.to_multikey()]},
        "next": next_json(NextKeys(threshold=1, hashes=(commitment(next_control),))),
        "document": profile_json(profile),
    }
    if network is not None and sponsor is not None:
        operation |= {"network": network, "sponsor": sponsor}
    return operation


def draft_update(
    *,
    network: str,
    did: str,
    prev: str,
    revealed: Sequence[PublicKey],
    next_keys: NextKeys | None,
    profile: Profile | None,
) -> JsonObject:
    """A `did.update`; without `next_keys` and `profile` it deactivates the DID.

    Args:
        network: Id of the network.
        did: Whose.
        prev: Text of the hash of the DID's last operation.
        revealed: The control keys that may sign it.
        next_keys: What it commits to.
        profile: All that it says of the organisation: what is not said is gone.
    """
    operation: JsonObject = {
        "kind": Kind.DID_UPDATE.value,
        "version": VERSION,
        "network": network,
        "did": did,
        "prev": prev,
        "control": {"keys": [key.to_multikey() for key in revealed]},
    }
    if next_keys is None or profile is None:
        return operation | {"deactivated": True}
    return operation | {"next": next_json(next_keys), "document": profile_json(profile)}


def draft_change(*, network: str, prev: str, parts: JsonObject) -> JsonObject:
    """A `network.change`. `prev` is the hash of the network's last operation (`Network.last_change`)."""
    common: JsonObject = {
        "kind": Kind.NETWORK_CHANGE.value,
        "version": VERSION,
        "network": network,
        "prev": prev,
    }
    return parts | common


def next_json(next_keys: NextKeys) -> JsonObject:
    """A commitment, as an operation has it."""
    return {"threshold": next_keys.threshold, "hashes": list(next_keys.hashes)}


def profile_json(profile: Profile) -> JsonObject:
    """What an operation says of an organisation."""
    services: list[JsonValue] = [{"type": STATUS_SERVICE, "endpoint": base} for base in profile.status_bases]
    services += [{"type": SITE_SERVICE, "endpoint": site} for site in profile.sites]
    return {
        "name": profile.name,
        "methods": [{"key": m.key.to_multikey(), "purposes": [m.purpose.value]} for m in profile.methods],
        "statement_threshold": profile.statement_threshold,
        "services": services,
    }


def draft_genesis(
    *,
    jurisdictions: Mapping[str, JsonObject],
    founders: Sequence[JsonObject],
    witnesses: Sequence[JsonObject],
    origin: str,
    log_key: PublicKey,
) -> JsonObject:
    """A `network.genesis`: all founders together for changes, one witness a jurisdiction as quorum.

    Args:
        jurisdictions: Name by language, by code.
        founders: `{"jurisdiction", "create"}` each, the operation signed by its control key.
        witnesses: `{"name", "jurisdiction", "key"}` each.
        origin: The log's name, one line.
        log_key: Ed25519.
    """
    listed: list[JsonValue] = [{"code": code, "name": name} for code, name in sorted(jurisdictions.items())]
    quorum: JsonObject = dict.fromkeys(sorted(jurisdictions), 1)
    return {
        "kind": Kind.GENESIS.value,
        "version": VERSION,
        "jurisdictions": listed,
        "founders": list(founders),
        "threshold": len(founders),
        "log": {"origin": origin, "key": log_key_json(log_key)},
        "witnesses": list(witnesses),
        "quorum": quorum,
        "limits": {"entry_bytes": MAX_ENTRY_BYTES, "max_merge_delay": MAX_MERGE_DELAY_SECONDS},
    }


def log_key_json(key: PublicKey) -> JsonObject:
    """A log or witness key, with its algorithm slot."""
    return {"algorithm": "Ed25519", "public": key.to_multikey()}


def draft_statement(
    kind: Kind, *, network: str, author: str, previous: str | None, members: JsonObject
) -> JsonObject:
    """A statement: its own members and what all statements have."""
    common: JsonObject = {
        "kind": kind.value,
        "version": VERSION,
        "network": network,
        "author": author,
        "previous": previous,
    }
    return members | common
