# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What resolving a DID gives: a document, or why there is none, and what is known about it.

A result is a value, never an exception: a server has to answer with it. Whoever needs the
document calls `require`.

Spec: DID Resolution 1.0 section 4.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.codec.times import format_timestamp
from vcred.did.document import DidDocument
from vcred.errors import ResolutionError

CONTENT_TYPE: Final = "application/did+ld+json"
RESULT_TYPE: Final = "application/did-resolution"
_ERRORS: Final = "https://www.w3.org/ns/did#"
_GONE: Final = 410


class Problem(StrEnum):
    """Why there is no document.

    | value | means |
    |---|---|
    | invalidDid | not a DID, or not of its method's form |
    | invalidOptions | a version was asked for in a way that cannot be |
    | notFound | no such DID, or no such version of it, in what is held |
    | methodNotSupported | a method that is not known here |

    Spec: DID Resolution 1.0 section 11.
    """

    INVALID_DID = "invalidDid"
    INVALID_OPTIONS = "invalidOptions"
    NOT_FOUND = "notFound"
    METHOD_NOT_SUPPORTED = "methodNotSupported"


_HTTP_STATUS: Final = {
    Problem.INVALID_DID: 400,
    Problem.INVALID_OPTIONS: 400,
    Problem.NOT_FOUND: 404,
    Problem.METHOD_NOT_SUPPORTED: 501,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMetadata:
    """About the version that was resolved. Times are NumericDates; None is not said.

    `updated` is the time of the update that made it, `next_update` that of the one after it;
    `version_id` and `next_version_id` name them.
    """

    created: int | None = None
    updated: int | None = None
    deactivated: bool = False
    version_id: str | None = None
    next_update: int | None = None
    next_version_id: str | None = None

    def to_json(self) -> JsonObject:
        """As the standard names it, times in RFC 3339.

        Spec: DID Resolution 1.0 section 4.3.
        """
        members: JsonObject = {}
        for name, seconds in (("created", self.created), ("updated", self.updated)):
            if seconds is not None:
                members[name] = _time(seconds)
        if self.deactivated:
            members["deactivated"] = True
        if self.version_id is not None:
            members["versionId"] = self.version_id
        if self.next_update is not None:
            members["nextUpdate"] = _time(self.next_update)
        if self.next_version_id is not None:
            members["nextVersionId"] = self.next_version_id
        return members


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A DID resolution result; made by `found` and `failed`, or of a DID that has ended by `ended`."""

    document: DidDocument | None
    metadata: DocumentMetadata = field(default_factory=DocumentMetadata)
    problem: Problem | None = None
    detail: str = ""

    @classmethod
    def found(cls, document: DidDocument, metadata: DocumentMetadata | None = None) -> "Resolution":
        """There is a document."""
        return cls(document=document, metadata=metadata or DocumentMetadata())

    @classmethod
    def ended(cls, metadata: DocumentMetadata) -> "Resolution":
        """The DID was deactivated: there is no document any more, and that is no error."""
        return cls(document=None, metadata=metadata)

    @classmethod
    def failed(cls, problem: Problem, detail: str) -> "Resolution":
        """There is no document; `detail` says in words why, and repeats nothing that was asked."""
        return cls(document=None, problem=problem, detail=detail)

    @property
    def http_status(self) -> int:
        """The status code of an answer that carries this.

        Spec: DID Resolution 1.0 section 12.1.
        """
        if self.problem is not None:
            return _HTTP_STATUS[self.problem]
        return _GONE if self.metadata.deactivated else 200

    def require(self) -> DidDocument:
        """Return the document.

        Raises:
            ResolutionError: There is none; `kind` is the problem, or `deactivated`.
        """
        if self.problem is not None:
            raise ResolutionError(self.problem, self.detail)
        if self.document is None:
            raise ResolutionError("deactivated", "that DID was deactivated: it has no keys any more")
        return self.document

    def to_json(self) -> JsonObject:
        """The whole result, media type `application/did-resolution`.

        Spec: DID Resolution 1.0 section 9.
        """
        return {
            "didDocument": None if self.document is None else self.document.to_json(),
            "didResolutionMetadata": self._resolution_metadata(),
            "didDocumentMetadata": self.metadata.to_json(),
        }

    def _resolution_metadata(self) -> JsonObject:
        if self.problem is not None:
            # The type is a URL of RFC 9457, made of the name of the error.
            error: JsonObject = {
                "type": _ERRORS + self.problem.name,
                "title": self.problem.name.replace("_", " ").capitalize(),
                "detail": self.detail,
            }
            return {"error": error}
        return {} if self.document is None else {"contentType": CONTENT_TYPE}


def _time(seconds: int) -> str:
    return format_timestamp(datetime.fromtimestamp(seconds, UTC))
