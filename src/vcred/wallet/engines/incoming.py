# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reads the file that a holder names: a credential as text, sealed, in lines, or in a picture of a code."""

from pathlib import Path

from vcred.errors import DecodeError
from vcred.files import read_capped
from vcred.limits import MAX_IMAGE_BYTES
from vcred.wallet.incoming import is_picture, split_credentials


def read_credential_file(path: Path) -> tuple[str, ...]:
    """Read the credentials in a file; what they are worth, the wallet says.

    Raises:
        StoreError: It is missing, or cannot be read.
        DecodeError, LimitExceededError: As `split_credentials` and `vcred.qr.engines.zxing.read_picture`.
    """
    return split_credentials(read_text_file(path))


def read_text_file(path: Path) -> str:
    """Read a file of text, or the text of the one QR code in a picture.

    Raises:
        StoreError: It is missing, or cannot be read.
        DecodeError: Neither text of ASCII nor a picture with one code.
        LimitExceededError: Larger than a picture may be.
    """
    data = read_capped(path, max_bytes=MAX_IMAGE_BYTES)
    if is_picture(data):
        # Here, because most credentials come as text.
        from vcred.qr.engines.zxing import read_picture

        return read_picture(data)
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("neither text nor a picture") from error
