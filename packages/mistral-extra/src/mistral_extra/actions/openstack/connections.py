# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Connections whose answers end in time, however slowly they trickle in.

The timeout of a socket bounds each wait for the next bytes, not the sum of the waits: a byte a
minute would hold the thread for ever.
"""

from __future__ import annotations

import functools
import http.client
import io
import math
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from urllib3 import connection, connectionpool

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

__all__ = ["AnswerTime", "Http", "Https", "answer_time", "pools"]


class AnswerTime:
    """The time in which an answer must be whole; it runs when the answer is waited for."""

    __slots__ = ("_ends", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = math.inf

    def start(self) -> None:
        """Let the time run from now on."""
        self._ends = time.monotonic() + self._seconds

    def lift(self) -> None:
        """Let the rest of the answer take as long as it likes."""
        self._ends = math.inf

    def left(self) -> float:
        """Return the seconds that are left; none is 0."""
        return max(0.0, self._ends - time.monotonic())


#: Of the request that this thread sends.
answer_time: ContextVar[AnswerTime | None] = ContextVar("mistral_extra_answer_time", default=None)


class Http(connection.HTTPConnection):
    """Without TLS."""

    def getresponse(self) -> Any:
        """Return the answer, of which the body is not read yet."""
        allowed = answer_time.get()
        kind: Any = http.client.HTTPResponse
        if allowed is not None:
            allowed.start()
            kind = functools.partial(_Received, allowed)
        self.response_class = kind
        return super().getresponse()


class Https(Http, connection.HTTPSConnection):
    """With TLS."""


class _Received(http.client.HTTPResponse):
    def __init__(self, allowed: AnswerTime, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_InTime(allowed, sock, self.fp.detach()))


class _InTime(io.RawIOBase):
    """What comes over a connection, until the time is over."""

    def __init__(self, allowed: AnswerTime, sock: socket.socket, received: io.RawIOBase) -> None:
        self._allowed = allowed
        self._sock = sock
        self._wait = sock.gettimeout()
        self._received = received

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._allowed.left()
        if left == 0:
            raise TimeoutError("timed out")
        if self._wait is not None and self._wait <= left:
            return self._received.readinto(buffer)
        self._sock.settimeout(left if left < math.inf else None)
        try:
            return self._received.readinto(buffer)
        finally:
            # The connection may serve another request.
            self._sock.settimeout(self._wait)

    def close(self) -> None:
        self._received.close()
        super().close()


def pools(*connection_cls: Callable[..., Any]) -> Mapping[str, Callable[..., Any]]:
    """Return what makes the pools of an ``urllib3.PoolManager`` by scheme.

    :param connection_cls: what makes the connections, without and with TLS.
    """
    without_tls, with_tls = connection_cls or (Http, Https)
    return {
        "http": functools.partial(_pool, connectionpool.HTTPConnectionPool, without_tls),
        "https": functools.partial(_pool, connectionpool.HTTPSConnectionPool, with_tls),
    }


def _pool(cls: Any, connection_cls: Any, *args: Any, **kwargs: Any) -> Any:
    pool = cls(*args, **kwargs)
    pool.ConnectionCls = connection_cls
    return pool
