# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Bring a sandbox up, or find that it is up already."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.sandbox import environment, folder, handle
from tools.sandbox.cloud import Cloud
from tools.sandbox.errors import SandboxError
from tools.sandbox.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["bring_up", "choose"]

_ROOT = Path(__file__).parents[2]


def choose(names: Iterable[str]) -> tuple[str, ...]:
    """Return the services of these names and those that they need, in the order of starting.

    :raises SandboxError: when there is none of a name.
    """
    chosen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in SERVICES:
            raise SandboxError(f"no service {name!r}: there are {', '.join(SERVICES)}")
        if name not in chosen:
            chosen.add(name)
            todo += SERVICES[name].needs
    return tuple(name for name in SERVICES if name in chosen)


def bring_up(
    services: Iterable[str] = tuple(SERVICES),
    place: Path = folder.DEFAULT,
    *,
    keep: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> handle.Sandbox:
    """Return a sandbox in which all of the services answer; one that runs is taken as it is.

    :param place: its folder.
    :param keep: let it stay when this process ends; it ends with it otherwise.
    :param say: told what is done.
    :raises SandboxError: when a service doesn't come up, with the end of its log; when the one
        that runs has crashed or lacks a service.
    """
    names = choose(services)
    place = place.absolute()
    with folder.exclusive(place.with_name(f"{place.name}.lock")):
        sandbox = handle.find(place)
        if sandbox:
            sandbox.require(names)
            sandbox.check()
            sandbox.hold()
        else:
            python = environment.ensure(names, say)
            sandbox = _start(python, place, names, say)
        if keep:
            sandbox.keep()
    return sandbox


def _start(
    python: Path, place: Path, names: tuple[str, ...], say: Callable[[str], None]
) -> handle.Sandbox:
    begin = time.monotonic()
    folder.create(place)
    say(f"starting {', '.join(names)}")
    try:
        _start_supervisor(python, place, names)
        sandbox = handle.Sandbox(Cloud.load(place))
        sandbox.wait_ready(
            names, lambda name: say(f"{time.monotonic() - begin:6.1f} s  {name} answers")
        )
    except BaseException:
        # Ctrl-C included. What it started goes with it.
        handle.take_down(place)
        raise
    return sandbox


def _start_supervisor(python: Path, place: Path, names: tuple[str, ...]) -> None:
    """Return when the supervisor can be asked things; it is no child of this process."""
    command = [str(python), "-W", "ignore", "-m", "tools.sandbox.supervisor"]
    log = folder.log_of(place, "supervisor")
    with log.open("ab") as output:
        done = subprocess.run(
            [*command, str(place), str(os.getpid()), *names],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=place,
            env=_variables(python, place),
            # A Ctrl-C of the terminal isn't meant for it.
            start_new_session=True,
        )
    if done.returncode:
        raise SandboxError(
            f"the sandbox's supervisor ended with {done.returncode}; {folder.tail(log)}"
        )


def _variables(python: Path, place: Path) -> dict[str, str]:
    """Return the services' environment: nothing of the caller's, whose proxies, say, would get
    what is sent to loopback."""
    return {
        "HOME": str(place),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(_ROOT),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "TMPDIR": str(place / "tmp"),
        "XDG_CACHE_HOME": str(place / "state" / "cache"),
    }
