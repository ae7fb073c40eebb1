# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Look for texts in bytes of any kind: plain, in UTF-16, as hex or base64, compressed, and one in another.

Shares nothing with vcred but the forms in which it writes.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_DEPTH = 3
_MOST_BYTES = 16 << 20
_STREAMS = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04")
_BASE64 = re.compile(rb"[A-Za-z0-9_-]{32,}|[A-Za-z0-9+/]{32,}")


class Canaries:
    """Texts that must not be found."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = frozenset(texts)
        self._forms = {form: text for text in self.texts for form in _forms(text)}

    def found_in(self, data: bytes) -> set[str]:
        """Those that stand in some bytes, in whatever form."""
        # Of what is very long, the memory of a process, only what stands in it as it is.
        depth = _DEPTH if len(data) <= _MOST_BYTES else 0
        layers = _layers(data, depth)
        return {text for layer in layers for form, text in self._forms.items() if form in layer}

    def files_with(self, folder: Path) -> set[str]:
        """Files below a folder, by their paths in it, in which one stands: in the name, too."""
        return {
            str(path.relative_to(folder))
            for path in folder.rglob("*")
            if self.found_in(str(path.relative_to(folder)).encode())
            or (path.is_file() and self.found_in(path.read_bytes()))
        }


def _forms(text: str) -> set[bytes]:
    plain = [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]
    forms = {*plain, json.dumps(text)[1:-1].encode()}
    for data in plain:
        forms |= {data.hex().encode(), data.hex().upper().encode()}
        for shift in range(3):
            encoded = base64.b64encode(bytes(shift) + data)
            # Without what neighbours have a part in.
            inner = encoded[-(-shift * 4 // 3) : -4]
            forms |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms


def _layers(data: bytes, depth: int) -> Iterator[bytes]:
    """The bytes, and whatever is packed in them."""
    yield data
    if depth:
        for inner in (*_inflated(data), *_decoded(data)):
            yield from _layers(inner, depth - 1)


def _inflated(data: bytes) -> Iterator[bytes]:
    for match in _STREAMS.finditer(data):
        start, bits = match.start(), 47
        if match[0].startswith(b"PK"):
            lengths = data[start + 26 : start + 30]
            start += 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
            bits = -15
        try:
            inner = zlib.decompressobj(bits).decompress(data[start:], _MOST_BYTES)
        except zlib.error:
            continue
        if inner:
            yield inner


def _decoded(data: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(data):
        run = match[0].translate(bytes.maketrans(b"-_", b"+/"))
        try:
            yield base64.b64decode(run[: len(run) // 4 * 4] if len(run) % 4 == 1 else run + b"==")
        except binascii.Error:
            continue
