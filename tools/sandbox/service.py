# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the sandbox knows of one service: a declaration, and three functions that do the work."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["Endpoint", "Service"]


class Endpoint(NamedTuple):
    """One line of the catalogue."""

    #: As ``image``.
    type: str
    #: What follows the port; ``%(project_id)s`` is filled in by Keystone.
    path: str = ""
    #: The same in the second region; as in the first by default.
    second_path: str | None = None


@dataclasses.dataclass(frozen=True)
class Service:
    """One service. Its functions run in the sandbox's environment, the rest of it anywhere."""

    name: str
    #: What is installed for it.
    packages: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    #: Writes its configuration.
    configure: Callable[[Cloud], None]
    #: Makes its databases; in its own process, once.
    prepare: Callable[[Cloud], None]
    #: Serves on the sockets, for ever; in its own process.
    serve: Callable[[Cloud, Sequence[socket.socket]], object]
    #: Services without which it is of no use.
    needs: tuple[str, ...] = ("keystone",)
    #: Names of further ports that it needs, on the first address.
    more_ports: tuple[str, ...] = ()
    #: It binds its ports itself, by number and with SO_REUSEPORT: no socket is passed to it.
    binds: bool = False
