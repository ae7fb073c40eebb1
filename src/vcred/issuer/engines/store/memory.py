# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the issuer's store itself knows of how far it has come, where it lies, and what it went through.

Settings of the store; what is written is written inside a transaction, unless it says otherwise.
"""

from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.store.place import place_of
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.mark_note import MarkNote

EPOCH: Final = "epoch"
_MARKED: Final = "marked"
_PLACE: Final = "place"
_ACCEPTED: Final = "evidence_accepted"
_SET_BACK: Final = "set_back"
_YES: Final = "yes"


class StoreMemory:
    """Of one open store."""

    def __init__(self, store: IssuerStore) -> None:
        self._store = store

    @property
    def place(self) -> str | None:
        """Where the store lies now, as `place_of` says: a dump may be put back while it is open."""
        return place_of(self._store.db)

    def progress(self) -> int:
        """As `IssuerStore.progress`."""
        return self._store.progress()

    def newest(self) -> int:
        """Return `iat` of the newest published list; 0 if there is none."""
        return int(self._store.db.value("SELECT coalesce(max(last_issued_at), 0) FROM list"))

    def note(self) -> MarkNote:
        """Return what a mark notes now."""
        next_list = self._store.db.value("SELECT coalesce(max(number) + 1, 0) FROM list")
        return MarkNote(
            intended=self.progress(),
            next_list=int(next_list),
            newest=self.newest(),
            place=self.place,
            epoch=self.epoch(),
        )

    def epoch(self) -> str | None:
        """Return which reconciliation was the last: number of its audit entry, and a random number."""
        return self._store.lists.setting(EPOCH)

    def is_reconciled(self) -> bool:
        """Whether the audit log has the reconciliation that the store says it has had."""
        return self.has_had(self.epoch())

    def has_had(self, epoch: str | None) -> bool:
        """Whether the audit log has a reconciliation, as `epoch` names it; not if that is None."""
        number, _, drawn = (epoch or "0:").partition(":")
        audit = self._store.changes.audit
        if not number.isdecimal() or not 1 <= int(number) <= audit.head().seq:
            return False
        entry = audit.entry(int(number))
        return entry.kind is AuditKind.RECONCILED and entry.members.get(EPOCH) == drawn

    def is_marked(self) -> bool:
        """Whether a home has ever written a mark beside this store."""
        return self._store.lists.setting(_MARKED) is not None

    def is_elsewhere(self) -> bool:
        """Whether the store lies elsewhere than when it was marked, so that it is a copy."""
        known = self._store.lists.setting(_PLACE)
        return known is not None and known != (self.place or "")

    def is_set_back(self) -> bool:
        """Whether it was noticed before that this is an old copy."""
        return bool(self._store.lists.setting(_SET_BACK))

    def note_marked(self) -> None:
        """Note that a home has written a mark, and where the store lies."""
        self._keep(_MARKED, _YES)
        place = self.place
        if place is not None or self._store.lists.setting(_PLACE) is not None:
            self._keep(_PLACE, place or "")

    def note_set_back(self) -> None:
        """Note that this is an old copy, in a transaction of its own.

        What one person may change alone counts as used up: else whoever puts a copy back again and
        again could take back any number, each time as many as the limit allows (threats ISS-21).
        """
        if self.is_set_back():
            return
        with self._store.db.transaction():
            self._keep(_SET_BACK, _YES)
            audit = self._store.changes.audit
            last = audit.last()
            if last is not None:
                left = self._store.changes.changes_left(at=last.at)
                members: JsonObject = {"noticed": _SET_BACK}
                audit.append(
                    [AuditEvent(kind=AuditKind.RECONCILED, members=members, unapproved=left)], at=last.at
                )

    def accept(self, *, evidence: int) -> None:
        """Note that what is lost is known to be: evidence records up to an index on the ledger."""
        self._keep(_ACCEPTED, str(evidence))
        self._keep(_SET_BACK, "")

    def accepted_evidence(self) -> int:
        """Return the index of the last evidence record that is known to be lost; -1 if none is."""
        return int(self._store.lists.setting(_ACCEPTED) or -1)

    def _keep(self, name: str, value: str) -> None:
        if (self._store.lists.setting(name) or "") != value:
            self._store.lists.keep_setting(name, value)
