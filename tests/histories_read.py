# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read the whole histories of tests/vectors/histories, and put them to the rules that gates use.

Spec: tests/vectors/README.md says what the members mean.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from vcred.did.methods.vcred import hash_text
from vcred.errors import DecodeError, LedgerError, TrustBundleError
from vcred.ledger.entries import parse_leaf
from vcred.ledger.network_file import NetworkFile
from vcred.ledger.rules import as_ledger_error, replay
from vcred.ledger.state import Network, Organisation, State
from vcred.tlog.tree import leaf_hash, root_of
from vcred.trust.bundle import Bundle
from vcred.trust.held import Held, HeldCheckpoint
from vcred.trust.update import decide_update

FOLDER = Path(__file__).parent / "vectors" / "histories"
LOG, EXPECT, CHECKPOINT = "log.jsonl", "expect.json", "checkpoint"


@dataclass(frozen=True, kw_only=True)
class History:
    """A log from its first entry, a checkpoint of it (or b""), and what is expected of both."""

    leaves: tuple[bytes, ...]
    checkpoint: bytes
    expect: dict[str, Any] = field(repr=False)

    @property
    def base(self) -> "History | None":
        """The history of which this one is a mutation."""
        name = self.expect.get("mutation_of")
        return None if name is None else by_id()[name]


@cache
def by_id() -> dict[str, History]:
    """Every history by its id."""
    folders = sorted(file.parent for file in FOLDER.glob(f"*/*/{EXPECT}"))
    return {f"histories/{folder.parent.name}/{folder.name}": _read(folder) for folder in folders}


def entries_of(leaves: tuple[bytes, ...]) -> list[dict[str, Any]]:
    """What each entry is, and why it is void if it is."""
    void = {entry.index: entry.reason.value for entry in replay(leaves).void}
    return [entry_json(index, leaf, void.get(index)) for index, leaf in enumerate(leaves)]


def entry_json(index: int, leaf: bytes, reason: str | None) -> dict[str, Any]:
    """One entry; a leaf that cannot be read has no kind."""
    try:
        kind = parse_leaf(leaf).kind
    except DecodeError:
        kind = None
    return {"index": index, "kind": kind, "reason": reason}


def refusal_of(leaves: tuple[bytes, ...]) -> str | None:
    """Why there is no ledger at all: entry 0 is no valid genesis."""
    try:
        replay(leaves)
    except LedgerError as error:
        return error.reason.value
    return None


def offer(history: History, *, held: Held | None = None) -> tuple[Held, HeldCheckpoint | None]:
    """Import the history as a gate would, with a network file for it, at the time that it names.

    Raises:
        TrustBundleError, DecodeError: It is refused.
    """
    before = held or Held()
    bundle = Bundle(
        checkpoint=history.checkpoint,
        first=0,
        leaves=history.leaves,
        pending=(),
        status_tokens=(),
        types={},
    )
    genesis = parse_leaf(history.leaves[0])
    file = NetworkFile(
        network_id=genesis.hash,
        floor_size=1,
        floor_root=root_of([leaf_hash(history.leaves[0])]),
        floor_date=genesis.logged_at,
    )
    addition = decide_update(before, bundle, file, now=history.expect["checkpoint"]["now"])
    return before.with_update(addition), addition.checkpoint


def checkpoint_refusal(history: History) -> str | None:
    """Why a gate refuses the checkpoint, after it has imported what stands before it; None if it does not."""
    after = history.expect["checkpoint"].get("after")
    held = None if after is None else offer(by_id()[after])[0]
    try:
        offer(history, held=held)
    except TrustBundleError as error:
        return error.reason.value
    except DecodeError as error:
        return as_ledger_error(error).reason.value
    return None


def answer(state: State, question: dict[str, Any]) -> bool:
    """Whether something holds at a second: the boundaries of what a history says."""
    of, what, at = question["of"], question["id"], question["at"]
    match of:
        case "accreditation":
            return state.accreditations[what].covers(at)
        case "recognition":
            return state.recognitions[what].covers(at, now=at)
        case "registration":
            return state.registrations[what].covers(at)
    organisation = state.organisations[what.partition("#")[0]]
    method = next(method for method in organisation.methods if method.id == what)
    return method.in_force(at) if of == "method" else method.is_distrusted(at)


def summary(state: State) -> dict[str, Any]:
    """What a ledger says, in words that another implementation can find too."""
    return {
        "size": state.size,
        "logged_at": state.logged_at,
        "unsupported": state.unsupported,
        "void": [{"index": entry.index, "reason": entry.reason.value} for entry in state.void],
        "network": _network(state.require_network()),
        "dids": {
            did: _organisation(organisation) for did, organisation in sorted(state.organisations.items())
        },
        "types": {
            vct: {"index": item.index, "digest": hash_text(item.digest), "size": item.size}
            for vct, item in sorted(state.types.items())
        },
        "accreditations": {
            entry: {
                "jurisdiction": item.jurisdiction,
                "issuer": item.issuer,
                "type": item.type,
                "from": item.from_time,
                "until": item.until,
                "ceased_at": item.ceased_at,
                "void": item.void,
            }
            for entry, item in sorted(state.accreditations.items())
        },
        "recognitions": {
            entry: {
                "jurisdiction": item.jurisdiction,
                "of": item.of_jurisdiction,
                "type": item.type,
                "ceased_at": item.ceased_at,
                "void": item.void,
            }
            for entry, item in sorted(state.recognitions.items())
        },
        "registrations": {
            entry: {
                "jurisdiction": item.jurisdiction,
                "verifier": item.verifier,
                "type": item.type,
                "claims": list(item.claims),
                "until": item.until,
                "ceased_at": item.ceased_at,
                "void": item.void,
            }
            for entry, item in sorted(state.registrations.items())
        },
        "evidence": {
            entry: {"author": item.author, "root": hash_text(item.root), "logged_at": item.logged_at}
            for entry, item in sorted(state.evidence.items())
        },
    }


def _network(network: Network) -> dict[str, Any]:
    return {
        "id": network.id,
        "last_change": network.last_change,
        "authorities": dict(network.authorities),
        "threshold": network.threshold,
        "log_key": network.log_key.to_multikey(),
        "witnesses": [
            {"name": w.name, "jurisdiction": w.group, "key": w.key.to_multikey()} for w in network.witnesses
        ],
        "quorum": dict(network.quorum.groups),
        "limits": {"entry_bytes": network.entry_bytes, "max_merge_delay": network.max_merge_delay},
    }


def _organisation(organisation: Organisation) -> dict[str, Any]:
    following = organisation.next_keys
    return {
        "operations": [version.hash for version in organisation.versions],
        "last_statement": organisation.last_statement,
        "deactivated_at": organisation.deactivated_at,
        "next": None
        if following is None
        else {"threshold": following.threshold, "hashes": list(following.hashes)},
        "methods": [
            {
                "id": method.id,
                "purpose": method.purpose.value,
                "added_at": method.added_at,
                "removed_at": method.removed_at,
                "distrusted_from": method.distrusted_from,
            }
            for method in organisation.methods
        ],
    }


def _read(folder: Path) -> History:
    checkpoint = folder / CHECKPOINT
    return History(
        leaves=tuple((folder / LOG).read_bytes()[:-1].split(b"\n")),
        checkpoint=checkpoint.read_bytes() if checkpoint.exists() else b"",
        expect=json.loads((folder / EXPECT).read_text(encoding="utf-8")),
    )
