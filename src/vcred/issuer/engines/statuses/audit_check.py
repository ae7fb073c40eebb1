# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Hold the tables of the issuer's store against its audit log.

The chain of the log proves that no entry was altered. But what a gate hears comes from the tables,
and whoever can write the store can edit them beside the log. So the whole log is replayed, and
every table that it speaks of is compared with what it says. They can append to the log as well: what
needs a second person is held against what that person has signed.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from vcred.errors import DecodeError, StoreError
from vcred.issuer.audit.findings import Difference, DifferenceKind, Findings, Notice
from vcred.issuer.audit.log import AuditHead
from vcred.issuer.audit.replay import FIRST_SOUND_SETTING, HOURS_SETTING, LIMIT_SETTINGS, Replay
from vcred.issuer.engines.statuses.places_check import PlacesCheck
from vcred.issuer.engines.store.approvals import ApprovalTable
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.engines.store.journal import VALUES, place_of_entry
from vcred.issuer.journal import CredentialIds, StatusValue

_TOLD_SETTINGS: Final = (
    *LIMIT_SETTINGS.values(),
    HOURS_SETTING,
    "publish_every",
    "purposes",
    FIRST_SOUND_SETTING,
)
_NOT_VALID: Final = "SELECT id, old_id, status FROM journal WHERE status != 0 ORDER BY id"
_LISTS: Final = "SELECT number, dealt, last_issued_at FROM list ORDER BY number"


class AuditCheck:
    """One reading of the log, then of the tables. Inside one `moment` of the store.

    Memory: some hundred bytes for each credential that is not valid now, and some for each place of the
    largest list.
    """

    def __init__(
        self,
        db: StoreDriver,
        ids: CredentialIds,
        *,
        audit: AuditTable,
        approvals: ApprovalTable,
        issuer: str,
    ) -> None:
        self._db = db
        self._ids = ids
        self._audit = audit
        self._approvals = approvals
        self._replay = Replay(issuer=issuer)

    def entries(self) -> Iterator[tuple[AuditHead, bytes]]:
        """Yield every entry as `AuditTable.proved` does, and take it in.

        Raises:
            StoreError: The chain is broken, or an entry has not the members of its kind.
        """
        for head, content, entry in self._audit.read():
            try:
                self._replay.take(entry)
            except DecodeError as error:
                raise StoreError(f"the audit log is broken at entry {entry.seq}: {error}") from error
            yield head, content

    def differences(self) -> list[Difference]:
        """Compare the tables with the entries that were read, all of them."""
        self._replay.approvals.finish()
        found = self._replay.findings
        self._compare_statuses(found)
        self._compare_approvals(found)
        self._compare_settings(found)
        PlacesCheck(self._db, self._ids, replay=self._replay, found=found).compare()
        self._compare_lists(found)
        return found.all()

    def notices(self) -> list[Notice]:
        """Return what the entries that were read say and nobody can prove. After `differences`."""
        return self._replay.findings.notices()

    def _compare_statuses(self, found: Findings) -> None:
        told, inherited = self._replay.statuses, self._replay.inherited
        for number, old_id, status in self._db.stream(_NOT_VALID):
            (made,) = self._ids.encode([place_of_entry(number)])
            credential, value = made if old_id is None else str(old_id), VALUES[status]
            expected = told.pop(credential, None)
            if expected is None and inherited.get(value, 0):
                inherited[value] -= 1
            elif expected is not value:
                found.add(DifferenceKind.STATUS, credential)
        # What is left was taken back, the log says, and the tables say that it is good.
        for credential in told:
            found.add(DifferenceKind.STATUS, credential)
        for value in (StatusValue.REVOKED, StatusValue.SUSPENDED):
            for _ in range(inherited.get(value, 0)):
                found.add(DifferenceKind.STATUS, "of before the log began")

    def _compare_approvals(self, found: Findings) -> None:
        in_office = set(self._approvals.in_office())
        for did in sorted(in_office ^ self._replay.approvals.in_office):
            found.add(DifferenceKind.APPROVER, did)
        allowed = Counter(self._approvals.issuing_allowed())
        told = Counter(self._replay.issuing)
        for number, _ in sorted((allowed - told) + (told - allowed)):
            found.add(DifferenceKind.ISSUING, str(number))

    def _compare_settings(self, found: Findings) -> None:
        kept: dict[str, str] = dict(self._db.rows("SELECT name, value FROM setting"))
        for name in _TOLD_SETTINGS:
            if kept.get(name) != self._replay.settings.get(name):
                found.add(DifferenceKind.SETTING, name)

    def _compare_lists(self, found: Findings) -> None:
        dealt, published = dict(self._replay.dealt), dict(self._replay.published)
        places = 0
        for number, now_dealt, issued_at in self._db.rows(_LISTS):
            places += now_dealt
            # More may have been dealt since the log was told; never less: a place would be given twice.
            if now_dealt < dealt.pop(number, 0):
                found.add(DifferenceKind.DEALT, str(number))
            if issued_at != published.pop(number, issued_at):
                found.add(DifferenceKind.PUBLISHED, str(number))
        for number in dealt:
            found.add(DifferenceKind.DEALT, str(number))
        for number in published:
            found.add(DifferenceKind.PUBLISHED, str(number))
        if places < self._replay.places and not any(one.kind is DifferenceKind.DEALT for one in found.all()):
            found.add(DifferenceKind.DEALT, "all")
