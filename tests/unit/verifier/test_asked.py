# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a home has asked: known to whoever opens it next, answered once, and nobody else's (QR-09)."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.unit.verifier.test_asking import request, signed
from tests.unit.verifier.test_verifier import Gate, answer_to
from tests.world import START, make_world
from vcred.credential.request import PresentationRequest
from vcred.did.operations import Purpose
from vcred.errors import RefusedError, StoreError
from vcred.home import PARTY_FILE
from vcred.keys.algorithms import ES256
from vcred.qr.request_text import encode_request
from vcred.reasons import Reason
from vcred.verifier import Decision
from vcred.verifier.authentic import request_key, request_until
from vcred.verifier.engines.asked import FILE_NAME, SqliteAsked

AT = int(START.timestamp())
LANES = 6


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    gate = Gate(make_world(), tmp_path / "gate-mo")
    gate.learn()
    return gate


def keep(gate: Gate, **changes: object) -> PresentationRequest:
    """Let the home ask, as `Asker` does."""
    asked = request(gate.world, **changes)
    key = request_key(asked.audience, asked.nonce)
    text = signed(gate.world, **changes)
    SqliteAsked(gate.path).keep(key, text, until=request_until(asked), now=int(gate.world.now.timestamp()))
    return asked


def test_it_is_known_by_its_nonce_to_whoever_opens_the_home(gate: Gate) -> None:
    answer = answer_to(request(gate.world), gate.world)
    with gate.opened() as door:
        assert door.evaluate(answer).reasons == (Reason.NONCE_WRONG,)
        # Asked by another process meanwhile.
        keep(gate)
        assert door.evaluate(answer).decision is Decision.ACCEPTED
        assert door.evaluate(answer).reasons == (Reason.REPLAYED,)
    with gate.opened() as door:
        assert door.evaluate(answer).reasons == (Reason.REPLAYED,)


def test_the_answer_must_hold_what_was_asked(gate: Gate) -> None:
    asked = keep(gate, claims=("match", "test"))
    with gate.opened() as door:
        assert door.evaluate(answer_to(asked, gate.world)).reasons == (Reason.POLICY_UNMET,)
        more = gate.world.present(
            gate.world.issue(), "match", "test", audience=asked.audience, nonce=asked.nonce
        )
        assert door.evaluate(more).decision is Decision.ACCEPTED


def test_an_answer_to_another_verifier_with_the_same_nonce(gate: Gate) -> None:
    asked = keep(gate)
    other = gate.world.present(gate.world.issue(), "match", audience=gate.world.issuer.did, nonce=asked.nonce)
    with gate.opened() as door:
        assert door.evaluate(other).reasons == (Reason.NONCE_WRONG,)
        assert door.evaluate(other, request=asked).reasons == (Reason.AUDIENCE_WRONG,)
        assert door.evaluate(answer_to(asked, gate.world)).decision is Decision.ACCEPTED


def test_a_late_answer_is_late_and_not_unknown(gate: Gate) -> None:
    asked = keep(gate)
    credential = gate.world.issue()
    gate.world.later(seconds=300)
    late = gate.world.present(credential, "match", audience=asked.audience, nonce=asked.nonce)
    with gate.opened() as door:
        assert door.evaluate(late).reasons == (Reason.REQUEST_EXPIRED,)


def test_what_is_over_is_forgotten(gate: Gate) -> None:
    asked = keep(gate)
    key, store = request_key(asked.audience, asked.nonce), SqliteAsked(gate.path)
    until = request_until(asked)
    store.keep(bytes(32), "x", until=until + 1000, now=until)
    assert store.find(key) is not None
    store.keep(b"\1" * 32, "x", until=until + 1000, now=until + 1)
    assert store.find(key) is None
    assert store.find(bytes(32)) == "x"


def test_of_two_lanes_one_takes_the_answer(gate: Gate) -> None:
    asked = keep(gate)
    answer, barrier = answer_to(asked, gate.world), Barrier(LANES)

    def lane(_: int) -> Decision:
        with gate.opened() as door:
            barrier.wait(timeout=30)
            return door.evaluate(answer).decision

    with ThreadPoolExecutor(LANES) as pool:
        assert list(pool.map(lane, range(LANES))).count(Decision.ACCEPTED) == 1


def test_a_gate_that_never_asks_has_no_such_file(gate: Gate) -> None:
    with gate.opened() as door:
        assert door.evaluate(gate.world.show()).decision is Decision.ACCEPTED
        assert door.evaluate(answer_to(request(gate.world), gate.world)).reasons == (Reason.NONCE_WRONG,)
    assert not (gate.path / FILE_NAME).exists()


def test_an_audit_knows_what_was_asked_and_takes_no_answer(gate: Gate) -> None:
    answer = answer_to(keep(gate), gate.world)
    with gate.opened() as door:
        for _ in range(2):
            assert door.evaluate(answer, at=START).decision is Decision.ACCEPTED
        assert door.evaluate(answer).decision is Decision.ACCEPTED


def test_a_damaged_memory_is_no_answer(gate: Gate) -> None:
    asked = keep(gate)
    answer = answer_to(asked, gate.world)
    with gate.opened() as door:
        assert door.evaluate(answer, at=START).decision is Decision.ACCEPTED
        (gate.path / FILE_NAME).unlink()
        key = request_key(asked.audience, asked.nonce)
        SqliteAsked(gate.path).keep(key, "damaged", until=AT + 600, now=AT)
        with pytest.raises(StoreError, match="damaged"):
            door.evaluate(answer)
    (gate.path / FILE_NAME).write_bytes(b"no database, no database, no database")
    with gate.opened() as door, pytest.raises(StoreError):
        door.evaluate(answer)


# A request that a program has kept.


def refusal(gate: Gate, text: str) -> Reason:
    with gate.opened() as door, pytest.raises(RefusedError) as caught:
        door.own_request(text)
    return caught.value.reason


def test_a_program_brings_its_request(gate: Gate) -> None:
    text = signed(gate.world)
    with gate.opened() as door:
        for form in (text, encode_request(text)):
            assert door.own_request(form) == request(gate.world)
        answer = answer_to(request(gate.world), gate.world)
        assert door.evaluate(answer, request=door.own_request(text)).decision is Decision.ACCEPTED
        assert door.evaluate(answer, request=door.own_request(text)).reasons == (Reason.REPLAYED,)


def test_a_changed_one_is_refused(gate: Gate) -> None:
    header, payload, signature = signed(gate.world).split(".")
    other = signed(gate.world, claims=("colour",)).split(".")[1]
    with gate.opened() as door:
        assert door.own_request(f"{header}.{payload}.{signature}")
    assert refusal(gate, f"{header}.{other}.{signature}") is Reason.REQUEST_INVALID
    assert refusal(gate, f"{header}.{payload}.") is Reason.REQUEST_INVALID


def test_one_whose_asker_nobody_knows_is_refused(gate: Gate) -> None:
    stranger = gate.world.fork().join("Stranger", {Purpose.AUTHENTICATION: ES256}, sponsor=gate.world.mo)
    assert refusal(gate, signed(gate.world, stranger)) is Reason.REQUEST_INVALID


def test_another_verifiers_is_refused_where_the_home_has_a_did(gate: Gate) -> None:
    text = signed(gate.world)
    (gate.path / PARTY_FILE).write_text(json.dumps({"did": gate.world.mo_issuer.did}))
    with gate.opened() as door:
        assert door.own_request(text)
    (gate.path / PARTY_FILE).write_text(json.dumps({"did": gate.world.issuer.did}))
    assert refusal(gate, text) is Reason.AUDIENCE_WRONG


def test_one_that_is_over_is_reported_and_not_raised(gate: Gate) -> None:
    text, credential = signed(gate.world), gate.world.issue()
    asked = request(gate.world)
    gate.world.later(seconds=301)
    late = gate.world.present(credential, "match", audience=asked.audience, nonce=asked.nonce)
    with gate.opened() as door:
        report = door.evaluate(late, request=door.own_request(text))
        assert report.reasons == (Reason.REQUEST_EXPIRED,)
