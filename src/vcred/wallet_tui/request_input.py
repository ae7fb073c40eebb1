# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A request as a holder gives it: pasted, or the name of a picture file that shows its code."""

from datetime import datetime
from pathlib import Path
from typing import Final

from vcred.errors import StoreError
from vcred.qr.request_text import REQUEST_PREFIX
from vcred.verifier.asking import AskedRequest, read_request
from vcred.wallet.engines.incoming import read_text_file
from vcred.wallet.wallet import Wallet

# What every compact JWS begins with: the first two characters of its header, in base64url.
_JWS_START: Final = "eyJ"
_JWS_DOTS: Final = 2


def read_given(given: str, wallet: Wallet, *, now: datetime) -> AskedRequest:
    """Read a request.

    Args:
        given: "VQ1:...", a compact JWS, or the name of a file: text, PNG or JPEG.
        wallet: By whose belief the asker is known.
        now: Timezone-aware.

    Raises:
        StoreError: No such file.
        DecodeError: No request is in it.
        RefusedError: As `read_request`.
    """
    text = given.strip()
    if not _is_request(text):
        text = read_text_file(path_of(text))
    trust = wallet.trust
    return read_request(text, belief=trust.belief(), network_id=trust.network_id(), now=now)


def _is_request(text: str) -> bool:
    return text.startswith(REQUEST_PREFIX) or (text.startswith(_JWS_START) and text.count(".") == _JWS_DOTS)


def path_of(name: str) -> Path:
    """The file that a holder names; "~" is their own folder.

    Raises:
        StoreError: It begins with "~" and a name that the machine does not know.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise StoreError("the folder of that person is not known") from error
