# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Notices that the issuer's store was put back from a copy, and lets it neither issue nor publish.

The mark beside the store says how far the store had come: places dealt and audit entries, added up,
which only grows. It is written after what it tells of is durable, so that a crash leaves it behind
and never before. Of a store that several machines share, each home has a mark of its own.
"""

from pathlib import Path
from typing import Final

from vcred.errors import RefusedError
from vcred.files.mark import read_mark, write_mark
from vcred.home import Home
from vcred.issuer.engines.evidence import FILE_NAME, SqliteEvidence
from vcred.issuer.engines.store import IssuerStore
from vcred.issuer.restored import Loss, lists_lost, own_records
from vcred.reasons import Reason
from vcred.trust.belief import Belief

MARK_FILE: Final = "issuer.mark"
_MARKED: Final = "marked"
_ACCEPTED: Final = "evidence_accepted"
_SET_BACK: Final = "set_back"


class Safeguard:
    """Watches over one home's store. `loss`: what its mark tells; None if nothing is wrong."""

    def __init__(self, home: Home, store: IssuerStore) -> None:
        self._folder = home.path
        self._is_shared = home.settings.store is not None
        self._store = store
        self.loss = self._loss_by_mark()
        if self.loss is Loss.SET_BACK:
            # What is revoked from now on lets the old copy come as far as the mark: noted, it is told
            # at the next start too.
            self._note(_SET_BACK, "yes")

    def refuse_restored(self, belief: Belief, *, did: str) -> None:
        """Refuse to go on if the store is older than what has left the house.

        Args:
            belief: Of the issuer's own trust bundle.
            did: The issuer.

        Raises:
            RefusedError: ROLLBACK.
        """
        kept = self._store.lists.last_issued_at()
        loss = (
            self.loss
            or lists_lost(belief.statuses.values(), kept, did=did)
            or self._evidence_lost(belief, did=did)
        )
        if loss is not None:
            raise RefusedError(
                Reason.ROLLBACK,
                f"{loss.value}: it was restored from a backup, or copied",
                hint='import the newest bundle, then "vcred status reconcile"; nothing is issued or'
                " published before",
            )

    def keep(self) -> None:
        """Note how far the store has come. An old copy keeps its suspicious mark."""
        if self.loss is None:
            mark = read_mark(self._path)
            progress = self._progress()
            if mark is None or mark.size != progress:
                self._write(progress)

    def accept(self, belief: Belief) -> None:
        """Begin anew, after a reconciliation: a new mark; what the home has lost is known to be lost."""
        newest = max((record.index for record in belief.state.evidence.values()), default=-1)
        self._note(_ACCEPTED, str(newest))
        self._note(_SET_BACK, "")
        self._write(self._progress())
        self.loss = None

    @property
    def _path(self) -> Path:
        return self._folder / MARK_FILE

    def _loss_by_mark(self) -> Loss | None:
        # The mark first: what another process does meanwhile lets the store be further, never behind.
        mark = read_mark(self._path)
        if mark is None:
            # A home that has not worked with this shared store yet has no mark.
            is_marked = not self._is_shared and self._store.lists.setting(_MARKED) is not None
            return Loss.UNMARKED if is_marked else None
        if not mark.is_original:
            return Loss.COPIED
        is_behind = mark.size > self._progress() or bool(self._store.lists.setting(_SET_BACK))
        return Loss.SET_BACK if is_behind else None

    def _progress(self) -> int:
        audit = self._store.changes.audit
        return audit.places() + audit.head().seq

    def _write(self, progress: int) -> None:
        write_mark(self._path, progress)
        self._note(_MARKED, "yes")

    def _note(self, name: str, value: str) -> None:
        if (self._store.lists.setting(name) or "") != value:
            with self._store.db.transaction():
                self._store.lists.keep_setting(name, value)

    def _evidence_lost(self, belief: Belief, *, did: str) -> Loss | None:
        recorded = own_records(belief.state, did=did, accepted=self._accepted(belief))
        # Most issuers have none: then there is no file to open.
        lost = bool(recorded) and not self._roots().issuperset(recorded)
        return Loss.EVIDENCE_UNKNOWN if lost else None

    def _roots(self) -> set[bytes]:
        path = self._folder / FILE_NAME
        if not path.exists():
            return set()
        with SqliteEvidence(path) as evidence:
            return evidence.roots()

    def _accepted(self, belief: Belief) -> int:
        if self._is_shared and not (self._folder / FILE_NAME).exists():
            # The evidence lies in the home of another machine.
            return belief.size
        return int(self._store.lists.setting(_ACCEPTED) or -1)
