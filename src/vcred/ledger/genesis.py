# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The rule of entry 0: who founds a network, and that no side can rule it alone.

Spec: docs/spec/ledger-entries.md, network.genesis.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vcred.codec.fields import get_int, get_list, get_object, get_text, refuse_unknown
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.operations import CreateOperation, Purpose, has_control, parse_create, parse_name
from vcred.errors import DecodeError, KeyMaterialError, LedgerError
from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.ledger.entries import VERSION, Entry, Kind
from vcred.ledger.state import Network
from vcred.reasons import Reason
from vcred.securing.data_integrity.jcs_suites import verify_proofs
from vcred.tlog.note import is_key_name
from vcred.tlog.quorum import Quorum, WitnessKey

MAX_JURISDICTIONS = 16
MIN_ENTRY_BYTES = 1_000
MAX_ENTRY_BYTES_LIMIT = 32 * 1024
MAX_MERGE_DELAY = 30 * 86_400
PROOF_PURPOSE = "capabilityInvocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """A founding authority: its jurisdiction and the operation that makes its DID."""

    jurisdiction: str
    create: CreateOperation


def parse_genesis(entry: Entry) -> tuple[Network, tuple[Founder, ...]]:
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
    founders = tuple(_founder(item, jurisdictions) for item in get_list(operation, "founders"))
    witnesses = tuple(_witness(item, jurisdictions) for item in get_list(operation, "witnesses"))
    log = get_object(operation, "log")
    refuse_unknown(log, {"origin", "key"})
    log_key = parse_log_key(get_object(log, "key"))
    origin = get_text(log, "origin")
    _check_names_and_keys(origin, log_key, witnesses)
    threshold = get_int(operation, "threshold")
    quorum = _quorum(get_object(operation, "quorum"), jurisdictions, witnesses)
    _refuse_rule_of_one(founders, jurisdictions, threshold)
    _require_signatures(operation, founders)
    limits = get_object(operation, "limits")
    refuse_unknown(limits, {"entry_bytes", "max_merge_delay"})
    network = Network(
        id=entry.hash,
        jurisdictions=jurisdictions,
        authorities={founder.create.did: founder.jurisdiction for founder in founders},
        threshold=threshold,
        origin=origin,
        log_key=log_key,
        witnesses=witnesses,
        quorum=quorum,
        entry_bytes=_bounded(limits, "entry_bytes", MIN_ENTRY_BYTES, MAX_ENTRY_BYTES_LIMIT),
        max_merge_delay=_bounded(limits, "max_merge_delay", 60, MAX_MERGE_DELAY),
    )
    return network, founders


def parse_log_key(value: JsonObject) -> PublicKey:
    """Read a log or witness key: an algorithm slot and a Multikey. Today Ed25519 only."""
    refuse_unknown(value, {"algorithm", "public"})
    key = PublicKey.from_multikey(get_text(value, "public"))
    if get_text(value, "algorithm") != "Ed25519" or key.algorithm != EDDSA:
        raise KeyMaterialError("a log or witness key is not Ed25519")
    return key


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


def _founder(item: JsonValue, jurisdictions: Mapping[str, JsonObject]) -> Founder:
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
    signers = verify_proofs(embedded, purpose=PROOF_PURPOSE)
    if not has_control(create, signers) or not set(signers) <= set(create.control):
        raise LedgerError(Reason.NOT_AUTHORISED, "a founder's did.create is not signed by its control keys")
    return Founder(jurisdiction=jurisdiction, create=create)


def _witness(item: JsonValue, jurisdictions: Mapping[str, JsonObject]) -> WitnessKey:
    if not isinstance(item, dict):
        raise DecodeError("witnesses: an object is needed")
    refuse_unknown(item, {"name", "jurisdiction", "key"})
    jurisdiction = get_text(item, "jurisdiction")
    if jurisdiction not in jurisdictions:
        raise DecodeError("witnesses: the jurisdiction is not one of the network's")
    return WitnessKey(
        name=get_text(item, "name"), key=parse_log_key(get_object(item, "key")), group=jurisdiction
    )


def _quorum(
    value: JsonObject, jurisdictions: Mapping[str, JsonObject], witnesses: Sequence[WitnessKey]
) -> Quorum:
    available = Counter(witness.group for witness in witnesses)
    if set(value) != set(jurisdictions):
        raise DecodeError("quorum: every jurisdiction and no other must be named")
    groups = {code: get_int(value, code) for code in value}
    # BND-29. A threshold of 0 would need nobody; one above the keys there are, nobody could reach.
    if any(not 1 <= number <= available[code] for code, number in groups.items()):
        raise DecodeError("quorum: a number is not between 1 and the jurisdiction's witnesses")
    return Quorum(groups=groups)


def _check_names_and_keys(origin: str, log_key: PublicKey, witnesses: Sequence[WitnessKey]) -> None:
    names = [origin, *(witness.name for witness in witnesses)]
    keys = [log_key, *(witness.key for witness in witnesses)]
    if len(set(names)) != len(names) or len(set(keys)) != len(keys):
        raise DecodeError("log and witnesses: a name or a key stands twice")
    # A name that no note can bear would make a network without a checkpoint.
    if not all(is_key_name(name) for name in names):
        raise DecodeError("log and witnesses: a name is empty or holds a space or a plus")


def _refuse_rule_of_one(
    founders: Sequence[Founder], jurisdictions: Mapping[str, JsonObject], threshold: int
) -> None:
    """No jurisdiction alone may reach the threshold; all together must."""
    by_jurisdiction = Counter(founder.jurisdiction for founder in founders)
    dids = [founder.create.did for founder in founders]
    if len(set(dids)) != len(dids) or set(by_jurisdiction) != set(jurisdictions):
        raise DecodeError("founders: each jurisdiction needs one, and none stands twice")
    if max(by_jurisdiction.values()) >= threshold or threshold > len(founders):
        raise LedgerError(
            Reason.NOT_AUTHORISED, "one jurisdiction alone would reach the threshold, or nobody"
        )


def _require_signatures(operation: JsonObject, founders: Sequence[Founder]) -> None:
    signers = set(verify_proofs(operation, purpose=PROOF_PURPOSE))
    allowed: set[PublicKey] = set()
    for founder in founders:
        keys = {m.key for m in founder.create.methods if m.purpose is Purpose.STATEMENT}
        if len(keys & signers) < founder.create.statement_threshold:
            raise LedgerError(Reason.NOT_AUTHORISED, "a founding authority has not signed genesis")
        allowed |= keys
    if not signers <= allowed:
        raise LedgerError(Reason.NOT_AUTHORISED, "a key that founds nothing has signed genesis")


def _bounded(value: JsonObject, name: str, low: int, high: int) -> int:
    number = get_int(value, name)
    if not low <= number <= high:
        raise DecodeError(f"limits.{name}: not between {low} and {high}")
    return number
