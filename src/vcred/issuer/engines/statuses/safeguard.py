# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Notices that the issuer's store was put back from a copy, and lets it neither issue nor publish.

The mark beside the store says how far the store had come: places dealt and audit entries, added up,
which only grows. Before places are dealt it says two things, durably: how far the store is for
certain, and how far it will be. So whatever stops the program, and whatever copy of the store is
put back after that, either the copy is behind what was certain, and refused; or it is from the
very moment of the last deal, and what that deal may have given is burned.

Of a store that several machines share, each home has a mark of its own; and the store itself says
where it lies, which a dump that was put back no longer does.
"""

from pathlib import Path
from typing import Final

from vcred.errors import RefusedError
from vcred.files.mark import Mark, read_mark, write_mark
from vcred.home import Home
from vcred.issuer.engines.evidence import FILE_NAME, SqliteEvidence
from vcred.issuer.engines.statuses.approver_copy import ApproverCopy
from vcred.issuer.engines.store.memory import StoreMemory
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.mark_note import MarkNote, parse_note
from vcred.issuer.restored import Loss, lists_lost, own_records
from vcred.keys.home_keys import has_home_secret
from vcred.reasons import Reason
from vcred.trust.belief import Belief

MARK_FILE: Final = "issuer.mark"
RESTORED_HINT: Final = (
    'import the newest bundle, then "vcred status reconcile"; nothing is issued or published before'
)
JOURNAL_SECRET: Final = "journal"
"""The home's secret by which the store knows rows. Made after store and mark: where it is, they were."""


class Safeguard:
    """Watches over one home's store. `loss`: what its mark tells; None if nothing is wrong.

    Args:
        home: The home.
        store: Its store.
        time_floor: Of the home's trust bundle, NumericDate; 0 if it has none.
    """

    def __init__(self, home: Home, store: IssuerStore, *, time_floor: int) -> None:
        self._home = home
        self._folder = home.path
        self._is_shared = home.settings.store is not None
        self._store = store
        self._memory = StoreMemory(store)
        self.approvers = ApproverCopy(home.path, store)
        self.loss = self._loss_by_mark()
        if self.loss is None:
            self._burn()
        elif not self._is_shared or self.loss in (Loss.SET_BACK, Loss.STORE_COPIED):
            # What is revoked from now on lets the old copy come as far as the mark: noted, it is
            # told at the next start too.
            self._memory.note_set_back()
        store.before_deal = self._note_deal
        store.changes.before_first = self.approvers.refuse_stranger
        store.changes.audit.time_floor = time_floor

    def loss_told(self, belief: Belief, *, did: str) -> Loss | None:
        """Say by what the store is older than what has left the house; None if by nothing."""
        kept = self._store.lists.last_issued_at()
        return (
            self.loss
            or lists_lost(belief.statuses.values(), kept, did=did)
            or self._evidence_lost(belief, did=did)
        )

    def refuse_restored(self, belief: Belief, *, did: str) -> None:
        """Refuse to go on if the store is older than what has left the house.

        Args:
            belief: Of the issuer's own trust bundle.
            did: The issuer.

        Raises:
            RefusedError: ROLLBACK.
        """
        loss = self.loss_told(belief, did=did)
        if loss is not None:
            raise _restored(loss)

    def is_restored(self, belief: Belief, *, did: str) -> bool:
        """Say whether `refuse_restored` would refuse."""
        return self.loss_told(belief, did=did) is not None

    def refuse_moved(self, *, before: int | None = None) -> None:
        """Refuse to go on if the store was put back while it was open. Inside a transaction.

        A server goes on when a dump is put back into it: whoever is at work there would deal again
        what was dealt, and sign what was before.

        Args:
            before: Progress of the store without this transaction; None if it has written nothing.

        Raises:
            RefusedError: ROLLBACK.
        """
        mark = read_mark(self._path)
        if self.loss is None and mark is not None:
            progress = self._memory.progress() if before is None else before
            self.loss = self._loss_by_note(mark, parse_note(mark.note), progress=progress)
            if self._memory.is_elsewhere():
                self.loss = Loss.STORE_COPIED
            if self.loss is not None:
                raise _restored(self.loss)

    def keep(self) -> None:
        """Note how far the store has come. An old copy keeps its suspicious mark."""
        if self.loss is None:
            mark = read_mark(self._path)
            if mark is None or (mark.size, mark.note) != self._wanted():
                # While nobody else deals: a mark that is written late would take theirs back.
                with self._store.db.transaction():
                    self.refuse_moved()
                    self._write(*self._wanted())
            self.approvers.keep()

    def newest_known(self) -> tuple[int, bool]:
        """Return `iat` of the newest list that the mark knows of, and whether it knows of all.

        A mark that was put back knows of those before; one of several homes, of its own.
        """
        mark = read_mark(self._path)
        note = None if mark is None else parse_note(mark.note)
        if mark is None or note is None:
            return 0, False
        return note.newest, mark.is_original and not self._is_shared

    def next_list(self) -> int:
        """Return the number from which lists are free, as far as the mark knows; 0 without one."""
        mark = read_mark(self._path)
        note = None if mark is None else parse_note(mark.note)
        return 0 if note is None else note.next_list

    def accept(self, belief: Belief) -> None:
        """Begin anew with a reconciliation: a new mark; what the home has lost is known to be lost.

        Inside its transaction: a mark that is written, of a reconciliation that then is not, is
        refused at the next start.
        """
        newest = max((record.index for record in belief.state.evidence.values()), default=-1)
        self._memory.accept(evidence=newest)
        self._write(*self._wanted())

    @property
    def _path(self) -> Path:
        return self._folder / MARK_FILE

    def _loss_by_mark(self) -> Loss | None:
        # The mark first: what another process does meanwhile lets the store be further, never behind.
        mark = read_mark(self._path)
        if self._memory.is_elsewhere():
            return Loss.STORE_COPIED
        if mark is None:
            return self._loss_without_mark()
        note = parse_note(mark.note)
        if not mark.is_original or (mark.note and note is None):
            return Loss.COPIED
        return self._loss_by_note(mark, note, progress=self._memory.progress())

    def _loss_without_mark(self) -> Loss | None:
        if self._is_shared:
            # A new machine has no mark of the store that it shares; a dump the store itself tells.
            return None
        if self._memory.is_marked():
            return Loss.UNMARKED
        # A new store, where there was one: its first list would have the name of the one that is gone.
        return Loss.STORE_GONE if has_home_secret(self._home, JOURNAL_SECRET) else None

    def _loss_by_note(self, mark: Mark, note: MarkNote | None, *, progress: int) -> Loss | None:
        if note is not None and note.epoch is not None and not self._memory.has_had(note.epoch):
            # A copy from before that reconciliation went another way since: how far it came says nothing.
            return Loss.SET_BACK
        if note is not None and note.epoch != self._memory.epoch() and self._memory.is_reconciled():
            # Another home of a shared store has done it; a file that another home has reconciled is a
            # copy. What this one knows to be newer, it does not pass over.
            is_known = self._is_shared and note.newest <= self._memory.newest()
            return None if is_known else Loss.SET_BACK
        if note is not None and note.place != self._memory.place:
            return Loss.STORE_COPIED
        is_behind = mark.size > progress or self._memory.is_set_back()
        return Loss.SET_BACK if is_behind else None

    def _burn(self) -> None:
        """Burn what the last deal may have given, if it is not in the store."""
        if self._is_burned():
            return
        with self._store.db.transaction():
            # Another process of this home may have been about to commit it.
            mark = read_mark(self._path)
            note = None if mark is None else parse_note(mark.note)
            if note is None or self._is_burned():
                return
            missing = note.intended - self._memory.progress()
            self._store.lists.burn(missing, next_list=note.next_list)
        self.keep()

    def _is_burned(self) -> bool:
        mark = read_mark(self._path)
        note = None if mark is None else parse_note(mark.note)
        if note is None or note.epoch != self._memory.epoch():
            return True
        return note.intended <= self._memory.progress()

    def _note_deal(self, before: int) -> None:
        """Called in the transaction that deals, before it is committed.

        Args:
            before: Progress of the store without it, which is durable.
        """
        if self.loss is None:
            self.refuse_moved(before=before)
            self._write(before, self._memory.note().encode())

    def _wanted(self) -> tuple[int, str]:
        note = self._memory.note()
        return note.intended, note.encode()

    def _write(self, progress: int, note: str) -> None:
        write_mark(self._path, progress, note=note)
        self._memory.note_marked()

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
        return self._memory.accepted_evidence()


def _restored(loss: Loss) -> RefusedError:
    return RefusedError(
        Reason.ROLLBACK,
        f"{loss.value}: it was restored from a backup, or copied",
        hint=RESTORED_HINT,
    )
