# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The process above the services: ``python -m tools.sandbox.supervisor FOLDER OWNER SERVICE...``

It holds the ports, writes the configuration, forks one process a service, does what it is asked to
by :mod:`tools.sandbox.control`, and kills what is left when it ends. It ends when asked, on SIGTERM
or SIGINT, and when nobody holds it: whoever started it does until it ends or says ``keep``.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.sandbox import clouds_file, control, folder, ports, preload, processes
from tools.sandbox.cloud import LOOPBACK, USERS, Cloud, all_addresses, passwords
from tools.sandbox.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["main"]


class _Supervisor:
    def __init__(self, place: Path, names: Sequence[str]) -> None:
        self._held = _hold_ports(names)
        numbers = {port: socks[0].getsockname()[1] for port, socks in self._held.items()}
        self._cloud = Cloud(place, tuple(names), numbers, passwords([*USERS, "heat"]))
        self._selector = selectors.DefaultSelector()
        #: Of what runs.
        self._pids: dict[str, int] = {}
        #: Service -> "stopped", or how it ended by itself.
        self._ended: dict[str, str] = {}
        self._prepared: set[str] = set()
        #: By pid, the descriptor that tells when the process has ended.
        self._holders: dict[int, int] = {}
        self._kept = self._ending = False

    # -- what it does

    def configure(self) -> None:
        """Write all files, and be there to be asked."""
        for name in self._cloud.services:
            SERVICES[name].configure(self._cloud)
        clouds_file.write(self._cloud)
        self._cloud.save()
        listener = control.open_listener(self._cloud.folder)
        self._selector.register(listener, selectors.EVENT_READ, self._respond)

    def run(self, owner: int) -> None:
        """Start the services, and do what comes until the end."""
        self._watch_signals()
        self._hold(owner)
        preload.preload(alone=len(self._cloud.services) == 1)
        for name in self._cloud.services:
            self._start(name)
        while not self._ending:
            for key, _ in self._selector.select():
                key.data(key.fileobj)

    def _watch_signals(self) -> None:
        """Have signals come as bytes to read, like everything else."""
        receiver, sender = socket.socketpair()
        receiver.setblocking(False)
        sender.setblocking(False)
        signal.set_wakeup_fd(sender.fileno())
        # Kept: who drops it closes it.
        self._sender = sender
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        self._selector.register(receiver, selectors.EVENT_READ, self._on_signals)

    def _on_signals(self, receiver: Any) -> None:
        numbers = receiver.recv(256)
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            self._ending = True
        self._reap()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            names = [name for name, running in self._pids.items() if running == pid]
            for name in names:
                del self._pids[name]
                # What else is in the group is of no use alone.
                processes.end_group(pid)
                code = os.waitstatus_to_exitcode(status)
                how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
                self._ended.setdefault(name, how)

    # -- services

    def _start(self, name: str) -> None:
        service = SERVICES[name]
        held = {port: self._held.pop(port, []) for port in (name, *service.more_ports)}
        self._ended.pop(name, None)
        sockets = held.pop(name)
        # These the service takes itself.
        for socks in held.values():
            _close(socks)
        if service.binds:
            _close(sockets)
            sockets = []
        elif not sockets:
            sockets = ports.listen(all_addresses(), self._cloud.ports[name])
        prepare = name not in self._prepared
        self._prepared.add(name)

        def run() -> None:
            for others in self._held.values():
                _close(others)
            os.chdir(self._cloud.folder)
            if prepare:
                service.prepare(self._cloud)
            service.serve(self._cloud, sockets)

        self._pids[name] = processes.spawn(run, folder.log_of(self._cloud.folder, name))
        _close(sockets)

    # -- requests

    def _respond(self, listener: Any) -> None:
        connection, _ = listener.accept()
        try:
            control.respond(connection, self._answer)
        except (OSError, ValueError) as error:
            print(f"a request failed: {error}", file=sys.stderr)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        requests: dict[str, Callable[[dict[str, Any]], str | None]] = {
            "down": self._on_down,
            "hold": self._on_hold,
            "keep": self._on_keep,
            "release": self._on_release,
            "start": self._on_start,
            "status": lambda _: None,
            "stop": self._on_stop,
        }
        self._reap()
        error = requests[request["do"]](request)
        if error:
            return {"error": error}
        return {"running": dict(self._pids), "ended": dict(self._ended), "kept": self._kept}

    def _on_start(self, request: dict[str, Any]) -> str | None:
        name = request["service"]
        if name not in self._cloud.services:
            return f"it has no service {name!r}, only {', '.join(self._cloud.services)}"
        if name in self._pids:
            return None
        try:
            self._start(name)
        except OSError as error:
            return f"{name} did not get its port {self._cloud.ports[name]} back: {error}"
        return None

    def _on_stop(self, request: dict[str, Any]) -> str | None:
        name = request["service"]
        if name not in self._cloud.services:
            return f"it has no service {name!r}, only {', '.join(self._cloud.services)}"
        if name in self._pids:
            self._ended[name] = "stopped"
            processes.end_group(self._pids[name])
        return None

    def _on_down(self, request: dict[str, Any]) -> None:
        self._ending = True

    # -- who holds it

    def _on_keep(self, request: dict[str, Any]) -> None:
        self._kept = True

    def _on_hold(self, request: dict[str, Any]) -> None:
        self._hold(request["pid"])

    def _hold(self, pid: int) -> None:
        if pid in self._holders:
            return
        try:
            opened = os.pidfd_open(pid)
        except ProcessLookupError:
            self._end_unless_held()
            return
        self._holders[pid] = opened
        self._selector.register(opened, selectors.EVENT_READ, lambda _: self._release(pid))

    def _on_release(self, request: dict[str, Any]) -> None:
        self._release(request["pid"])

    def _release(self, pid: int) -> None:
        opened = self._holders.pop(pid, None)
        if opened is not None:
            self._selector.unregister(opened)
            os.close(opened)
        self._end_unless_held()

    def _end_unless_held(self) -> None:
        self._ending = self._ending or not (self._kept or self._holders)


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


def main(place: Path, owner: int, names: Sequence[str]) -> None:
    """Bring the services up and stay until the end, as nobody's child.

    The process itself returns as soon as the supervisor can be asked things.
    """
    ready, working = os.pipe()
    if os.fork():
        os.close(working)
        # Nothing comes when the supervisor failed.
        os._exit(0 if os.read(ready, 1) else 1)
    os.close(ready)
    processes.adopt_orphans()
    try:
        supervisor = _Supervisor(place, names)
        supervisor.configure()
        os.write(working, b".")
        os.close(working)
        supervisor.run(owner)
    finally:
        processes.end_children()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
