# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The life of an organisation's DID, for people and for programs: its versions and its keys."""

from itertools import pairwise

from vcred.cli.names import counted, name_in
from vcred.cli.times import time_text
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.ledger.state import DidVersion, MethodRecord, Organisation


def history_json(organisation: Organisation) -> JsonObject:
    """Return every version, oldest first, and every key that there ever was."""
    return {
        "id": organisation.did,
        "created_at": time_text(organisation.created_at),
        "deactivated_at": time_text(organisation.deactivated_at),
        "versions": [*_versions(organisation)],
        "methods": [_method_json(number, method) for number, method in enumerate(organisation.methods)],
        "control": control_json(organisation),
    }


def control_json(organisation: Organisation) -> JsonObject | None:
    """Return how many of how many committed control keys sign the next change; None if none can come."""
    following = organisation.next_keys
    if following is None:
        return None
    return {
        "threshold": following.threshold,
        "keys": len(following.hashes),
        "commitments": [*following.hashes],
    }


def history_lines(organisation: Organisation) -> list[str]:
    """Return the same as lines of text."""
    lines = []
    for number, version in enumerate(_versions(organisation)):
        changes = version["changes"]
        said = "; ".join(map(str, changes)) if isinstance(changes, list) else ""
        lines.append(f"version {number:<3} {version['logged_at']}  {version['hash']}  {said}")
    for number, method in enumerate(organisation.methods):
        until = "now" if method.removed_at is None else time_text(method.removed_at)
        span = f"{time_text(method.added_at)} to {until}"
        lines.append(f"key {number:<3} {method.purpose:<20} {span}  {method.id}{_distrust(method)}")
    if organisation.next_keys is not None:
        held = counted(len(organisation.next_keys.hashes), "control key")
        lines.append(f"control     {organisation.next_keys.threshold} of {held} must sign the next change")
    return lines


def _versions(organisation: Organisation) -> list[JsonObject]:
    changes = [["made"], *(_changes(organisation, *pair) for pair in pairwise(organisation.versions))]
    return [
        {
            "hash": version.hash,
            "index": version.index,
            "logged_at": time_text(version.logged_at),
            "changes": [*said],
        }
        for version, said in zip(organisation.versions, changes, strict=True)
    ]


def _changes(organisation: Organisation, before: DidVersion, after: DidVersion) -> list[str]:
    """Say what one operation changed. The control keys move on with each."""
    if after.deactivated:
        return ["deactivated"]
    told = []
    if after.name != before.name:
        told.append(f"name {name_in(after.name, 'en')}")
    for what, old, new in (
        ("status lists", before.status_bases, after.status_bases),
        ("sites", before.sites, after.sites),
    ):
        if old != new:
            told.append(f"{what} {', '.join(new) or 'none'}")
    for number, method in enumerate(organisation.methods):
        if method.removed_at == after.logged_at:
            told.append(f"key {number} ({method.purpose}) retired")
        if method.added_at == after.logged_at:
            told.append(f"key {number} ({method.purpose}) new")
    return told or ["control keys moved on"]


def _method_json(ordinal: int, method: MethodRecord) -> JsonObject:
    since: JsonValue = None
    if method.distrusted_from is not None:
        since = "all" if method.distrusted_from == 0 else time_text(method.distrusted_from)
    return {
        "ordinal": ordinal,
        "id": method.id,
        "purpose": str(method.purpose),
        "algorithm": method.key.algorithm.jose,
        "added_at": time_text(method.added_at),
        "removed_at": time_text(method.removed_at),
        "distrusted_from": since,
    }


def _distrust(method: MethodRecord) -> str:
    if method.distrusted_from is None:
        return ""
    if method.distrusted_from == 0:
        return "  distrusted: all that it has signed"
    return f"  distrusted from {time_text(method.distrusted_from)}"
