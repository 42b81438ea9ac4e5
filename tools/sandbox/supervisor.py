# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The process above the services: ``python -m tools.sandbox.supervisor FOLDER OWNER SERVICE...``

It holds the ports from the beginning, and imports what the services share before it forks them.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.sandbox import clouds_file, preload
from tools.sandbox.cloud import LOOPBACK, USERS, Cloud, all_addresses, passwords
from tools.sandbox.services import SERVICES
from tools.supervision import folder, ports, processes
from tools.supervision import supervisor as supervisors
from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence


class _Supervisor(supervisors.Supervisor):
    def __init__(self, place: Path, names: Sequence[str]) -> None:
        super().__init__(place, names)
        self._held = _hold_ports(names)
        numbers = {port: socks[0].getsockname()[1] for port, socks in self._held.items()}
        self._cloud = Cloud(place, tuple(names), numbers, passwords([*USERS, "heat"]))
        self._prepared: set[str] = set()

    def configure(self) -> None:
        for name in self._cloud.services:
            SERVICES[name].configure(self._cloud)
        clouds_file.write(self._cloud)
        self._cloud.save()

    def prepare(self) -> None:
        preload.preload(alone=len(self._cloud.services) == 1)

    def launch(self, name: str) -> int:
        service = SERVICES[name]
        held = {port: self._held.pop(port, []) for port in (name, *service.more_ports)}
        sockets = held.pop(name)
        # These the service takes itself.
        for socks in held.values():
            _close(socks)
        if service.binds:
            _close(sockets)
            sockets = []
        elif not sockets:
            sockets = self._listen_again(name)
        prepare = name not in self._prepared
        self._prepared.add(name)

        def run() -> None:
            for others in self._held.values():
                _close(others)
            os.chdir(self._cloud.folder)
            if prepare:
                service.prepare(self._cloud)
            service.serve(self._cloud, sockets)

        pid = processes.spawn(run, folder.log_of(self._cloud.folder, name))
        _close(sockets)
        return pid

    def _listen_again(self, name: str) -> list[socket.socket]:
        port = self._cloud.ports[name]
        try:
            return ports.listen(all_addresses(), port)
        except OSError as error:
            raise SupervisionError(f"{name} did not get its port {port} back: {error}") from error


def _hold_ports(names: Sequence[str]) -> dict[str, list[socket.socket]]:
    held = {}
    for name in names:
        service = SERVICES[name]
        held[name] = ports.hold(all_addresses(), service.port)
        for number, port in enumerate(service.more_ports, 1):
            held[port] = ports.hold([LOOPBACK], service.port + number)
    return held


def _close(sockets: Sequence[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


if __name__ == "__main__":
    supervisors.serve(
        functools.partial(_Supervisor, Path(sys.argv[1]), sys.argv[3:]), owner=int(sys.argv[2])
    )
