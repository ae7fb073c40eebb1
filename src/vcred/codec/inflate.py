# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Zlib with a cap: a bomb stops at the cap, not at the end of memory.

One zlib stream and nothing else: no gzip, no raw deflate, no preset dictionary, no
second member, no trailing byte, no missing end.
"""

import zlib

from vcred.errors import DecodeError, LimitExceededError


def inflate_zlib(data: bytes, *, max_bytes: int) -> bytes:
    """Decompress one whole zlib stream.

    Args:
        data: The stream, RFC 1950.
        max_bytes: The most bytes that may come out; no more are ever made.

    Raises:
        LimitExceededError: More than `max_bytes` would come out.
        DecodeError: Not zlib, truncated, or more data after its end.

    Spec: RFC 1950 section 2.2; threats QR-02.
    """
    if max_bytes < 0:
        raise ValueError("max_bytes is negative")
    stream = zlib.decompressobj()
    try:
        # One byte beyond the cap tells "just fits" from "too much"; 0 would mean no cap.
        inflated = stream.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise DecodeError("not one zlib stream") from error
    if len(inflated) > max_bytes:
        raise LimitExceededError(f"more than {max_bytes} bytes after decompression")
    if not stream.eof:
        raise DecodeError("a zlib stream without its end")
    if stream.unused_data:
        raise DecodeError("more data after the zlib stream")
    return inflated


def deflate_zlib(data: bytes, level: int = 6) -> bytes:
    """Compress into one zlib stream.

    Args:
        data: Any bytes.
        level: 0 to 9. Level 9 costs fourteen times level 6 on status lists for little.
    """
    return zlib.compress(data, level)
