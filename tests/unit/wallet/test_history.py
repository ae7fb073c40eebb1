# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The history: appended, durable, never half a line. WAL-10."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.credential.presentation import Binding
from vcred.errors import DecodeError, StoreError
from vcred.wallet.engines.history import append_record, read_records
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


def test_records_are_read_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "history"
    assert read_records(path) == ()
    append_record(path, RECORD)
    append_record(path, RECORD)
    assert read_records(path) == (RECORD, RECORD)


def test_the_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        append_record(tmp_path / "history", RECORD)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [1, 5000], ids=["short", "long"])
def test_what_a_power_cut_left_is_taken_away(tmp_path: Path, left: int) -> None:
    path = tmp_path / "history"
    append_record(path, RECORD)
    with path.open("ab") as file:
        file.write(b"x" * left)
    assert read_records(path) == (RECORD,)
    append_record(path, RECORD)
    assert read_records(path) == (RECORD, RECORD)


def test_only_an_unfinished_first_line(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_bytes(b"{")
    assert read_records(path) == ()
    append_record(path, RECORD)
    assert read_records(path) == (RECORD,)


def test_a_damaged_line_is_told(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_bytes(b"{}\n" + encode_record(RECORD) + b"\n")
    with pytest.raises(StoreError, match="damaged"):
        read_records(path)


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"")
    (tmp_path / "history").symlink_to(target)
    with pytest.raises(StoreError):
        append_record(tmp_path / "history", RECORD)
    assert target.read_bytes() == b""


def test_the_system_refuses(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        append_record(tmp_path / "no" / "history", RECORD)
