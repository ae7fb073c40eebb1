# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The bundle as bytes: whole, closed, bounded. BND-03, BND-18, BND-20 to BND-25, BND-35."""

import time
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trust.samples import Part, file_of, fresh_world, manifest_row, packed, parts_of
from vcred.codec.cbor import CborValue, encode_cbor
from vcred.codec.inflate import deflate_zlib
from vcred.errors import DecodeError, LimitExceededError, TrustBundleError, VcredError
from vcred.limits import (
    MAX_BUNDLE_BYTES,
    MAX_BUNDLE_PART_BYTES,
    MAX_BUNDLE_PARTS,
    MAX_LOG_GROWTH_PER_IMPORT,
)
from vcred.reasons import Reason
from vcred.trust.bundle import MAGIC, Bundle, encode_bundle, parse_bundle

BUNDLE = fresh_world().bundle()
FILE = encode_bundle(BUNDLE)
PARTS = parts_of(BUNDLE)
NAMES = [name for name, _ in PARTS]


def refused(data: bytes) -> Reason:
    with pytest.raises(TrustBundleError) as caught:
        parse_bundle(data)
    return caught.value.reason


def with_part(name: str, data: bytes) -> list[Part]:
    """The parts with one put in its place in the order."""
    return sorted([*PARTS, (name, data)], key=lambda part: part[0])


# What is read.


def test_a_bundle_is_read_back() -> None:
    assert parse_bundle(FILE) == BUNDLE
    assert file_of(PARTS) == FILE
    assert ["checkpoint", "entries", "pending", "status/0", "status/1", f"type/{_type_hex()}"] == NAMES


def _type_hex() -> str:
    (digest,) = BUNDLE.types
    return digest.hex()


def test_the_same_bundle_is_the_same_bytes() -> None:
    assert encode_bundle(replace(BUNDLE, types=dict(BUNDLE.types))) == FILE
    assert FILE.startswith(b"vcred-bundle/1\n")


def test_status_tokens_keep_their_order_beyond_ten() -> None:
    tokens = tuple(f"token{n}" for n in range(12))
    assert parse_bundle(encode_bundle(replace(BUNDLE, status_tokens=tokens))).status_tokens == tokens


@given(
    st.binary(max_size=50),
    st.integers(0, 2**53 - 1),
    st.lists(st.binary(max_size=20), max_size=5),
    st.lists(st.binary(max_size=20), max_size=3),
    st.lists(st.text("abc.-_", max_size=20), max_size=12),
)
def test_any_bundle_is_read_back(
    checkpoint: bytes, first: int, leaves: list[bytes], pending: list[bytes], tokens: list[str]
) -> None:
    bundle = Bundle(
        checkpoint=checkpoint,
        first=first,
        leaves=tuple(leaves),
        pending=tuple(pending),
        status_tokens=tuple(tokens),
        types={},
    )
    assert parse_bundle(encode_bundle(bundle)) == bundle


# What it is in.


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MAGIC,
        MAGIC[:-1] + FILE[len(MAGIC) :],
        b"vcred-bundle/2\n" + FILE[len(MAGIC) :],
        b"vcred-bundle/01\n" + FILE[len(MAGIC) :],
        b"vcred-bundle/1\r\n" + FILE[len(MAGIC) :],
        b"\xef\xbb\xbf" + FILE,
        FILE[:-1],
        FILE + b"\x00",
        FILE + FILE,
        MAGIC + zlib.decompress(FILE[len(MAGIC) :]),
        MAGIC + zlib.compress(zlib.decompress(FILE[len(MAGIC) :]) + b"\x00"),
        MAGIC + zlib.compress(zlib.decompress(FILE[len(MAGIC) :])[:-1]),
    ],
)
def test_bnd_18_what_is_no_bundle_of_this_version_is_malformed(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_bundle(data)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"manifest": [], "parts": [], "version": 1},
        {"manifest": []},
        {"parts": []},
        {"manifest": {}, "parts": []},
        {"manifest": [], "parts": {}},
        {"manifest": [1], "parts": [b""]},
        {"manifest": [[]], "parts": [b""]},
        {"manifest": [["checkpoint", 0]], "parts": [b""]},
        {"manifest": [["checkpoint", 0, b"", 0]], "parts": [b""]},
        {"manifest": [["checkpoint", 0, b""]], "parts": ["text"]},
    ],
)
def test_bnd_35_a_bundle_is_a_manifest_and_parts_and_nothing_else(content: CborValue) -> None:
    with pytest.raises(DecodeError):
        parse_bundle(packed(content))


# Parts and manifest.


@pytest.mark.parametrize("name", ["checkpoint", "entries", "pending"])
def test_bnd_21_a_part_that_is_needed_is_missing(name: str) -> None:
    assert refused(file_of([part for part in PARTS if part[0] != name])) is Reason.BUNDLE_INCONSISTENT


@pytest.mark.parametrize("index", range(len(PARTS)))
def test_bnd_21_the_manifest_names_each_part_once(index: int) -> None:
    rows: list[CborValue] = [manifest_row(part) for part in PARTS]
    without_row = [row for number, row in enumerate(rows) if number != index]
    assert refused(file_of(PARTS, without_row)) is Reason.BUNDLE_INCONSISTENT
    without_part = [part for number, part in enumerate(PARTS) if number != index]
    assert refused(file_of(without_part, rows)) is Reason.BUNDLE_INCONSISTENT
    twice = [*PARTS[: index + 1], *PARTS[index:]]
    assert refused(file_of(twice)) is Reason.BUNDLE_INCONSISTENT


@pytest.mark.parametrize("index", range(len(PARTS)))
def test_bnd_22_length_and_digest_are_both_held(index: int) -> None:
    rows: list[CborValue] = [manifest_row(part) for part in PARTS]
    name, length, digest = manifest_row(PARTS[index])
    assert isinstance(length, int) and isinstance(digest, bytes)
    wrong: list[list[CborValue]] = [
        [name, length, bytes(32)],
        [name, length, digest[:-1]],
        [name, length, digest.hex()],
        [name, length + 1, digest],
        [name, -1, digest],
        [name, 2**63, digest],
        [name, str(length), digest],
        [name, None, digest],
    ]
    for row in wrong:
        changed_rows = [row if number == index else other for number, other in enumerate(rows)]
        assert refused(file_of(PARTS, changed_rows)) is Reason.BUNDLE_INCONSISTENT, row


def test_bnd_22_true_is_not_the_length_one() -> None:
    parts = [("pending", b"\x80") if name == "pending" else (name, data) for name, data in PARTS]
    assert parse_bundle(file_of(parts)) == BUNDLE
    rows: list[CborValue] = [manifest_row(part) for part in parts]
    rows[2] = ["pending", True, *manifest_row(parts[2])[2:]]
    assert refused(file_of(parts, rows)) is Reason.BUNDLE_INCONSISTENT


def test_bnd_21_parts_that_changed_places() -> None:
    rows: list[CborValue] = [manifest_row(part) for part in PARTS]
    swapped = [PARTS[1], PARTS[0], *PARTS[2:]]
    assert refused(file_of(swapped, rows)) is Reason.BUNDLE_INCONSISTENT
    # And in the manifest too: one bundle has one form.
    assert refused(file_of(swapped)) is Reason.BUNDLE_INCONSISTENT


NAMES_OF_NO_PART = [
    "../x",
    "/etc/passwd",
    "status/../../x",
    "status/1/../2",
    "status\\0",
    "C:\\x",
    "CON",
    "status/CON",
    "NUL",
    "status/0\x00",
    "status/0\n",
    "status/00",
    "status/-1",
    "status/+1",
    "status/1e1",
    "status/１",
    "status/1000000",
    "status/",
    "STATUS/0",
    "Checkpoint",
    "checkpoint ",
    "checkpoint/",
    "type/" + "A" * 64,
    "type/" + "a" * 63,
    "type/" + "a" * 65,
    "type/../" + "a" * 61,
    "type/" + "а" * 64,
    "context/https://www.w3.org/ns/credentials/v2",
    "schema/x",
    "key/x",
    "https://evil.example/x",
    "",
    "x" * 100_000,
]


@pytest.mark.parametrize("name", NAMES_OF_NO_PART, ids=lambda name: ascii(name)[:30])
def test_bnd_25_a_name_that_no_part_has_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(file_of(with_part(name, b"x"))) is Reason.PATH_REFUSED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [b"checkpoint", 0, None, ["checkpoint"]])
def test_bnd_25_a_name_is_text(name: CborValue) -> None:
    rows: list[CborValue] = [manifest_row(part) for part in PARTS]
    rows[0] = [name, *manifest_row(PARTS[0])[1:]]
    assert refused(file_of(PARTS, rows)) is Reason.PATH_REFUSED


def test_bnd_35_a_type_bears_its_own_digest() -> None:
    assert refused(file_of(with_part("type/" + "a" * 64, b"{}"))) is Reason.BUNDLE_INCONSISTENT


# What stands in parts.


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("entries", []),
        ("entries", [0]),
        ("entries", [0, [], 0]),
        ("entries", {0: []}),
        ("entries", [-1, []]),
        ("entries", [True, []]),
        ("entries", ["0", []]),
        ("entries", [2**53, []]),
        ("entries", [2**63, []]),
        ("entries", [0, ["text"]]),
        ("entries", [0, [b"x", 1]]),
        ("entries", [0, b"x"]),
        ("pending", {}),
        ("pending", ["text"]),
        ("pending", b"x"),
    ],
)
def test_bnd_18_a_part_of_a_wrong_form_is_malformed(name: str, content: CborValue) -> None:
    parts = [(other, encode_cbor(content) if other == name else data) for other, data in PARTS]
    with pytest.raises(DecodeError):
        parse_bundle(file_of(parts))


@pytest.mark.parametrize(
    "entries",
    [
        b"",
        b"\x82\x00\x80\x00",
        b"\x82\x18\x00\x80",
        b"\x9f\x00\x80\xff",
        b"\x82\x00\x9f\xff",
        b"\x82\xf9\x00\x00\x80",
        b"\xc2\x82\x00\x80",
    ],
)
def test_bnd_03_cbor_has_one_form(entries: bytes) -> None:
    good = [(name, b"\x82\x00\x80" if name == "entries" else data) for name, data in PARTS]
    assert parse_bundle(file_of(good)).leaves == ()
    parts = [(name, entries if name == "entries" else data) for name, data in PARTS]
    with pytest.raises(DecodeError):
        parse_bundle(file_of(parts))


def test_a_token_that_is_not_ascii_is_malformed() -> None:
    parts = [(name, "é".encode() if name == "status/0" else data) for name, data in PARTS]
    with pytest.raises(DecodeError):
        parse_bundle(file_of(parts))


# Endless data.


def test_bnd_24_a_file_beyond_the_limit_is_not_inflated() -> None:
    with pytest.raises(LimitExceededError):
        parse_bundle(MAGIC + bytes(MAX_BUNDLE_BYTES))


def test_bnd_24_a_bomb_is_stopped_at_the_limit() -> None:
    """64 KiB that would be 1 GiB: refused in a second, and without the memory."""
    bomb = MAGIC + zlib.compress(bytes(2 * MAX_BUNDLE_BYTES), 9)
    started = time.process_time()
    tracemalloc.start()
    with pytest.raises(LimitExceededError):
        parse_bundle(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.5 * MAX_BUNDLE_BYTES
    assert time.process_time() - started < 5


def test_bnd_24_a_part_has_a_limit() -> None:
    full = with_part("status/9", b"x" * MAX_BUNDLE_PART_BYTES)
    assert len(parse_bundle(file_of(full)).status_tokens[-1]) == MAX_BUNDLE_PART_BYTES
    with pytest.raises(LimitExceededError):
        parse_bundle(file_of(with_part("status/9", b"x" * (MAX_BUNDLE_PART_BYTES + 1))))


def test_bnd_24_a_bundle_has_so_many_parts_and_no_more() -> None:
    def of(number: int) -> bytes:
        others = [part for part in PARTS if not part[0].startswith("status/")]
        tokens = [(f"status/{n}", b"x") for n in range(number - len(others))]
        return file_of(sorted([*others, *tokens], key=lambda part: part[0]))

    assert len(parse_bundle(of(MAX_BUNDLE_PARTS)).status_tokens) == MAX_BUNDLE_PARTS - 4
    with pytest.raises(LimitExceededError):
        parse_bundle(of(MAX_BUNDLE_PARTS + 1))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of what is decoded, and not only counted."""
    sizes: list[int] = []

    def loads(data: bytes, **options: object) -> object:
        sizes.append(len(data))
        return real(data, **options)  # type: ignore[arg-type]

    real = cbor2.loads
    monkeypatch.setattr(cbor2, "loads", loads)
    return sizes


def test_bnd_24_small_items_are_counted_before_they_are_built(decoded: list[int]) -> None:
    """63 kB, that would be 64 million integers."""
    assert parse_bundle(FILE) == BUNDLE
    assert len(decoded) == 3
    decoded.clear()
    number = MAX_BUNDLE_BYTES - 8
    numbers = b"\x9a" + number.to_bytes(4, "big") + bytes(number)
    with pytest.raises(LimitExceededError, match="items"):
        parse_bundle(MAGIC + zlib.compress(numbers, 9))
    assert decoded == []


def test_bnd_24_entries_are_counted_before_they_are_built(decoded: list[int]) -> None:
    def of(number: int) -> bytes:
        entries = encode_cbor([0, [b""] * number])
        return file_of([(name, entries if name == "entries" else data) for name, data in PARTS])

    assert len(parse_bundle(of(100_000)).leaves) == 100_000
    decoded.clear()
    with pytest.raises(LimitExceededError, match="items"):
        parse_bundle(of(MAX_LOG_GROWTH_PER_IMPORT + 1))
    # The map of the bundle, and nothing of what stands in it.
    assert len(decoded) == 1


def test_bnd_24_operations_that_no_version_has_are_not_built(decoded: list[int]) -> None:
    def of(number: int) -> bytes:
        pending = encode_cbor([b""] * number)
        return file_of([(name, pending if name == "pending" else data) for name, data in PARTS])

    assert parse_bundle(of(1)).pending == (b"",)
    decoded.clear()
    with pytest.raises(LimitExceededError, match="items"):
        parse_bundle(of(1_000_000))
    assert max(decoded[1:]) < 65_536


def test_a_preset_dictionary_is_refused() -> None:
    compressor = zlib.compressobj(zdict=b"manifest parts")
    data = compressor.compress(zlib.decompress(FILE[len(MAGIC) :])) + compressor.flush()
    with pytest.raises(DecodeError):
        parse_bundle(MAGIC + data)


# Any bytes.


@given(st.binary(max_size=300))
def test_any_bytes_are_a_bundle_or_refused(data: bytes) -> None:
    for attempt in (data, MAGIC + data, MAGIC + deflate_zlib(data)):
        with pytest.raises(VcredError):
            parse_bundle(attempt)


CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=8)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.integers(-9, 9), inner, max_size=4)
    ),
    max_leaves=12,
)
ROW = st.tuples(
    st.sampled_from([*NAMES, "status/2", "x"]) | CBOR, st.integers(0, 3) | CBOR, st.binary(max_size=32) | CBOR
).map(list)


@given(CBOR, st.lists(ROW | CBOR, max_size=6), st.lists(st.binary(max_size=3) | CBOR, max_size=6))
def test_any_content_is_a_bundle_or_refused(
    content: CborValue, manifest: list[CborValue], parts: list[CborValue]
) -> None:
    for value in (content, {"manifest": manifest, "parts": parts}):
        with pytest.raises(VcredError):
            parse_bundle(packed(value))


@given(
    st.sampled_from(["checkpoint", "entries", "pending", "status/0", NAMES[-1]]), st.binary(max_size=60), CBOR
)
def test_any_part_is_read_or_refused(name: str, data: bytes, content: CborValue) -> None:
    for value in (data, encode_cbor(content)):
        parts = [(other, value if other == name else kept) for other, kept in PARTS]
        try:
            assert isinstance(parse_bundle(file_of(parts)), Bundle)
        except VcredError as error:
            assert isinstance(error, DecodeError | TrustBundleError)
