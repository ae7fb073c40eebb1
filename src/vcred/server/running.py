# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Run an application until the process is told to stop.

It listens without TLS on this machine only, unless the operator says that a proxy in front
of it has the certificate. A line is logged for each request, never a body; a fault is logged
by its place in the source.
"""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeAlias

import uvicorn
from starlette.applications import Starlette

from vcred.errors import StoreError, UsageError
from vcred.limits import MAX_CONNECTIONS
from vcred.server.connections import BoundedProtocol

_STOP: Final = (signal.SIGINT, signal.SIGTERM)
_KEEP_ALIVE_SECONDS: Final = 5
_GRACE_SECONDS: Final = 5
_MAX_HEAD_BYTES: Final = 16 * 1024
_ErrorInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to listen.

    Attributes:
        host: An address of this machine, or "localhost".
        port: 0 takes any that is free.
        certificate: PEM file with the chain; with `key`, TLS.
        key: PEM file with its private key.
        is_behind_proxy: Whether something in front of it has the certificate.
    """

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    is_behind_proxy: bool = False

    def validate(self) -> None:
        """Refuse to speak openly to other machines.

        Raises:
            UsageError: No TLS, and not on loopback; or half of what TLS needs.
        """
        if (self.certificate is None) is not (self.key is None):
            raise UsageError("--tls-certificate and --tls-key belong together")
        if self.certificate is None and not self.is_behind_proxy and not _is_loopback(self.host):
            raise UsageError(
                f"{self.host} can be reached by other machines, and without TLS anybody can read along",
                hint="give --tls-certificate and --tls-key, or --behind-proxy if a proxy has them",
            )


def run(app: Starlette, place: Place, *, on_listening: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished.

    Args:
        app: Its lifespan runs around the serving; what it raises at its start is raised here.
        place: Where.
        on_listening: Told the URL once requests are answered.

    Raises:
        UsageError: Not a place to listen at.
        StoreError: The place is taken, or the certificate cannot be read.
    """
    place.validate()
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=_LOGGING,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
    )
    try:
        config.load()
    except OSError as error:
        raise StoreError("the certificate or its key cannot be read", hint="both are PEM files") from error
    asyncio.run(_serve(app, config, place, on_listening))


async def _serve(
    app: Starlette, config: uvicorn.Config, place: Place, on_listening: Callable[[str], None]
) -> None:
    # Whatever does not open is told before anybody can connect.
    async with app.router.lifespan_context(app):
        with _listening(place) as listener:
            scheme = "http" if place.certificate is None else "https"
            url = f"{scheme}://{_authority(place.host, listener)}"
            await _Server(config, lambda: on_listening(url)).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it listens, and ends quietly when it is told to."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self._on_listening()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal. The library would raise it again afterwards: being told to stop is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in _STOP:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in _STOP:
                loop.remove_signal_handler(number)


@contextmanager
def _listening(place: Place) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        listener = socket.create_server((place.host, place.port), family=family)
    except (OSError, OverflowError) as error:
        raise StoreError(
            f"cannot listen at {place.host} port {place.port}",
            hint="is another program there? --port 0 takes a free one",
        ) from error
    with listener:
        yield listener


def _authority(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class PlaceFormatter(logging.Formatter):
    """One line for each event; of a fault its place, never its message: that could quote what was sent."""

    def formatException(self, ei: _ErrorInfo) -> str:  # noqa: N802
        """Name the kind of the error and where it arose."""
        kind, _, trace = ei
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}"
        line = "" if trace is None else f" line {trace.tb_lineno}"
        return f"vcred: {'error' if kind is None else kind.__name__}{where}{line}"


_LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": PlaceFormatter, "format": "vcred: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}
    },
    "loggers": {
        "vcred.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "vcred.ledger": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "uvicorn.error": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "uvicorn.access": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
