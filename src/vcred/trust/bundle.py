# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The bundle as bytes: a manifest and named parts. Says nothing about whether to believe them.

Names are looked up in a closed set and never become paths: `../x` is refused, not cleaned.

Spec: docs/spec/trust-bundle.md, Bundle file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.codec.inflate import deflate_zlib, inflate_zlib
from vcred.errors import DecodeError, LimitExceededError, TrustBundleError
from vcred.limits import (
    MAX_BUNDLE_BYTES,
    MAX_BUNDLE_PART_BYTES,
    MAX_BUNDLE_PARTS,
    MAX_LOG_GROWTH_PER_IMPORT,
    MAX_LOG_SIZE,
    MAX_PENDING_OPERATIONS,
    MIB,
)
from vcred.reasons import Reason

MAGIC = b"vcred-bundle/1\n"
CHECKPOINT, ENTRIES, PENDING = "checkpoint", "entries", "pending"
# A part is four items of the manifest and its bytes; beside them stand the map, its keys and its arrays.
_MAX_ITEMS = 5 * MAX_BUNDLE_PARTS + 5
_MAX_ENTRY_ITEMS = MAX_LOG_GROWTH_PER_IMPORT + 3
_MAX_PENDING_ITEMS = MAX_PENDING_OPERATIONS + 1
# What one part of entries holds when it is made; a single leaf is far smaller.
_ENTRIES_PART_BYTES = 4 * MIB
_ENTRIES_PART = re.compile(r"entries/[1-9][0-9]{0,3}")
_STATUS = re.compile(r"status/(0|[1-9][0-9]{0,5})")
_TYPE = re.compile(r"type/[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The parts of a bundle, none of them believed yet.

    `leaves` are entries from index `first`; `types` maps the SHA-256 (32 bytes) of a definition to its bytes.
    """

    checkpoint: bytes
    first: int
    leaves: tuple[bytes, ...]
    pending: tuple[bytes, ...]
    status_tokens: tuple[str, ...]
    types: Mapping[bytes, bytes]


def encode_bundle(bundle: Bundle) -> bytes:
    """The bytes of a bundle file; the same bundle gives the same bytes."""
    parts: dict[str, bytes] = {
        CHECKPOINT: bundle.checkpoint,
        PENDING: encode_cbor(list(bundle.pending)),
    }
    parts |= _entries_parts(bundle.first, bundle.leaves)
    parts |= {f"status/{n}": token.encode("ascii") for n, token in enumerate(bundle.status_tokens)}
    parts |= {f"type/{digest.hex()}": data for digest, data in bundle.types.items()}
    names = sorted(parts)
    manifest: list[CborValue] = [[name, len(parts[name]), sha256(parts[name]).digest()] for name in names]
    content: dict[int | str, CborValue] = {"manifest": manifest, "parts": [parts[name] for name in names]}
    return MAGIC + deflate_zlib(encode_cbor(content))


def parse_bundle(data: bytes) -> Bundle:
    """Read a bundle file: import step 1.

    Raises:
        LimitExceededError: Larger than the limits, before it is inflated or after.
        TrustBundleError: `bundle_inconsistent` (a part missing, extra, or other than its manifest row) or
            `path_refused` (a name that is none of ours).
        DecodeError: Not a bundle.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise LimitExceededError(f"a bundle has more than {MAX_BUNDLE_BYTES} bytes")
    if not data.startswith(MAGIC):
        raise DecodeError("not a trust bundle of version 1")
    content = decode_cbor(
        inflate_zlib(data[len(MAGIC) :], max_bytes=MAX_BUNDLE_BYTES),
        max_bytes=MAX_BUNDLE_BYTES,
        max_items=_MAX_ITEMS,
    )
    parts = _parts(content)
    first, leaves = _all_entries(parts)
    return Bundle(
        checkpoint=parts[CHECKPOINT],
        first=first,
        leaves=leaves,
        pending=_bytes_list(
            decode_cbor(parts[PENDING], max_bytes=MAX_BUNDLE_PART_BYTES, max_items=_MAX_PENDING_ITEMS)
        ),
        status_tokens=tuple(
            _ascii(parts[name]) for name in sorted(parts, key=_status_number) if name.startswith("status/")
        ),
        types={bytes.fromhex(name[5:]): parts[name] for name in parts if name.startswith("type/")},
    )


def _parts(content: CborValue) -> dict[str, bytes]:
    if not isinstance(content, dict) or set(content) != {"manifest", "parts"}:
        raise DecodeError("a bundle is a manifest and parts")
    manifest, values = content["manifest"], content["parts"]
    if not isinstance(manifest, list) or not isinstance(values, list):
        raise DecodeError("manifest and parts are lists")
    if len(manifest) > MAX_BUNDLE_PARTS:
        raise LimitExceededError(f"a bundle has more than {MAX_BUNDLE_PARTS} parts")
    if len(manifest) != len(values):
        raise _inconsistent("a part is missing or extra")
    parts: dict[str, bytes] = {}
    for row, value in zip(manifest, values, strict=True):
        name = _checked_name(row, value)
        if name in parts or (parts and name < next(reversed(parts))):
            raise _inconsistent("the manifest is not sorted, or a name stands twice")
        parts[name] = value if isinstance(value, bytes) else b""
    if not {CHECKPOINT, ENTRIES, PENDING} <= set(parts):
        raise _inconsistent("checkpoint, entries or pending is missing")
    return parts


def _checked_name(row: CborValue, value: CborValue) -> str:
    if not isinstance(row, list) or len(row) != 3 or not isinstance(value, bytes):
        raise DecodeError("a manifest row is a name, a length and a digest")
    name, length, digest = row
    if not isinstance(name, str) or not (
        name in {CHECKPOINT, ENTRIES, PENDING}
        or any(pattern.fullmatch(name) for pattern in (_ENTRIES_PART, _STATUS, _TYPE))
    ):
        # BND-25. Nothing in a bundle may choose a place to be written to.
        raise TrustBundleError(Reason.PATH_REFUSED, "a part has a name that no part can have")
    if len(value) > MAX_BUNDLE_PART_BYTES:
        raise LimitExceededError(f"a part has more than {MAX_BUNDLE_PART_BYTES} bytes")
    if length != len(value) or digest != sha256(value).digest() or isinstance(length, bool):
        raise _inconsistent("a part is not what the manifest says")
    if name.startswith("type/") and name[5:] != sha256(value).hexdigest():
        raise _inconsistent("a type definition is not what its name says")
    return name


def _entries_parts(first: int, leaves: Sequence[bytes]) -> dict[str, bytes]:
    """Cut the entries, so that no part is larger than a part may be."""
    cuts: list[list[bytes]] = [[]]
    size = 0
    for leaf in leaves:
        if size + len(leaf) > _ENTRIES_PART_BYTES and cuts[-1]:
            cuts.append([])
            size = 0
        cuts[-1].append(leaf)
        size += len(leaf)
    parts: dict[str, bytes] = {}
    for number, cut in enumerate(cuts):
        parts[f"{ENTRIES}/{number}" if number else ENTRIES] = encode_cbor([first, list(cut)])
        first += len(cut)
    return parts


def _all_entries(parts: Mapping[str, bytes]) -> tuple[int, tuple[bytes, ...]]:
    """The first index and all leaves: the parts follow one another without a gap."""
    first, leaves = _entries(parts[ENTRIES], known=0)
    found = list(leaves)
    number = sum(name.startswith(f"{ENTRIES}/") for name in parts)
    for name in (f"{ENTRIES}/{n}" for n in range(1, number + 1)):
        if name not in parts:
            raise _inconsistent("a part of the entries is missing")
        start, more = _entries(parts[name], known=len(found))
        if start != first + len(found) or not more or not found:
            raise _inconsistent("a part of the entries does not follow the one before")
        found += more
    return first, tuple(found)


def _entries(data: bytes, *, known: int) -> tuple[int, tuple[bytes, ...]]:
    # BND-24. All parts together hold no more than one import may bring.
    value = decode_cbor(data, max_bytes=MAX_BUNDLE_PART_BYTES, max_items=_MAX_ENTRY_ITEMS - known)
    if not isinstance(value, list) or len(value) != 2:
        raise DecodeError("entries are a first index and leaves")
    first, leaves = value
    if not isinstance(first, int) or isinstance(first, bool) or not 0 <= first <= MAX_LOG_SIZE:
        raise DecodeError("the first index is out of range")
    return first, _bytes_list(leaves)


def _bytes_list(value: CborValue) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise DecodeError("a list of byte strings is needed")
    found = [item for item in value if isinstance(item, bytes)]
    if len(found) != len(value):
        raise DecodeError("a list of byte strings is needed")
    return tuple(found)


def _status_number(name: str) -> int:
    return int(name.removeprefix("status/")) if name.startswith("status/") else -1


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("a status list token is not ASCII") from error


def _inconsistent(message: str) -> TrustBundleError:
    return TrustBundleError(Reason.BUNDLE_INCONSISTENT, message)
