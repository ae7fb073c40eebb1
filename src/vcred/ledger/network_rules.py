# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What every network must be, at genesis and after each change of it.

No jurisdiction alone rules, every jurisdiction has a witness that counts, and no name or key
stands twice.

Spec: docs/spec/ledger-entries.md, network.genesis and network.change.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from vcred.codec.fields import get_int, get_object, get_text, refuse_unknown
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import DecodeError, KeyMaterialError, LedgerError
from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.ledger.state import Network
from vcred.limits import MAX_NOTE_SIGNATURES
from vcred.reasons import Reason
from vcred.tlog.note import is_key_name
from vcred.tlog.quorum import Quorum, WitnessKey

MIN_ENTRY_BYTES = 1_000
MAX_ENTRY_BYTES_LIMIT = 32 * 1024
MIN_MERGE_DELAY = 60
MAX_MERGE_DELAY = 30 * 86_400
# Beside the log's own line a note has room for these.
MAX_WITNESSES = MAX_NOTE_SIGNATURES - 1


def require_sound(network: Network) -> None:
    """Refuse a network in which someone is missing, counts twice, or could rule alone.

    Raises:
        DecodeError: Names, keys, quorum.
        LedgerError: `not_authorised`: one jurisdiction would reach the threshold alone, or nobody.
    """
    _check_names_and_keys(network.origin, network.log_key, network.witnesses)
    available = Counter(witness.group for witness in network.witnesses)
    groups = network.quorum.groups
    if set(groups) != set(network.jurisdictions):
        raise DecodeError("quorum: every jurisdiction and no other must be named")
    # BND-29. A quorum above the witnesses there are, nobody could reach.
    if any(number > available[code] for code, number in groups.items()):
        raise DecodeError("quorum: a number is not between 1 and the jurisdiction's witnesses")
    authorities = Counter(network.authorities.values())
    if set(authorities) != set(network.jurisdictions):
        raise DecodeError("authorities: each jurisdiction needs one")
    if max(authorities.values()) >= network.threshold or network.threshold > authorities.total():
        raise LedgerError(
            Reason.NOT_AUTHORISED, "one jurisdiction alone would reach the threshold, or nobody"
        )


def parse_log_key(value: JsonObject) -> PublicKey:
    """Read a log or witness key: an algorithm slot and a Multikey. Today Ed25519 only."""
    refuse_unknown(value, {"algorithm", "public"})
    key = PublicKey.from_multikey(get_text(value, "public"))
    if get_text(value, "algorithm") != "Ed25519" or key.algorithm != EDDSA:
        raise KeyMaterialError("a log or witness key is not Ed25519")
    return key


def parse_witness(item: JsonValue, jurisdictions: Mapping[str, JsonObject]) -> WitnessKey:
    """Read a witness."""
    if not isinstance(item, dict):
        raise DecodeError("witnesses: an object is needed")
    refuse_unknown(item, {"name", "jurisdiction", "key"})
    jurisdiction = get_text(item, "jurisdiction")
    if jurisdiction not in jurisdictions:
        raise DecodeError("witnesses: the jurisdiction is not one of the network's")
    return WitnessKey(
        name=get_text(item, "name"), key=parse_log_key(get_object(item, "key")), group=jurisdiction
    )


def parse_quorum(value: JsonObject) -> Quorum:
    """Read how many witnesses of each jurisdiction are needed."""
    groups = {code: get_int(value, code) for code in value}
    # BND-29. A quorum of 0 would need nobody.
    if not groups or min(groups.values()) < 1:
        raise DecodeError("quorum: a number is not between 1 and the jurisdiction's witnesses")
    return Quorum(groups=groups)


def parse_limits(value: JsonObject) -> tuple[int, int]:
    """Read `entry_bytes` and `max_merge_delay` (seconds)."""
    refuse_unknown(value, {"entry_bytes", "max_merge_delay"})
    return (
        _bounded(value, "entry_bytes", MIN_ENTRY_BYTES, MAX_ENTRY_BYTES_LIMIT),
        _bounded(value, "max_merge_delay", MIN_MERGE_DELAY, MAX_MERGE_DELAY),
    )


def _check_names_and_keys(origin: str, log_key: PublicKey, witnesses: Sequence[WitnessKey]) -> None:
    names = [origin, *(witness.name for witness in witnesses)]
    keys = [log_key, *(witness.key for witness in witnesses)]
    if len(set(names)) != len(names) or len(set(keys)) != len(keys):
        raise DecodeError("log and witnesses: a name or a key stands twice")
    if len(witnesses) > MAX_WITNESSES:
        raise DecodeError(f"witnesses: more than {MAX_WITNESSES} fit no checkpoint")
    # A name that no note can bear would make a network without a checkpoint.
    if not all(is_key_name(name) for name in names):
        raise DecodeError("log and witnesses: a name is empty or holds a space or a plus")


def _bounded(value: JsonObject, name: str, low: int, high: int) -> int:
    number = get_int(value, name)
    if not low <= number <= high:
        raise DecodeError(f"limits.{name}: not between {low} and {high}")
    return number
