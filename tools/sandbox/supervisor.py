# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The process above the services: ``python -m tools.sandbox.supervisor FOLDER OWNER SERVICE...``

It reserves the ports from the beginning, and imports what the services share before it forks them.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.sandbox import clouds_file, identity, preload
from tools.sandbox.cloud import LOOPBACK, USERS, Cloud, all_addresses, passwords
from tools.sandbox.services import SERVICES
from tools.supervision import folder, ports, processes
from tools.supervision import supervisor as supervisors

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence


class _Supervisor(supervisors.Supervisor):
    def __init__(self, place: Path, names: Sequence[str]) -> None:
        super().__init__(place, names)
        # Reserved until the supervisor ends; each service also inherits them.
        self._reserved = _reserve_ports(names)
        numbers = {port: socks[0].getsockname()[1] for port, socks in self._reserved.items()}
        # From here on, whoever connects waits until the service accepts.
        self._listening = {
            name: ports.listen(all_addresses(), numbers[name], shared=True)
            for name in names
            if not SERVICES[name].binds
        }
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
        sockets = self._listening.pop(name, [])
        if not (sockets or service.binds):
            sockets = ports.listen(all_addresses(), self._cloud.ports[name], shared=True)
        prepare = name not in self._prepared
        self._prepared.add(name)

        def run() -> None:
            for others in self._listening.values():
                _close(others)
            os.chdir(self._cloud.folder)
            if prepare:
                service.prepare(self._cloud)
                if name == "keystone":
                    # The accounts and the catalogue of all services.
                    identity.bootstrap(self._cloud)
            service.serve(self._cloud, sockets)

        pid = processes.spawn(run, folder.log_of(self._cloud.folder, name))
        _close(sockets)
        return pid


def _reserve_ports(names: Sequence[str]) -> dict[str, list[socket.socket]]:
    reserved = {}
    for name in names:
        reserved[name] = ports.reserve(all_addresses())
        for port in SERVICES[name].more_ports:
            reserved[port] = ports.reserve([LOOPBACK])
    return reserved


def _close(sockets: Sequence[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


if __name__ == "__main__":
    supervisors.serve(
        functools.partial(_Supervisor, Path(sys.argv[1]), sys.argv[3:]), owner=int(sys.argv[2])
    )
