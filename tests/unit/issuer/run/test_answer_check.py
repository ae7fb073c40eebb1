# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A worker that holds the issuer's key and answers what it was not asked: nothing of it is kept."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.run.test_chunk import PLACE, ROWS, SIGNER, TERMS, TYPE, row
from tests.unit.issuer.stage import DATA, DID, START, Stage, did_key
from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.errors import StoreError
from vcred.issuer.answer_check import AnswerCheck
from vcred.issuer.applications import Application
from vcred.issuer.chunk import ChunkResult, ChunkTask, RosterTerms, RowTask, RowWaiting, work_chunk
from vcred.issuer.engines.workers.inline import InlineEngine
from vcred.issuer.possession import Possession
from vcred.issuer.roster import RowNote
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.wallet.possession import make_possession_proof

Asked: TypeAlias = Callable[[RowTask], RowTask]
OTHER = SoftwareSigner.generate(ES256)
FIRST, SECOND = row(), row(ROWS[1], line=3, statuses=((PLACE[0], 78),))
TASK = ChunkTask(TERMS, (FIRST, SECOND))


def check(task: ChunkTask, result: ChunkResult, *, elsewhere: bool = False) -> None:
    """Of workers elsewhere, all rows are drawn."""
    AnswerCheck(task.terms, TYPE, elsewhere=elsewhere, draw=lambda rows, _: rows).check(task, result)


def fault(task: ChunkTask, result: ChunkResult, *, elsewhere: bool) -> str:
    """Why an answer is refused, without the line."""
    with pytest.raises(StoreError) as caught:
        check(task, result, elsewhere=elsewhere)
    prefix = "a worker has answered what it was not asked: "
    assert str(caught.value).startswith(prefix)
    return str(caught.value).removeprefix(prefix)


def proved() -> Application:
    issued_at = int(START.timestamp())
    proof = make_possession_proof(OTHER, audience=DID, nonce="code", issued_at=issued_at)
    return Application(proof=proof, nonce="code")


def did_jwk(key: PublicKey) -> str:
    return f"did:jwk:{encode_base64url(encode_jcs(key.to_jwk()))}"


elsewhere_or_here = pytest.mark.parametrize("elsewhere", [False, True])
OTHERWISE = "line 2: another outcome than the row has here"
SAYS_OTHER = "line 2: a text that says something else: issuer, type, time, key or status"


@elsewhere_or_here
@pytest.mark.parametrize(
    ("terms", "task"),
    [
        (TERMS, FIRST),
        (replace(TERMS, sealed=True), FIRST),
        (TERMS, row(copies=(), statuses=())),
        (TERMS, row(applications=())),
        (TERMS, row(ROWS[0][:-1])),
        (TERMS, row(applications=(proved(),))),
        (
            replace(TERMS, copies=2),
            row(
                applications=(Application(did=did_key()), proved()),
                copies=(0, 1),
                statuses=(PLACE, (PLACE[0], 79)),
            ),
        ),
        (replace(TERMS, copies=2), row(applications=(Application(did=did_key()), proved()), copies=(1,))),
    ],
    ids=["signed", "sealed", "only checked", "waits", "refused", "proof", "copies", "a copy more"],
)
def test_what_a_worker_answers_fits(terms: RosterTerms, task: RowTask, elsewhere: bool) -> None:
    asked = ChunkTask(terms, (task,))
    check(asked, work_chunk(asked, SIGNER), elsewhere=elsewhere)


@elsewhere_or_here
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda task: task._replace(statuses=SECOND.statuses), SAYS_OTHER),
        (lambda task: task._replace(statuses=(("https://other.example/lists/0", 77),)), SAYS_OTHER),
        (lambda task: task._replace(applications=(proved(),)), "line 2: another proof of possession"),
        (lambda task: task._replace(cells=ROWS[1]), "line 2: another row id"),
        (lambda task: task._replace(copies=(), statuses=()), "line 2: 0 texts for 1 copies"),
        (lambda task: task._replace(line=9, fault="broken"), "line 2: a refusal of another row"),
    ],
    ids=["place", "list", "proof", "row", "no text", "line"],
)
def test_a_row_that_was_worked_on_otherwise(change: Asked, words: str, elsewhere: bool) -> None:
    check(TASK, work_chunk(TASK, SIGNER), elsewhere=elsewhere)
    result = work_chunk(TASK._replace(rows=(change(FIRST), SECOND)), SIGNER)
    assert fault(TASK, result, elsewhere=elsewhere) == words


@elsewhere_or_here
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vct": "did:vcred:other/types/health-code/1"}, SAYS_OTHER),
        ({"issued_at": TERMS.issued_at + 1}, SAYS_OTHER),
        (
            {"issuer": replace(TERMS.issuer, did="did:vcred:other", key_id="did:vcred:other#1")},
            "line 2: a text by another key",
        ),
    ],
    ids=["type", "time", "issuer"],
)
def test_other_terms(changes: dict[str, Any], words: str, elsewhere: bool) -> None:
    result = work_chunk(TASK._replace(terms=replace(TERMS, **changes)), SIGNER)
    assert fault(TASK, result, elsewhere=elsewhere) == words


@elsewhere_or_here
def test_exchanged_rows_and_texts(elsewhere: bool) -> None:
    first, second = work_chunk(TASK, SIGNER).rows
    assert fault(TASK, ChunkResult((second, first)), elsewhere=elsewhere) == "line 2: another row id"
    assert fault(TASK, ChunkResult((first,)), elsewhere=elsewhere) == "1 rows for 2"
    swapped: Any = first
    swapped = swapped._replace(texts=getattr(second, "texts", ()))
    assert fault(TASK, ChunkResult((swapped, second)), elsewhere=elsewhere) == SAYS_OTHER
    assert fault(TASK, ChunkResult((RowWaiting("R9"), second)), elsewhere=elsewhere).endswith("row id")


def test_the_signature_is_seen_of_workers_elsewhere() -> None:
    first, second = work_chunk(TASK, SIGNER).rows
    changed: Any = first
    jwt, rest = changed.texts[0].split("~", 1)
    head, _ = jwt.rsplit(".", 1)
    wrong = changed._replace(texts=(f"{head}.{'A' * 86}~{rest}",))
    assert fault(TASK, ChunkResult((wrong, second)), elsewhere=True).startswith("line 2: not of the form")


def test_a_proof_is_verified_of_workers_elsewhere() -> None:
    """ISS-06: a worker that takes a proof for another code."""
    good = ChunkTask(TERMS, (row(applications=(proved(),)),))
    check(good, work_chunk(good, SIGNER), elsewhere=True)
    (done,) = work_chunk(good, SIGNER).rows
    stale = Application(proof=proved().proof, nonce="other code")
    asked = good._replace(rows=(row(applications=(stale,)),))
    assert "another proof of possession" in fault(asked, ChunkResult((done,)), elsewhere=False)
    again: Any = done
    again = again._replace(nonces=(hashlib.sha256(b"other code").digest(),))
    check(asked, ChunkResult((again,)))
    assert fault(asked, ChunkResult((again,)), elsewhere=True) == OTHERWISE
    without: Any = done
    without = without._replace(nonces=(b"",), possession=(Possession.DID,))
    assert "another proof of possession" in fault(good, ChunkResult((without,)), elsewhere=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda task: task._replace(applications=(Application(did=did_key()),)), "line 2: another key"),
        (lambda task: task._replace(cells=("HC000000001", *ROWS[1][1:-1], ROWS[0][-1])), OTHERWISE),
        (lambda task: task._replace(is_repeated=True), OTHERWISE),
    ],
    ids=["key", "claims", "refused"],
)
def test_the_work_of_workers_elsewhere_is_done_once_more(change: Asked, words: str) -> None:
    """A credential for another person, or none: the place is the one that was dealt."""
    check(TASK, work_chunk(TASK, SIGNER), elsewhere=True)
    result = work_chunk(TASK._replace(rows=(change(FIRST), SECOND)), SIGNER)
    check(TASK, result)
    assert fault(TASK, result, elsewhere=True) == words


@elsewhere_or_here
def test_a_row_with_a_holder_waits_for_none(elsewhere: bool) -> None:
    nobody = ChunkTask(TERMS, (row(applications=()),))
    waiting = work_chunk(nobody, SIGNER)
    check(nobody, waiting, elsewhere=elsewhere)
    asked = ChunkTask(TERMS, (FIRST,))
    assert fault(asked, waiting, elsewhere=elsewhere) == "line 2: a row with a holder that waits for one"


@elsewhere_or_here
@pytest.mark.parametrize("sealed", [False, True])
def test_each_text_is_bound_to_the_key_that_it_is_kept_under(elsewhere: bool, sealed: bool) -> None:
    task = ChunkTask(replace(TERMS, sealed=sealed), (FIRST,))
    (done,) = work_chunk(task, SIGNER).rows
    check(task, ChunkResult((done,)), elsewhere=elsewhere)
    false = done._replace(holders=(OTHER.public_key.thumbprint(),))  # type: ignore[union-attr, call-arg]
    words = fault(task, ChunkResult((false,)), elsewhere=elsewhere)
    assert words == ("line 2: a text that is not sealed to its holder" if sealed else SAYS_OTHER)


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("make_did", [lambda key: key.did_key(), did_jwk], ids=["did:key", "did:jwk"])
def test_the_key_of_every_row_is_seen_of_workers_elsewhere(
    make_did: Callable[[PublicKey], str], sealed: bool
) -> None:
    """Of rows that are not drawn, too: a credential for a key of the worker's own."""

    def asked(key: PublicKey) -> ChunkTask:
        return ChunkTask(
            replace(TERMS, sealed=sealed), (row(applications=(Application(did=make_did(key)),)),)
        )

    def undrawn(task: ChunkTask, result: ChunkResult) -> None:
        AnswerCheck(task.terms, TYPE, elsewhere=True, draw=lambda rows, _: ()).check(task, result)

    mine, theirs = asked(OTHER.public_key), asked(SoftwareSigner.generate(ES256).public_key)
    undrawn(mine, work_chunk(mine, SIGNER))
    with pytest.raises(StoreError, match="another key"):
        undrawn(mine, work_chunk(theirs, SIGNER))


def test_a_refusal_of_workers_elsewhere_is_always_seen() -> None:
    """Drawn or not: the worker could keep the text that it signed, and no journal would know of it."""

    def undrawn(result: ChunkResult) -> None:
        AnswerCheck(TERMS, TYPE, elsewhere=True, draw=lambda rows, _: ()).check(TASK, result)

    first, second = work_chunk(TASK, SIGNER).rows
    undrawn(ChunkResult((first, second)))
    for note in (
        RowNote(row_id="HC000000001", line=2, column="claims", rule="more than one credential can hold"),
        RowNote(row_id="HC000000001", line=2, column="\x1b[2J", rule="required"),
    ):
        with pytest.raises(StoreError, match="another outcome"):
            undrawn(ChunkResult((note, second)))
        flagged = first._replace(flags=(note,))  # type: ignore[union-attr]
        with pytest.raises(StoreError, match="another outcome"):
            undrawn(ChunkResult((flagged, second)))


def test_some_rows_are_drawn_and_read() -> None:
    """Which ones, nobody foresees; one that is drawn is read to the end."""
    rows = tuple(row(copies=(), statuses=(), line=line) for line in range(2, 42))
    task = ChunkTask(TERMS, rows)
    honest = work_chunk(task, SIGNER)
    false = honest.rows[7]._replace(claims_hash=bytes(32))  # type: ignore[union-attr]
    result = ChunkResult((*honest.rows[:7], false, *honest.rows[8:]))

    def is_found(**draws: Any) -> bool:
        checking = AnswerCheck(TERMS, TYPE, elsewhere=True, **draws)
        checking.check(task, honest)
        try:
            checking.check(task, result)
        except StoreError:
            return True
        return False

    assert is_found(draw=lambda rows, count: [7])
    assert not is_found(draw=lambda rows, count: [8])
    # A fifth of these few rows each time: not to be found in 200 draws is less likely than 1 in 10^19.
    found = [is_found() for _ in range(200)]
    assert any(found) and not all(found)


def test_a_text_that_is_sealed_to_another() -> None:
    terms = replace(TERMS, sealed=True)
    task = ChunkTask(terms, (FIRST,))
    (mine,) = work_chunk(task, SIGNER).rows
    other = ChunkTask(terms, (row(applications=(Application(did=OTHER.public_key.did_key()),)),))
    (theirs,) = work_chunk(other, SIGNER).rows
    mixed: Any = mine
    mixed = mixed._replace(texts=getattr(theirs, "texts", ()))
    words = "line 2: a text that is not sealed to its holder"
    assert fault(task, ChunkResult((mixed,)), elsewhere=True) == words


@given(
    st.fixed_dictionaries(
        {
            "texts": st.tuples(st.one_of(st.text(), st.none(), st.binary())) | st.none(),
            "holders": st.tuples(st.one_of(st.text(), st.none())) | st.integers(),
            "claims_hash": st.one_of(st.none(), st.binary()),
        }
    )
)
def test_any_answer(changes: dict[str, Any]) -> None:
    """It comes from another machine, unpickled: a StoreError, and never another exception."""
    done: Any = work_chunk(TASK, SIGNER).rows[0]
    with pytest.raises(StoreError):
        check(ChunkTask(TERMS, (FIRST,)), ChunkResult((done._replace(**changes),)))


def test_nothing_of_a_wrong_answer_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path)
    roster = b"".join((DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:3])
    holders = {f"HC{number:07}": did_key() for number in (1, 2)}
    honest = InlineEngine.submit

    def exchange(engine: InlineEngine, task: ChunkTask) -> "Future[ChunkResult]":
        first, second = task.rows
        places = first._replace(statuses=second.statuses), second._replace(statuses=first.statuses)
        return honest(engine, task._replace(rows=places))

    def issue() -> int:
        with stage.open() as issuer:
            out = tmp_path / "1.jsonl"
            return issuer.issue_roster("health-code", roster, out=out, applications=holders).issued

    with monkeypatch.context() as patch:
        patch.setattr(InlineEngine, "submit", exchange)
        with pytest.raises(StoreError, match="a worker has answered what it was not asked"):
            issue()
    with stage.open() as issuer:
        assert list(issuer.receipts()) == []
    assert issue() == 2


def test_a_refusal_may_leave_the_row_id_out() -> None:
    moved = row(ROWS[0][:-1])
    task = ChunkTask(TERMS, (moved,))
    assert work_chunk(task, SIGNER).rows == (
        RowNote(row_id="", line=2, column="row", rule="15 cells where the header has 16"),
    )
