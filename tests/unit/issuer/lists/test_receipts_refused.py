# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A receipt that is none of this store's, or that was edited, enters nothing in its journal (ISS-17)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.issuer.lists.losses import Loss, counts, lose
from tests.unit.issuer.lists.stage import VCT, ListStage, opened
from vcred.credential.status_reference import StatusReference
from vcred.errors import DecodeError, RefusedError
from vcred.issuer.journal import CredentialIds, StatusValue
from vcred.issuer.kept_receipts import (
    BEYOND,
    NOT_LOST,
    OTHER_INDEX,
    OTHER_LIST,
    OTHER_TYPE,
    STRANGE,
    STRANGE_TYPE,
    TAKEN,
)
from vcred.issuer.receipts import Receipt, encode_receipts
from vcred.reasons import Reason

OTHER = "did:vcred:publisher/types/vaccination/1"


@pytest.fixture
def loss(stage: ListStage) -> Loss:
    """What a home that was put back has lost."""
    return lose(stage)


def _reconciled(loss: Loss) -> None:
    with loss.stage.open() as (_, desk):
        desk.reconcile()


def _id(loss: Loss, number: int, deal: int) -> str:
    with loss.stage.open() as (store, _):
        (made,) = CredentialIds(store.secret).encode([(number, deal)])
        return made


def _forged(receipt: Receipt, loss: Loss) -> Receipt:
    last = receipt.credential_id[-1]
    return replace(receipt, credential_id=receipt.credential_id[:-1] + ("0" if last != "0" else "1"))


def _of_another_store(receipt: Receipt, loss: Loss) -> Receipt:
    (made,) = CredentialIds(bytes(32)).encode([(0, 12)])
    return replace(receipt, credential_id=made)


def _index(index: int) -> Callable[[Receipt, Loss], Receipt]:
    return lambda receipt, loss: replace(receipt, status=StatusReference(uri=receipt.status.uri, index=index))


def _index_of_another(receipt: Receipt, loss: Loss) -> Receipt:
    return _index(loss.lost[4].status.index)(receipt, loss)


def _list(number: int) -> Callable[[Receipt, Loss], Receipt]:
    def change(receipt: Receipt, loss: Loss) -> Receipt:
        uri = f"{loss.stage.base}{number}"
        return replace(receipt, status=StatusReference(uri=uri, index=receipt.status.index))

    return change


def _of_an_open_list(receipt: Receipt, loss: Loss) -> Receipt:
    with loss.stage.open() as (store, _):
        (new,) = loss.stage.issue(store)
        number = int(new.status.uri.rpartition("/")[2])
    # Of the same list, and not in the journal: a copy of this home goes on elsewhere.
    return replace(receipt, credential_id=_id(loss, number, 700), status=new.status)


def _of_another_type(receipt: Receipt, loss: Loss) -> Receipt:
    with loss.stage.open() as (store, _), store.db.transaction():
        store.types.number(OTHER)
    return replace(receipt, vct=OTHER)


MUTATIONS: list[tuple[Callable[[Receipt, Loss], Receipt], str, Reason]] = [
    (_forged, STRANGE, Reason.STATUS_INVALID),
    (_of_another_store, STRANGE, Reason.STATUS_INVALID),
    (lambda one, _: replace(one, credential_id=one.credential_id.upper()), STRANGE, Reason.STATUS_INVALID),
    (_list(1), OTHER_LIST, Reason.STATUS_INVALID),
    (_index(0), OTHER_INDEX, Reason.STATUS_INVALID),
    (_index_of_another, OTHER_INDEX, Reason.STATUS_INVALID),
    (_of_an_open_list, NOT_LOST, Reason.ROLLBACK),
    (lambda one, _: replace(one, vct="did:vcred:x/types/pass/1"), STRANGE_TYPE, Reason.STATUS_INVALID),
    (_of_another_type, OTHER_TYPE, Reason.STATUS_INVALID),
]


@pytest.mark.parametrize(("change", "fault", "reason"), MUTATIONS)
def test_one_line_that_does_not_fit_and_nothing_is_entered(
    loss: Loss, change: Callable[[Receipt, Loss], Receipt], fault: str, reason: Reason
) -> None:
    _reconciled(loss)
    changed = change(loss.receipts[5], loss)
    with loss.stage.open() as (store, desk):
        head, entries = store.changes.audit.head(), len([*store.entries()])
        with pytest.raises(RefusedError) as caught:
            desk.take_receipts(loss.write([*loss.receipts[:5], changed]))
        assert str(caught.value) == f"{loss.table}, line 7: {fault}"
        assert caught.value.reason is reason
        assert (store.changes.audit.head(), len([*store.entries()])) == (head, entries)
        # The same line as it was is believed.
        _, taken = desk.take_receipts(loss.write(loss.receipts))
        assert taken.entered == 6


def test_a_bad_line_leaves_a_home_that_was_put_back_as_it_is(loss: Loss) -> None:
    with loss.stage.open() as (store, desk):
        with pytest.raises(RefusedError, match=STRANGE):
            desk.take_receipts(loss.write([*loss.receipts, _forged(loss.receipts[0], loss)]))
        with pytest.raises(RefusedError) as caught:
            loss.stage.issue(store)
        assert caught.value.reason is Reason.ROLLBACK
        reconciled, taken = desk.take_receipts(loss.write(loss.receipts))
        assert reconciled is not None
        assert taken.entered == 6


@pytest.mark.parametrize("what", ["published", "never published"])
def test_a_list_that_the_store_never_knew(stage: ListStage, what: str) -> None:
    """Its deck is gone: an index is believed unless it is another's, or in no list."""
    backup = stage.back_up()
    with stage.open() as (store, desk):
        lost = stage.issue(store, 3, vct=OTHER)
        if what == "published":
            stage.change(store, lost[:1], StatusValue.REVOKED)
        stage.clock.later(minutes=2)
        if what == "published":
            stage.import_lists(desk.publish())
    stage.restore_home(backup)
    # The issuer has issued this type before: it is in the table of types.
    loss = Loss(stage, lost, stage.folder.with_name("receipts.csv"))
    good = loss.receipts
    bad = [
        (_index(2_000_000)(good[2], loss), BEYOND),
        (_index(good[0].status.index)(good[2], loss), TAKEN),
        (replace(good[2], vct=VCT), OTHER_TYPE),
        (_list(0)(good[2], loss), OTHER_LIST),
    ]
    with stage.open() as (_, desk):
        desk.reconcile(nothing_was_published=what != "published")
    with stage.open() as (store, desk):
        with store.db.transaction():
            store.types.number(OTHER)
        for receipt, fault in bad:
            with pytest.raises(RefusedError) as caught:
                desk.take_receipts(loss.write([*good[:2], receipt]))
            assert str(caught.value).endswith(f"line 4: {fault}")
        _, taken = desk.take_receipts(loss.write(good))
        assert (taken.entered, taken.revoked) == (3, int(what == "published"))
        # What one person may change alone is used up by the reconciliation.
        stage.clock.later(minutes=24 * 60 + 1)
        stage.change(store, lost[1:2], StatusValue.REVOKED)
        (told,) = [item for item in desk.publish() if item.uri == lost[0].status.uri]
        assert opened(told).get(lost[1].status.index) == 1
        assert opened(told).get(lost[2].status.index) == 0
        assert counts(store) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no table of receipts"),
        (b"row_id,holder\r\nA,b\r\n", "is no table of receipts"),
        (b"A,b\r\n", "line 2: 2 cells where a receipt has 9"),
        (b"\xff\r\n", "line 2: not UTF-8"),
    ],
)
def test_other_files_are_told(loss: Loss, content: bytes, words: str) -> None:
    header = encode_receipts([])
    loss.table.write_bytes(content if "table" in words else header + content)
    with loss.stage.open() as (_, desk), pytest.raises(DecodeError, match=words):
        desk.take_receipts([loss.table])
