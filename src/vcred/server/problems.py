# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a server says when it does not do what was asked: problem details, never a stack or a path.

    {"type": "about:blank", "title": "Unprocessable Content", "status": 422,
     "reason": "not_authorised", "detail": "too few control keys have signed"}

Spec: RFC 9457.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vcred.errors import FetchError, LedgerError, StoreError, VcredError
from vcred.reasons import Reason

_LOG: Final = logging.getLogger("vcred.server")
MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 5


class RequestError(VcredError):
    """A request cannot be answered as it is; `status` is the HTTP status, `reason` a stable code."""

    code = "request"

    def __init__(self, status: HTTPStatus, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


def problem(
    status: HTTPStatus,
    *,
    reason: str | None = None,
    detail: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Make the answer.

    Args:
        status: 400 or above.
        reason: A stable code, if there is one.
        detail: In words; it must hold no path, no version and nothing of a stack.
        headers: Further ones.
    """
    members: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    if reason is not None:
        members["reason"] = reason
    if detail is not None:
        members["detail"] = detail
    return JSONResponse(
        members,
        status_code=status.value,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def not_now(reason: str) -> Response:
    """Say that the same may be asked again a little later; the cause is in the operator's log."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, reason=reason, headers=headers)


def _of_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    # After a body that was not read to its end, nothing on the connection can be told apart.
    headers = {"Connection": "close"} if error.status in _BODY_UNREAD else None
    return problem(error.status, reason=error.reason, detail=str(error), headers=headers)


_BODY_UNREAD: Final = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE))


def _of_ledger(_: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason=error.reason, detail=str(error))


def _of_environment(_: Request, error: Exception) -> Response:
    assert isinstance(error, StoreError | FetchError)
    _LOG.warning("%s", error)
    return not_now(error.code)


def _of_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(HTTPStatus(error.status_code), headers=error.headers)


def _of_bug(_: Request, __: Exception) -> Response:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR)


def not_found(detail: str) -> RequestError:
    """What was asked for is not published here."""
    return RequestError(HTTPStatus.NOT_FOUND, Reason.REFERENCE_UNKNOWN, detail)


EXCEPTION_HANDLERS: Final[Mapping[Any, Any]] = {
    RequestError: _of_request,
    LedgerError: _of_ledger,
    StoreError: _of_environment,
    FetchError: _of_environment,
    HTTPException: _of_http,
    500: _of_bug,
}
