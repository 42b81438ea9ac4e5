# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An HTTP connection over a socket that is connected already.

What it reads is bounded whatever sizes the server states, and what it sends ends where the server
has answered: one that refuses a large body does not read the rest of it (RFC 9112, 9.5).
"""

from __future__ import annotations

import functools
import http.client
import io
import selectors
import socket
import ssl
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse

__all__ = ["Connection", "NegativeSize"]

_CHUNK = 64 * 1024

#: Where the first digit of the status is: HTTP/1.1 200
_STATUS = len(b"HTTP/1.1 ")

#: Answers after which a server goes on to read: interim ones, and success.
_GOES_ON = (b"1", b"2")

_WOULD_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class NegativeSize(http.client.HTTPException):
    """A chunk says that it is shorter than nothing."""


class Connection(HTTPConnection):
    """One request and its answer.

    :param opened: a connected socket, with the timeout of each wait.
    """

    def __init__(self, host: str, port: int, opened: socket.socket) -> None:
        super().__init__(host, port, timeout=opened.gettimeout())
        self.sock: socket.socket = opened
        self._kept: list[bytes] = []
        #: What came while the request was sent.
        self._early = b""
        self._watching = True
        self._refused = False

    def send(self, data: Any) -> None:
        """Keep bytes until the answer is asked for: a small request is then sent in one piece."""
        self._kept.append(data)

    def _flush(self) -> None:
        """Send what is kept, as long as the server has not answered."""
        pieces, self._kept = self._kept, []
        if sum(map(len, pieces)) <= _CHUNK:
            pieces = [b"".join(pieces)]
        self.sock.setblocking(False)
        try:
            for piece in pieces:
                self._send(memoryview(piece))
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            # The server has closed the connection; an answer before that can still be read.
            self._refused = True
        finally:
            self.sock.settimeout(self.timeout)

    def _send(self, unsent: memoryview) -> None:
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, both if self._watching else selectors.EVENT_WRITE)
            while unsent and not self._refused:
                ready = selector.select(self.timeout)
                if not ready:
                    raise TimeoutError("no room to send more in time")
                if ready[0][1] & selectors.EVENT_READ:
                    self._read_early()
                    if not self._watching:
                        selector.modify(self.sock, selectors.EVENT_WRITE)
                    continue
                try:
                    unsent = unsent[self.sock.send(unsent[:_CHUNK]) :]
                except _WOULD_WAIT:
                    continue

    def _read_early(self) -> None:
        """Read what has come, and see whether the server still wants the rest."""
        try:
            received = self.sock.recv(_CHUNK)
        except _WOULD_WAIT:
            # Of TLS itself, such as a ticket.
            return
        self._early += received
        if received and len(self._early) <= _STATUS:
            return
        self._watching = False
        self._refused = self._early[_STATUS : _STATUS + 1] not in _GOES_ON

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """Send the request, and return its answer, of which the body is not read yet."""
        self._flush()
        self.response_class = functools.partial(_Received, self._early)  # type: ignore[assignment]
        return super().getresponse()


class _Received(http.client.HTTPResponse):
    def __init__(self, early: bytes, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = _Pieces(_Following(early, self.fp.detach()))


class _Pieces(io.BufferedReader):
    """What comes from a server, read a number of bytes at a time and never until the end."""

    def read(self, size: int | None = -1, /) -> bytes:
        # What reads chunks takes a size as it comes: -1 would be all that the server ever sends.
        if size is None or size < 0:
            raise NegativeSize
        return super().read(size)


class _Following(io.RawIOBase):
    """What came early, and then what comes."""

    def __init__(self, early: bytes, rest: io.RawIOBase) -> None:
        self._early = early
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        if not self._early:
            return self._rest.readinto(buffer)
        size = min(len(buffer), len(self._early))
        buffer[:size], self._early = self._early[:size], self._early[size:]
        return size

    def close(self) -> None:
        self._rest.close()
        super().close()
