# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What one witness may answer, and what that can do to the checkpoint of all the others (LED-18, LED-19)."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.seeded_keys import RandomKeys
from tests.unit.ledger.conftest import founded, network
from tests.unit.ledger.homes import Network
from vcred.errors import DecodeError, FetchError, InconsistencyError, QuorumError
from vcred.keys.algorithms import EDDSA
from vcred.ledger.engines.cosigners import Witness
from vcred.ledger.ledger import Ledger
from vcred.ledger.published import Published
from vcred.ledger.state import Network as NetworkState
from vcred.limits import MAX_NOTE_SIGNATURES
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import (
    ED25519_COSIGNATURE,
    ED25519_NOTE,
    NoteSignature,
    note_key_id,
    parse_note,
)
from vcred.tlog.quorum import cosignature_times, verify_quorum
from vcred.tlog.witness import RefusalKind, WitnessRefusedError
from vcred.witness.refusals import refused

__all__ = ["founded", "network"]

Lines = tuple[NoteSignature, ...]
Answers = Callable[[bytes, int], Lines]
"""Of the note and the size that the witness is said to have."""


@dataclass
class Stranger:
    """A witness that answers what it is told to."""

    answers: Answers
    size: int = 0
    name: str = "https://stranger.example"
    asked_from: list[int] = field(default_factory=list)

    def known_size(self) -> int:
        return self.size

    def cosign(self, note: bytes, *, old_size: int, proof: Sequence[bytes]) -> Lines:
        self.asked_from.append(old_size)
        return self.answers(note, old_size)


@dataclass
class Padding:
    """A good witness behind one that adds lines to its answer."""

    real: Witness
    before: Lines = ()
    after: Lines = ()
    name: str = "https://padding.example"

    def known_size(self) -> int:
        return self.real.known_size()

    def cosign(self, note: bytes, *, old_size: int, proof: Sequence[bytes]) -> Lines:
        return (*self.before, *self.real.cosign(note, old_size=old_size, proof=proof), *self.after)


@dataclass
class Meeting:
    """A ledger and its two witnesses."""

    network: Network
    ledger: Ledger
    gd: Witness
    mo: Witness

    @property
    def known(self) -> NetworkState:
        return self.ledger.state.require_network()

    def publish(self, *witnesses: Witness) -> Published:
        """Publish; whatever is published must be readable, cosigned, and bear nothing else."""
        published = self.ledger.publish(witnesses)
        assert self.ledger.published() == published
        note = parse_note(published.note)
        assert len(note.signatures) == 1 + len(cosignature_times(note, self.known.witnesses))
        return published

    def dates(self, published: Published) -> dict[str, int]:
        return cosignature_times(parse_note(published.note), self.known.witnesses)

    def name_of(self, group: str) -> str:
        return next(item.name for item in self.known.witnesses if item.group == group)

    def junk_of(self, group: str) -> NoteSignature:
        """A line under a listed witness's name and key id that it has not signed."""
        item = next(item for item in self.known.witnesses if item.group == group)
        key_id = note_key_id(item.name, item.key, ED25519_COSIGNATURE)
        return NoteSignature(name=item.name, key_id=key_id, signature=bytes(72))

    def junk_of_log(self) -> NoteSignature:
        """A line under the log's own name and key id that it has not signed."""
        key_id = note_key_id(self.known.origin, self.known.log_key, ED25519_NOTE)
        return NoteSignature(name=self.known.origin, key_id=key_id, signature=b"\7" * 64)


@pytest.fixture
def meeting(network: Network) -> Iterator[Meeting]:
    network.grow(2)
    with ExitStack() as stack:
        ledger = stack.enter_context(network.ledger())
        gd, mo = (network.witness(name, stack, ledger) for name in ("gd", "mo"))
        yield Meeting(network, ledger, gd, mo)


def unknown_lines(count: int) -> Lines:
    return tuple(
        NoteSignature(name=f"x{number}", key_id=b"abcd", signature=bytes([1]) * 64) for number in range(count)
    )


def claims_fork(note: bytes, old_size: int) -> Lines:
    raise refused(RefusalKind.FORK, recorded_size=old_size)


def says_it_has(size: int) -> Answers:
    def answer(note: bytes, old_size: int) -> Lines:
        raise refused(RefusalKind.SIZE_CONFLICT, recorded_size=size)

    return answer


def test_what_good_witnesses_answer_is_published(meeting: Meeting) -> None:
    published = meeting.publish(meeting.gd, meeting.mo)
    assert published.size == 3
    assert meeting.dates(published).keys() == {item.name for item in meeting.known.witnesses}


def test_a_line_in_the_name_of_the_log_is_not_published(meeting: Meeting) -> None:
    """Every reader verifies each line of the log's key: one that fails would damage the ledger for good."""
    assert meeting.publish(meeting.gd, Padding(meeting.mo)).size == 3
    meeting.network.say(meeting.ledger, 77)
    for padding in (
        Padding(meeting.mo, before=(meeting.junk_of_log(),)),
        Padding(meeting.mo, after=(meeting.junk_of_log(),)),
    ):
        assert meeting.publish(meeting.gd, padding).size == 4
    with meeting.network.ledger() as again:
        assert again.fsck().size == 4


def test_lines_of_strangers_do_not_fill_the_note(meeting: Meeting) -> None:
    assert meeting.publish(meeting.gd, Padding(meeting.mo)).size == 3
    full = Padding(meeting.mo, before=unknown_lines(MAX_NOTE_SIGNATURES - 1))
    assert len(parse_note(meeting.publish(meeting.gd, full).note).signatures) == 3
    over = Padding(meeting.mo, before=unknown_lines(MAX_NOTE_SIGNATURES))
    with pytest.raises(QuorumError, match=r"https://padding\.example: its answer has more than 16 lines"):
        meeting.publish(meeting.gd, over)
    # It is one witness's answer: where nobody needs it, nothing is lost.
    assert meeting.publish(over, meeting.gd, meeting.mo).size == 3


@pytest.mark.parametrize("count", [0, 1, MAX_NOTE_SIGNATURES])
def test_an_answer_without_a_cosignature_that_counts_is_named(meeting: Meeting, count: int) -> None:
    useless = Stranger(lambda note, old: unknown_lines(count))
    assert meeting.publish(meeting.gd, meeting.mo, useless).size == 3
    with pytest.raises(QuorumError, match=r"https://stranger\.example: its answer holds no cosignature"):
        meeting.publish(meeting.gd, useless)
    with pytest.raises(QuorumError, match=r"^no witness has cosigned: https://stranger\.example: its answer"):
        meeting.publish(useless)


def test_nobody_silences_another_witness(meeting: Meeting) -> None:
    junk = Stranger(lambda note, old: (meeting.junk_of("CN-44"), meeting.junk_of("MO")))
    for order in ((meeting.gd, meeting.mo, junk), (junk, meeting.gd, meeting.mo)):
        assert len(meeting.dates(meeting.publish(*order))) == 2
    padded = Padding(meeting.mo, before=(meeting.junk_of("MO"),), after=(meeting.junk_of("CN-44"),))
    assert len(meeting.dates(meeting.publish(padded, meeting.gd))) == 2


def test_an_old_word_of_another_witness_does_not_displace_its_new_one(meeting: Meeting) -> None:
    """The quorum time would stand still: gates would hold the checkpoint for old."""
    first = meeting.publish(meeting.gd, meeting.mo)
    old = tuple(line for line in parse_note(first.note).signatures if line.name == meeting.name_of("CN-44"))
    assert len(old) == 1
    meeting.network.clock.later(hours=1)
    now = int(meeting.network.clock.now.timestamp())
    replaying = Stranger(lambda note, old_size: old)
    for order in ((replaying, meeting.gd, meeting.mo), (meeting.gd, meeting.mo, replaying)):
        assert set(meeting.dates(meeting.publish(*order)).values()) == {now}


def test_a_cosignature_of_a_key_that_is_not_listed_does_not_count(meeting: Meeting) -> None:
    thief = RandomKeys().make("thief", EDDSA)
    now = int(meeting.network.clock.now.timestamp())

    def forged(note: bytes, old_size: int) -> Lines:
        return (cosign(parse_note(note).text, meeting.name_of("MO"), thief, timestamp=now),)

    assert meeting.publish(meeting.gd, meeting.mo).size == 3
    with pytest.raises(QuorumError, match="its answer holds no cosignature"):
        meeting.publish(meeting.gd, Stranger(forged))


# Sizes and forks that are only said.


@pytest.mark.parametrize("size", [4, 2**53 - 1])
def test_a_size_beyond_the_ledgers_is_that_witness_alone(
    meeting: Meeting, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert meeting.publish(meeting.gd, meeting.mo).size == 3
    assert caplog.messages == []
    for ahead in (Stranger(says_it_has(size)), Stranger(claims_fork, size=size)):
        assert meeting.publish(ahead, meeting.gd, meeting.mo).size == 3
        with pytest.raises(QuorumError, match=f"it has cosigned {size} entries, 3 are here") as caught:
            meeting.publish(ahead, meeting.gd)
        assert caught.value.hint is not None and "restored from an old copy" in caught.value.hint
    assert len(caplog.messages) == 2 and f"cosigned {size} entries" in caplog.messages[0]


def test_a_witness_is_asked_twice_and_not_in_a_circle(meeting: Meeting) -> None:
    circling = Stranger(says_it_has(1))
    assert meeting.publish(circling, meeting.gd, meeting.mo).size == 3
    assert circling.asked_from == [0, 1]


def test_a_fork_that_is_only_claimed_does_not_stop_the_quorum(
    meeting: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    claiming = Stranger(claims_fork)
    assert meeting.publish(meeting.gd, meeting.mo).size == 3
    assert caplog.records == []
    for order in ((claiming, meeting.gd, meeting.mo), (meeting.gd, meeting.mo, claiming)):
        caplog.clear()
        assert meeting.publish(*order).size == 3
        (record,) = caplog.records
        assert (record.name, record.levelno) == ("vcred.ledger", logging.WARNING)
        assert "https://stranger.example" in record.getMessage()
        assert "a fork" in record.getMessage()


def test_without_the_quorum_a_claimed_fork_is_what_is_reported(meeting: Meeting) -> None:
    with pytest.raises(InconsistencyError, match=r"https://stranger\.example: .*a fork") as caught:
        meeting.publish(Stranger(claims_fork), meeting.gd)
    assert caught.value.hint is not None
    assert meeting.ledger.published() is None
    # The other witness was asked: it is not kept waiting by whoever claims something.
    assert meeting.gd.known_size() == 3


def test_a_fork_that_a_witness_of_this_home_has_recorded_stops_everything(meeting: Meeting) -> None:
    """Its record holds both heads: that is evidence, whatever the quorum says."""

    def recorded(note: bytes, old_size: int) -> Lines:
        raise InconsistencyError("two heads of one size")

    with pytest.raises(InconsistencyError, match="two heads"):
        meeting.publish(meeting.gd, meeting.mo, Stranger(recorded))
    assert meeting.ledger.published() is None


REFUSALS = st.one_of(
    st.builds(
        lambda kind, size: WitnessRefusedError(kind, "no", recorded_size=size),
        st.sampled_from(RefusalKind),
        st.integers(0, 2**53 - 1),
    ),
    st.sampled_from([FetchError("down"), DecodeError("nonsense")]),
)
JUNK = st.lists(
    st.builds(
        NoteSignature,
        name=st.sampled_from(["x", "ledger.example/homes", "— x", "a\nb"]),
        key_id=st.binary(min_size=0, max_size=5),
        signature=st.binary(max_size=80),
    ),
    max_size=20,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.one_of(REFUSALS, JUNK), size=st.integers(0, 10))
def test_no_answer_of_a_witness_nobody_needs_stops_a_checkpoint(
    meeting: Meeting, answer: WitnessRefusedError | list[NoteSignature], size: int
) -> None:
    def answered(note: bytes, old_size: int) -> Lines:
        if isinstance(answer, Exception):
            raise answer
        own = (meeting.junk_of_log(), meeting.junk_of("CN-44"))
        return (*answer, *own)

    published = meeting.publish(Stranger(answered, size=size), meeting.gd, meeting.mo)
    now = int(meeting.network.clock.now.timestamp())
    note = parse_note(published.note)
    assert verify_quorum(note, meeting.known.quorum, meeting.known.witnesses, not_after=now) == now
