# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A witness of the test network, how it is opened again, and what it is asked."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.ledger.samples import fresh_world
from tests.world import ORIGIN, World
from vcred.clock import Clock
from vcred.files.mark import read_mark
from vcred.keys.signer import Signer
from vcred.ledger.network_file import NetworkFile
from vcred.tlog.add_checkpoint import AddCheckpoint
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.cosignature import verify_cosignature
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.note import Note, NoteSignature, encode_note, parse_note
from vcred.witness.engines.store import WitnessStore
from vcred.witness.monitor import LeafSource
from vcred.witness.witness import LocalWitness, WitnessSigner

NAME = "witness/CN-44"


def head(
    world: World, size: int | None = None, *, signer: Signer | None = None, origin: str = ORIGIN
) -> bytes:
    """A checkpoint of the first entries of a world, or of all, signed by its log."""
    tree = MemoryTree(world.leaves)
    checkpoint = Checkpoint(origin=origin, size=tree.size if size is None else size, root=tree.root(size))
    line = sign_checkpoint(checkpoint, origin, signer or world.log_key)
    return encode_note(Note(text=encode_checkpoint_text(checkpoint), signatures=(line,)))


def extension(world: World, old_size: int, size: int | None = None, **changes: object) -> AddCheckpoint:
    """A request to cosign the first entries of a world, or all."""
    tree = MemoryTree(world.leaves)
    end = tree.size if size is None else size
    proof = tuple(tree.consistency_proof(old_size, new_size=end)) if 0 <= old_size <= end else ()
    values: dict[str, object] = {"old_size": old_size, "proof": proof, "note": head(world, size)}
    return AddCheckpoint(**(values | changes))  # type: ignore[arg-type]


def date_of(lines: Sequence[NoteSignature], note: bytes, name: str, signer: Signer) -> int | None:
    """When a witness cosigned a note, by these lines."""
    text = parse_note(note).text
    return verify_cosignature(Note(text=text, signatures=tuple(lines)), name, signer.public_key)


@dataclass
class Post:
    """The folder of a witness, and the world that it watches."""

    folder: Path
    world: World = field(default_factory=fresh_world)
    names: tuple[str, ...] = (NAME,)
    signers: dict[str, Signer] = field(default_factory=dict)
    floor: NetworkFile | None = None
    source: LeafSource | None = None
    clock: Clock | None = None

    @property
    def path(self) -> Path:
        return self.folder / "witness.sqlite"

    @property
    def mark(self) -> Path:
        return self.folder / "witness.mark"

    def marked(self) -> int | None:
        """The size in the mark, if it is the file that it says it is."""
        mark = read_mark(self.mark)
        return mark.size if mark is not None and mark.is_original else None

    def signer(self, name: str = NAME) -> Signer:
        return self.signers.get(name) or self.world.witnesses[name]

    def store(self) -> WitnessStore:
        return WitnessStore(self.path, mark=self.mark, names=self.names)

    def leaves(self, start: int, end: int) -> Sequence[bytes]:
        return self.world.leaves[start:end]

    def open(self) -> LocalWitness:
        return LocalWitness(
            self.store(),
            signers=[WitnessSigner(name=name, signer=self.signer(name)) for name in self.names],
            source=self.source or self.leaves,
            network_id=self.world.state.require_network().id,
            floor=self.floor,
            clock=self.clock or (lambda: self.world.now),
        )

    def ask(self, old_size: int, size: int | None = None) -> int | None:
        """Open, ask, close; returns the date of the cosignature."""
        with self.open() as witness:
            request = extension(self.world, old_size, size)
            return date_of(witness.add_checkpoint(request), request.note, NAME, self.signer())

    def recorded(self) -> tuple[int, bytes] | None:
        """Read the record as another process sees it."""
        if not self.path.exists():
            return None
        database = sqlite3.connect(self.path)
        row = database.execute("SELECT size, root FROM head ORDER BY size DESC LIMIT 1").fetchone()
        database.close()
        return row  # type: ignore[no-any-return]
