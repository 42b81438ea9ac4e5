# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Cut a connection when its call must end.

A socket's timeout bounds each wait for the peer and not their sum: one byte a minute keeps a call
going for ever. Nor does who waits for a peer see that the action was cancelled. So the connection
is cut when its time has come: whoever waits there is told that the peer has gone.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from mistral_lib import actions

__all__ = ["Line", "watched"]

#: Seconds; a socket takes a timeout of 0 for no wait at all, which is something else.
_LEAST = 0.001


class Line:
    """The connection that a call is using at the moment.

    :param context: whose deadline and cancellation end the call.
    """

    __slots__ = ("_done", "_lock", "_socket", "context", "cut_off", "may_have_acted")

    def __init__(self, context: actions.ActionContext) -> None:
        self.context = context
        #: Whether what came over it may be incomplete.
        self.cut_off = False
        #: Whether the peer may have done what it was asked for, and would do it twice.
        self.may_have_acted = False
        self._done = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def left(self) -> float | None:
        """Return the seconds left, more than 0; None for no end.

        :raises ActionTimeout: there are none.
        :raises ActionCancelled: the action is asked to stop.
        """
        self.context.check_cancelled()
        left = self.context.time_left
        return None if left is None else max(left, _LEAST)

    def hold(self, connection: socket.socket) -> None:
        """Take this connection for the one before; cut it, if the call should have ended."""
        with self._lock:
            self._socket = connection
            if self.cut_off:
                _shut(connection)

    def cut(self) -> None:
        """End the connection, and any that the call may still make."""
        with self._lock:
            if self._done:
                return
            self.cut_off = True
            if self._socket is not None:
                _shut(self._socket)

    def done(self) -> None:
        """Let the connection be: the call has its result, and only takes its leave."""
        with self._lock:
            self._done = True


def _shut(connection: socket.socket) -> None:
    # By the plain class: a TLS socket would take its encryption off under its reader.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


@contextlib.contextmanager
def watched(context: actions.ActionContext) -> Iterator[Line]:
    """Watch over the connection that the block gives the line.

    :raises ActionTimeout: the deadline passed meanwhile; not retryable where the peer may have
        acted.
    :raises ActionCancelled: the action was asked to stop meanwhile.
    """
    line = Line(context)
    forget = context.on_cancel(line.cut)
    try:
        context.check_cancelled()
        yield line
    except Exception:
        # Where the time is over, that is what the block met.
        _check(line)
        raise
    else:
        if line.cut_off:
            # What looks like an answer may be a piece of one.
            _check(line)
    finally:
        forget()


def _check(line: Line) -> None:
    try:
        line.context.check_cancelled()
    except actions.ActionTimeout as e:
        e.retryable = e.retryable and not line.may_have_acted
        raise
