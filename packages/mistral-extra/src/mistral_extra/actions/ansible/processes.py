# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""All processes of a run, wherever they went, and their end.

Killing Ansible's process group is not enough: its workers leave it, and so do the connections
that ssh keeps open. But every process of a run inherits an environment that names the run's
private folder, or has it on its command line; whatever such a one started belongs to it.
This is read from ``/proc``; without one, the process group has to do.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Process", "everything", "naming", "stop"]

_PROC = Path("/proc")
#: Seconds that processes have to end by themselves.
_GRACE = 1.0
#: Seconds to go on killing; what is another user's stays.
_PATIENCE = 2.0
_POLL = 0.02


class Process(NamedTuple):
    """A process, told from a later one with the same id."""

    pid: int
    parent: int
    #: In clock ticks since the machine started.
    started: int

    def signal(self, number: int) -> None:
        """Send a signal, if it is there and this user may."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return _read(self.pid) == self


def naming(folder: Path, *, command_lines_only: bool = False) -> set[Process]:
    """Return the processes that name ``folder``, with all that they started.

    :param command_lines_only: don't look into their environments.
    """
    files = ("cmdline",) if command_lines_only else ("cmdline", "environ")
    present = list(everything())
    found = {p for p in present if p.pid != os.getpid() and _names(p, str(folder), files)}
    while True:
        known = {process.pid for process in found}
        children = {p for p in present if p.parent in known} - found
        if not children:
            return found
        found |= children


def everything() -> Iterator[Process]:
    """Yield all processes of the machine."""
    for path in _PROC.glob("[0-9]*"):
        process = _read(int(path.name))
        if process is not None:
            yield process


def _read(pid: int) -> Process | None:
    """Return a process that runs; one that only waits to be collected does not."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # Behind the name, which may have spaces and parentheses of its own.
    fields = text.rpartition(")")[2].split()
    state, parent, started = fields[0], int(fields[1]), int(fields[19])
    return None if state in "ZX" else Process(pid, parent, started)


def _names(process: Process, folder: str, files: tuple[str, ...]) -> bool:
    for file in files:
        # It may have ended, or be another user's.
        with contextlib.suppress(OSError):
            if os.fsencode(folder) in (_PROC / str(process.pid) / file).read_bytes():
                return True
    return False


def stop(folder: Path, *, command_lines_only: bool = False) -> None:
    """End the processes that name ``folder``: ask them, then kill what is left."""
    asked = naming(folder, command_lines_only=command_lines_only)
    for process in asked:
        process.signal(signal.SIGTERM)
    until = time.monotonic() + _GRACE
    while any(process.alive for process in asked) and time.monotonic() < until:
        time.sleep(_POLL)
    until = time.monotonic() + _PATIENCE
    # Again and again: while one is killed, another may start a third.
    while left := {p for p in asked if p.alive} | naming(
        folder, command_lines_only=command_lines_only
    ):
        for process in left:
            process.signal(signal.SIGKILL)
        if time.monotonic() > until:
            return
        asked |= left
        time.sleep(_POLL)
