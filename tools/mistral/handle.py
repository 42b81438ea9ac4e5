# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A running server, as those see it who use it: where it is, and what can be done to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tools.mistral import environment, parts
from tools.mistral.api import Api
from tools.mistral.deployment import Deployment
from tools.supervision import control
from tools.supervision.handle import Handle

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Server", "find"]


class Server(Handle):
    """A handle to what runs in a folder; many may have one."""

    def __init__(self, deployment: Deployment) -> None:
        #: Its facts, as they were when this handle was made.
        self.deployment = deployment

    @property
    def folder(self) -> Path:
        return self.deployment.folder

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.deployment.url

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.name for part in parts.of(self.deployment.plan))

    def api(self, token: str | None = None) -> Api:
        """Return a client of its API."""
        return Api(self.url, token)

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

    # -- what can be done to it

    def ready_among(self, names: Collection[str]) -> list[str]:
        starts = control.ask(self.folder, "status")["starts"]
        return [n for n in names if parts.PARTS[n].ready(self.deployment, starts.get(n, 1))]

    def change_libraries(self, libraries: Mapping[str, str]) -> None:
        """Restart the parts that have other libraries than those named for them.

        :param libraries: "ours" or "upstream", by part.
        """
        plan = self.deployment.plan
        changing = {p: whose for p, whose in libraries.items() if plan.libraries_of(p) != whose}
        for whose in sorted(set(changing.values())):
            environment.ensure(whose, lambda text: None)
        for part in changing:
            self.stop(part)
        for part, whose in changing.items():
            control.ask(self.folder, "start", name=part, libraries=whose)
        self.deployment = Deployment.load(self.folder)
        self.wait_ready(changing)


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
