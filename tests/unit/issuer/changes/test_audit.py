# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The audit log as bytes: what follows what, and what is refused."""

import json
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError
from vcred.issuer.audit.log import AuditEntry, AuditEvent, AuditHead, AuditKind, chain, decode_entry, follow

EVENT = AuditEvent(kind=AuditKind.STATUS, members={"credential": "ab", "after": "revoked"}, unapproved=1)
HEAD = AuditHead()


def written(*times: int) -> list[bytes]:
    """One entry for each time, in one chain."""
    head, last, contents = HEAD, None, []
    for at in times:
        ((head, content),) = chain(last, head, [EVENT], at=at, places=3)
        last = decode_entry(content)
        contents.append(content)
    return contents


def prove(contents: list[bytes]) -> AuditHead:
    head, last = HEAD, None
    for content in contents:
        head, last = follow(head, last, content)
    return head


def test_a_chain_holds_and_its_head_is_the_hash_of_the_last() -> None:
    contents = written(10, 20, 20)
    assert prove(contents) == AuditHead(seq=3, hash=sha256(contents[-1]).digest())
    entry = decode_entry(contents[1])
    assert entry == AuditEntry(
        seq=2,
        at=20,
        kind=AuditKind.STATUS,
        prev=sha256(contents[0]).digest(),
        unapproved=2,
        places=3,
        total_revoked=2,
        total_suspended=0,
        limits=0,
        members={"credential": "ab", "after": "revoked"},
    )


def test_the_time_never_goes_back() -> None:
    contents = written(10, 5, 30)
    assert [decode_entry(content).at for content in contents] == [10, 10, 30]


def test_several_events_of_one_moment_follow_each_other() -> None:
    made = chain(None, HEAD, [EVENT, EVENT], at=7, places=0)
    assert prove([content for _, content in made]) == made[-1][0]
    assert [decode_entry(content).unapproved for _, content in made] == [1, 2]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda all_: all_[1:], "missing, or stands twice"),
        (lambda all_: [all_[0], all_[0], *all_[1:]], "missing, or stands twice"),
        (lambda all_: [all_[0], *all_[2:]], "missing, or stands twice"),
        (lambda all_: [all_[0].replace(b'"ab"', b'"cd"'), *all_[1:]], "the entry before it was another one"),
        (lambda all_: [*all_[:2], all_[2].replace(b'"at":30', b'"at":19')], "goes back in time"),
        (
            lambda all_: [*all_[:2], all_[2].replace(b'"unapproved":3', b'"unapproved":1')],
            "goes back in time",
        ),
        (
            lambda all_: [*all_[:2], all_[2].replace(b'"total_revoked":3', b'"total_revoked":2')],
            "counts what is revoked",
        ),
        (
            lambda all_: [*all_[:2], all_[2].replace(b'"total_suspended":0', b'"total_suspended":1')],
            "counts what is revoked",
        ),
        (lambda all_: [*all_[:2], all_[2].replace(b'"limits":0', b'"limits":1')], "where a limit is"),
    ],
)
def test_what_does_not_follow_is_refused(change: object, why: str) -> None:
    contents = written(10, 20, 30)
    assert prove(contents).seq == 3
    assert callable(change)
    with pytest.raises(DecodeError, match=why):
        prove(change(contents))


def mutated(**members: object) -> bytes:
    value: JsonObject = json.loads(written(10)[0])
    return encode_jcs({**value, **members})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (mutated(kind="party"), "a kind that is not known"),
        (mutated(seq=0), "out of range"),
        (mutated(at=-1), "out of range"),
        (mutated(places=-1), "out of range"),
        (mutated(unapproved=-1), "out of range"),
        (mutated(total_revoked=-1), "out of range"),
        (mutated(total_suspended=-1), "out of range"),
        (mutated(limits=-1), "out of range"),
        (mutated(unapproved=True), "must be an integer"),
        (mutated(prev="00"), "prev is not a hash"),
        (mutated(prev="zz" * 32), "prev is not a hash"),
        (mutated(prev="AA" * 32), "prev is not a hash"),
        (b" " + written(10)[0], "not in JCS form"),
        (b"[]", "not a JSON object"),
    ],
)
def test_what_is_no_entry_is_refused(content: bytes, why: str) -> None:
    assert decode_entry(mutated()).seq == 1
    with pytest.raises(DecodeError, match=why):
        decode_entry(content)


def test_an_event_cannot_bring_the_members_of_the_chain() -> None:
    with pytest.raises(ValueError, match="member"):
        AuditEvent(kind=AuditKind.STATUS, members={"seq": 9})


@given(st.binary(max_size=200))
def test_any_bytes_are_an_entry_or_a_decode_error(content: bytes) -> None:
    with suppress(DecodeError):
        decode_entry(content)


@given(st.data())
def test_one_altered_byte_breaks_the_chain_or_the_head(data: st.DataObject) -> None:
    contents = written(10, 20, 30)
    head = prove(contents)
    which = data.draw(st.integers(0, 2))
    place = data.draw(st.integers(0, len(contents[which]) - 1))
    altered = bytearray(contents[which])
    altered[place] ^= data.draw(st.integers(1, 255))
    contents[which] = bytes(altered)
    with suppress(DecodeError):
        assert prove(contents) != head
