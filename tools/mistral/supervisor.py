# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The process above the parts: ``python -m tools.mistral.supervisor FOLDER OWNER PLAN``

It chooses the ports, writes the configuration, forks a process a part, does what it is asked to by
:mod:`tools.sandbox.control`, and ends what is left when it ends: when asked, on SIGTERM or SIGINT,
and when nobody holds it any more. Whoever started it does, until it ends or says ``keep``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.mistral import configuration, parts
from tools.mistral.deployment import HOST, Deployment, Plan
from tools.sandbox import cloud, control, folder, ports, processes

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["main"]

#: Seconds that a part has which ends on another signal than SIGKILL.
_END = 5.0


class _Supervisor:
    def __init__(self, place: Path, plan: Plan) -> None:
        self._held = {
            name: ports.hold([HOST], usual)
            for part in parts.of(plan)
            for name, usual in part.ports.items()
        }
        numbers = {name: socks[0].getsockname()[1] for name, socks in self._held.items()}
        secrets = cloud.passwords(["postgres", "rabbitmq"])
        self._deployment = Deployment(place, plan, numbers, secrets)
        self._selector = selectors.DefaultSelector()
        #: Of what runs.
        self._pids: dict[str, int] = {}
        #: Part -> "stopped", or how it ended by itself.
        self._ended: dict[str, str] = {}
        #: Part -> how often it was started.
        self._starts: dict[str, int] = {}
        #: By pid, the descriptor that tells when the process has ended.
        self._holders: dict[int, int] = {}
        self._kept = self._ending = False

    # -- what it does

    def configure(self) -> None:
        """Write all files, and listen to requests."""
        configuration.write(self._deployment)
        self._deployment.save()
        listener = control.open_listener(self._deployment.folder)
        self._selector.register(listener, selectors.EVENT_READ, self._respond)

    def run(self, owner: int) -> None:
        """Start the parts, and do what comes until the end."""
        self._watch_signals()
        self._hold(owner)
        for part in parts.of(self._deployment.plan):
            self._start(part)
        while not self._ending:
            for key, _ in self._selector.select():
                key.data(key.fileobj)

    def end(self) -> None:
        """End the parts that leave something behind otherwise; what is left is killed after."""
        waiting = {}
        for name, pid in self._pids.items():
            if parts.PARTS[name].end != signal.SIGKILL:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, parts.PARTS[name].end)
                    waiting[name] = pid
        end = time.monotonic() + _END
        while waiting.keys() & self._pids.keys() and time.monotonic() < end:
            self._reap()
            time.sleep(0.05)

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
            for name in [name for name, running in self._pids.items() if running == pid]:
                del self._pids[name]
                # What else is in the group is of no use alone.
                processes.end_group(pid)
                code = os.waitstatus_to_exitcode(status)
                how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
                self._ended.setdefault(name, how)

    # -- parts

    def _start(self, part: parts.Part) -> None:
        for port in part.ports:
            for sock in self._held.pop(port, ()):
                sock.close()
        self._ended.pop(part.name, None)
        self._starts[part.name] = self._starts.get(part.name, 0) + 1
        deployment = self._deployment

        def run() -> None:
            for held in self._held.values():
                for sock in held:
                    sock.close()
            os.chdir(deployment.folder)
            part.run(deployment)

        self._pids[part.name] = processes.spawn(run, folder.log_of(deployment.folder, part.name))

    # -- requests

    def _respond(self, listener: Any) -> None:
        connection, _ = listener.accept()
        try:
            control.respond(connection, self._answer)
        except (OSError, ValueError) as error:
            print(f"a request failed: {error}", file=sys.stderr)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        requests: dict[str, Callable[[dict[str, Any]], None]] = {
            "down": self._on_down,
            "hold": lambda request: self._hold(request["pid"]),
            "keep": self._on_keep,
            "release": lambda request: self._release(request["pid"]),
            "start": self._on_start,
            "status": lambda request: None,
            "stop": self._on_stop,
        }
        self._reap()
        name = request.get("part")
        if name is not None and name not in self._starts:
            return {"error": f"it has no {name!r}, only {', '.join(self._starts)}"}
        requests[request["do"]](request)
        return {"running": self._pids, "ended": self._ended, "starts": self._starts}

    def _on_start(self, request: dict[str, Any]) -> None:
        name, libraries = request["part"], request.get("libraries")
        if libraries is not None:
            plan = self._deployment.plan
            plan = dataclasses.replace(plan, libraries={**plan.libraries, name: libraries})
            self._deployment = dataclasses.replace(self._deployment, plan=plan)
            self._deployment.save()
        if name not in self._pids:
            self._start(parts.PARTS[name])

    def _on_stop(self, request: dict[str, Any]) -> None:
        name = request["part"]
        if name in self._pids:
            self._ended[name] = "stopped"
            os.kill(self._pids[name], request["signal"])
            if request["signal"] == signal.SIGKILL:
                processes.end_group(self._pids[name])

    def _on_down(self, request: dict[str, Any]) -> None:
        self._ending = True

    # -- who holds it

    def _on_keep(self, request: dict[str, Any]) -> None:
        self._kept = True

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

    def _release(self, pid: int) -> None:
        opened = self._holders.pop(pid, None)
        if opened is not None:
            self._selector.unregister(opened)
            os.close(opened)
        self._end_unless_held()

    def _end_unless_held(self) -> None:
        self._ending = self._ending or not (self._kept or self._holders)


def main(place: Path, owner: int, plan: Plan) -> None:
    """Bring the parts up and stay until the end, as nobody's child.

    The process itself returns as soon as the supervisor can be asked things.
    """
    ready, working = os.pipe()
    if os.fork():
        os.close(working)
        # Nothing comes when the supervisor failed.
        os._exit(0 if os.read(ready, 1) else 1)
    os.close(ready)
    # The port mapper that RabbitMQ starts as a daemon comes to this process, and ends with it.
    processes.adopt_orphans()
    try:
        supervisor = _Supervisor(place, plan)
        supervisor.configure()
        os.write(working, b".")
        os.close(working)
        try:
            supervisor.run(owner)
        finally:
            supervisor.end()
    finally:
        processes.end_children()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Plan(**json.loads(sys.argv[3])))
