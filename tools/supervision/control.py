# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How one talks to a supervisor: a socket in its folder, one request a connection.

A request and its answer are one line of JSON each. ``{"do": "stop", "name": "nova"}``
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from typing import TYPE_CHECKING, Any

from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["ask", "find_supervisor", "open_listener", "respond"]

_NAME = "control"
#: Seconds. It answers at once, but for the time when it imports what its servers share.
_PATIENCE = 60.0


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Yield a short path of the socket: the kernel takes 107 bytes, a folder may have more."""
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{_NAME}"
    finally:
        os.close(opened)


def open_listener(folder: Path) -> socket.socket:
    """Return the supervisor's end: a socket that listens."""
    listener = socket.socket(socket.AF_UNIX)
    with _short(folder) as path:
        listener.bind(path)
    listener.listen()
    return listener


def _connect(folder: Path, patience: float) -> socket.socket | None:
    """Return a connection to the supervisor, or None when there is none."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(patience)
    try:
        with _short(folder) as path:
            connection.connect(path)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        connection.close()
        return None
    return connection


def find_supervisor(folder: Path) -> int | None:
    """Return the pid of the supervisor that works in this folder, or None."""
    connection = _connect(folder, _PATIENCE)
    if connection is None:
        return None
    with connection:
        size = struct.calcsize("3i")
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    pid: int = struct.unpack("3i", credentials)[0]
    return pid


def ask(folder: Path, do: str, *, patience: float = _PATIENCE, **details: Any) -> dict[str, Any]:
    """Send a request; return what the supervisor answers.

    :param patience: seconds until it counts as silent.
    :raises SupervisionError: when there is no supervisor, or it refuses.
    """
    connection = _connect(folder, patience)
    if connection is None:
        raise SupervisionError(f"nothing runs in {folder}")
    try:
        with connection, connection.makefile("rw", encoding="utf-8") as stream:
            stream.write(json.dumps({"do": do, **details}) + "\n")
            stream.flush()
            line = stream.readline()
    except OSError as error:
        raise SupervisionError(f"what runs in {folder} did not answer {do!r}: {error}") from error
    answer: dict[str, Any] = json.loads(line or '{"error": "its supervisor ended"}')
    if "error" in answer:
        raise SupervisionError(f"{folder}: {answer['error']}")
    return answer


def respond(connection: socket.socket, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read one request and send its answer; who asks for nothing gets none."""
    connection.settimeout(_PATIENCE)
    with connection, connection.makefile("rw", encoding="utf-8") as stream:
        line = stream.readline()
        if line:
            stream.write(json.dumps(answer(json.loads(line))) + "\n")
            stream.flush()
