# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Operations before anybody has signed them. Only shapes: the rules are `ledger.rules`.

Spec: docs/spec/ledger-entries.md; docs/spec/did-vcred.md.
"""

from collections.abc import Mapping, Sequence

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.methods.vcred import commitment
from vcred.did.operations import STATUS_SERVICE, Method
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
    operation: JsonObject = {
        "kind": Kind.DID_CREATE.value,
        "version": VERSION,
        "control": {"threshold": 1, "keys": [control.to_multikey()]},
        "next": {"threshold": 1, "hashes": [commitment(next_control)]},
        "document": {
            "name": name,
            "methods": [{"key": m.key.to_multikey(), "purposes": [m.purpose.value]} for m in methods],
            "statement_threshold": 1,
            "services": [{"type": STATUS_SERVICE, "endpoint": base} for base in status_bases],
        },
    }
    if network is not None and sponsor is not None:
        operation |= {"network": network, "sponsor": sponsor}
    return operation


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
