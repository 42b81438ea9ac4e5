# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Cut a connection when its call must end.

A socket's timeout bounds each wait for the peer and not their sum: one byte a minute keeps a call
going for ever. Nor does who waits for a peer see that the action was cancelled. So one thread of
the process looks after all connections in use, and cuts those whose time has come: whoever waits
there is told that the peer has gone. (A thread a call would take longer than a call.)
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from mistral_extra.actions.network.deadline import POLL, Deadline

__all__ = ["Line", "watched"]


class Line:
    """The connection that a call is using at the moment."""

    __slots__ = ("_lock", "_socket", "cut_off", "deadline")

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.cut_off = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def hold(self, connection: socket.socket) -> None:
        """Take this connection for the one before; cut it, if the call should have ended."""
        with self._lock:
            self._socket = connection
            if self.cut_off:
                _shut(connection)

    def cut(self) -> None:
        """End the connection, and any that the call may still make."""
        with self._lock:
            self.cut_off = True
            if self._socket is not None:
                _shut(self._socket)


def _shut(connection: socket.socket) -> None:
    # By the plain class: a TLS socket would take its encryption off under its reader.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


@contextlib.contextmanager
def watched(deadline: Deadline) -> Iterator[Line]:
    """Watch over the connection that the block gives the line.

    :raises ActionTimeout: the deadline passed meanwhile.
    :raises ActionCancelled: the action was asked to stop meanwhile.
    """
    line = Line(deadline)
    deadline.left()
    _WATCHER.add(line)
    try:
        yield line
    except Exception:
        # Where the time is over, that is what the block met.
        deadline.left()
        raise
    else:
        if line.cut_off:
            # What looks like an answer may be a piece of one.
            deadline.left()
    finally:
        _WATCHER.remove(line)


class _Watcher:
    """The thread, which sleeps for good while no connection is in use."""

    def __init__(self) -> None:
        self._lines: set[Line] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, line: Line) -> None:
        with self._changed:
            self._lines.add(line)
            if self._thread is None or not self._thread.is_alive():
                # The first time, and the first time after a fork.
                self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
                self._thread.start()
            self._changed.notify()

    def remove(self, line: Line) -> None:
        with self._changed:
            self._lines.discard(line)

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines)
                lines = tuple(self._lines)
            for line in lines:
                if line.deadline.over:
                    line.cut()
            time.sleep(POLL)


_WATCHER = _Watcher()
