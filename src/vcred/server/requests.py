# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a request may hold: a body of one media type, capped in bytes and time, and known parameters."""

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.requests import Request

from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_REQUEST_BODY_TIME
from vcred.reasons import Reason
from vcred.server.problems import RequestError
from vcred.tlog.checkpoint import parse_size

JSON: Final = "application/json"
_UTF8: Final = frozenset(("", "charset=utf-8", 'charset="utf-8"'))


async def read_json(request: Request, *, max_bytes: int) -> JsonObject:
    """Read a JSON object, strictly.

    Raises:
        RequestError: 415 if it is announced as something else, 413 if it is too large, 408 if it
            does not come, 400 if it is not a JSON object.
    """
    _require_json(request)
    body = await read_body(request, max_bytes=max_bytes)
    try:
        return decode_json_object(body, max_bytes=max_bytes)
    except LimitExceededError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, Reason.LIMIT_EXCEEDED, str(error)) from error
    except DecodeError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, Reason.MALFORMED, str(error)) from error


async def read_body(request: Request, *, max_bytes: int) -> bytes:
    """Read a body, and never more than one piece beyond `max_bytes`.

    Raises:
        RequestError: 415 if it is compressed, 413 if it is larger, 408 if it does not come in time.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise _wrong_type("the body is compressed")
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    try:
        # SRV-05. Over the whole body: a byte a second is no progress.
        async with asyncio.timeout(MAX_REQUEST_BODY_TIME.total_seconds()):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_bytes:
                    raise _too_large(max_bytes)
    except TimeoutError as error:
        raise RequestError(
            HTTPStatus.REQUEST_TIMEOUT, Reason.LIMIT_EXCEEDED, "the body did not come in time"
        ) from error
    return bytes(body)


def query_of(request: Request, *names: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Read the query: each of `names` once, each of `optional` at most once, and nothing else.

    Raises:
        RequestError: 400.
    """
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    if len(given) != len(pairs) or not set(names) <= given.keys() <= {*names, *optional}:
        raise _malformed(f"the query takes {', '.join((*names, *optional)) or 'nothing'}, each once")
    return given


def number_in(query: dict[str, str], name: str) -> int:
    """Read a size or index of the query.

    Raises:
        RequestError: 400.
    """
    try:
        return parse_size(query[name])
    except DecodeError as error:
        raise _malformed(f"{name}: not a number from 0 to 2**53 - 1") from error


def _require_json(request: Request) -> None:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != JSON or parameters.strip().lower() not in _UTF8:
        # SRV-18. Another character set would let one body say two things.
        raise _wrong_type(f"the body has to be {JSON}")


def _wrong_type(words: str) -> RequestError:
    return RequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Reason.MEDIA_TYPE_WRONG, words)


def _too_large(max_bytes: int) -> RequestError:
    words = f"the body has more than {max_bytes} bytes"
    return RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Reason.LIMIT_EXCEEDED, words)


def _malformed(words: str) -> RequestError:
    return RequestError(HTTPStatus.BAD_REQUEST, Reason.MALFORMED, words)
