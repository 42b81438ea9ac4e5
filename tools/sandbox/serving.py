# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the services' processes do alike: administrative commands, and HTTP."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from tools.supervision import processes

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

__all__ = ["command", "name_program", "serve"]

_THREADS = 8


def command(main: Callable[[], object], *argv: str) -> None:
    """Run a service's administrative command, by its main function and command line.

    In a fork of this process, which has the modules loaded already: most of the seconds that such
    a command takes go into imports.
    """

    def run() -> object:
        name_program(*argv)
        return main()

    processes.in_fork(run, " ".join(argv))


def name_program(*argv: str) -> None:
    """Set the command line that a service reads its configuration files from."""
    sys.argv = list(argv)


def serve(application: Any, sockets: Sequence[socket.socket]) -> None:
    """Serve a WSGI application on listening sockets, for ever.

    waitress, since glance answers 500 after an upload under cheroot.
    """
    import waitress

    # It warns of each request that waits for a thread: nothing out of the ordinary here.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waitress.serve(
        application, sockets=list(sockets), threads=_THREADS, channel_timeout=600, _quiet=True
    )
