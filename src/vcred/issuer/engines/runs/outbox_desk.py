# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""From the outbox to an output, in the one order that survives a stop at any point.

    1  entries in the journal, texts sealed in the outbox     (store, one transaction)
    2  credentials and receipts written, durable              (output)
    3  erased from the outbox                                 (store, one transaction)

What a stop leaves between 1 and 3 the next run writes again, byte for byte. So what waits unsealed
would leave unsealed, for all to read, also by a run that seals: that one is refused. What waits sealed
leaves by any.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vcred.errors import UsageError
from vcred.issuer.engines.outputs.output import Output
from vcred.issuer.engines.store.record import Recorded
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import EntryState, JournalEntry, SignedRow
from vcred.issuer.outbox import OutboxItem, OutboxSeal, outbox_items

TO_CALLER = ""
"""The destination of a credential that its caller takes away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTexts:
    """Texts that wait in a chunk: those that were asked for, and the others."""

    chunk: int
    asked: Sequence[OutboxItem]
    others: Sequence[OutboxItem]


class OutboxDesk:
    """Keeps, hands out and erases signed texts of one store."""

    def __init__(self, store: IssuerStore, seal: OutboxSeal) -> None:
        self._store = store
        self._seal = seal

    def keep(
        self, vct: str, rows: Sequence[SignedRow], *, destination: str, offset: int | None, at: int
    ) -> tuple[Recorded, list[OutboxItem]]:
        """Do step 1; return what was recorded, and what is to leave of it."""
        leaving: list[OutboxItem] = []

        def seal(signed: list[tuple[JournalEntry, str]]) -> bytes:
            leaving.extend(outbox_items(signed))
            return self._seal.seal(leaving)

        recorded = self._store.record(vct, rows, destination=destination, offset=offset, seal=seal, at=at)
        return recorded, leaving

    def deliver(self, chunk: int, items: Sequence[OutboxItem], output: Output) -> None:
        """Do steps 2 and 3.

        Raises:
            StoreError: The output is refused; the chunk stays in the outbox.
        """
        self._store.delivered(chunk, sinks=output.write(items))

    def resume(self, output: Output, *, sealed: bool) -> set[str]:
        """Deliver what an earlier run into the same output has left; return the credential ids.

        Args:
            sealed: Nothing shall leave but what its holder alone opens.

        Raises:
            UsageError: Something waits that is not sealed.
            StoreError: As `deliver`; or what waits does not open; or somebody else has written to the output.
        """
        # A stop may have left some of any: a run takes what waits for another output, too.
        output.mend(item for waiting in self._store.outbox() for item in self._seal.open(waiting.sealed))
        resumed: set[str] = set()
        for waiting in self._store.outbox(output.destination):
            items = self._still_waiting(self._seal.open(waiting.sealed))
            if sealed:
                require_sealed(items)
            self.deliver(waiting.id, items, output)
            resumed.update(item.credential_id for item in items)
        return resumed

    def found(self, credential_ids: Iterable[str]) -> Iterator[FoundTexts]:
        """Find the texts of credentials that wait, chunk by chunk; of one that has left there is none."""
        wanted = set(credential_ids)
        while wanted:
            one = wanted.pop()
            waiting = self._store.waiting_chunk(one)
            if waiting is None:
                continue
            items = self._seal.open(waiting.sealed)
            asked = [item for item in items if item.credential_id == one or item.credential_id in wanted]
            wanted.difference_update(item.credential_id for item in asked)
            yield FoundTexts(
                chunk=waiting.id, asked=asked, others=[item for item in items if item not in asked]
            )

    def take(self, found: FoundTexts, *, sinks: Mapping[str, int]) -> None:
        """Note that texts have left by another way than that for which they waited, durably.

        Args:
            sinks: How long the files are to which they were appended.
        """
        if self._still_waiting(found.others):
            self._store.take([item.credential_id for item in found.asked], sinks=sinks)
        else:
            self._store.delivered(found.chunk, sinks=sinks)

    def _still_waiting(self, items: Sequence[OutboxItem]) -> list[OutboxItem]:
        """Leave out what has left by another output meanwhile."""
        entries = self._store.entries_of([item.credential_id for item in items])
        return [item for item in items if entries[item.credential_id].state is EntryState.SIGNED]


def require_sealed(items: Iterable[OutboxItem]) -> None:
    """Refuse to let texts leave that everybody can read.

    Raises:
        UsageError: One of them is not sealed.
    """
    count = sum(not item.is_sealed for item in items)
    if count:
        raise UsageError(
            f"what an earlier run has signed and not delivered is not sealed: {count} of these credentials",
            hint='run the earlier command again first, without "--sealed"; then this one',
        )
