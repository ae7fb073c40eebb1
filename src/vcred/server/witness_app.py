# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one route of a witness.

    200  signature lines                     the new size was durable before
    400  malformed                           403  unsigned, or never again
    404  another log                         409  the size it has, or a fork
    422  the proof does not verify           503  not now

Spec: C2SP tlog-witness, add-checkpoint.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vcred.errors import DecodeError
from vcred.server.desk import Desk
from vcred.server.openapi import WITNESS_API
from vcred.server.problems import EXCEPTION_HANDLERS, RETRY_AFTER_SECONDS, problem
from vcred.server.requests import query_of, read_body
from vcred.tlog.add_checkpoint import (
    MAX_ADD_CHECKPOINT_BYTES,
    SIZE_MEDIA_TYPE,
    encode_size,
    parse_add_checkpoint,
)
from vcred.tlog.note import encode_signature_line
from vcred.tlog.witness import RefusalKind, WitnessRefusedError
from vcred.witness.witness import LocalWitness

_FRESH: Final = {"Cache-Control": "no-store"}


def make_witness_app(
    open_witness: Callable[[], AbstractContextManager[LocalWitness]], *, say: Callable[[str], None]
) -> Starlette:
    """Make the application; its lifespan opens the witness.

    Args:
        open_witness: Called in the one thread that will use the witness.
        say: Told why a checkpoint is not cosigned.
    """
    routes = _WitnessRoutes(Desk(open_witness), say)
    app = Starlette(
        routes=[
            Route("/add-checkpoint", routes.add_checkpoint, methods=["POST"]),
            Route("/openapi.json", routes.openapi),
        ],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=routes.open,
    )
    app.router.redirect_slashes = False
    return app


class _WitnessRoutes:
    """The routes over one desk."""

    def __init__(self, desk: Desk[LocalWitness], say: Callable[[str], None]) -> None:
        self._desk = desk
        self._say = say

    @asynccontextmanager
    async def open(self, _: Starlette) -> AsyncIterator[None]:
        """Open the witness."""
        async with self._desk.opened():
            yield

    async def add_checkpoint(self, request: Request) -> Response:
        """POST /add-checkpoint"""
        query_of(request)
        body = await read_body(request, max_bytes=MAX_ADD_CHECKPOINT_BYTES)
        try:
            asked = parse_add_checkpoint(body)
        except DecodeError as error:
            return problem(HTTPStatus.BAD_REQUEST, reason=RefusalKind.MALFORMED, detail=str(error))
        try:
            lines = await self._desk.ask(lambda witness: witness.add_checkpoint(asked))
        except WitnessRefusedError as error:
            self._say(f"not cosigned: {error}")
            return _refusal(error)
        text = "".join(map(encode_signature_line, lines))
        return Response(text.encode(), media_type="text/plain; charset=utf-8", headers=_FRESH)

    async def openapi(self, request: Request) -> Response:
        """GET /openapi.json"""
        query_of(request)
        return JSONResponse(WITNESS_API)


def _refusal(error: WitnessRefusedError) -> Response:
    status = HTTPStatus(error.kind.http_status)
    if status is HTTPStatus.CONFLICT:
        # Of a fork too: whoever asks from that very size again, and is told it again, knows.
        # As a header: as a media type of text it would be given a character set.
        headers = {"Content-Type": SIZE_MEDIA_TYPE, **_FRESH}
        return Response(encode_size(error.recorded_size), status.value, headers)
    later = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return problem(status, reason=error.kind, detail=str(error), headers=later)
