# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Any changes in any order, whatever the clock does: the audit log tells each, and nobody does too much."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.unit.issuer.changes.rig import CAROL, DAY, HOUR, Rig
from vcred.errors import RefusedError
from vcred.home import Role, Settings, create_home
from vcred.issuer.audit.log import AuditEntry, AuditKind, decode_entry
from vcred.issuer.change_request import ChangeRequest
from vcred.issuer.engines.store.changes import Waiting
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.issuer.journal import StatusValue
from vcred.issuer.selection import ByIds
from vcred.reasons import Reason

LIMIT = 4
ROWS = [f"HC{number}" for number in range(8)]
CHANGES = {AuditKind.STATUS, AuditKind.REPLACED}


class Changes(RuleBasedStateMachine):
    """An issuer whose one person tries everything, and an approver who sometimes approves."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(prefix="vcred-changes-")
        home = create_home(Path(self.folder.name), Role.ISSUER, Settings())
        self.store = open_issuer_store(home)
        self.rig = Rig(self.store)
        self.rig.issue(*ROWS)
        self.rig.limit(LIMIT)
        self.rig.desk.add_approver(CAROL.did, name="Carol")
        self.revoked: set[str] = set()
        self.applied: list[ChangeRequest] = []

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(rows=st.sets(st.sampled_from(ROWS), min_size=1), value=st.sampled_from(list(StatusValue)))
    def change(self, rows: set[str], value: StatusValue) -> None:
        before = self.statuses()
        try:
            outcome = self.rig.desk.change(ByIds(tuple(sorted(rows))), value)
        except RefusedError as error:
            assert error.reason is Reason.REVOKED
            assert self.statuses() == before
            return
        if isinstance(outcome, Waiting):
            assert self.statuses() == before

    @rule(row=st.sampled_from(ROWS))
    def reissue(self, row: str) -> None:
        self.rig.issue(row, replaces=True)

    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        waiting = self.rig.desk.requests()
        if waiting:
            request = data.draw(st.sampled_from(waiting))
            self.rig.desk.apply(CAROL.approve(request, at=self.rig.desk.audit.now(self.rig.now)))
            self.applied.append(request)

    @rule(hours=st.sampled_from([-100, -30, -1, 1, 11, 23, 24, 25, 100]))
    def set_the_clock(self, hours: int) -> None:
        self.rig.now += hours * HOUR

    @invariant()
    def the_log_tells_the_statuses(self) -> None:
        told = dict.fromkeys(self.statuses(), "valid")
        for entry in self.log():
            if entry.kind in CHANGES:
                credential = str(entry.members["credential"])
                assert told[credential] == entry.members["before"]
                # What an approved change leaves as it was is told, too.
                assert entry.members["before"] != "revoked" or entry.members["after"] == "revoked"
                told[credential] = str(entry.members["after"])
        assert told == self.statuses()

    @invariant()
    def nobody_alone_changes_too_much(self) -> None:
        approved = {request.request_id for request in self.applied}
        alone = Counter(
            entry.at
            for entry in self.log()
            if entry.kind in CHANGES and entry.members["change"] not in approved
        )
        for start in alone:
            assert sum(count for at, count in alone.items() if start <= at < start + DAY) <= LIMIT

    @invariant()
    def no_command_makes_tables_and_log_differ(self) -> None:
        with self.rig.desk.auditing() as check:
            assert list(check.entries())
            assert check.differences() == []

    def statuses(self) -> dict[str, str]:
        return {entry.credential_id: entry.value.value for entry in self.store.entries()}

    def log(self) -> list[AuditEntry]:
        return [decode_entry(content) for _, content in self.rig.desk.audit.proved()]


Changes.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
TestChanges = Changes.TestCase
