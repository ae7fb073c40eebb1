# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reads a request from whatever `vcred request` wrote: a picture, the text of the code, or JSON."""

from typing import Final

from vcred.cli.inputs import naming, read_input
from vcred.codec.fields import get_text
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError
from vcred.limits import MAX_IMAGE_BYTES

_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def read_request_text(name: str) -> str:
    """Return what a file, or stdin, says of a request: "VQ1:..." or the compact JWS, unverified.

    Raises:
        StoreError: The file is not there or cannot be read.
        DecodeError: No picture with one code in it, no text, or JSON without "request".
    """
    data = read_input(name, max_bytes=MAX_IMAGE_BYTES)
    with naming(name, hint='a request is made by "vcred request"'):
        if data.startswith(_PICTURES):
            from vcred.qr.engines.zxing import read_picture

            return read_picture(data)
        if data.lstrip().startswith(b"{"):
            return get_text(decode_json_object(data), "request")
        try:
            return data.decode("ascii").strip()
        except UnicodeDecodeError as error:
            raise DecodeError("neither a picture nor the text of a request") from error
