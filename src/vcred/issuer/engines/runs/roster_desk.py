# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Check or issue a roster, under terms that the door has found."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeAlias, TypedDict

from vcred import __version__
from vcred.clock import Clock
from vcred.errors import StoreError
from vcred.issuer.chunk import RosterTerms
from vcred.issuer.engines.outputs.opening import open_output
from vcred.issuer.engines.outputs.output import Output
from vcred.issuer.engines.rosters.csv_reader import encoding_name
from vcred.issuer.engines.rosters.roster_file import RosterFile, open_rows
from vcred.issuer.engines.runs.outbox_desk import OutboxDesk
from vcred.issuer.engines.runs.overridden import OverriddenHolders
from vcred.issuer.engines.runs.places import roster_digest
from vcred.issuer.engines.runs.roster_chunks import NamedHolders
from vcred.issuer.engines.runs.roster_run import OnProgress, RosterJob, RosterRun
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.engines.workers.chunk_engine import ChunkEngine
from vcred.issuer.engines.workers.engine_choice import SMALL_ROSTER, EngineChoice, KeyHome, open_engine
from vcred.issuer.summary import Summary
from vcred.issuer.terms import IssuingTerms
from vcred.keys.signer import Signer

Roster: TypeAlias = Path | bytes | BinaryIO
"""A file; or the bytes of one in CSV, or a stream of them, such as a pipe."""


class RosterOptions(TypedDict, total=False):
    """How a roster is issued, or checked.

    Attributes:
        encoding: Of CSV: utf-8 (the default), big5hkscs or gb18030.
        applications: Row id to holder's DIDs or proofs, as `applications.parse_applications`
            reads them; a plain DID will do. It outweighs the holder column of the roster.
        copies: Credentials for each row, each with a key of its own; 1 if nothing is said.
        on_progress: Called after each chunk.
        reissue: A row that was issued with other content, to another key, or was revoked is
            issued anew, and the former revoked in the same step.
        sealed: Encrypt each credential to its holder's key.
        engine: "tls://HOST:PORT" of a Dask scheduler; None: this machine.
        workers: How many processes of this machine; None: one for each processor, and for a
            small roster none beside this one.
    """

    encoding: str
    applications: NamedHolders | None
    copies: int
    on_progress: OnProgress | None
    reissue: bool
    sealed: bool
    engine: str | None
    workers: int | None


class RosterDesk:
    """Issues rosters with one key into one store."""

    def __init__(
        self,
        *,
        store: IssuerStore,
        desk: OutboxDesk,
        signer: Signer,
        keys: KeyHome | None,
        terms: IssuingTerms,
        now: datetime,
        clock: Clock,
        options: RosterOptions,
    ) -> None:
        """Take what stays the same for all rows.

        Args:
            keys: Where other processes find the key; None: nowhere.
            terms: Whose key `signer` is.
            now: Time of issue, UTC.
            clock: Gives now, for the hours in which the key signs.

        Raises:
            UsageError: Options that exclude each other, or an unknown encoding.
        """
        self._store = store
        self._desk = desk
        self._signer = signer
        self._keys = keys
        self._terms = terms
        self._now = now
        self._clock = clock
        self._options = options
        self._encoding = encoding_name(options.get("encoding", "utf-8"))
        self._choice = EngineChoice(engine=options.get("engine"), workers=options.get("workers"))

    def check(self, roster: Roster) -> Summary:
        """Hold every row against its type and against what was issued before; nothing is signed."""
        begun = time.monotonic()
        with open_rows(roster, self._encoding) as file, self._engine(file) as engine:
            run = self._run(file, engine, None)
        return run.tally.summary(seconds=time.monotonic() - begun, checked=True)

    def issue(self, roster: Roster, out: Path) -> Summary:
        """Issue every row that is in order."""
        self._require_open()
        begun = time.monotonic()
        with (
            open_rows(roster, self._encoding) as file,
            open_output(out, store=self._store) as output,
            self._engine(file) as engine,
        ):
            run = self._run(file, engine, output)
        self._store.wipe()
        terms = self._terms
        request = run.replacements.ask(issuer=terms.issuer.did, type_name=terms.definition.name)
        return replace(run.tally.summary(seconds=time.monotonic() - begun), request=request)

    def check_and_issue(self, roster: Roster, out: Path) -> Summary:
        """Check every row; only if all are in order, issue them.

        Raises:
            UsageError: A stream, which can be read only once.
            StoreError: The file has changed between the passes.
        """
        self._require_open()
        before = roster_digest(roster)
        checked = self.check(roster)
        if checked.refused_count:
            return checked
        if roster_digest(roster) != before:
            raise StoreError(
                "the roster has changed while it was checked", hint="nothing was issued; run it again"
            )
        issued = self.issue(roster, out)
        return replace(issued, checked=True, seconds=checked.seconds + issued.seconds)

    def _require_open(self) -> None:
        self._store.changes.require_open(at=int(self._clock().timestamp()))

    def _run(self, file: RosterFile, engine: ChunkEngine, output: Output | None) -> RosterRun:
        job = RosterJob(
            terms=self._roster_terms(file.header),
            definition=self._terms.definition,
            named=self._options.get("applications") or {},
            reissue=self._options.get("reissue", False),
            at=int(self._now.timestamp()),
            clock=self._clock,
            on_progress=self._options.get("on_progress"),
            elsewhere=self._choice.engine is not None,
        )
        run = RosterRun(job, store=self._store, desk=self._desk, output=output)
        overridden = OverriddenHolders(file.header, job.definition, job.named)
        run.run(overridden.watch(file.rows), engine, file.position)
        run.tally.overridden_holders = overridden.count
        return run

    @contextmanager
    def _engine(self, file: RosterFile) -> Iterator[ChunkEngine]:
        # Looking ahead tells a small roster from one that is worth starting processes.
        is_small = file.look_ahead(SMALL_ROSTER + 1) <= SMALL_ROSTER
        with open_engine(self._choice, signer=self._signer, keys=self._keys, is_small=is_small) as engine:
            yield engine

    def _roster_terms(self, header: tuple[str, ...]) -> RosterTerms:
        return RosterTerms(
            issuer=self._terms.issuer,
            vct=self._terms.vct,
            definition=self._terms.definition.encoded,
            status_base=self._terms.status_base,
            issued_at=self._terms.issued_at,
            header=header,
            encoding=self._encoding,
            copies=self._options.get("copies", 1),
            now=self._now,
            sealed=self._options.get("sealed", False),
            version=__version__,
        )
