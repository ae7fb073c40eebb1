# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's store: places in status lists, the journal, the outbox, enrolment codes used.

A file in the home (`issuer.sqlite`), or a schema in PostgreSQL where the machines of one issuer
share it. In both, each step is one transaction, one writer at a time, durable when it returns:
a commit that a power cut takes away would be a place that is dealt twice.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from vcred.database import Database
from vcred.errors import StoreError
from vcred.home import Home
from vcred.issuer.engines.store.changes import ChangeTable
from vcred.issuer.engines.store.deck import DeckTable, NewList
from vcred.issuer.engines.store.digests import digest_keys
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.engines.store.file import open_file, wipe_file
from vcred.issuer.engines.store.journal import JournalTable
from vcred.issuer.engines.store.lists import PublicationTable
from vcred.issuer.engines.store.outbox import OutboxTable, Waiting
from vcred.issuer.engines.store.record import Recorded, Recorder, Seal
from vcred.issuer.engines.store.types import TypeTable
from vcred.issuer.journal import CredentialIds, DigestKeys, JournalEntry, Place, SignedRow
from vcred.issuer.known_rows import that_count

STORE_FILE: Final = "issuer.sqlite"
DEFAULT_SCHEMA: Final = "issuer"
_SECRET_BYTES: Final = 32
_PROGRESS: Final = (
    "SELECT (SELECT coalesce(sum(dealt), 0) FROM list) + (SELECT coalesce(max(seq), 0) FROM audit)"
)


class IssuerStore:
    """One open store. Several processes may have it open.

    `before_deal` is called in each transaction that deals, with how far the store was before it
    (places and audit entries), and may make durable, elsewhere, how far it will be.
    """

    def __init__(self, db: StoreDriver) -> None:
        self.db = db
        self.before_deal: Callable[[int], None] | None = None
        self.secret = self._load_secret()
        self._digest_keys: DigestKeys | None = None
        ids = CredentialIds(self.secret)
        self.types = TypeTable(db)
        self.changes = ChangeTable(db, ids)
        self._decks = DeckTable(db, self._opened)
        self.lists = PublicationTable(db, self._decks, self.changes.audit)
        self._journal = JournalTable(db, ids)
        self._outbox = OutboxTable(db)
        self._recorder = Recorder(
            db,
            ids=ids,
            types=self.types,
            journal=self._journal,
            outbox=self._outbox,
            rules=self.changes,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        # What went wrong is what is told, not that a full disk cannot be tidied either.
        with suppress(StoreError):
            self.wipe()
        self.db.close()

    def know_by(self, home: bytes) -> None:
        """Know rows and holders again, by a secret that does not lie in the store.

        Args:
            home: `Keyring.secret("journal")`, 32 bytes.

        Raises:
            StoreError: The store is kept under the secret of another home.
        """
        self._digest_keys = digest_keys(self.db, store=self.secret, home=home)

    @property
    def digest_keys(self) -> DigestKeys:
        """Of `content_digest` and `holder_digest`.

        Raises:
            RuntimeError: `know_by` was not called.
        """
        if self._digest_keys is None:
            raise RuntimeError("the store was not told the secret of its home")
        return self._digest_keys

    def close(self) -> None:
        """Leave nothing of what was erased, and close."""
        try:
            self.wipe()
        finally:
            self.db.close()

    def wipe(self) -> None:
        """Leave in a file nothing of the texts that the tables no longer hold."""
        if isinstance(self.db, Database):
            wipe_file(self.db)

    def deal(self, vct: str, status_base: str, count: int, *, at: int) -> list[Place]:
        """Deal places that nobody has; durable on return. One that is not used is burned.

        Args:
            vct: The type; a list holds credentials of one.
            status_base: URI of the issuer's lists, without the number at its end.
            count: At least 0.
            at: NumericDate now.

        Raises:
            RefusedError: APPROVAL_REQUIRED: so many in 24 hours need a second person.
        """
        if count <= 0:
            return []
        with self.db.transaction():
            before = self.progress()
            self.changes.admit_issuing(count, at=at)
            deals = self._decks.deal(self.types.number(vct), vct, status_base, count, at=at)
            if self.before_deal is not None:
                self.before_deal(before)
        return self._decks.places(deals)

    def progress(self) -> int:
        """Return a number that only grows: places dealt, and audit entries."""
        return int(self.db.value(_PROGRESS))

    def issued(self, vct: str, row_ids: Sequence[str]) -> dict[str, list[JournalEntry]]:
        """Find what was issued for rows, under whatever version of the type, and counts still.

        One query for a chunk of rows. A row for which nothing was issued is not in the answer.

        Returns:
            For each row `known_rows.that_count`: as a rule the copies of its newest generation.
        """
        versions = self.types.versions(vct)
        if not versions or not row_ids:
            return {}
        found = self._journal.of_rows(versions, row_ids)
        return {row_id: that_count(entries) for row_id, entries in found.items()}

    def record(
        self,
        vct: str,
        rows: Sequence[SignedRow],
        *,
        destination: str,
        offset: int | None,
        seal: Seal,
        at: int,
    ) -> Recorded:
        """Keep signed rows, durable, before any of them leaves: one transaction.

        A row that another process has issued meanwhile with the same content keeps that entry,
        and the text that is handed in is dropped; with other content it is refused. A row that
        `replaces` revokes in the same step whatever was issued for it before, under every version.

        Args:
            vct: The type.
            rows: Of one chunk, each row once.
            destination: Where the texts go, as the output names itself.
            offset: Where they will begin in it, in bytes; None where a file holds one credential.
            seal: Called once with what is recorded, if anything is; what it returns is kept in
                the outbox.
            at: NumericDate now.
        """
        with self.db.transaction():
            return self._recorder.record(vct, rows, destination=destination, offset=offset, seal=seal, at=at)

    def outbox(self, destination: str | None = None) -> Iterator[Waiting]:
        """Yield the chunks that wait for a destination, or for any, oldest first."""
        return self._outbox.waiting(destination)

    def waiting_chunk(self, credential_id: str) -> Waiting | None:
        """Return the chunk in which a credential waits; None if it is delivered, or unknown."""
        chunk = self._journal.chunk_of(credential_id)
        return None if chunk is None else self._outbox.chunk(chunk)

    def delivered(self, chunk: int, *, sinks: Mapping[str, int]) -> None:
        """Erase a chunk whose output is durable, and note how long each file is: one transaction."""
        with self.db.transaction():
            self._outbox.erase(chunk, sinks)

    def take(self, credential_ids: Iterable[str], *, sinks: Mapping[str, int]) -> None:
        """Note that credentials of a chunk were delivered by another way; they wait no more."""
        with self.db.transaction():
            for credential_id in credential_ids:
                self._journal.release(credential_id)
            self._outbox.note_lengths(sinks)

    def sink_length(self, path: str) -> int | None:
        """Return how long a file is for certain, in bytes; None of one that nothing is known of."""
        return self._outbox.sink_length(path)

    def entry(self, credential_id: str) -> JournalEntry | None:
        """Return one entry, or None."""
        return self._journal.of_ids([credential_id]).get(credential_id)

    def entries_of(self, credential_ids: Iterable[str]) -> dict[str, JournalEntry]:
        """Find entries by credential id, some thousand at most; one that is unknown is left out."""
        return self._journal.of_ids(credential_ids)

    def entries(self, row_id: str | None = None) -> Iterator[JournalEntry]:
        """Yield entries in the order of issue: all, or those of rows with an id, whatever their type."""
        return self._journal.matching(row_id=row_id)

    def by_holder(self, holder: bytes) -> Iterator[JournalEntry]:
        """Yield the entries of a key (`holder_digest`), in the order of issue.

        It reads the whole journal, which takes seconds where it has millions of entries: it is
        asked for once in a lost phone, and an index would cost every credential that is issued.
        """
        return self._journal.matching(holder=holder)

    def _opened(self, made: NewList) -> None:
        """Called in the transaction in which a list opens."""
        self.lists.opened(made)

    def _load_secret(self) -> bytes:
        with self.db.transaction():
            self.db.execute(
                "INSERT INTO secret (id, value) VALUES (0, ?) ON CONFLICT (id) DO NOTHING",
                (secrets.token_bytes(_SECRET_BYTES),),
            )
            value = self.db.value("SELECT value FROM secret")
        if not isinstance(value, bytes) or len(value) != _SECRET_BYTES:
            raise StoreError(
                "the secret of the issuer's store is damaged", hint="restore the store from a copy"
            )
        return value


def open_issuer_store(home: Home) -> IssuerStore:
    """Open the store of an issuer's home; make a file if it is not there.

    Raises:
        StoreError: Damaged, made by a newer vcred, unreachable, or the system refuses.
        UsageError: The address of a shared store is none, or carries a password.
    """
    if home.settings.store is not None:
        return open_shared_store(home.settings.store)
    return IssuerStore(open_file(home.path / STORE_FILE))


def open_shared_store(address: str) -> IssuerStore:
    """Open the store at an address, and make its tables if they are not there. Errors as above."""
    # Here, because an issuer with a file needs no client of PostgreSQL.
    from vcred.issuer.engines.store.postgres import PostgresDriver
    from vcred.postgres.address import parse_address

    return IssuerStore(PostgresDriver(parse_address(address, default_schema=DEFAULT_SCHEMA)))
