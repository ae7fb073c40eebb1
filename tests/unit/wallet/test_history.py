# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A line of the history, and the file of lines that a former vcred has left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.credential.presentation import Binding
from vcred.errors import DecodeError, StoreError
from vcred.wallet.engines.history import read_records, remove_records
from vcred.wallet.record import PresentationRecord, credential_fingerprint, decode_record, encode_record

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
RECORDS = st.builds(
    PresentationRecord,
    at=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda at: at.replace(microsecond=0)
    ),
    binding=st.sampled_from(Binding),
    audience=TEXT,
    issuer=TEXT,
    type=TEXT,
    credential=TEXT,
    revealed=st.lists(TEXT, max_size=3).map(tuple),
)
RECORD = PresentationRecord(
    at=datetime(2026, 11, 20, 1, tzinfo=UTC),
    binding=Binding.LIVE,
    audience="net#live",
    issuer="did:vcred:x",
    type="did:vcred:x/types/health-code/1",
    credential=credential_fingerprint("a.b.c"),
    revealed=("match.name",),
)


@given(RECORDS)
def test_what_is_encoded_is_decoded(record: PresentationRecord) -> None:
    line = encode_record(record)
    assert b"\n" not in line
    assert decode_record(line) == record


@given(st.binary())
def test_any_line_is_a_record_or_malformed(line: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_record(line)


@pytest.mark.parametrize(
    ("before", "after"), [(b'"live"', b'"loud"'), (b"}", b',"x":1}'), (b'["match.name"]', b'"match.name"')]
)
def test_a_damaged_record(before: bytes, after: bytes) -> None:
    line = encode_record(RECORD)
    decode_record(line)
    assert before in line
    with pytest.raises(DecodeError):
        decode_record(line.replace(before, after))


def old_file(path: Path, *records: PresentationRecord, tail: bytes = b"") -> Path:
    """The file as the vcred before the store wrote it: a line for each, and what a cut left."""
    path.write_bytes(b"".join([encode_record(record) + b"\n" for record in records]) + tail)
    return path


def test_records_are_read_in_their_order(tmp_path: Path) -> None:
    assert read_records(tmp_path / "none") == ()
    later = replace(RECORD, at=RECORD.at + timedelta(hours=1))
    assert read_records(old_file(tmp_path / "history", later, RECORD)) == (later, RECORD)


@pytest.mark.parametrize("left", [b"{", b"x" * 5000, encode_record(RECORD)], ids=["begun", "long", "whole"])
def test_what_a_power_cut_left_was_never_told(tmp_path: Path, left: bytes) -> None:
    """A line counts with its line end."""
    assert read_records(old_file(tmp_path / "history", RECORD, tail=left)) == (RECORD,)
    assert read_records(old_file(tmp_path / "first", tail=left)) == ()


def test_a_damaged_line_is_told(tmp_path: Path) -> None:
    path = old_file(tmp_path / "history", RECORD, RECORD)
    assert len(read_records(path)) == 2
    path.write_bytes(b"{}\n" + encode_record(RECORD) + b"\n")
    with pytest.raises(StoreError, match="damaged"):
        read_records(path)


def test_it_is_removed_and_no_second_time(tmp_path: Path) -> None:
    path = old_file(tmp_path / "history", RECORD)
    remove_records(path)
    remove_records(path)
    assert not path.exists()
