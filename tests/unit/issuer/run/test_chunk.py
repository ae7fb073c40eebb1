# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a worker makes of a chunk: with nothing but its task and the key."""

import pickle
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.make_roster import HEADER, iter_rows

from tests.unit.issuer.stage import DID, START, STATUS_BASE, vct
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import shipped_type
from vcred.errors import DecodeError, RefusedError
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.issuer.applications import Application
from vcred.issuer.chunk import ChunkResult, ChunkTask, RosterTerms, RowTask, RowWaiting, work_chunk
from vcred.issuer.engines.workers.chunk_engine import iter_worked
from vcred.issuer.journal import claims_hash
from vcred.issuer.roster import RowNote
from vcred.issuer.row_signer import RowDone
from vcred.issuer.terms import IssuerName
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason
from vcred.securing.jwe import is_sealed

SIGNER = SoftwareSigner.generate(ES256)
TYPE = shipped_type("health-code")
TERMS = RosterTerms(
    issuer=IssuerName(did=DID, key_id=f"{DID}#1", key=SIGNER.public_key, key_added_at=0),
    vct=vct("health-code"),
    definition=TYPE.encoded,
    status_base=STATUS_BASE,
    issued_at=int(START.timestamp()),
    header=HEADER,
    encoding="utf-8",
    copies=1,
    now=START,
    sealed=False,
    version="1",
)
_, *ROWS = iter_rows(3)
PLACE = (f"{STATUS_BASE}0", 77)


def row(cells: tuple[str, ...] = ROWS[0], **changes: Any) -> RowTask:
    """A row that is to be signed."""
    task = RowTask(2, cells, None, (), False, None, (0,), (PLACE,))
    return task._replace(**changes)


def work(*rows: RowTask, **changes: Any) -> tuple[object, ...]:
    """What comes of rows."""
    return work_chunk(ChunkTask(replace(TERMS, **changes), rows), SIGNER).rows


def done(task: RowTask, **changes: Any) -> RowDone:
    """The one row, which is in order."""
    (outcome,) = work(task, **changes)
    assert isinstance(outcome, RowDone)
    return outcome


def note(task: RowTask, **changes: Any) -> str:
    """Why the one row is refused."""
    (outcome,) = work(task, **changes)
    assert isinstance(outcome, RowNote)
    return f"{outcome.column}: {outcome.rule}"


def test_a_row_is_signed_at_its_place() -> None:
    outcome = done(row())
    credential = parse_presentation(outcome.texts[0])
    assert credential.status == StatusReference(uri=PLACE[0], index=PLACE[1])
    assert credential.holder_key is not None
    assert outcome.holders == (credential.holder_key.thumbprint(),)
    assert outcome.row_id == "HC000000001" and not outcome.is_expired
    assert done(row(), now=START.replace(year=2027)).is_expired


def test_a_row_that_is_not_to_be_signed_has_the_same_digests() -> None:
    signed, checked = done(row()), done(row(copies=(), statuses=()))
    assert checked.texts == ()
    assert checked == signed._replace(texts=())
    other = done(row(tuple(cell.replace("NAAT", "antigen") for cell in ROWS[0])))
    assert other.claims_hash != signed.claims_hash and len(claims_hash({})) == 32


def test_the_same_task_twice_gives_two_texts_of_one_place() -> None:
    first, second = done(row()).texts[0], done(row()).texts[0]
    assert first != second
    assert parse_presentation(first).status == parse_presentation(second).status


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"fault": "line longer than 262144 bytes"}, "row: line longer than 262144 bytes"),
        ({"is_repeated": True}, "row_id: seen before"),
        ({"cells": ROWS[0][:-1]}, "row: 15 cells where the header has 16"),
        ({"applications": (Application(did="did:web:example.org"),)}, "holder: refused (did_invalid)"),
        ({"applications": (Application(did="did:key:z6"),)}, "holder: refused (key_unusable)"),
    ],
)
def test_a_row_is_refused_for_one_thing(changes: dict[str, Any], fault: str) -> None:
    done(row())
    assert note(row(**changes)) == fault


@pytest.mark.parametrize(
    "cells",
    [ROWS[0][1:], (*ROWS[0], ""), ("110101199003071\udc81", *ROWS[0][1:])],
    ids=["one too few", "one too many", "undecodable"],
)
def test_a_row_whose_columns_have_moved_has_no_id(cells: tuple[str, ...]) -> None:
    """What stands in the place of its id may be an identity number: no report carries that on."""
    (fits,) = work(row(is_repeated=True))
    assert isinstance(fits, RowNote) and fits.row_id == "HC000000001"
    (moved,) = work(row(cells))
    assert isinstance(moved, RowNote) and moved.row_id == ""


def test_holders_beside_the_roster_outweigh_its_own_column() -> None:
    named = SoftwareSigner.generate(ES256).public_key
    assert done(row(applications=(Application(did=named.did_key()),))).holders == (named.thumbprint(),)
    assert work(row(applications=())) == (RowWaiting("HC000000001"),)
    assert work(row((*ROWS[0][:-1], ""))) == (RowWaiting("HC000000001"),)


def test_only_the_missing_copies_are_signed() -> None:
    keys = tuple(Application(did=SoftwareSigner.generate(ES256).public_key.did_key()) for _ in range(3))
    task = row(applications=keys, copies=(1, 2), statuses=(PLACE, (PLACE[0], 78)))
    outcome = done(task, copies=3)
    assert len(outcome.holders) == 3
    assert [parse_presentation(text).status.index for text in outcome.texts] == [77, 78]  # type: ignore[union-attr]
    assert note(task, copies=4) == "holder: 4 copies need as many keys"


def test_sealed_to_a_key_that_can_receive() -> None:
    assert is_sealed(done(row(), sealed=True).texts[0])
    edwards = Application(did=SoftwareSigner.generate(EDDSA).public_key.did_key())
    assert done(row(applications=(edwards,))).texts
    assert note(row(applications=(edwards,)), sealed=True).endswith("sealed to an Ed25519 key")


def test_another_key_than_the_one_that_is_named_signs_nothing() -> None:
    task = ChunkTask(TERMS, (row(),))
    assert work_chunk(task, SIGNER).rows
    with pytest.raises(ValueError, match="another key"):
        work_chunk(task, SoftwareSigner.generate(ES256))


def test_a_definition_that_is_none_is_refused() -> None:
    with pytest.raises(DecodeError):
        work(row(), definition=b"{")


@settings(max_examples=60)
@given(st.lists(st.text(max_size=20), min_size=0, max_size=18), st.booleans())
def test_any_cells_are_done_or_refused(cells: list[str], is_repeated: bool) -> None:
    (outcome,) = work(row(tuple(cells), is_repeated=is_repeated))
    assert isinstance(outcome, RowDone | RowWaiting | RowNote)


def test_what_crosses_to_another_process_comes_back_as_it_was() -> None:
    task = ChunkTask(TERMS, tuple(row(cells) for cells in ROWS))
    assert pickle.loads(pickle.dumps(task)) == task
    result = work_chunk(task, SIGNER)
    assert pickle.loads(pickle.dumps(result)) == result


@dataclass
class Numbered:
    """A chunk that is known by its number."""

    task: Any


class Slow:
    """An engine that does nothing until it is waited for."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.out: list[int] = []

    def submit(self, task: Any) -> "Future[ChunkResult]":
        self.out.append(task)
        future: Future[ChunkResult] = Future()
        future.set_result(task)
        return future

    def close(self) -> None:
        """Nothing is held."""


@given(st.integers(0, 5), st.integers(0, 30))
def test_chunks_come_back_in_order_and_few_are_out(workers: int, count: int) -> None:
    engine = Slow(workers)
    got = 0
    for chunk, result in iter_worked(engine, (Numbered(number) for number in range(count))):
        assert chunk.task == result == got  # type: ignore[comparison-overlap]
        got += 1
        assert len(engine.out) - got <= 2 * workers
    assert got == count


def test_what_is_out_comes_back_before_a_refusal() -> None:
    def chunks() -> Iterator[Numbered]:
        yield from map(Numbered, range(3))
        raise RefusedError(Reason.APPROVAL_REQUIRED, "a second person")

    got = []
    with pytest.raises(RefusedError):
        for chunk, _ in iter_worked(Slow(2), chunks()):
            got.append(chunk.task)
    assert got == [0, 1, 2]
