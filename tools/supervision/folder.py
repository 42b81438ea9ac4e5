# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The private folder that holds all of a set of servers: state, databases, configuration, logs."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HOME", "create", "exclusive", "log_of", "shown", "tail"]

#: Everything that the tools leave on disk, environments included; git ignores it.
HOME = Path(__file__).parents[2] / ".sandbox"

#: By it a folder is known to be ours, so that nothing else is ever removed.
_MARK = ".sandbox"
_PARTS = ("db", "etc", "locks", "log", "state", "tmp")
_LOG_END = 40


def create(folder: Path) -> None:
    """Make the folder anew, for its owner's eyes only.

    :raises SandboxError: when something else is there.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise SupervisionError(f"{folder} is not empty and no sandbox: name another folder")
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / _MARK).touch()
    for part in _PARTS:
        (folder / part).mkdir()


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Let one process at a time do what follows: ``path`` is locked, and stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def log_of(folder: Path, name: str) -> Path:
    """Return where a server, or the supervisor, writes what it says."""
    return folder / "log" / f"{name}.log"


def shown(path: Path) -> Path:
    """Return a path as people like to read it: relative where it is below the working folder."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def tail(log: Path) -> str:
    """Return the last lines of a log, and where the rest is."""
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            end = "".join(deque(lines, _LOG_END))
    except FileNotFoundError:
        end = ""
    return f"the end of {shown(log)}:\n{end.rstrip() or '(empty)'}"
