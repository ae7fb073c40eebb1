# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The rule of entry 0: who founds a network, and that no side can rule it alone.

Spec: docs/spec/ledger-entries.md, network.genesis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vcred.codec.fields import get_int, get_list, get_object, get_text, refuse_unknown
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.operations import CreateOperation, Purpose, has_control, parse_create, parse_name
from vcred.errors import DecodeError, LedgerError
from vcred.keys.public import PublicKey
from vcred.ledger.entries import VERSION, Entry, Kind
from vcred.ledger.network_rules import (
    parse_limits,
    parse_log_key,
    parse_quorum,
    parse_witness,
    require_sound,
)
from vcred.ledger.proofs import SignersOf
from vcred.ledger.state import Network
from vcred.reasons import Reason

MAX_JURISDICTIONS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """A founding authority: its jurisdiction and the operation that makes its DID."""

    jurisdiction: str
    create: CreateOperation


def parse_genesis(entry: Entry, signers_of: SignersOf) -> tuple[Network, tuple[Founder, ...]]:
    """Read and check `network.genesis`, its embedded operations and every signature.

    Raises:
        DecodeError, KeyMaterialError: The form.
        RefusedError: A proof does not verify.
        LedgerError: `not_authorised`: someone has not signed, or one side could rule alone.
    """
    operation = entry.operation
    refuse_unknown(
        operation,
        {"kind", "version", "jurisdictions", "founders", "threshold", "log", "witnesses", "quorum"}
        | {"limits", "proof"},
    )
    jurisdictions = _jurisdictions(get_list(operation, "jurisdictions"))
    founders = tuple(_founder(item, jurisdictions, signers_of) for item in get_list(operation, "founders"))
    dids = {founder.create.did for founder in founders}
    if len(dids) != len(founders):
        raise DecodeError("founders: none stands twice")
    log = get_object(operation, "log")
    refuse_unknown(log, {"origin", "key"})
    entry_bytes, max_merge_delay = parse_limits(get_object(operation, "limits"))
    network = Network(
        id=entry.hash,
        last_change=entry.hash,
        jurisdictions=jurisdictions,
        authorities={founder.create.did: founder.jurisdiction for founder in founders},
        threshold=get_int(operation, "threshold"),
        origin=get_text(log, "origin"),
        log_key=parse_log_key(get_object(log, "key")),
        witnesses=tuple(parse_witness(item, jurisdictions) for item in get_list(operation, "witnesses")),
        quorum=parse_quorum(get_object(operation, "quorum")),
        entry_bytes=entry_bytes,
        max_merge_delay=max_merge_delay,
    )
    require_sound(network)
    _require_signatures(set(signers_of(operation)), founders)
    return network, founders


def _jurisdictions(items: Sequence[JsonValue]) -> Mapping[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    for item in items:
        if not isinstance(item, dict):
            raise DecodeError("jurisdictions: an object is needed")
        refuse_unknown(item, {"code", "name"})
        code = get_text(item, "code")
        if code in found or not 1 <= len(code) <= 16 or not code.isascii():
            raise DecodeError("jurisdictions: a code is too long or stands twice")
        found[code] = parse_name(get_object(item, "name"))
    if not 2 <= len(found) <= MAX_JURISDICTIONS:
        raise DecodeError("jurisdictions: at least two are needed")
    return found


def _founder(item: JsonValue, jurisdictions: Mapping[str, JsonObject], signers_of: SignersOf) -> Founder:
    if not isinstance(item, dict):
        raise DecodeError("founders: an object is needed")
    refuse_unknown(item, {"jurisdiction", "create"})
    jurisdiction = get_text(item, "jurisdiction")
    if jurisdiction not in jurisdictions:
        raise DecodeError("founders: the jurisdiction is not one of the network's")
    embedded = get_object(item, "create")
    if get_text(embedded, "kind") != Kind.DID_CREATE or get_int(embedded, "version") != VERSION:
        raise DecodeError("founders: a did.create of version 1 is needed")
    create = parse_create(embedded, embedded=True)
    signers = signers_of(embedded)
    if not has_control(create, signers) or not set(signers) <= set(create.control):
        raise LedgerError(Reason.NOT_AUTHORISED, "a founder's did.create is not signed by its control keys")
    return Founder(jurisdiction=jurisdiction, create=create)


def _require_signatures(signers: set[PublicKey], founders: Sequence[Founder]) -> None:
    allowed: set[PublicKey] = set()
    for founder in founders:
        profile = founder.create.profile
        keys = {m.key for m in profile.methods if m.purpose is Purpose.STATEMENT}
        if len(keys & signers) < profile.statement_threshold:
            raise LedgerError(Reason.NOT_AUTHORISED, "a founding authority has not signed genesis")
        allowed |= keys
    if not signers <= allowed:
        raise LedgerError(Reason.NOT_AUTHORISED, "a key that founds nothing has signed genesis")
