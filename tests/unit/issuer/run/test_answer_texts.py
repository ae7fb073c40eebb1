# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a worker may put into a text: one credential from end to end, and nothing beside it (ISS-15)."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.run.test_answer_check import FIRST, SAYS_OTHER, TASK, check, fault, proved
from tests.unit.issuer.run.test_chunk import SIGNER, TERMS, TYPE
from tests.unit.issuer.stage import DATA, Stage, did_key
from vcred.codec.base64url import decode_base64url
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import StoreError
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.issuer import answer_check, row_signer
from vcred.issuer.answer_check import AnswerCheck
from vcred.issuer.answer_reader import AnswerReader
from vcred.issuer.chunk import ChunkResult, ChunkTask, work_chunk
from vcred.issuer.engines.workers.inline import InlineEngine
from vcred.issuer.row_signer import RowDone
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.securing.jws import sign_jws
from vcred.securing.sd_jwt.disclosure import make_disclosure

Change: TypeAlias = Callable[[str], str]
ONE = ChunkTask(TERMS, (FIRST,))
SEALED = ChunkTask(replace(TERMS, sealed=True), (FIRST,))
OTHERWISE = "line 2: another outcome than the row has here"
NOT_WHOLE = "line 2: a text that is not an SD-JWT from end to end"
MALFORMED = "line 2: not of the form that it should have"
OTHER_ROW = '"}\n{"row_id":"HC0000099","credential_id":"' + "0" * 32 + '","copy":0,"credential":"'
OTHER_KEY = SoftwareSigner.generate(ES256).public_key
ALIEN = make_disclosure("colour", "green", bytes(16))

elsewhere_or_here = pytest.mark.parametrize("elsewhere", [False, True])


def answer(task: ChunkTask = ONE) -> RowDone:
    """What an honest worker answers for the one row; it is taken."""
    result = work_chunk(task, SIGNER)
    for elsewhere in (False, True):
        check(task, result, elsewhere=elsewhere)
    (done,) = result.rows
    assert isinstance(done, RowDone)
    return done


def refused(done: RowDone, task: ChunkTask = ONE, *, elsewhere: bool = True) -> str:
    """Why an answer for the one row is not."""
    return fault(task, ChunkResult((done,)), elsewhere=elsewhere)


def signed_anew(done: RowDone, change: Callable[[JsonObject], None], *more: str) -> RowDone:
    """What a worker signs that changes the payload, with disclosures beside those that there were."""
    jwt, *disclosures, _ = done.texts[0].split("~")
    payload = decode_json_object(decode_base64url(jwt.split(".")[1]))
    change(payload)
    jwt = sign_jws({"kid": TERMS.issuer.key_id, "typ": MEDIA_TYPE}, payload, SIGNER)
    return done._replace(texts=("~".join((jwt, *disclosures, *more, "")),))


@elsewhere_or_here
@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"{text}{OTHER_ROW}{text}",
        lambda text: text[:-1] + OTHER_ROW,
        lambda text: text + "\n",
        lambda text: text.replace("~", "~\n", 1),
        lambda text: text.replace("~", "~~", 1),
        lambda text: text[:-1],
        lambda text: text + "e30.e30.AA",
        lambda text: text + "\u00e9~",
        lambda text: text + "AA==~",
        lambda text: text.replace(".", "..", 1),
    ],
    ids=[
        "line",
        "at once",
        "line end",
        "inside",
        "empty part",
        "no end",
        "binding",
        "letter",
        "padding",
        "dot",
    ],
)
def test_a_text_is_one_credential_and_nothing_else(change: Change, elsewhere: bool) -> None:
    """A line for another row in codes.jsonl, and a chunk of the outbox that never opened again."""
    done = answer()
    assert refused(done._replace(texts=(change(done.texts[0]),)), elsewhere=elsewhere) == NOT_WHOLE


@elsewhere_or_here
def test_a_text_is_no_longer_than_one_that_is_read(elsewhere: bool) -> None:
    done = answer()
    room = MAX_PRESENTATION_BYTES - len(done.texts[0]) - 1
    longest = done._replace(texts=(f"{done.texts[0]}{'A' * room}~",))
    if not elsewhere:
        check(ONE, ChunkResult((longest,)))
    longer = done._replace(texts=(f"{done.texts[0]}{'A' * (room + 1)}~",))
    assert refused(longer, elsewhere=elsewhere) == NOT_WHOLE


@elsewhere_or_here
@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"{text}{OTHER_ROW}{text}",
        lambda text: text + "\n",
        lambda text: text + ".AA",
        lambda text: text.rpartition(".")[0],
        lambda text: text + "=",
        lambda text: text + "~",
        lambda text: text.replace(".", "." + "A" * 90_000, 1),
    ],
    ids=["line", "line end", "part more", "part less", "padding", "tilde", "long"],
)
def test_a_sealed_text_is_one_jwe_and_nothing_else(change: Change, elsewhere: bool) -> None:
    done = answer(SEALED)
    assert refused(done._replace(texts=(change(done.texts[0]),)), SEALED, elsewhere=elsewhere) == MALFORMED


@elsewhere_or_here
def test_an_open_text_in_a_sealed_run(elsewhere: bool) -> None:
    answer(SEALED)
    assert refused(answer(), SEALED, elsewhere=elsewhere) == MALFORMED


def test_each_disclosure_belongs_to_the_text() -> None:
    done = answer()
    more = done._replace(texts=(f"{done.texts[0]}{ALIEN.encoded}~",))
    assert refused(more) == "line 2: disclosures that do not belong to it"
    check(ONE, ChunkResult((more,)), elsewhere=False)


def test_the_claims_are_those_by_which_the_row_is_known_again() -> None:
    done = answer()
    less = done._replace(texts=("~".join(done.texts[0].split("~")[:-2]) + "~",))
    assert refused(less) == "line 2: claims of another digest"
    assert refused(done._replace(claims_hash=bytes(32))) == OTHERWISE
    claims = signed_anew(done, lambda payload: payload.update(colour="red"))
    assert refused(claims) == "line 2: claims of another digest"


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: payload.update(exp=payload["exp"] + 1),
        lambda payload: payload.pop("exp"),
        lambda payload: payload.update(nbf=1),
        lambda payload: payload.update(aud="https://gate.example"),
        lambda payload: payload.update(cnf={"jwk": OTHER_KEY.to_jwk()}),
        lambda payload: payload["cnf"].update(kid="another"),
        lambda payload: payload["cnf"]["jwk"].update(alg="ES256"),
    ],
    ids=["good for longer", "for ever", "not before", "for another", "key", "two keys", "more of the key"],
)
def test_a_text_says_nothing_more_than_it_should(change: Callable[[JsonObject], None]) -> None:
    done = answer()
    check(ONE, ChunkResult((signed_anew(done, lambda _: None),)), elsewhere=True)
    assert refused(signed_anew(done, change)) == SAYS_OTHER


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: payload.update(cnf={"jwk": OTHER_KEY.to_jwk()}),
        lambda payload: payload["cnf"].update(kid="another"),
        lambda payload: payload["cnf"]["jwk"].update(alg="ES256"),
        lambda payload: payload.pop("cnf"),
    ],
    ids=["key", "two keys", "more of the key", "no key"],
)
def test_who_reads_all_of_it_reads_the_key_too(change: Callable[[JsonObject], None]) -> None:
    """Whatever the look at every row has seen of it."""
    done, reader = answer(), AnswerReader(TERMS, TYPE)
    assert reader.fault(FIRST, signed_anew(done, lambda _: None)) is None
    assert reader.fault(FIRST, signed_anew(done, change)) == SAYS_OTHER.removeprefix("line 2: ")


def test_a_text_without_a_key_where_one_was_proved() -> None:
    """Of a row that is not drawn: a credential on paper is anybody's."""
    asked = FIRST._replace(applications=(proved(),))
    task = ChunkTask(TERMS, (asked,))

    def undrawn(done: RowDone) -> None:
        checking = AnswerCheck(TERMS, TYPE, elsewhere=True, draw=lambda rows, _: ())
        checking.check(task, ChunkResult((done,)))

    done = answer(task)
    undrawn(done)
    with pytest.raises(StoreError, match="another key"):
        undrawn(signed_anew(done, lambda payload: payload.pop("cnf"))._replace(holders=("",)))


@elsewhere_or_here
def test_a_digest_of_claims_has_its_length(elsewhere: bool) -> None:
    said = refused(answer()._replace(claims_hash=bytes(31)), elsewhere=elsewhere)
    assert said == "line 2: no digest of its claims"


def test_what_is_never_disclosed() -> None:
    done = answer()
    hidden = make_disclosure("nbf", 1, bytes(16))

    def hide(payload: Any) -> None:
        payload["_sd"].append(hidden.digest)

    check(ONE, ChunkResult((signed_anew(done, hide),)), elsewhere=True)
    said = refused(signed_anew(done, hide, hidden.encoded))
    assert said == "line 2: a disclosure of what is never disclosed"


@elsewhere_or_here
@pytest.mark.parametrize("limit", ["MAX_PRESENTATION_BYTES", "MAX_DISCLOSURES"])
def test_a_row_whose_credential_would_be_too_long(
    limit: str, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused by itself: a long row must not end the run for all the others."""
    whole = work_chunk(TASK, SIGNER)
    first, second = whole.rows
    assert isinstance(first, RowDone) and isinstance(second, RowDone)
    lengths = [len(first.texts[0]), len(second.texts[0])]
    counts = [text.count("~") - 1 for text in (first.texts[0], second.texts[0])]
    limits = lengths if limit == "MAX_PRESENTATION_BYTES" else counts
    monkeypatch.setattr(row_signer, limit, max(limits))
    assert [type(row) for row in work_chunk(TASK, SIGNER).rows] == [RowDone, RowDone]
    monkeypatch.setattr(row_signer, limit, max(limits) - 1)
    if limit == "MAX_PRESENTATION_BYTES":
        monkeypatch.setattr(answer_check, limit, max(limits) - 1)
    result = work_chunk(TASK, SIGNER)
    check(TASK, result, elsewhere=elsewhere)
    rules = [getattr(row, "rule", "") for row in result.rows]
    expected = ["more than one credential can hold" if one == max(limits) else "" for one in limits]
    assert rules == expected and any(expected)


@given(
    column=st.sampled_from(["name", "name_latin", "id_number", "test_lab", "row_id"]),
    cell=st.text(max_size=40)
    | st.sampled_from(["\0", "a\0b", "\ud800", "\ufffe", '"\\', "\u2028", "x" * 5000]),
)
def test_whatever_a_row_says_an_honest_answer_is_taken(column: str, cell: str) -> None:
    """Or one row, which somebody else has written, would end the run for all."""
    cells = list(FIRST.cells)
    cells[TERMS.header.index(column)] = cell
    task = ChunkTask(TERMS, (FIRST._replace(cells=tuple(cells)),))
    result = work_chunk(task, SIGNER)
    for elsewhere in (False, True):
        check(task, result, elsewhere=elsewhere)


def test_no_line_for_another_row_comes_into_an_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, out = Stage(tmp_path), tmp_path / "codes.jsonl"
    roster = b"".join((DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:3])
    holders = {f"HC{number:07}": did_key() for number in (1, 2)}
    honest = InlineEngine.submit

    def inject(engine: InlineEngine, task: ChunkTask) -> "Future[ChunkResult]":
        first, *others = honest(engine, task).result().rows
        assert isinstance(first, RowDone)
        worked: Future[ChunkResult] = Future()
        injected = first._replace(texts=(first.texts[0] + OTHER_ROW + first.texts[0],))
        worked.set_result(ChunkResult((injected, *others)))
        return worked

    def issue() -> int:
        with stage.open() as issuer:
            return issuer.issue_roster("health-code", roster, out=out, applications=holders).issued

    with monkeypatch.context() as patch:
        patch.setattr(InlineEngine, "submit", inject)
        with pytest.raises(StoreError, match="not an SD-JWT from end to end"):
            issue()
    assert not out.exists()
    assert issue() == 2
    assert [json.loads(line)["row_id"] for line in out.read_text().splitlines()] == list(holders)
