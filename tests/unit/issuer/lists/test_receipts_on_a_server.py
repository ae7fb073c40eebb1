# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Receipts of what a shared store has lost: the same statements, on a server."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.unit.issuer.lists.stage import ListStage, opened
from vcred.issuer.journal import EntryState, StatusValue
from vcred.issuer.receipts import encode_receipts, receipt_of

pytestmark = pytest.mark.online


def test_a_shared_store_knows_again_what_it_has_lost(
    start_postgres: Callable[[str], Postgres], tmp_path: Path
) -> None:
    server, table = start_postgres("wheel"), tmp_path / "receipts.csv"
    stage = ListStage(tmp_path / "home", shared=server.uri("receipts_before"))
    with stage.open() as (store, desk):
        secret, lost = store.secret, stage.issue(store, 4)
        stage.change(store, lost[:1], StatusValue.REVOKED)
        stage.change(store, lost[1:2], StatusValue.SUSPENDED)
        published = desk.publish()
    receipts = [replace(receipt_of(entry), state=EntryState.DELIVERED) for entry in lost]
    table.write_bytes(encode_receipts(receipts))
    # As it was before anything was issued: of the first moment nothing is left but its secret.
    stage.shared = server.uri("receipts_after")
    with stage.open() as (store, _):
        store.db.execute("UPDATE secret SET value = ?", (secret,))
    stage.import_lists(published)
    with stage.open() as (store, desk):
        # The type is one that this issuer has issued.
        with store.db.transaction():
            store.types.number(lost[0].vct)
        _, taken = desk.take_receipts([table])
        assert (taken.entered, taken.revoked, taken.suspended) == (4, 1, 1)
        _, taken = desk.take_receipts([table])
        assert (taken.entered, taken.known) == (0, 4)
        found = store.entries_of(entry.credential_id for entry in lost)
        assert [found[entry.credential_id].status for entry in lost] == [entry.status for entry in lost]
        stage.clock.later(minutes=24 * 60 + 1)
        stage.change(store, lost[2:3], StatusValue.REVOKED)
        (told,) = desk.publish()
        assert [opened(told).get(entry.status.index) for entry in lost] == [1, 2, 1, 0]
        store.changes.audit.verify()
