# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""DID resolution over HTTP, on the state of the published tree.

Spec: DID Resolution 1.0 section 12.1.
"""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vcred.codec.times import parse_timestamp
from vcred.did.resolution import CONTENT_TYPE, RESULT_TYPE
from vcred.did.resolver import Resolver
from vcred.errors import DecodeError
from vcred.ledger.ledger import Ledger
from vcred.ledger.resolve import resolve_did
from vcred.ledger.rules import replay
from vcred.ledger.state import State
from vcred.reasons import Reason
from vcred.server.problems import RequestError
from vcred.server.requests import query_of

_HEADERS: Final = {"Cache-Control": "no-store", "Vary": "Accept"}
_DOCUMENT_TYPES: Final = frozenset((CONTENT_TYPE, "application/did", "application/did+json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionOptions:
    """Which version of a DID is asked for; `version_time` is a NumericDate."""

    version_id: str | None
    version_time: int | None


class PublishedState:
    """The state at the published size, grown as that grows. Of one thread."""

    def __init__(self) -> None:
        self._state = State()

    def at(self, ledger: Ledger, size: int) -> State:
        """The state of the first `size` entries, at least as many as the last time."""
        if size > self._state.size:
            self._state = replay(ledger.leaves(self._state.size, size), state=self._state)
        return self._state


def read_options(request: Request) -> ResolutionOptions:
    """Read the query.

    Raises:
        RequestError: 400: an option that is not known, or a time without its zone.
    """
    query = query_of(request, optional=("versionId", "versionTime"))
    text = query.get("versionTime")
    try:
        time = None if text is None else int(parse_timestamp(text).timestamp())
    except DecodeError as error:
        raise RequestError(
            HTTPStatus.BAD_REQUEST, Reason.MALFORMED, "versionTime: not a date with a time and its zone"
        ) from error
    return ResolutionOptions(version_id=query.get("versionId"), version_time=time)


def resolution_response(state: State, request: Request, options: ResolutionOptions) -> Response:
    """Resolve, and answer with the whole result, or with the document alone if that was asked for."""
    resolved = Resolver(partial(resolve_did, state)).resolve(
        request.path_params["did"], version_id=options.version_id, version_time=options.version_time
    )
    wanted = request.headers.get("accept", "").partition(";")[0].strip().lower()
    if resolved.document is not None and wanted in _DOCUMENT_TYPES:
        return JSONResponse(resolved.document.to_json(), media_type=wanted, headers=_HEADERS)
    return JSONResponse(
        resolved.to_json(), status_code=resolved.http_status, media_type=RESULT_TYPE, headers=_HEADERS
    )
