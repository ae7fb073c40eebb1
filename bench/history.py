# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Ledgers of any length: an organisation publishes type after type, each under one ES256 signature."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.world import Organisation, World, make_world, sign_operation

from bench.network import ISSUED_AT, NOW
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.did.operations import Purpose
from vcred.keys.algorithms import ES256
from vcred.ledger.drafts import draft_statement
from vcred.ledger.engines.sqlite import SqliteLog
from vcred.ledger.entries import Kind, encode_leaf
from vcred.ledger.ledger import Ledger
from vcred.tlog.tree import Frontier, leaf_hash


@dataclass(kw_only=True)
class History:
    """A network, and an organisation on it that has always one thing more to say."""

    world: World
    author: Organisation
    spoken: int = 0
    previous: str | None = field(default=None)

    @classmethod
    def begin(cls) -> "History":
        """A network of its own, with what `tests.world` puts on it."""
        world = make_world()
        return cls(world=world, author=world.join("Types", {Purpose.STATEMENT: ES256}, sponsor=world.gd))

    def operations(self, size: int) -> list[JsonObject]:
        """The next operations, in the order in which they can be appended."""
        return [self._next() for _ in range(size)]

    def grow(self, size: int) -> "History":
        """Put operations on the world's ledger until it has `size` entries; nobody judges them here."""
        new = self.operations(size - len(self.world.leaves))
        self.world.leaves += [encode_leaf(operation, logged_at=ISSUED_AT) for operation in new]
        return self

    def ledger(self, place: Path) -> Ledger:
        """Open a ledger on the world's entries, in a file of its own."""
        log = SqliteLog(place / "ledger.sqlite")
        _, nodes = Frontier().grow(map(leaf_hash, self.world.leaves))
        log.append(self.world.leaves, nodes, expected_size=0)
        log_key = self.world.log_key
        return Ledger(log, {log_key.public_key: log_key}, lambda: NOW)

    def _next(self) -> JsonObject:
        self.spoken += 1
        draft = draft_statement(
            Kind.TYPE_PUBLISH,
            network=self.world.state.require_network().id,
            author=self.author.did,
            previous=self.previous,
            members={
                "type": f"{self.author.did}/types/measured/{self.spoken}",
                "digest": hash_text(sha256(b"%d" % self.spoken).digest()),
                "size": 1000,
            },
        )
        operation = sign_operation(draft, self.author.signer(Purpose.STATEMENT), NOW)
        self.previous = hash_text(operation_hash(operation))
        return operation


def new_folder() -> Path:
    """A folder that is gone when the program ends. On a disk, or nothing durable is measured."""
    folder = Path(tempfile.mkdtemp(prefix="vcred-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
