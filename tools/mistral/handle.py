# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A running server, as those see it who use it: where it is, and what can be done to it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.mistral import parts
from tools.mistral.api import Api
from tools.mistral.deployment import Deployment
from tools.sandbox import control, folder
from tools.sandbox import handle as sandboxes
from tools.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Server", "find"]

# Seconds.
_PAUSE = 0.1
_START = 180.0
_END = 60.0


class Server:
    """A handle to what runs in a folder; many may have one."""

    def __init__(self, deployment: Deployment) -> None:
        #: Its facts, as they were when this handle was made.
        self.deployment = deployment

    @property
    def folder(self) -> Path:
        """Its private folder."""
        return self.deployment.folder

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.deployment.url

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of its processes."""
        return tuple(part.name for part in parts.of(self.deployment.plan))

    def api(self, token: str | None = None) -> Api:
        """Return a client of its API."""
        return Api(self.url, token)

    def log(self, part: str) -> Path:
        """Return the log of a part."""
        return folder.log_of(self.folder, part)

    def pid(self, part: str) -> int:
        """Return the process of a part, which leads its group."""
        running: dict[str, int] = control.ask(self.folder, "status")["running"]
        return running[part]

    # -- what it takes

    def memory(self, part: str) -> int:
        """Return what the processes of a part have in memory, in bytes; what they share once."""
        return sum(_proportional(pid) for pid in self._processes(part))

    def cpu(self, part: str) -> float:
        """Return the seconds of processor time that the processes of a part have had."""
        return sum(_processor_time(pid) for pid in self._processes(part))

    def _processes(self, part: str) -> list[int]:
        # PostgreSQL's lead groups of their own: so by descent.
        children: dict[int, list[int]] = {}
        for path in Path("/proc").iterdir():
            if path.name.isdigit():
                children.setdefault(_parent_of(path), []).append(int(path.name))
        found = [self.pid(part)]
        for pid in found:
            found += children.get(pid, ())
        return found

    # -- how it does

    def status(self) -> dict[str, str]:
        """Return, for each part, ``running``, ``stopped`` or how it ended by itself."""
        answer = control.ask(self.folder, "status")
        return {
            name: "running" if name in answer["running"] else answer["ended"].get(name, "starting")
            for name in self.parts
        }

    def check(self) -> None:
        """Make sure that nothing has ended by itself.

        :raises SandboxError: names each part that has, with the end of its log.
        """
        healthy = ("running", "starting", "stopped")
        crashed = {name: how for name, how in self.status().items() if how not in healthy}
        if crashed:
            raise SandboxError(
                "\n".join(f"{n} {how}; {folder.tail(self.log(n))}" for n, how in crashed.items())
            )

    # -- what can be done to it

    def stop(self, part: str, how: signal.Signals | None = None) -> None:
        """End a part, and return when it is gone.

        :param how: the signal; by default the one that ends it at once, SIGKILL for most.
        """
        number = parts.PARTS[part].end if how is None else how
        control.ask(self.folder, "stop", part=part, signal=number)
        _wait(
            lambda: part not in control.ask(self.folder, "status")["running"],
            _END,
            lambda: f"{part} did not stop",
        )

    def start(self, part: str, libraries: str | None = None) -> None:
        """Start a part that was stopped or crashed, and return when it is ready.

        :param libraries: whose it has from now on, "ours" or "upstream"; as before by default.
        """
        control.ask(self.folder, "start", part=part, libraries=libraries)
        self.deployment = Deployment.load(self.folder)
        self.wait_ready([part])

    def wait_ready(
        self, names: Iterable[str], ready: Callable[[str], None] = lambda name: None
    ) -> None:
        """Return when all of these parts are ready.

        :param ready: called with the name of each as it first is.
        :raises SandboxError: when one ends, or isn't ready in three minutes.
        """
        todo = list(names)

        def all_ready() -> bool:
            self.check()
            starts = control.ask(self.folder, "status")["starts"]
            for name in list(todo):
                if parts.PARTS[name].ready(self.deployment, starts.get(name, 1)):
                    todo.remove(name)
                    ready(name)
            return not todo

        _wait(all_ready, _START, lambda: f"{', '.join(todo)}: not ready")

    # -- how long it stays

    def hold(self) -> None:
        """Keep it up at least as long as this process."""
        control.ask(self.folder, "hold", pid=os.getpid())

    def release(self) -> None:
        """Take the hold back: a server that nobody holds ends, unless it is to stay."""
        control.ask(self.folder, "release", pid=os.getpid())

    def keep(self) -> None:
        """Let it stay until it is taken down, whoever ends."""
        control.ask(self.folder, "keep")

    def take_down(self) -> None:
        """End it, and return when no process of it is left."""
        sandboxes.take_down(self.folder)


def find(place: Path) -> Server | None:
    """Return the server that runs in a folder, or None."""
    return None if control.find_supervisor(place) is None else Server(Deployment.load(place))


def _stat(process: Path) -> list[str]:
    """Return the fields of a process after its name, or none when it has ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _parent_of(process: Path) -> int:
    fields = _stat(process)
    return int(fields[1]) if fields else 0


def _processor_time(pid: int) -> float:
    fields = _stat(Path(f"/proc/{pid}"))
    # Its own and that of the children that it has waited for, in user and in system mode.
    ticks = sum(map(int, fields[11:15])) if fields else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    (kilobytes,) = [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
    return kilobytes << 10


def _wait(done: Callable[[], Any], seconds: float, complaint: Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SandboxError(f"{complaint()} in {seconds:.0f} s")
        time.sleep(_PAUSE)
