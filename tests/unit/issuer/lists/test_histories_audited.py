# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is issued, revoked, published, restored and reconciled: tables and log do not differ."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.issuer.lists.test_histories import STEPS, History
from vcred.issuer.engines.statuses.audit_check import AuditCheck
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.issuer.journal import CredentialIds


class Lawful(History):
    """After a restoring nobody changes anything alone for a day."""

    def revoke(self) -> None:
        self.stage.clock.later(minutes=24 * 60)
        super().revoke()


@settings(max_examples=10, deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=14), seed=st.integers(0, 2**32))
def test_no_history_makes_tables_and_log_differ(steps: list[str], seed: int) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        history = Lawful(folder, seed)
        history.run(steps)
        with open_issuer_store(history.stage.home) as store:
            changes = store.changes
            ids = CredentialIds(store.secret)
            check = AuditCheck(
                store.db,
                ids,
                audit=changes.audit,
                approvals=changes.approvals,
                issuer=history.stage.did,
            )
            assert list(check.entries())
            assert check.differences() == []
    finally:
        shutil.rmtree(folder)
