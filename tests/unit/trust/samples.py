# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of trust share: what a gate held and what it was offered."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import pytest

from tests.seeded_keys import SeededKeys
from tests.world import World, make_world
from vcred.codec.cbor import CborValue, encode_cbor
from vcred.codec.inflate import deflate_zlib
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.errors import TrustBundleError
from vcred.keys.signer import Signer
from vcred.ledger.entries import Kind
from vcred.reasons import Reason
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import Note, NoteSignature, encode_note
from vcred.tlog.tree import leaf_hash, root_of
from vcred.trust.bundle import MAGIC, Bundle, encode_bundle

KEYS = SeededKeys("trust rules")
Part = tuple[str, bytes]


def fresh_world() -> World:
    """The test network, always with the same keys."""
    return make_world(KEYS)


def another_network() -> World:
    """A network of the same form with other keys."""
    return make_world(SeededKeys("another network"))


def grow(world: World, by: int = 1) -> None:
    """Append statements that change nothing for a gate."""
    for _ in range(by):
        age = 10_000_000 + world.state.size
        world.say(world.gd, Kind.RECOGNISE, type=world.vct, jurisdiction="MO", conditions={"max_age": age})


def refusal(world: World, bundle: Bundle | None = None) -> Reason:
    """Why the gate refuses a bundle; what it holds stays as it was."""
    held = world.held
    with pytest.raises(TrustBundleError) as caught:
        world.import_bundle(bundle)
    assert world.held is held
    return caught.value.reason


def carrying(world: World, *operations: JsonObject, **changes: object) -> Bundle:
    """A bundle that also carries operations which are not on the log."""
    return world.bundle(pending=tuple(map(encode_jcs, operations)), **changes)


def withdrawal(world: World, effect: str = "void") -> JsonObject:
    """Guangdong takes back its accreditation, signed now and not logged."""
    return world.statement(world.gd, Kind.ISSUER_WITHDRAW, entry=world.entries["gd"], effect=effect)


def head(leaves: Sequence[bytes], *, origin: str, size: int | None = None) -> Checkpoint:
    root = root_of(leaf_hash(leaf) for leaf in leaves)
    return Checkpoint(origin=origin, size=len(leaves) if size is None else size, root=root)


def note_of(checkpoint: Checkpoint, signer: Signer, cosigners: Iterable[tuple[str, Signer, int]]) -> bytes:
    """A note over a checkpoint: the log's line, then one for each (name, key, date)."""
    text = encode_checkpoint_text(checkpoint)
    lines: list[NoteSignature] = [cosign(text, name, key, timestamp=at) for name, key, at in cosigners]
    signatures = (sign_checkpoint(checkpoint, checkpoint.origin, signer), *lines)
    return encode_note(Note(text=text, signatures=signatures))


def parts_of(bundle: Bundle) -> list[Part]:
    """The parts of a bundle by name, as its file has them."""
    from vcred.codec.cbor import decode_cbor
    from vcred.codec.inflate import inflate_zlib

    data = inflate_zlib(encode_bundle(bundle)[len(MAGIC) :], max_bytes=1 << 26)
    content = decode_cbor(data, max_bytes=1 << 26)
    assert isinstance(content, dict)
    manifest, parts = content["manifest"], content["parts"]
    assert isinstance(manifest, list) and isinstance(parts, list)
    return [(row[0], value) for row, value in zip(manifest, parts, strict=True)]  # type: ignore[index,misc]


def manifest_row(part: Part) -> list[CborValue]:
    name, data = part
    return [name, len(data), sha256(data).digest()]


def packed(content: CborValue) -> bytes:
    """The bytes of a bundle file around any content."""
    return MAGIC + deflate_zlib(encode_cbor(content))


def file_of(parts: Iterable[Part], manifest: list[CborValue] | None = None) -> bytes:
    """A bundle file of those parts, under a true manifest or another."""
    listed = list(parts)
    rows: list[CborValue] = [manifest_row(part) for part in listed] if manifest is None else manifest
    return packed({"manifest": rows, "parts": [data for _, data in listed]})
