# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where a credential's status stands: which list, and which entry of it."""

from dataclasses import dataclass

from vcred.codec.fields import get_int, get_object, get_text, optional_object
from vcred.codec.jcs import encode_jcs_text
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, RefusedError
from vcred.limits import MAX_URI_CHARACTERS
from vcred.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReference:
    """Entry `index` (zero-based) of the status list at `uri`. Compared exactly, never fetched.

    `is_only` is false where the credential names another mechanism beside it.
    """

    uri: str
    index: int
    is_only: bool = True

    def to_json(self) -> JsonObject:
        """Return the value of the claim `status`.

        Spec: Token Status List section 6.2.
        """
        return {"status_list": {"idx": self.index, "uri": self.uri}}

    def to_text(self) -> str:
        """Return the JCS form of the claim `status`."""
        index, uri = encode_jcs_text(self.index), encode_jcs_text(self.uri)
        return f'{{"status_list":{{"idx":{index},"uri":{uri}}}}}'


def parse_status_claim(payload: JsonObject) -> StatusReference | None:
    """Read the claim `status` of a payload; None where there is none.

    Raises:
        DecodeError: `status` is not an object.
        RefusedError: STATUS_INVALID: not the shape of a status list reference; or a status of
            another mechanism, which cannot be asked here, and reading it as "no status" would
            make every revocation by it invisible.

    Spec: Token Status List sections 6.1, 6.2.
    """
    if (status := optional_object(payload, "status")) is None:
        return None
    if "status_list" not in status:
        raise RefusedError(
            Reason.STATUS_INVALID, "the credential's status is kept by a mechanism not known here"
        )
    try:
        # STA-11. A second mechanism could say revoked, and cannot be asked: good news is then no news.
        return _reference(get_object(status, "status_list"), is_only=len(status) == 1)
    except DecodeError as error:
        raise RefusedError(Reason.STATUS_INVALID, f"status_list: {error}") from error


def _reference(value: JsonObject, *, is_only: bool) -> StatusReference:
    uri, index = get_text(value, "uri"), get_int(value, "idx")
    if not 0 < len(uri) <= MAX_URI_CHARACTERS:
        raise DecodeError(f"uri: empty, or longer than {MAX_URI_CHARACTERS} characters")
    if index < 0:
        raise DecodeError("idx: negative")
    return StatusReference(uri=uri, index=index, is_only=is_only)
