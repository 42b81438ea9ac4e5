# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A running sandbox, as those see it who use it: where it is, and what can be done to it."""

from __future__ import annotations

import http.client
import os
import select
import signal
import time
from concurrent import futures
from typing import TYPE_CHECKING, Any

from tools.sandbox import control, folder
from tools.sandbox.cloud import LOOPBACK, REGIONS, Cloud
from tools.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

__all__ = ["Sandbox", "find", "take_down"]

# Seconds.
_PAUSE = 0.1
_START = 300.0
_END = 15.0
_SILENCE = 3.0


class Sandbox:
    """A handle to what runs in a folder; many may have one."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    # -- where it is

    @property
    def folder(self) -> Path:
        """Its private folder."""
        return self._cloud.folder

    @property
    def services(self) -> tuple[str, ...]:
        """The names of what it was started with."""
        return self._cloud.services

    @property
    def ports(self) -> Mapping[str, int]:
        """The port of each service."""
        return self._cloud.ports

    @property
    def passwords(self) -> Mapping[str, str]:
        """The password of each user: words that occur nowhere else."""
        return self._cloud.passwords

    @property
    def auth_url(self) -> str:
        """Where one logs in."""
        return self._cloud.auth_url

    @property
    def clouds_file(self) -> Path:
        """Its ``clouds.yaml``, with the clouds ``admin``, ``demo`` and ``mistral``."""
        return self._cloud.clouds_file

    def url(
        self, service: str, path: str = "", *, region: str = REGIONS[0], interface: str = "public"
    ) -> str:
        """Return the address at which a service answers for a region and interface."""
        return self._cloud.url(service, path, region=region, interface=interface)

    def log(self, service: str) -> Path:
        """Return the log of a service."""
        return folder.log_of(self.folder, service)

    # -- how it does

    def status(self) -> dict[str, str]:
        """Return, for each service, ``running``, ``stopped`` or how it ended by itself."""
        answer = control.ask(self.folder, "status")
        return {
            name: "running" if name in answer["running"] else answer["ended"].get(name, "starting")
            for name in self.services
        }

    def check(self) -> None:
        """Make sure that nothing has ended by itself.

        :raises SandboxError: names each service that has, with the end of its log.
        """
        crashed = {
            name: how
            for name, how in self.status().items()
            if how not in ("running", "starting", "stopped")
        }
        if crashed:
            raise SandboxError(
                "\n".join(f"{n} {how}; {folder.tail(self.log(n))}" for n, how in crashed.items())
            )

    def require(self, services: Iterable[str]) -> None:
        """Make sure that it has these services.

        :raises SandboxError: names those it was started without.
        """
        missing = [name for name in services if name not in self.services]
        if missing:
            raise SandboxError(
                f"the sandbox in {self.folder} was started without {', '.join(missing)}: "
                "take it down with `make sandbox-down`, and start it with them"
            )

    # -- what can be done to it

    def stop(self, service: str) -> None:
        """End a service, and return when it is gone: who connects to it is refused."""
        control.ask(self.folder, "stop", service=service)
        _wait(
            lambda: service not in control.ask(self.folder, "status")["running"],
            _END,
            f"{service} did not stop",
        )

    def start(self, service: str) -> None:
        """Start a service that was stopped or crashed, and return when it answers."""
        control.ask(self.folder, "start", service=service)
        self.wait_ready([service])

    def wait_ready(
        self, services: Iterable[str], ready: Callable[[str], None] = lambda name: None
    ) -> None:
        """Return when all of the services answer.

        :param ready: called with the name of each as it first does.
        :raises SandboxError: when one ends, or does not answer in five minutes.
        """
        todo = list(services)

        def all_answer() -> bool:
            self.check()
            with futures.ThreadPoolExecutor(len(todo)) as threads:
                answering = dict(zip(todo, threads.map(self._answers, todo), strict=True))
            for name in [name for name in todo if answering[name]]:
                todo.remove(name)
                ready(name)
            return not todo

        _wait(all_answer, _START, lambda: f"{', '.join(todo)} did not answer")

    def _answers(self, service: str) -> bool:
        # The port is held from the beginning, so that a time-out says no more than "not yet".
        connection = http.client.HTTPConnection(LOOPBACK, self.ports[service], timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    # -- how long it stays

    def hold(self) -> None:
        """Keep it up at least as long as this process, or until :meth:`release`."""
        control.ask(self.folder, "hold", pid=os.getpid())

    def release(self) -> None:
        """Take the hold back: a sandbox that nobody holds ends, unless it is to stay."""
        control.ask(self.folder, "release", pid=os.getpid())

    def keep(self) -> None:
        """Let it stay until it is taken down, whoever ends."""
        control.ask(self.folder, "keep")

    def take_down(self) -> None:
        """End it, and return when no process of it is left."""
        take_down(self.folder)


def find(place: Path) -> Sandbox | None:
    """Return the sandbox that runs in a folder, or None."""
    return None if control.find_supervisor(place) is None else Sandbox(Cloud.load(place))


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
        except SandboxError:
            # It is silent: the kernel ends its children with it.
            os.kill(pid, signal.SIGKILL)
        if not select.select([opened], [], [], _END)[0]:
            os.kill(pid, signal.SIGKILL)
            select.select([opened], [], [], _END)
    finally:
        os.close(opened)
    return True


def _wait(done: Callable[[], Any], seconds: float, complaint: str | Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            text = complaint if isinstance(complaint, str) else complaint()
            raise SandboxError(f"{text} in {seconds:.0f} s")
        time.sleep(_PAUSE)
