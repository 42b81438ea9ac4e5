# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The servers of a folder, as those see them who use them."""

from __future__ import annotations

import abc
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any

from tools.supervision import control, folder
from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

__all__ = ["Handle", "take_down"]

# Seconds.
_PAUSE = 0.1
_START = 300.0
_STOP = 60.0
_DOWN = 15.0
_SILENCE = 3.0


class Handle(abc.ABC):
    """A handle to what runs in a folder; many may have one."""

    @property
    @abc.abstractmethod
    def folder(self) -> Path:
        """The private folder."""

    @property
    @abc.abstractmethod
    def names(self) -> tuple[str, ...]:
        """The names of the servers."""

    @abc.abstractmethod
    def ready_among(self, names: Collection[str]) -> Iterable[str]:
        """Return those that do their work by now."""

    def log(self, name: str) -> Path:
        """Return the log of a server."""
        return folder.log_of(self.folder, name)

    # -- how they do

    def status(self) -> dict[str, str]:
        """Return, for each server, ``running``, ``stopped`` or how it ended by itself."""
        answer = control.ask(self.folder, "status")
        return {
            name: "running" if name in answer["running"] else answer["ended"].get(name, "starting")
            for name in self.names
        }

    def check(self) -> None:
        """Make sure that nothing has ended by itself.

        :raises SupervisionError: names each server that has, with the end of its log.
        """
        healthy = ("running", "starting", "stopped")
        crashed = {name: how for name, how in self.status().items() if how not in healthy}
        if crashed:
            raise SupervisionError(
                "\n".join(f"{n} {how}; {folder.tail(self.log(n))}" for n, how in crashed.items())
            )

    # -- what can be done to them

    def stop(self, name: str, how: signal.Signals | None = None) -> None:
        """End a server, and return when it is gone: who connects to it is refused.

        :param how: the signal; by default the one that ends it at once, SIGKILL for most.
        """
        control.ask(self.folder, "stop", name=name, signal=how)
        _wait(
            lambda: name not in control.ask(self.folder, "status")["running"],
            _STOP,
            lambda: f"{name} did not stop",
        )

    def start(self, name: str) -> None:
        """Start a server that was stopped or crashed, and return when it is ready."""
        control.ask(self.folder, "start", name=name)
        self.wait_ready([name])

    def wait_ready(
        self, names: Iterable[str], ready: Callable[[str], None] = lambda name: None
    ) -> None:
        """Return when all of these servers are ready.

        :param ready: called with the name of each as it first is.
        :raises SupervisionError: when one ends, or isn't ready in five minutes.
        """
        todo = list(names)

        def all_ready() -> bool:
            self.check()
            for name in self.ready_among(todo):
                todo.remove(name)
                ready(name)
            return not todo

        _wait(all_ready, _START, lambda: f"{', '.join(todo)}: not ready")

    # -- how long they stay

    def hold(self) -> None:
        """Keep them up at least as long as this process, or until :meth:`release`."""
        control.ask(self.folder, "hold", pid=os.getpid())

    def release(self) -> None:
        """Take the hold back: what nobody holds ends, unless it is to stay."""
        control.ask(self.folder, "release", pid=os.getpid())

    def keep(self) -> None:
        """Let them stay until they are taken down, whoever ends."""
        control.ask(self.folder, "keep")

    def take_down(self) -> None:
        """End them, and return when no process of them is left."""
        take_down(self.folder)


def take_down(place: Path) -> bool:
    """End what runs in a folder; tell whether something did."""
    pid = control.find_supervisor(place)
    if pid is None:
        return False
    try:
        opened = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        try:
            control.ask(place, "down", patience=_SILENCE)
        except SupervisionError:
            # It is silent: the kernel ends its children with it.
            os.kill(pid, signal.SIGKILL)
        if not select.select([opened], [], [], _DOWN)[0]:
            os.kill(pid, signal.SIGKILL)
            select.select([opened], [], [], _DOWN)
    finally:
        os.close(opened)
    return True


def _wait(done: Callable[[], Any], seconds: float, complaint: Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SupervisionError(f"{complaint()} in {seconds:.0f} s")
        time.sleep(_PAUSE)
