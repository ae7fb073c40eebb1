# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Change any one byte of a bundle: it is refused, or it is the same bundle. FI-07."""

import zlib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.trust.samples import file_of, fresh_world, grow, packed, parts_of
from tests.world import START, World
from vcred.codec.cbor import decode_cbor
from vcred.errors import VcredError
from vcred.trust.bundle import MAGIC, Bundle, encode_bundle, parse_bundle
from vcred.trust.held import Held
from vcred.trust.update import Addition, decide_update

NOW = int(START.timestamp())
NETWORK_FILE = fresh_world().network_file()


@cache
def scene() -> tuple[World, Held, bytes, Addition]:
    """A gate that holds a bundle; the file of a newer one; what it adds."""
    world = fresh_world()
    held = world.import_bundle(world.bundle(types={}))
    grow(world)
    world.later(seconds=1)
    world.revoke(7)
    data = encode_bundle(world.bundle())
    return world, held, data, decide(held, data)


def decide(held: Held, data: bytes) -> Addition:
    return decide_update(held, parse_bundle(data), NETWORK_FILE, now=NOW + 1)


def without_signatures(addition: Addition) -> dict[str, object]:
    """What an addition says: signatures are malleable, and no lines of the note are signed."""
    content: dict[str, object] = {field.name: getattr(addition, field.name) for field in fields(addition)}
    checkpoint = addition.checkpoint
    content["checkpoint"] = checkpoint and (checkpoint.size, checkpoint.root, checkpoint.quorum_time)
    content["statuses"] = [(s.uri, s.did, s.issued_at, s.token.rpartition(".")[0]) for s in addition.statuses]
    return content


def outcome(held: Held, data: bytes) -> Addition | None:
    try:
        return decide(held, data)
    except VcredError:
        return None


FILE_SIZE = len(scene()[2])


@settings(max_examples=400, deadline=None)
@given(st.integers(0, FILE_SIZE - 1), st.integers(1, 255))
@example(len(MAGIC), 1)
@example(len(MAGIC) + 1, 0x9C ^ 0xDA)
@example(FILE_SIZE - 1, 1)
def test_a_changed_byte_of_the_file_is_refused_or_changes_nothing(position: int, change: int) -> None:
    _, held, data, addition = scene()
    altered = bytearray(data)
    altered[position] ^= change
    assert outcome(held, bytes(altered)) in (None, addition)


def test_another_compression_of_the_same_content_is_the_same_bundle() -> None:
    _, held, data, addition = scene()
    content = zlib.decompress(data[len(MAGIC) :])
    for level in (0, 1, 9):
        assert outcome(held, MAGIC + zlib.compress(content, level)) == addition


def altered_parts(bundle: Bundle, number: int, position: int, change: int) -> bytes:
    """One byte of one part changed, under a manifest that is true again: as an attacker would."""
    parts = parts_of(bundle)
    name, data = parts[number % len(parts)]
    altered = bytearray(data)
    altered[position % len(altered)] ^= change
    parts[number % len(parts)] = (name, bytes(altered))
    return file_of(parts)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 5), st.integers(0, 2**20), st.integers(1, 255))
def test_a_changed_byte_of_a_part_is_refused_or_changes_nothing(
    number: int, position: int, change: int
) -> None:
    """Under a true manifest. A line of the note that nobody needs may change: it is not signed."""
    world, held, _, addition = scene()
    found = outcome(held, altered_parts(world.bundle(), number, position, change))
    assert found is None or without_signatures(found) == without_signatures(addition)


@pytest.mark.parametrize("number", range(6))
def test_every_part_counts(number: int) -> None:
    """The last byte of any part, changed: refused."""
    world, held, _, _ = scene()
    assert outcome(held, altered_parts(world.bundle(), number, -1, 1)) is None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_changed_byte_of_the_content_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    """Inside the compression: digests of the manifest hold what it names."""
    _, held, original, addition = scene()
    content = bytearray(zlib.decompress(original[len(MAGIC) :]))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert outcome(held, MAGIC + zlib.compress(bytes(content))) in (None, addition)


def subsets() -> Iterator[bytes]:
    """The bundle with one part, one leaf or one list taken out, and the rest as it was."""
    world, _, data, _ = scene()
    parts = parts_of(world.bundle())
    for number in range(len(parts)):
        yield file_of([part for index, part in enumerate(parts) if index != number])
    content = decode_cbor(zlib.decompress(data[len(MAGIC) :]), max_bytes=1 << 26)
    assert isinstance(content, dict)
    for name in content:
        yield packed({other: value for other, value in content.items() if other != name})


def test_taking_something_away_adds_nothing() -> None:
    """A list or type left out is a list or type less; anything else left out is a refusal."""
    _, held, _, addition = scene()
    seen = 0
    for data in subsets():
        found = outcome(held, data)
        if found is not None:
            seen += 1
            assert (found.leaves, found.checkpoint) == (addition.leaves, addition.checkpoint)
            assert set(found.statuses) <= set(addition.statuses)
            assert found.types.items() <= addition.types.items()
    assert seen == 3
