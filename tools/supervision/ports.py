# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Ports on loopback, kept from everybody else until the server that they are for is up."""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import TYPE_CHECKING

from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["hold", "listen", "reserve"]

_TRIES = 50
_BACKLOG = 256


def reserve(addresses: Sequence[str]) -> list[socket.socket]:
    """Return sockets bound to one port of all the addresses, a port that the kernel chooses.

    They do not listen. While they are open only a socket with SO_REUSEPORT, of the same user, can
    be bound to the port, and the kernel chooses it for nobody else: so the port stays the server's
    while that is not up yet, or is restarted, even where the server itself sets SO_REUSEPORT and
    would share the port of another one in silence.

    :raises SupervisionError: when there is no such port.
    """
    for _ in range(_TRIES):
        with contextlib.ExitStack() as opened:
            port = 0
            sockets = []
            try:
                for address in addresses:
                    # Without SO_REUSEADDR: two such sockets that don't listen would share the port.
                    sock = opened.enter_context(_bound(address, port, socket.SO_REUSEPORT))
                    port = sock.getsockname()[1]
                    sockets.append(sock)
            except OSError as error:
                # Taken at another of the addresses.
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            opened.pop_all()
            return sockets
    raise _no_port(addresses)


def hold(addresses: Sequence[str], usual: int) -> list[socket.socket]:
    """Return sockets that listen on one port of all the addresses: ``usual``, or a free one.

    For a server that binds its port without SO_REUSEPORT: they are closed just before it starts.

    :raises SupervisionError: when there is no such port.
    """
    port = usual
    for _ in range(_TRIES):
        try:
            return listen(addresses, port)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
        with _bound(addresses[0], 0) as free:
            port = free.getsockname()[1]
    raise _no_port(addresses)


def listen(addresses: Sequence[str], port: int, *, shared: bool = False) -> list[socket.socket]:
    """Return sockets that listen on this port of all the addresses.

    Whoever connects before a server accepts waits.

    :param shared: the port is :func:`reserved <reserve>` by this user.
    :raises OSError: when one is taken.
    """
    options = (socket.SO_REUSEADDR, *([socket.SO_REUSEPORT] if shared else []))
    with contextlib.ExitStack() as opened:
        sockets = []
        for address in addresses:
            sock = opened.enter_context(_bound(address, port, *options))
            sock.listen(_BACKLOG)
            sockets.append(sock)
        opened.pop_all()
    return sockets


def _bound(address: str, port: int, *options: int) -> socket.socket:
    sock = socket.socket()
    try:
        for option in options:
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def _no_port(addresses: Sequence[str]) -> SupervisionError:
    return SupervisionError(f"no port is free on all of {', '.join(addresses)} in {_TRIES} tries")
