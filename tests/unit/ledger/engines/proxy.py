# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A wire that is cut: stands before a server's socket and hides the answer to one commit."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

_FILE = ".s.PGSQL.5432"


class CuttingWire:
    """Forwards everything; with `cut_next`, the connection ends when the server has answered a COMMIT.

    The server has committed by then, and the client is told nothing.
    """

    def __init__(self, listener: socket.socket, server: Path) -> None:
        self.cut_next = False
        self.cuts = 0
        self._listener = listener
        self._server = server

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                upstream = socket.socket(socket.AF_UNIX)
                upstream.connect(str(self._server / _FILE))
                commits: list[bool] = []
                Thread(target=self._up, args=[client, upstream, commits], daemon=True).start()
                Thread(target=self._down, args=[client, upstream, commits], daemon=True).start()

    def _up(self, client: socket.socket, upstream: socket.socket, commits: list[bool]) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                # With its end: a transaction begins with the words READ COMMITTED.
                if self.cut_next and b"COMMIT\0" in data:
                    commits.append(True)
                upstream.sendall(data)
        _end(upstream)

    def _down(self, client: socket.socket, upstream: socket.socket, commits: list[bool]) -> None:
        with suppress(OSError):
            while data := upstream.recv(65536):
                if commits:
                    self.cut_next = False
                    self.cuts += 1
                    break
                client.sendall(data)
        _end(client)


@contextmanager
def cutting_wire(folder: Path, server: Path) -> Iterator[CuttingWire]:
    """Listen in a folder as the server does in its own."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / _FILE))
    listener.listen()
    wire = CuttingWire(listener, server)
    thread = Thread(target=wire.serve, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
