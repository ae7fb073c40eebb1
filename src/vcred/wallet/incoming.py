# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a holder pastes or names: one credential, or several in lines. Only the form is judged here."""

from typing import Final

from vcred.codec.fields import get_text
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_COPIES, MAX_SEALED_CHARACTERS
from vcred.qr.frame import PREFIX

_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_MAX_LINE_BYTES: Final = 2 * MAX_SEALED_CHARACTERS


def is_picture(data: bytes) -> bool:
    """Whether a file begins as a PNG or JPEG picture does."""
    return data.startswith(_PICTURES)


def split_credentials(text: str) -> tuple[str, ...]:
    """Take apart what came in: each line that is not empty is a credential, or a line of an issuer's file.

    Args:
        text: "<jwt>~<d>~...~", a sealed one, or {"credential": "...", ...}; or lines of these.

    Raises:
        DecodeError: Nothing, no text of ASCII, or a code that shows a credential.
        LimitExceededError: One is longer than a credential is, or there are more than an issuer issues.
    """
    lines = [line.strip() for line in text.splitlines()]
    found = tuple([_credential(line) for line in lines if line])
    if not found:
        raise DecodeError("empty")
    if len(found) > MAX_COPIES:
        raise LimitExceededError(f"{len(found)} credentials at once, at most {MAX_COPIES} are read")
    return found


def _credential(line: str) -> str:
    if not line.isascii():
        raise DecodeError("not a credential: it has other characters than ASCII")
    text = line
    if line.startswith("{"):
        text = get_text(decode_json_object(line.encode("ascii"), max_bytes=_MAX_LINE_BYTES), "credential")
    if len(text) > MAX_SEALED_CHARACTERS:
        raise LimitExceededError(f"longer than {MAX_SEALED_CHARACTERS} characters")
    if text.startswith(PREFIX):
        raise DecodeError(
            "a code that shows a credential, not the credential itself",
            hint="ask the issuer for the credential",
        )
    return text
