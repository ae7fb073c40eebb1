# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a store does for an output, in memory: a chunk is recorded, written, delivered."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vcred.credential.status_reference import StatusReference
from vcred.issuer.engines.outputs.opening import open_output
from vcred.issuer.journal import EntryState, JournalEntry, StatusValue
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.possession import Possession


def item(row_id: str, *, generation: int = 0, copy: int = 0, text: str | None = None) -> OutboxItem:
    """A credential on its way out."""
    return OutboxItem(
        row_id=row_id,
        credential_id=secrets.token_hex(16),
        vct="did:vcred:publisher/types/health-code/1",
        generation=generation,
        copy=copy,
        possession=Possession.DID,
        issued_at=1_790_000_000,
        status=StatusReference(uri="https://status.example/lists/1", index=7),
        text=f"eyJ.eyJ.c2ln~{secrets.token_hex(8)}~" if text is None else text,
    )


def entry_of(one: OutboxItem) -> JournalEntry:
    """What the journal says of it."""
    return JournalEntry(
        credential_id=one.credential_id,
        vct=one.vct,
        row_id=one.row_id,
        generation=one.generation,
        copy=one.copy,
        content=b"",
        holder=b"",
        possession=one.possession,
        issued_at=one.issued_at,
        status=one.status,
        value=StatusValue.VALID,
        state=EntryState.DELIVERED,
    )


def chunk(*row_ids: str) -> list[OutboxItem]:
    """Credentials of several rows."""
    return [item(row_id) for row_id in row_ids]


@dataclass
class MemoryStore:
    """The tables `outbox` and `sink`."""

    sinks: dict[str, int] = field(default_factory=dict)
    waiting: list[tuple[str, list[OutboxItem]]] = field(default_factory=list)

    def sink_length(self, path: str) -> int | None:
        return self.sinks.get(path)

    def outbox(self, destination: str | None = None) -> Iterator[list[OutboxItem]]:
        return (items for where, items in self.waiting if destination in (where, None))

    def take(self, credential_ids: Iterable[str], *, sinks: Mapping[str, int]) -> None:
        self.sinks.update(sinks)

    def run(self, out: Path, *chunks: Sequence[OutboxItem], stops: bool = False) -> None:
        """A run: what waits first, then the chunks. With `stops` the last is written and not noted."""
        with open_output(out, store=self) as output:
            output.mend(one for _, items in self.waiting for one in items)
            todo = [*self.outbox(output.destination)]
            self.waiting = [*self.waiting, *((output.destination, list(items)) for items in chunks)]
            for items in [*todo, *chunks]:
                lengths = output.write(items)
                if stops and items is chunks[-1]:
                    return
                self.sinks.update(lengths)
                self.waiting = [entry for entry in self.waiting if entry[1] != list(items)]
