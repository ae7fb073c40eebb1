# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`network.change`: who rules, who witnesses, with which keys and limits, from here on.

Signed by the network's threshold of authorities and by one of every jurisdiction. Only the own
witnesses of a jurisdiction, replaced one for one, need no more than that jurisdiction.

Spec: docs/spec/ledger-entries.md, network.change.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vcred.codec.fields import get_int, get_list, get_object, get_objects, get_text, get_texts, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, KeyMaterialError, LedgerError
from vcred.keys.public import PublicKey
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.statement import can_speak, statement_keys
from vcred.ledger.network_rules import (
    parse_limits,
    parse_log_key,
    parse_quorum,
    parse_witness,
    require_sound,
)
from vcred.ledger.proofs import SignersOf
from vcred.ledger.state import Network, State
from vcred.reasons import Reason
from vcred.tlog.quorum import Quorum, WitnessKey

_COMMON = frozenset({"kind", "version", "network", "prev", "proof"})
_PARTS = frozenset({"authorities", "witnesses", "log_key", "threshold", "quorum", "limits"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkChange:
    """A well-formed `network.change`; None is no change. `limits` are bytes and seconds."""

    prev: str
    parts: frozenset[str]
    new_authorities: Mapping[str, str] = field(default_factory=dict)
    former_authorities: tuple[str, ...] = ()
    new_witnesses: tuple[WitnessKey, ...] = ()
    former_witnesses: tuple[str, ...] = ()
    log_key: PublicKey | None = None
    threshold: int | None = None
    quorum: Quorum | None = None
    limits: tuple[int, int] | None = None


def judge_change(state: State, entry: Entry, signers_of: SignersOf) -> Change:
    """Say what the network becomes, or refuse."""
    network = state.require_network()
    change = parse_change(entry.operation, network)
    if change.prev != network.last_change:
        raise LedgerError(Reason.REPLAYED, "prev is not the network's last operation")
    agreed = _who_agreed(state, set(signers_of(entry.operation)), at=entry.logged_at)
    _require_agreement(network, change, agreed)
    changed = _changed(network, change, entry.hash)
    require_sound(changed)
    for did in change.new_authorities:
        organisation = state.organisations.get(did)
        if organisation is None or not can_speak(organisation, at=entry.logged_at):
            raise LedgerError(Reason.DID_INVALID, "a new authority is not on the ledger, or cannot sign")
    return Change(network=changed)


def check_draft(operation: JsonObject, network: Network) -> None:
    """Refuse, before anybody signs it, a change that no signatures could make count.

    Raises:
        DecodeError, KeyMaterialError, LedgerError: As `judge_change`, but for what signatures show.
    """
    require_sound(_changed(network, parse_change(operation, network), network.last_change))


def parse_change(operation: JsonObject, network: Network) -> NetworkChange:
    """Read a `network.change`.

    Raises:
        DecodeError, KeyMaterialError: The form.
    """
    refuse_unknown(operation, _COMMON | _PARTS)
    parts = _PARTS & operation.keys()
    if not parts:
        raise DecodeError("network.change: it changes nothing")
    authorities = _add_and_remove(operation, "authorities")
    witnesses = _add_and_remove(operation, "witnesses")
    return NetworkChange(
        prev=get_text(operation, "prev"),
        parts=parts,
        new_authorities=_authorities(get_objects(authorities, "add"), network),
        former_authorities=_distinct(get_texts(authorities, "remove")),
        new_witnesses=tuple(parse_witness(w, network.jurisdictions) for w in get_list(witnesses, "add")),
        former_witnesses=_distinct(get_texts(witnesses, "remove")),
        log_key=parse_log_key(get_object(operation, "log_key")) if "log_key" in parts else None,
        threshold=get_int(operation, "threshold") if "threshold" in parts else None,
        quorum=parse_quorum(get_object(operation, "quorum")) if "quorum" in parts else None,
        limits=parse_limits(get_object(operation, "limits")) if "limits" in parts else None,
    )


def _add_and_remove(operation: JsonObject, name: str) -> JsonObject:
    if name not in operation:
        return {"add": [], "remove": []}
    value = get_object(operation, name)
    refuse_unknown(value, {"add", "remove"})
    if not get_list(value, "add") and not get_list(value, "remove"):
        raise DecodeError(f"{name}: it changes nothing")
    return value


def _authorities(items: Sequence[JsonObject], network: Network) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for item in items:
        refuse_unknown(item, {"jurisdiction", "did"})
        did, jurisdiction = get_text(item, "did"), get_text(item, "jurisdiction")
        if jurisdiction not in network.jurisdictions:
            raise DecodeError("authorities.add: the jurisdiction is not one of the network's")
        if did in found or did in network.authorities:
            raise DecodeError("authorities.add: an authority stands twice")
        found[did] = jurisdiction
    return found


def _distinct(texts: Sequence[str]) -> tuple[str, ...]:
    if len(set(texts)) != len(texts):
        raise DecodeError("remove: a name stands twice")
    return tuple(texts)


def _who_agreed(state: State, signers: Collection[PublicKey], *, at: int) -> frozenset[str]:
    """The authorities whose own threshold of statement keys has signed."""
    agreed, known = set[str](), set[PublicKey]()
    for did in state.require_network().authorities:
        organisation = state.organisations[did]
        keys = statement_keys(organisation, at=at)
        known |= keys
        if len(keys & set(signers)) >= organisation.statement_threshold:
            agreed.add(did)
    if not set(signers) <= known:
        raise LedgerError(Reason.NOT_AUTHORISED, "a key that is no authority's has signed")
    return frozenset(agreed)


def _require_agreement(network: Network, change: NetworkChange, agreed: Collection[str]) -> None:
    by_jurisdiction = Counter(network.authorities[did] for did in agreed)
    own = _own_witnesses_of(network, change)
    if own is not None:
        there_are = sum(code == own for code in network.authorities.values())
        if 2 * by_jurisdiction[own] > there_are:
            return
    if len(agreed) < network.threshold or set(by_jurisdiction) != set(network.jurisdictions):
        raise LedgerError(
            Reason.NOT_AUTHORISED, "the threshold of authorities, and one of every jurisdiction, must sign"
        )


def _own_witnesses_of(network: Network, change: NetworkChange) -> str | None:
    """The one jurisdiction whose witnesses are replaced one for one, if that is all."""
    if change.parts != {"witnesses"} or len(change.new_witnesses) != len(change.former_witnesses):
        return None
    groups = {witness.name: witness.group for witness in network.witnesses}
    touched = {groups.get(name) for name in change.former_witnesses}
    touched |= {witness.group for witness in change.new_witnesses}
    return touched.pop() if len(touched) == 1 else None


def _changed(network: Network, change: NetworkChange, operation_hash: str) -> Network:
    gone = {witness.name: witness for witness in network.witnesses if witness.name in change.former_witnesses}
    if len(gone) != len(change.former_witnesses) or not set(change.former_authorities) <= set(
        network.authorities
    ):
        raise DecodeError("remove: a witness or authority that is not there")
    retired_keys = network.retired_keys | {witness.key for witness in gone.values()}
    retired_names = network.retired_names | set(gone)
    if change.log_key is not None:
        retired_keys |= {network.log_key}
    new_keys = {witness.key for witness in change.new_witnesses}
    if change.log_key is not None:
        new_keys.add(change.log_key)
    if new_keys & retired_keys or {w.name for w in change.new_witnesses} & retired_names:
        # A key that was lost or restored may have signed what its record has forgotten.
        raise KeyMaterialError("log and witnesses: a name or key that has ended never returns")
    entry_bytes, max_merge_delay = change.limits or (network.entry_bytes, network.max_merge_delay)
    authorities = {d: code for d, code in network.authorities.items() if d not in change.former_authorities}
    return replace(
        network,
        last_change=operation_hash,
        authorities={**authorities, **change.new_authorities},
        threshold=network.threshold if change.threshold is None else change.threshold,
        log_key=change.log_key or network.log_key,
        witnesses=(*(w for w in network.witnesses if w.name not in gone), *change.new_witnesses),
        quorum=change.quorum or network.quorum,
        entry_bytes=entry_bytes,
        max_merge_delay=max_merge_delay,
        retired_names=retired_names,
        retired_keys=retired_keys,
    )
