# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Bring a server up, or find that it is up already."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

from tools.mistral import debian, environment, handle, parts
from tools.mistral.deployment import Deployment, Plan
from tools.supervision import folder, launching
from tools.supervision.errors import SupervisionError
from tools.supervision.handle import take_down

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["CLUSTER", "ONE_PROCESS", "bring_up", "remove"]

#: The folders of those who name none.
ONE_PROCESS = folder.HOME / "mistral"
CLUSTER = folder.HOME / "cluster"


def bring_up(
    plan: Plan,
    place: Path,
    *,
    keep: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> handle.Server:
    """Return a server all of whose parts are ready; one that runs as planned is taken as it is.

    :param place: its folder.
    :param keep: let it stay when this process ends; it ends with it otherwise.
    :param say: told what is done.
    :raises SupervisionError: when a part doesn't come up, with the end of its log; when something
        else than planned runs there; when a cluster's servers aren't installed.
    """
    place = place.absolute()
    if plan.cluster:
        debian.require()
    with folder.exclusive(place.with_name(f"{place.name}.lock")):
        server = handle.find(place)
        if server is None:
            for libraries in sorted({plan.libraries_of(part.name) for part in parts.of(plan)}):
                environment.ensure(libraries, say)
            server = _start(plan, place, say)
        elif server.deployment.plan != plan:
            raise SupervisionError(f"another Mistral than this runs in {place}: take it down first")
        else:
            server.check()
            server.hold()
        if keep:
            server.keep()
    return server


def remove(place: Path) -> None:
    """Remove what a server that is down has left: its folder, and the lock beside it."""
    if (place / "deployment.json").exists():
        shutil.rmtree(place)
        place.with_name(f"{place.name}.lock").unlink(missing_ok=True)


def _start(plan: Plan, place: Path, say: Callable[[str], None]) -> handle.Server:
    begin = time.monotonic()
    folder.create(place)
    # PostgreSQL's user passes through to a folder of its own; what is beside it stays private.
    place.chmod(0o711)
    try:
        command = [sys.executable, "-m", "tools.mistral.supervisor", str(place), str(os.getpid())]
        command.append(json.dumps(dataclasses.asdict(plan)))
        launching.launch(command, place, {"PATH": os.defpath})
        server = handle.Server(Deployment.load(place))
        server.wait_ready(
            server.names, lambda name: say(f"{time.monotonic() - begin:6.1f} s  {name} is ready")
        )
    except BaseException:
        # Ctrl-C included. What it started goes with it.
        take_down(place)
        raise
    return server
