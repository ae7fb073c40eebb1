# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The histories as they are gathered: valid ones, and mutations that differ from one of them in one thing.

Each scenario names the reason itself; the book refuses to hold one that the rules see otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.histories_read import History, entry_json, refusal_of, summary
from tests.seeded_keys import SeededKeys
from tests.world import ORIGIN, World, make_world, sign_operation

from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.ledger.entries import encode_leaf
from vcred.ledger.rules import replay
from vcred.reasons import Reason
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import Note, encode_note
from vcred.tlog.tree import leaf_hash, root_of

KEYS = SeededKeys("histories/1")
SOURCE = "vcred tools/make_vectors.py, test keys from public seeds"
ENTRIES = "docs/spec/ledger-entries.md"
DIDS = "docs/spec/did-vcred.md"
BUNDLES = "docs/spec/trust-bundle.md"
NOBODY = "did:vcred:" + hash_text(b"\x07" * 32)
NO_HASH = NOBODY.rpartition(":")[2]
STRANGER = KEYS.make("stranger", ES256)


def fresh_world() -> World:
    """The test network after its first eight entries, always the same."""
    return make_world(KEYS)


def seconds(world: World) -> int:
    """Now, as a NumericDate."""
    return int(world.now.timestamp())


def re_signed(world: World, operation: JsonObject, *signers: Signer) -> JsonObject:
    """The operation without its proofs, signed by these."""
    result: JsonObject = {name: value for name, value in operation.items() if name != "proof"}
    for signer in signers:
        result = sign_operation(result, signer, world.now)
    return result


@dataclass
class Book:
    """All histories by id, and the world that each valid one left."""

    histories: dict[str, History] = field(default_factory=dict)
    worlds: dict[str, World] = field(default_factory=dict)
    signers: dict[PublicKey, Signer] = field(default_factory=dict)

    def valid(
        self,
        name: str,
        comment: str,
        world: World,
        *,
        spec: str,
        covers: str = "",
        asks: Iterable[tuple[str, str, int, bool]] = (),
        checkpoint: bytes | None = None,
        now: int | None = None,
        quorum_time: int | None = None,
    ) -> None:
        """A history that counts whole. `asks` are boundaries: what of, its id, the second, yes or no."""
        note = world.checkpoint_note() if checkpoint is None else checkpoint
        at = seconds(world) if now is None else now
        expect = _head(f"histories/valid/{name}", comment, spec, covers)
        expect |= {
            "expect": "valid",
            "entries": [entry_json(index, leaf, None) for index, leaf in enumerate(world.leaves)],
            "asks": [{"of": of, "id": what, "at": when, "answer": yes} for of, what, when, yes in asks],
            "state": summary(replay(world.leaves)),
            "checkpoint": {"now": at, "quorum_time": at if quorum_time is None else quorum_time},
        }
        self._add(expect, world, tuple(world.leaves), note)

    def void(
        self,
        name: str,
        comment: str,
        twin: str,
        entry: JsonObject | bytes,
        reason: Reason,
        *,
        covers: str = "",
        logged_at: int | None = None,
    ) -> None:
        """The twin with its last entry mutated: an operation, or the bytes of a whole leaf."""
        world = self.worlds[twin].fork()
        at = seconds(world) if logged_at is None else logged_at
        leaf = entry if isinstance(entry, bytes) else encode_leaf(entry, logged_at=at)
        leaves = (*world.leaves[:-1], leaf)
        world.leaves = list(leaves)
        expect = self._mutation(name, comment, twin, covers)
        last = len(leaves) - 1
        reasons = {last: reason.value}
        expect |= {"entries": [entry_json(n, leaf, reasons.get(n)) for n, leaf in enumerate(leaves)]}
        if last == 0:
            assert refusal_of(leaves) == reason, name
            self._add(expect | {"checkpoint": None}, world, leaves, b"")
            return
        expect |= {"checkpoint": {"now": seconds(world), "quorum_time": seconds(world)}}
        # A void entry changes no key: those in force without it sign.
        network = replay(leaves).require_network()
        world.log_key = self.signers[network.log_key]
        world.witnesses = {witness.name: self.signers[witness.key] for witness in network.witnesses}
        self._add(expect, world, leaves, world.checkpoint_note())

    def refused(
        self,
        name: str,
        comment: str,
        twin: str,
        note: bytes,
        reason: Reason,
        *,
        covers: str = "",
        leaves: Iterable[bytes] | None = None,
        after: bool = False,
    ) -> None:
        """The twin under another checkpoint. `after`: a gate holds the twin when it is offered this one."""
        base = self.histories[f"histories/valid/{twin}"]
        own = base.leaves if leaves is None else tuple(leaves)
        expect = self._mutation(name, comment, twin, covers)
        checkpoint = {"now": base.expect["checkpoint"]["now"], "reason": reason.value}
        if after:
            checkpoint["after"] = base.expect["id"]
        expect |= {
            "entries": [entry_json(index, leaf, None) for index, leaf in enumerate(own)],
            "checkpoint": checkpoint,
        }
        self._add(expect, self.worlds[twin], own, note)

    def _mutation(self, name: str, comment: str, twin: str, covers: str) -> dict[str, Any]:
        base = self.histories[f"histories/valid/{twin}"]
        head = _head(f"histories/invalid/{name}", comment, base.expect["spec"], covers)
        return head | {"expect": "invalid", "mutation_of": base.expect["id"]}

    def _add(self, expect: dict[str, Any], world: World, leaves: tuple[bytes, ...], note: bytes) -> None:
        name = expect["id"].rpartition("/")[2]
        assert expect["id"] not in self.histories, name
        self.histories[expect["id"]] = History(leaves=leaves, checkpoint=note, expect=expect)
        if expect["expect"] == "valid":
            self.worlds[name] = world.fork()
            known = (world.log_key, *world.witnesses.values())
            self.signers |= {signer.public_key: signer for signer in known}


def note_of(
    world: World,
    *,
    cosigners: Iterable[str] | None = None,
    times: Iterable[int] | None = None,
    text: str | None = None,
) -> Note:
    """A checkpoint of all entries, cosigned by those named, at these seconds or now."""
    head = Checkpoint(origin=ORIGIN, size=len(world.leaves), root=root_of(map(leaf_hash, world.leaves)))
    names = list(world.witnesses if cosigners is None else cosigners)
    dates = [seconds(world)] * len(names) if times is None else list(times)
    body = encode_checkpoint_text(head) if text is None else text
    lines = [
        cosign(body, name, world.witnesses[name], timestamp=at) for name, at in zip(names, dates, strict=True)
    ]
    return Note(text=body, signatures=(sign_checkpoint(head, ORIGIN, world.log_key), *lines))


def bytes_of(note: Note) -> bytes:
    """The note as a file."""
    return encode_note(note)


def _head(name: str, comment: str, spec: str, covers: str) -> dict[str, Any]:
    return {
        "id": name,
        "comment": comment,
        "spec": spec,
        "covers": covers.split(),
        "source": SOURCE,
    }
