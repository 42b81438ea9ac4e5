# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Bring a sandbox up, or find that it is up already."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tools.sandbox import environment, handle
from tools.sandbox.cloud import Cloud
from tools.sandbox.services import SERVICES
from tools.supervision import folder, launching
from tools.supervision.errors import SupervisionError
from tools.supervision.handle import take_down

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

__all__ = ["DEFAULT", "bring_up", "choose"]

#: The folder of somebody who names none.
DEFAULT = folder.HOME / "run"


def choose(names: Iterable[str]) -> tuple[str, ...]:
    """Return the services of these names and those that they need, in the order of starting.

    :raises SupervisionError: when there is none of a name.
    """
    chosen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in SERVICES:
            raise SupervisionError(f"no service {name!r}: there are {', '.join(SERVICES)}")
        if name not in chosen:
            chosen.add(name)
            todo += SERVICES[name].needs
    return tuple(name for name in SERVICES if name in chosen)


def bring_up(
    services: Iterable[str] = tuple(SERVICES),
    place: Path = DEFAULT,
    *,
    keep: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> handle.Sandbox:
    """Return a sandbox in which all of the services answer; one that runs is taken as it is.

    :param place: its folder.
    :param keep: let it stay when this process ends; it ends with it otherwise.
    :param say: told what is done.
    :raises SupervisionError: when a service doesn't come up, with the end of its log; when the one
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
        command = [str(python), "-W", "ignore", "-m", "tools.sandbox.supervisor"]
        command += [str(place), str(os.getpid()), *names]
        launching.launch(command, place, _variables(python, place))
        sandbox = handle.Sandbox(Cloud.load(place))
        sandbox.wait_ready(
            names, lambda name: say(f"{time.monotonic() - begin:6.1f} s  {name} answers")
        )
    except BaseException:
        # Ctrl-C included. What it started goes with it.
        take_down(place)
        raise
    return sandbox


def _variables(python: Path, place: Path) -> dict[str, str]:
    """Return the environment of the services."""
    return {
        "HOME": str(place),
        "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "TMPDIR": str(place / "tmp"),
        "XDG_CACHE_HOME": str(place / "state" / "cache"),
    }
