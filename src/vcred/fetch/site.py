# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One server that may be asked, and how: the only module that uses the HTTP library.

    resolve -> vet every address -> connect to a vetted one -> read, capped in bytes and time

No redirect is followed, no proxy or credential is taken from the environment, no cookie is
kept, nothing is decompressed, and the whole takes at most `MAX_FETCH_TIME`: a server that
gives one byte a second is cut off like one that gives none.
"""

import asyncio
import queue
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Self

from vcred.errors import FetchError, LimitExceededError
from vcred.fetch.addresses import IpAddress, Place, is_denied, parse_configured, parse_from_data, refused
from vcred.limits import MAX_FETCH_TIME

if TYPE_CHECKING:
    import httpx

# The same for everybody: it tells neither a person nor a version (threats: VP-22).
_USER_AGENT: Final = "vcred"
_MAX_ADDRESSES: Final = 8
_SEE_SERVER: Final = "is the server running, and is its certificate good?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said; nothing of it is verified.

    Attributes:
        status: The HTTP status, 200 to 299 or 400 to 599.
        media_type: Lower case, without parameters; empty if it names none.
        body: At most as many bytes as were allowed.
    """

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What is sent. `path` begins with a slash."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    max_bytes: int


class Site:
    """A server under one URL, by which the paths of all requests begin."""

    def __init__(self, place: Place, *, is_from_data: bool) -> None:
        self._place = place
        self._is_from_data = is_from_data

    @classmethod
    def configured(cls, url: str) -> Self:
        """Name a server that the operator himself configured: https, or http on this very machine.

        Raises:
            UsageError: Not such a URL.
        """
        return cls(parse_configured(url), is_from_data=False)

    @classmethod
    def from_data(cls, url: str) -> Self:
        """Name a server that a URL in somebody's data names: https, and no address of a local network.

        Raises:
            RefusedError: `address_refused`.
        """
        return cls(parse_from_data(url), is_from_data=True)

    def __str__(self) -> str:
        return f"{self._place.scheme}://{self._place.authority}{self._place.path}"

    def get(self, path: str = "", *, max_bytes: int) -> Answer:
        """Fetch what stands at the site's URL and `path`.

        Args:
            path: Empty for the site's own URL, else with a leading slash; a query may follow.
            max_bytes: The largest body that is taken.

        Raises:
            RefusedError: `address_refused`: the name leads to an address that is denied.
            LimitExceededError: The body is larger.
            FetchError: No connection, no whole answer in time, a redirect, or a compressed answer.
        """
        return self._send(_Request(method="GET", path=path, headers={}, body=None, max_bytes=max_bytes))

    def post(self, path: str, body: bytes, *, media_type: str, max_bytes: int) -> Answer:
        """Send a body of a media type, and fetch the answer. Errors as `get`."""
        headers = {"Content-Type": media_type}
        return self._send(_Request(method="POST", path=path, headers=headers, body=body, max_bytes=max_bytes))

    def _send(self, request: _Request) -> Answer:
        ends = time.monotonic() + MAX_FETCH_TIME.total_seconds()
        addresses = self._vetted()
        try:
            return asyncio.run(self._within(ends, request, addresses))
        except TimeoutError as error:
            raise self._late() from error

    def _vetted(self) -> list[IpAddress]:
        """Resolve the host, once: the same answer is vetted and connected to (threats: DID-03)."""
        address = self._place.address
        addresses = _resolve(self._place) if address is None else [address]
        if not addresses:
            raise FetchError(f"nobody knows {self._place.host}", hint="check the name and the network")
        if self._is_from_data and any(map(is_denied, addresses)):
            raise refused()
        if self._place.scheme == "http" and not all(item.is_loopback for item in addresses):
            raise FetchError(f"{self._place.host} does not lead to this machine", hint="use https://")
        return addresses[:_MAX_ADDRESSES]

    async def _within(self, ends: float, request: _Request, addresses: list[IpAddress]) -> Answer:
        import httpx

        async with asyncio.timeout(ends - time.monotonic()):
            # The deadline is over everything; the library's own timeouts begin anew with every byte.
            async with httpx.AsyncClient(
                verify=_tls() if self._place.scheme == "https" else _no_tls(),
                timeout=None,  # noqa: S113
                trust_env=False,
                follow_redirects=False,
            ) as client:
                for address in addresses:
                    try:
                        return await self._ask(client, request, address)
                    except httpx.ConnectError as error:
                        failed = error
        raise FetchError(f"cannot connect to {self}", hint=_SEE_SERVER) from failed

    async def _ask(self, client: "httpx.AsyncClient", request: _Request, address: IpAddress) -> Answer:
        import httpx

        place = self._place
        host = f"[{address}]" if address.version == 6 else str(address)
        # The address stands in the URL, the name in the header and in the certificate's check.
        sni = {} if place.address is not None else {"sni_hostname": place.host}
        try:
            async with client.stream(
                request.method,
                f"{place.scheme}://{host}:{place.port}{place.path}{request.path or place.query}",
                headers={
                    "Host": place.authority,
                    "User-Agent": _USER_AGENT,
                    "Accept-Encoding": "identity",
                    **request.headers,
                },
                content=request.body,
                extensions=sni,
            ) as response:
                return await self._read(response, request.max_bytes)
        except httpx.ConnectError:
            raise
        except httpx.HTTPError as error:
            raise FetchError(f"the answer of {self} broke off", hint="try again") from error

    async def _read(self, response: "httpx.Response", max_bytes: int) -> Answer:
        if not 200 <= response.status_code < 300 and response.status_code < 400:
            raise FetchError(f"{self} points elsewhere, which is not followed")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            # DID-06. A small compressed body can be a very large one.
            raise FetchError(f"{self} compresses its answer, which was not asked for")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > max_bytes:
                raise LimitExceededError(f"the answer of {self} has more than {max_bytes} bytes")
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(status=response.status_code, media_type=media_type, body=bytes(body))

    def _late(self) -> FetchError:
        seconds = int(MAX_FETCH_TIME.total_seconds())
        return FetchError(f"{self} has not answered within {seconds} seconds", hint="try again")


def _resolve(place: Place) -> list[IpAddress]:
    """Ask the system's resolver, and wait no longer than for the rest."""
    answers: queue.SimpleQueue[list[IpAddress]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        # A zone would pick an interface; no address that needs one is meant.
        answers.put([ip_address(row[4][0]) for row in found if "%" not in str(row[4][0])])

    # The system's resolver cannot be interrupted, but it need not be waited for.
    threading.Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=MAX_FETCH_TIME.total_seconds() / 2)
    except queue.Empty as error:
        raise FetchError(f"no answer to the question who {place.host} is", hint="try again") from error


@cache
def _tls() -> ssl.SSLContext:
    """Trust whom the system trusts; an operator with an authority of his own sets SSL_CERT_FILE."""
    return ssl.create_default_context()


@cache
def _no_tls() -> ssl.SSLContext:
    """Trust nobody: for plain HTTP on this machine, where nothing is to be loaded."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
