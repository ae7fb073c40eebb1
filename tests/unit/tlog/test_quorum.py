# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The quorum and its time (LED-18)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import QuorumError
from vcred.keys.algorithms import EDDSA
from vcred.keys.software import SoftwareSigner
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import Note, NoteSignature
from vcred.tlog.quorum import Quorum, WitnessKey, cosignature_times, quorum_time, verify_quorum

SIGNERS = {name: SoftwareSigner.generate(EDDSA) for name in ("gd/1", "gd/2", "mo/1", "mo/2")}
WITNESSES = tuple(
    WitnessKey(name=name, key=signer.public_key, group=name[:2]) for name, signer in SIGNERS.items()
)
ONE_OF_EACH = Quorum(groups={"gd": 1, "mo": 1})
TWO_OF_EACH = Quorum(groups={"gd": 2, "mo": 2})
TEXT = encode_checkpoint_text(Checkpoint(origin="log.example", size=7, root=bytes(32)))
NOW = 1_800_000_000


def _time(cosignatures: dict[str, int], quorum: Quorum = ONE_OF_EACH, not_after: int = NOW) -> int | None:
    return quorum_time(cosignatures, quorum, WITNESSES, not_after=not_after)


@pytest.mark.parametrize(
    ("cosignatures", "one", "two"),
    [
        ({}, None, None),
        ({"gd/1": 10}, None, None),
        ({"gd/1": 10, "gd/2": 20}, None, None),
        ({"gd/1": 10, "mo/1": 30}, 10, None),
        ({"gd/1": 10, "gd/2": 20, "mo/1": 30}, 20, None),
        ({"gd/1": 10, "gd/2": 20, "mo/1": 30, "mo/2": 5}, 20, 5),
        ({"gd/1": 10, "gd/2": 20, "mo/1": 30, "mo/2": 30}, 20, 10),
        ({"gd/1": 10, "stranger": 20}, None, None),
    ],
)
def test_quorum_time(cosignatures: dict[str, int], one: int | None, two: int | None) -> None:
    assert _time(cosignatures) == one
    assert _time(cosignatures, TWO_OF_EACH) == two


def test_led_18_future_dated_ones_are_not_counted() -> None:
    assert _time({"gd/1": NOW, "mo/1": NOW}) == NOW
    assert _time({"gd/1": NOW, "mo/1": NOW + 1}) is None
    assert _time({"gd/1": NOW, "mo/1": NOW + 1, "mo/2": 10}) == 10


def test_led_18_one_witness_counts_once() -> None:
    twice = (*WITNESSES, WitnessKey(name="gd/3", key=SIGNERS["gd/1"].public_key, group="gd"))
    times = {"gd/1": 10, "gd/3": 20, "mo/1": 10, "mo/2": 10}
    assert quorum_time({**times, "gd/2": 5}, TWO_OF_EACH, twice, not_after=NOW) == 5
    assert quorum_time(times, TWO_OF_EACH, twice, not_after=NOW) is None


def test_led_18_one_witness_counts_for_one_jurisdiction() -> None:
    both = (*WITNESSES, WitnessKey(name="gd/1", key=SIGNERS["gd/1"].public_key, group="mo"))
    assert quorum_time({"gd/1": 10, "mo/1": 10}, ONE_OF_EACH, both, not_after=NOW) == 10
    assert quorum_time({"gd/1": 10}, ONE_OF_EACH, both, not_after=NOW) is None


@pytest.mark.parametrize("groups", [{}, {"gd": 0}, {"gd": 1, "mo": -1}])
def test_an_empty_quorum_is_refused(groups: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="quorum"):
        Quorum(groups=groups)


@given(st.dictionaries(st.sampled_from(list(SIGNERS)), st.integers(0, 20)), st.integers(0, 20))
def test_quorum_time_is_what_its_definition_says(cosignatures: dict[str, int], not_after: int) -> None:
    def satisfied(since: int) -> bool:
        counted = {name[:2] for name, time in cosignatures.items() if since <= time <= not_after}
        return counted == {"gd", "mo"}

    expected = max((since for since in range(21) if satisfied(since)), default=None)
    assert _time(cosignatures, not_after=not_after) == expected


def _note(*names: str, timestamp: int = NOW) -> Note:
    lines = tuple(cosign(TEXT, name, SIGNERS[name], timestamp=timestamp) for name in names)
    return Note(text=TEXT, signatures=lines)


def test_a_quorum_on_a_note() -> None:
    assert cosignature_times(_note("gd/1", "mo/2"), WITNESSES) == {"gd/1": NOW, "mo/2": NOW}
    assert verify_quorum(_note("gd/1", "mo/2"), ONE_OF_EACH, WITNESSES, not_after=NOW) == NOW


def test_led_18_too_few_on_a_note() -> None:
    assert verify_quorum(_note("gd/1", "mo/2"), ONE_OF_EACH, WITNESSES, not_after=NOW) == NOW
    for note in (_note("gd/1"), _note("gd/1", "gd/2"), _note("gd/1", "gd/1")):
        with pytest.raises(QuorumError) as caught:
            verify_quorum(note, ONE_OF_EACH, WITNESSES, not_after=NOW)
        assert caught.value.code == "quorum_missing"
    with pytest.raises(QuorumError):
        verify_quorum(_note("gd/1", "mo/2", timestamp=NOW + 1), ONE_OF_EACH, WITNESSES, not_after=NOW)


def test_led_18_a_cosignature_without_its_time_counts_for_nothing_and_silences_nobody() -> None:
    good = _note("gd/1", "mo/1", "mo/2")
    bare = NoteSignature(
        name="mo/1", key_id=good.signatures[1].key_id, signature=good.signatures[1].signature[8:]
    )
    without = Note(text=TEXT, signatures=(good.signatures[0], bare))
    with pytest.raises(QuorumError):
        verify_quorum(without, ONE_OF_EACH, WITNESSES, not_after=NOW)
    beside = Note(text=TEXT, signatures=(good.signatures[0], bare, good.signatures[2]))
    assert cosignature_times(beside, WITNESSES) == {"gd/1": NOW, "mo/2": NOW}
    assert verify_quorum(beside, ONE_OF_EACH, WITNESSES, not_after=NOW) == NOW
