# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The syntax of DIDs and DID URLs, stricter than the standard: one text for one thing.

Refused although DID Core allows it, because two spellings of one name are how a
check and a look-up come to disagree:

* percent encoding, except `%3A` in did:web, where it marks a port,
* a path segment that is empty, `.` or `..`,
* a query: nothing here is selected by one.
"""

import re
from dataclasses import dataclass
from typing import Final

from vcred.errors import RefusedError
from vcred.limits import MAX_DID_CHARACTERS, MAX_URI_CHARACTERS
from vcred.reasons import Reason

_METHOD: Final = re.compile(r"[a-z0-9]+")
_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9._-]|%3A)+")
_PATH_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]+")
_FRAGMENT: Final = re.compile(r"[A-Za-z0-9._~:-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A DID in its two parts; made by `parse_did` only."""

    method: str
    identifier: str

    def __str__(self) -> str:
        return f"did:{self.method}:{self.identifier}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DidUrl:
    """A DID with a path ("" or "/a/b") and a fragment (without "#", or None)."""

    did: Did
    path: str
    fragment: str | None

    def __str__(self) -> str:
        return f"{self.did}{self.path}" + ("" if self.fragment is None else f"#{self.fragment}")


def parse_did(text: str) -> Did:
    """Parse a DID without path, query or fragment.

    Raises:
        RefusedError: DID_INVALID: not of the syntax, or longer than 4096 characters.

    Spec: DID Core 1.0 section 3.1.
    """
    if len(text) > MAX_DID_CHARACTERS:
        raise _invalid("it is too long")
    scheme, _, rest = text.partition(":")
    method, _, identifier = rest.partition(":")
    if scheme != "did" or not _METHOD.fullmatch(method):
        raise _invalid('it does not start with "did:" and a method in lower case')
    for segment in identifier.split(":"):
        _check_segment(segment, _SEGMENT)
    if "%" in identifier and method != "web":
        raise _invalid("percent encoding has no place in it")
    return Did(method=method, identifier=identifier)


def parse_did_url(text: str) -> DidUrl:
    """Parse a DID URL: a DID, then optionally a path, then optionally a fragment.

    Raises:
        RefusedError: DID_INVALID: not of the syntax, with a query, or too long.

    Spec: DID Core 1.0 section 3.2.
    """
    if len(text) > MAX_DID_CHARACTERS + MAX_URI_CHARACTERS:
        raise _invalid("it is too long")
    before, hash_sign, fragment = text.partition("#")
    if hash_sign and not _FRAGMENT.fullmatch(fragment):
        raise _invalid("its fragment is empty or has a character that is not allowed")
    did, slash, path = before.partition("/")
    if slash:
        for segment in path.split("/"):
            _check_segment(segment, _PATH_SEGMENT)
    return DidUrl(did=parse_did(did), path=slash + path, fragment=fragment if hash_sign else None)


def _check_segment(segment: str, allowed: re.Pattern[str]) -> None:
    # Dot segments climb when a DID or its path becomes a file name or an address.
    if not allowed.fullmatch(segment) or segment in (".", ".."):
        raise _invalid("a part of it is empty or has a character that is not allowed")


def _invalid(what: str) -> RefusedError:
    return RefusedError(Reason.DID_INVALID, f"DID: {what}")
