# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a `network.change` says, in a sentence. Told, not judged, as in `operation_words`."""

from vcred.cli.names import organisation_name, place_name
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.ledger.state import State


def say_change(operation: JsonObject, state: State) -> str:
    """Say what changes, in one English sentence without a full stop."""
    told = [
        *_authorities(operation.get("authorities"), state),
        *_witnesses(operation.get("witnesses"), state),
    ]
    if "log_key" in operation:
        told.append("the log signs with another key")
    if "threshold" in operation:
        told.append(f"{operation['threshold']} authorities must agree to a change")
    quorum = operation.get("quorum")
    if isinstance(quorum, dict):
        told += [
            f"{number} witnesses of {_place(code, state)} must cosign" for code, number in quorum.items()
        ]
    limits = operation.get("limits")
    if isinstance(limits, dict):
        told += [f"{name} is {limits[name]}" for name in sorted(limits)]
    return f"changes the network: {'; '.join(told) or '(not readable)'}"


def _authorities(value: JsonValue, state: State) -> list[str]:
    added, removed = _added_and_removed(value)
    told = []
    for item in added:
        did, code = (item.get("did"), item.get("jurisdiction")) if isinstance(item, dict) else (None, None)
        told.append(f"{_named(did, state)} becomes an authority of {_place(code, state)}")
    return [*told, *(f"{_named(did, state)} is no authority any more" for did in removed)]


def _witnesses(value: JsonValue, state: State) -> list[str]:
    added, removed = _added_and_removed(value)
    told = []
    for item in added:
        name, code = (item.get("name"), item.get("jurisdiction")) if isinstance(item, dict) else (None, None)
        told.append(f"{name} becomes a witness of {_place(code, state)}")
    return [*told, *(f"{name} is no witness any more" for name in removed)]


def _added_and_removed(value: JsonValue) -> tuple[list[JsonValue], list[JsonValue]]:
    members = value if isinstance(value, dict) else {}
    added, removed = members.get("add"), members.get("remove")
    return (added if isinstance(added, list) else [], removed if isinstance(removed, list) else [])


def _named(did: JsonValue, state: State) -> str:
    return (organisation_name(state, did) if isinstance(did, str) else None) or str(did)


def _place(code: JsonValue, state: State) -> str:
    name = place_name(state, code) if isinstance(code, str) else None
    return str(code) if name is None else f"{name} ({code})"
