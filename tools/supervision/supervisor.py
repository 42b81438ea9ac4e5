# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The process above the servers of a folder.

It starts them, does what it is asked to by :mod:`tools.supervision.control`, and ends what is left
when it ends: when asked, on SIGTERM or SIGINT, and when nobody holds it any more. Whoever started
it does, until it ends or says ``keep``.
"""

from __future__ import annotations

import abc
import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

from tools.supervision import control, processes
from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Supervisor", "serve"]

#: Seconds that a server has which ends on another signal than SIGKILL.
_END = 5.0


class Supervisor(abc.ABC):
    """What all supervisors do; a subclass says what there is to start.

    :param place: the folder.
    :param names: of the servers, in the order of starting.
    """

    def __init__(self, place: Path, names: Sequence[str]) -> None:
        self._place = place
        self._names = tuple(names)
        self._selector = selectors.DefaultSelector()
        #: Of what runs.
        self._pids: dict[str, int] = {}
        #: Server -> "stopped", or how it ended by itself.
        self._ended: dict[str, str] = {}
        #: Server -> how often it was started.
        self._starts: dict[str, int] = {}
        #: By pid, the descriptor that tells when the process has ended.
        self._holders: dict[int, int] = {}
        self._kept = self._ending = False

    # -- what a subclass knows

    @abc.abstractmethod
    def configure(self) -> None:
        """Write all files: who can ask finds them."""

    @abc.abstractmethod
    def launch(self, name: str) -> int:
        """Start a server; return its process, which leads a group.

        :raises SupervisionError: it can't be started now.
        """

    def prepare(self) -> None:  # noqa: B027 - nothing, for most
        """Do what is to be done once, before the first is started."""

    def reconsider(self, request: Mapping[str, Any]) -> None:  # noqa: B027 - likewise
        """Take in what a request to start says beside the name."""

    def last_signal(self, name: str) -> signal.Signals:
        """Return the signal on which a server ends at once and leaves nothing."""
        return signal.SIGKILL

    # -- what it does

    def listen(self) -> None:
        """Be there to be asked."""
        listener = control.open_listener(self._place)
        self._selector.register(listener, selectors.EVENT_READ, self._respond)

    def run(self, owner: int) -> None:
        """Start the servers, and do what comes until the end."""
        self._watch_signals()
        self._hold(owner)
        self.prepare()
        for name in self._names:
            self._start(name)
        while not self._ending:
            for key, _ in self._selector.select():
                key.data(key.fileobj)

    def end(self) -> None:
        """End the servers that leave something behind otherwise; what is left is killed after."""
        waiting = {}
        for name, pid in self._pids.items():
            number = self.last_signal(name)
            if number != signal.SIGKILL:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                    waiting[name] = pid
        end = time.monotonic() + _END
        while waiting.keys() & self._pids.keys() and time.monotonic() < end:
            self._reap()
            time.sleep(0.05)

    def _start(self, name: str) -> None:
        self._ended.pop(name, None)
        self._pids[name] = self.launch(name)
        self._starts[name] = self._starts.get(name, 0) + 1

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
        name = request.get("name")
        if name is not None and name not in self._names:
            return {"error": f"there is no {name!r}, only {', '.join(self._names)}"}
        try:
            requests[request["do"]](request)
        except SupervisionError as error:
            return {"error": str(error)}
        return {"running": self._pids, "ended": self._ended, "starts": self._starts}

    def _on_start(self, request: dict[str, Any]) -> None:
        self.reconsider(request)
        if request["name"] not in self._pids:
            self._start(request["name"])

    def _on_stop(self, request: dict[str, Any]) -> None:
        name = request["name"]
        if name in self._pids:
            self._ended[name] = "stopped"
            number = request.get("signal") or self.last_signal(name)
            os.kill(self._pids[name], number)
            if number == signal.SIGKILL:
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


def serve(make: Callable[[], Supervisor], owner: int) -> None:
    """Bring the servers up and stay until the end, as nobody's child.

    The process itself returns as soon as the supervisor can be asked things.

    :param make: called in the process that stays.
    :param owner: pid of who holds it at first.
    """
    ready, working = os.pipe()
    if os.fork():
        os.close(working)
        # Nothing comes when the supervisor failed.
        os._exit(0 if os.read(ready, 1) else 1)
    os.close(ready)
    # Daemons that servers start come to this process, and end with it.
    processes.adopt_orphans()
    try:
        supervisor = make()
        supervisor.configure()
        supervisor.listen()
        os.write(working, b".")
        os.close(working)
        try:
            supervisor.run(owner)
        finally:
            supervisor.end()
    finally:
        processes.end_children()
