# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a `network.change` says, in a sentence. Told, not judged, as in `operation_words`."""

from vcred.cli.names import organisation_name, place_name
from vcred.cli.times import duration_text
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.ledger.state import Network, State


def say_change(operation: JsonObject, state: State) -> str:
    """Say what changes, in one English sentence without a full stop."""
    told = [
        *_authorities(operation.get("authorities"), state),
        *_witnesses(operation.get("witnesses"), state),
    ]
    network = _changed_network(operation, state)
    if "log_key" in operation:
        old = None if network is None else network.log_key.to_multikey()
        told.append(f"the log signs with the key {_key(operation['log_key'])}{_before(old)}")
    if "threshold" in operation:
        old_number = None if network is None else network.threshold
        number = operation["threshold"]
        told.append(f"{number} authorities must agree to a change{_before(old_number, number)}")
    told += _quorum(operation.get("quorum"), network, state)
    told += _limits(operation.get("limits"), network)
    return f"changes the network: {'; '.join(told) or '(not readable)'}"


def _changed_network(operation: JsonObject, state: State) -> Network | None:
    """Return what is in force now, if the operation would change just that; else what it changed is past."""
    network = state.network
    return network if network is not None and operation.get("prev") == network.last_change else None


def _quorum(value: JsonValue, network: Network | None, state: State) -> list[str]:
    known = {} if network is None else network.quorum.groups
    told = []
    for code, number in value.items() if isinstance(value, dict) else ():
        noun = "witness" if number == 1 else "witnesses"
        told.append(f"{number} {noun} of {_place(code, state)} must cosign{_before(known.get(code), number)}")
    return told


def _limits(value: JsonValue, network: Network | None) -> list[str]:
    limits = value if isinstance(value, dict) else {}
    told = []
    if "entry_bytes" in limits:
        size, known = limits["entry_bytes"], None if network is None else network.entry_bytes
        told.append(f"an operation has at most {size} bytes{_before(known, size)}")
    if "max_merge_delay" in limits:
        delay = _duration(limits["max_merge_delay"])
        old = None if network is None else _duration(network.max_merge_delay)
        told.append(f"the log may keep an operation waiting for {delay}{_before(old, delay)}")
    return told


def _before(old: str | int | None, new: JsonValue = None) -> str:
    """Say what is in force now, if it is known."""
    if old is None:
        return ""
    return " (as now)" if old == new else f" (now {old})"


def _duration(value: JsonValue) -> str:
    # `bool` is an `int` to Python, and no duration.
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return duration_text(value) if isinstance(value, int) and is_number else str(value)


def _key(value: JsonValue) -> str:
    key = value.get("public") if isinstance(value, dict) else None
    return key if isinstance(key, str) else "(not readable)"


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
        key = _key(item.get("key") if isinstance(item, dict) else None)
        told.append(f"{name} becomes a witness of {_place(code, state)}, with the key {key}")
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
