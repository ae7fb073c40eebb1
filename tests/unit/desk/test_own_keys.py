# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which of its own keys a party uses, and what it keeps of an update on its way."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import make_world
from vcred.desk.did_plan import UpdateRequest, plan_commitment, plan_reveal
from vcred.desk.engines.pending_update import FILE_NAME, read_pending
from vcred.desk.own_keys import CONTROL, METHOD_KEYS, SPARE, committed_keys, fresh_key, signing_method
from vcred.did.methods.vcred import commitment
from vcred.did.operations import NextKeys, Purpose
from vcred.errors import StoreError
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.ledger.state import MethodRecord, Organisation

ISSUING = METHOD_KEYS[Purpose.ASSERTION]
KEYS = [SoftwareSigner.generate(ES256).public_key for _ in range(4)]
AT = 1000


def method(number: int, **values: object) -> MethodRecord:
    return MethodRecord(
        **{"id": f"#{number}", "key": KEYS[number], "purpose": Purpose.ASSERTION, "added_at": 0, **values}  # type: ignore[arg-type]
    )


def chosen(*methods: MethodRecord, held: list[PublicKey] = KEYS) -> str | None:
    found = signing_method(methods, held, purpose=Purpose.ASSERTION, at=AT)
    return None if found is None else found.id


def organisation(*held: PublicKey, threshold: int = 1) -> Organisation:
    """An organisation that has committed to these keys."""
    world = make_world()
    record = world.state.organisations[world.issuer.did]
    hashes = tuple(commitment(key) for key in held)
    return replace(record, next_keys=NextKeys(threshold=threshold, hashes=hashes))


def test_the_newest_key_in_force_signs() -> None:
    assert chosen(method(0), method(1)) == "#1"
    assert chosen(method(0), method(1), held=KEYS[:1]) == "#0"
    assert chosen() is None


@pytest.mark.parametrize(
    "change",
    [
        {"removed_at": AT},
        {"added_at": AT + 1},
        {"distrusted_from": 0},
        {"distrusted_from": AT},
        {"purpose": Purpose.STATUS},
    ],
)
def test_a_key_that_is_not_in_force_never_signs(change: dict[str, object]) -> None:
    assert chosen(method(0), method(1, **change)) == "#0"
    assert chosen(method(1, **change)) is None


@given(st.integers(1, 10**6))
def test_names_are_numbered(number: int) -> None:
    for series in (ISSUING, CONTROL, SPARE):
        name = f"{series.base}-{number}"
        assert series.number(name) == number
        assert series.next_name([name, "other-9", f"{series.base}-x"]) == f"{series.base}-{number + 1}"
    assert CONTROL.number(f"spare-{number}") is None


@given(st.text())
def test_any_name_has_a_number_or_none(name: str) -> None:
    assert ISSUING.number(name) is None or name.startswith("issuing")


def test_the_first_key_of_a_purpose_has_no_number() -> None:
    assert ISSUING.number("issuing") == 1
    assert ISSUING.next_name(["issuing"]) == "issuing-2"
    assert SPARE.next_name([]) == "spare-1"


def test_a_fresh_key_is_one_that_the_ledger_has_never_seen() -> None:
    known = organisation(KEYS[0])
    names = dict(zip(("control-2", "control-10", "control-3", "spare-1"), KEYS, strict=True))
    assert fresh_key(CONTROL, names, known) == "control-3"
    assert fresh_key(CONTROL, {"control-2": KEYS[0]}, known) is None
    used = replace(known, control_keys=known.control_keys | {KEYS[2]})
    assert fresh_key(CONTROL, names, used) == "control-10"


def test_no_more_spare_keys_are_revealed_than_are_needed() -> None:
    own = {"spare-1": KEYS[0], "control-2": KEYS[1], "other": KEYS[3]}
    assert committed_keys(organisation(*KEYS[:3]), own) == ("control-2", "spare-1")
    assert plan_reveal(organisation(*KEYS[:3]), own, []) == (KEYS[1],)
    assert plan_reveal(organisation(*KEYS[:3], threshold=2), own, []) == (KEYS[1], KEYS[0])
    assert plan_reveal(organisation(*KEYS[:3], threshold=2), own, [KEYS[2]]) == (KEYS[1], KEYS[2])


def test_a_commitment_names_the_own_key_once() -> None:
    again = commitment(KEYS[0])
    request = UpdateRequest(next_hashes=(again, commitment(KEYS[1])), next_threshold=2)
    assert plan_commitment(request, KEYS[0]).hashes == (again, commitment(KEYS[1]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_file_is_an_update_or_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(StoreError):
        read_pending(tmp_path)
