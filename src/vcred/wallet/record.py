# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One line of the wallet's history: what was shown, of which credential, to whom, when. Never a value."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from vcred.codec.base64url import encode_base64url
from vcred.codec.fields import get_text, get_texts, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.codec.times import format_timestamp, parse_timestamp
from vcred.credential.presentation import Binding
from vcred.errors import DecodeError


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationRecord:
    """One presentation.

    `credential` is base64url of SHA-256 over the issuer's JWT: the same for every showing of
    one credential, and nothing that the JWT says. `audience` is empty on paper; `revealed`
    are claim paths.
    """

    at: datetime
    binding: Binding
    audience: str
    issuer: str
    type: str
    credential: str
    revealed: tuple[str, ...]


def credential_fingerprint(issuer_jwt: str) -> str:
    """Name a credential by the hash of its issuer's JWT."""
    return encode_base64url(hashlib.sha256(issuer_jwt.encode("ascii")).digest())


def encode_record(record: PresentationRecord) -> bytes:
    """Write a record as one line of JSON, without the line end."""
    document: JsonObject = {
        "at": format_timestamp(record.at),
        "binding": str(record.binding),
        "audience": record.audience,
        "issuer": record.issuer,
        "type": record.type,
        "credential": record.credential,
        "revealed": [*record.revealed],
    }
    return encode_jcs(document)


def decode_record(line: bytes) -> PresentationRecord:
    """Read a line of the history.

    Raises:
        DecodeError: Not such a line.
    """
    document = decode_json_object(line)
    refuse_unknown(document, PresentationRecord.__slots__)
    binding = get_text(document, "binding")
    if binding not in tuple(Binding):
        raise DecodeError("binding: not one of the known ones")
    return PresentationRecord(
        at=parse_timestamp(get_text(document, "at")),
        binding=Binding(binding),
        audience=get_text(document, "audience"),
        issuer=get_text(document, "issuer"),
        type=get_text(document, "type"),
        credential=get_text(document, "credential"),
        revealed=tuple(get_texts(document, "revealed")),
    )
