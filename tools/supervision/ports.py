# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Ports on loopback: the usual ones where they are free, others where they are taken."""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import TYPE_CHECKING

from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["hold", "listen"]

_TRIES = 50
_BACKLOG = 256


def hold(addresses: Sequence[str], usual: int) -> list[socket.socket]:
    """Return sockets that listen on one port of all the addresses: ``usual``, or a free one.

    They listen from here on, so that nobody takes the port before the server is up; who connects
    meanwhile waits.
    """
    port = usual
    for _ in range(_TRIES):
        try:
            return listen(addresses, port)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
        port = _any_port(addresses[0])
    raise SupervisionError(f"no port is free on all of {', '.join(addresses)} in {_TRIES} tries")


def listen(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """Return sockets that listen on this port of all the addresses.

    :raises OSError: when one is taken.
    """
    with contextlib.ExitStack() as opened:
        sockets = []
        for address in addresses:
            sock = opened.enter_context(socket.socket())
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, port))
            sock.listen(_BACKLOG)
            sockets.append(sock)
        opened.pop_all()
    return sockets


def _any_port(address: str) -> int:
    with socket.socket() as sock:
        sock.bind((address, 0))
        port: int = sock.getsockname()[1]
    return port
