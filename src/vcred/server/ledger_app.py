# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The routes of a ledger. What they give is public, and proved by the checkpoint alone.

Entries are given as soon as they are durable: witnesses have to read them before they cosign.
Everything else (tiles, proofs, DIDs) is given for the published tree only. What can never
change is marked immutable; the checkpoint is not to be kept by any cache.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vcred.ledger.ledger import Ledger
from vcred.limits import MAX_ENTRIES_ANSWER_BYTES, MAX_ENTRIES_PER_ANSWER, MAX_JSON_BYTES
from vcred.server.desk import Desk
from vcred.server.ledger_tiles import read_tile
from vcred.server.openapi import LEDGER_API
from vcred.server.problems import EXCEPTION_HANDLERS, not_found
from vcred.server.publishing import Publisher
from vcred.server.requests import number_in, query_of, read_json
from vcred.server.resolving import PublishedState, read_options, resolution_response

_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_FRESH: Final = {"Cache-Control": "no-store"}


def make_ledger_app(
    open_ledger: Callable[[], AbstractContextManager[Ledger]], *, publisher: Publisher | None = None
) -> Starlette:
    """Make the application; its lifespan opens the ledger and lets the publisher run.

    Args:
        open_ledger: Called in the one thread that will use the ledger.
        publisher: Told when the log has grown.
    """
    routes = _LedgerRoutes(Desk(open_ledger), publisher)
    app = Starlette(
        routes=[
            Route("/operations", routes.append, methods=["POST"]),
            Route("/checkpoint", routes.checkpoint),
            Route("/entries", routes.entries),
            Route("/proofs/inclusion", routes.inclusion),
            Route("/proofs/consistency", routes.consistency),
            Route("/tile/{path:path}", routes.tile),
            Route("/1.0/identifiers/{did:path}", routes.resolve),
            Route("/openapi.json", routes.openapi),
        ],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=routes.open,
    )
    # One name for each thing: another spelling is not there, rather than somewhere else.
    app.router.redirect_slashes = False
    return app


class _LedgerRoutes:
    """The routes over one desk."""

    def __init__(self, desk: Desk[Ledger], publisher: Publisher | None) -> None:
        self._desk = desk
        self._publisher = publisher
        self._published = PublishedState()

    @asynccontextmanager
    async def open(self, _: Starlette) -> AsyncIterator[None]:
        """Open the ledger; let the publisher run."""
        async with self._desk.opened():
            if self._publisher is None:
                yield
                return
            # In a group: should publishing end by a fault, the server ends with it.
            async with self._publisher.opened(), asyncio.TaskGroup() as group:
                publishing = group.create_task(self._publisher.run())
                try:
                    yield
                finally:
                    publishing.cancel()

    async def append(self, request: Request) -> Response:
        """POST /operations"""
        query_of(request)
        operation = await read_json(request, max_bytes=MAX_JSON_BYTES)
        appended = await self._desk.ask(lambda ledger: ledger.append(operation))
        if appended.is_new and self._publisher is not None:
            self._publisher.notice_growth()
        return JSONResponse(
            {"index": appended.index, "logged_at": appended.logged_at, "new": appended.is_new},
            status_code=HTTPStatus.CREATED if appended.is_new else HTTPStatus.OK,
            headers=_FRESH,
        )

    async def checkpoint(self, request: Request) -> Response:
        """GET /checkpoint"""
        query_of(request)
        published = await self._desk.ask(lambda ledger: ledger.published())
        if published is None:
            raise not_found("nothing is published yet")
        return Response(published.note, media_type="text/plain; charset=utf-8", headers=_FRESH)

    async def entries(self, request: Request) -> Response:
        """GET /entries?start=&end="""
        query = query_of(request, "start", "end")
        start, end = number_in(query, "start"), number_in(query, "end")
        end = min(end, start + MAX_ENTRIES_PER_ANSWER)
        leaves = await self._desk.ask(lambda ledger: ledger.leaves(start, max(start, end)))
        fitting = _fitting(leaves)
        answer = {"start": start, "leaves": [base64.b64encode(leaf).decode() for leaf in fitting]}
        return JSONResponse(answer, headers=_FOREVER if len(fitting) == end - start else _FRESH)

    async def inclusion(self, request: Request) -> Response:
        """GET /proofs/inclusion?index=&size="""
        query = query_of(request, "index", "size")
        index, size = number_in(query, "index"), number_in(query, "size")

        def prove(ledger: Ledger) -> list[bytes]:
            if not index < size <= _published_size(ledger):
                raise not_found("no such entry in a published tree of that size")
            return ledger.prove_inclusion(index, size=size)

        return _hashes(await self._desk.ask(prove))

    async def consistency(self, request: Request) -> Response:
        """GET /proofs/consistency?old_size=&new_size="""
        query = query_of(request, "old_size", "new_size")
        old_size, new_size = number_in(query, "old_size"), number_in(query, "new_size")

        def prove(ledger: Ledger) -> list[bytes]:
            if not old_size <= new_size <= _published_size(ledger):
                raise not_found("no published trees of those sizes, the smaller one first")
            return ledger.prove_consistency(old_size, new_size)

        return _hashes(await self._desk.ask(prove))

    async def tile(self, request: Request) -> Response:
        """GET /tile/{level}/{path} and /tile/entries/{path}"""
        query_of(request)
        path = f"tile/{request.path_params['path']}"
        data = await self._desk.ask(lambda ledger: read_tile(ledger, path, size=_published_size(ledger)))
        return Response(data, media_type="application/octet-stream", headers=_FOREVER)

    async def resolve(self, request: Request) -> Response:
        """GET /1.0/identifiers/{did}"""
        options = read_options(request)
        state = await self._desk.ask(lambda ledger: self._published.at(ledger, _published_size(ledger)))
        return resolution_response(state, request, options)

    async def openapi(self, request: Request) -> Response:
        """GET /openapi.json"""
        query_of(request)
        return JSONResponse(LEDGER_API)


def _published_size(ledger: Ledger) -> int:
    published = ledger.published()
    return 0 if published is None else published.size


def _fitting(leaves: tuple[bytes, ...]) -> list[bytes]:
    """As many of the leaves as one answer holds, and always one."""
    total = 0
    for count, leaf in enumerate(leaves):
        total += len(leaf)
        if count and total > MAX_ENTRIES_ANSWER_BYTES:
            return list(leaves[:count])
    return list(leaves)


def _hashes(hashes: list[bytes]) -> Response:
    encoded = [base64.b64encode(item).decode() for item in hashes]
    return JSONResponse({"hashes": encoded}, headers=_FOREVER)
