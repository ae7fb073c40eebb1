# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A server on loopback that answers as it is told to: wrongly, slowly, or not to the end."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"


def answering(*parts: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Send the parts, and close."""

    def answer(client: socket.socket, _: threading.Event) -> None:
        for part in parts:
            client.sendall(part)

    return answer


def stalling(*parts: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Send the parts, and then nothing more; the connection stays open."""

    def answer(client: socket.socket, over: threading.Event) -> None:
        for part in parts:
            client.sendall(part)
        over.wait(20)

    return answer


def dripping(data: bytes, *, every: float) -> Callable[[socket.socket, threading.Event], None]:
    """Send one byte at a time."""

    def answer(client: socket.socket, over: threading.Event) -> None:
        for at in range(len(data)):
            client.sendall(data[at : at + 1])
            if over.wait(every):
                return

    return answer


def resetting(*parts: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Send the parts, and reset the connection."""

    def answer(client: socket.socket, _: threading.Event) -> None:
        for part in parts:
            client.sendall(part)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


@contextmanager
def serving(answer: Callable[[socket.socket, threading.Event], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Give the URL of a server, and the requests that it has read."""
    over, requests = threading.Event(), list[bytes]()
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while not over.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                requests.append(_request(client))
                try:
                    answer(client, over)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _request(client: socket.socket) -> bytes:
    """Read a head, and as much of a body as it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = client.recv(65_536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lines = [line.lower().split(b":") for line in head.split(b"\r\n")]
    length = next((int(line[1]) for line in lines if line[0] == b"content-length"), 0)
    while len(body) < length:
        body += client.recv(65_536)
    return head + b"\r\n\r\n" + body
