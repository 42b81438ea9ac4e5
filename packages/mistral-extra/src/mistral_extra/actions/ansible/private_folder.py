# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A folder for one run, which nobody else may read and which is gone in the end.

Its owner keeps a file in it locked. A folder whose lock can be had is of a process that was killed:
the next run removes it.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import logging
import os
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mistral_extra.actions.ansible import processes

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["private_folder", "remove", "sweep"]

LOG = logging.getLogger(__name__)

#: A short name: the path of a socket inside may have about 100 characters.
_PREFIX = "ansible-"
_LOCK = ".owner"
_UNNAMED = ".owner-new"

#: Seconds that the end of a run waits for the removal; it goes on without it.
_PATIENCE = 10.0


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Make the folder; remove it at the end of the block, or of the interpreter.

    The latter comes first where an action runs in a daemon thread and its caller, whose deadline
    has passed, ends the program. `tempfile.TemporaryDirectory` would leave the folder half removed.

    :raises StartFailed: the system refuses it.
    """
    sweep()
    folder, lock = _made()
    end = functools.partial(remove, folder)
    atexit.register(end)
    try:
        yield folder
    finally:
        end()
        atexit.unregister(end)
        os.close(lock)


def _made() -> tuple[Path, int]:
    """Return a new folder, and the descriptor that keeps it."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            return folder, _locked(folder)
        except OSError:
            # By calls that need no descriptor: those may be what is missing.
            with contextlib.suppress(OSError):
                (folder / _UNNAMED).unlink(missing_ok=True)
                folder.rmdir()
            raise
    except OSError as e:
        # Not above: a supervisor, which needs no more than `remove`, starts in half the time.
        from mistral_extra.actions.ansible import errors

        raise errors.start_failed(e) from e


def _locked(folder: Path) -> int:
    """Return the descriptor that keeps the folder from being swept while this process lives."""
    # It gets its name when it is locked: nobody can come between.
    unnamed = folder / _UNNAMED
    lock = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unnamed.rename(folder / _LOCK)
    except BaseException:
        os.close(lock)
        raise
    return lock


def sweep() -> None:
    """Remove the folders of this user's processes that were killed, and end what they started."""
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX):
                # It may be gone by now, or be what this user may not look into.
                with contextlib.suppress(OSError):
                    _sweep(Path(entry.path))


def _sweep(folder: Path) -> None:
    # Whatever others put there under such a name, links in particular, is not followed.
    found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not _is_own(os.fstat(found)):
            return
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        lock = os.open(_LOCK, flags, dir_fd=found)
        try:
            about = os.fstat(lock)
            if not _is_own(about) or not stat.S_ISREG(about.st_mode):
                return
            # Raises where the owner lives.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            LOG.info("Removing %s, which a process left that was killed", folder)
            processes.stop(folder)
            remove(folder)
        finally:
            os.close(lock)
    finally:
        os.close(found)


def _is_own(about: os.stat_result) -> bool:
    return about.st_uid == os.geteuid() and about.st_mode & 0o077 == 0


def remove(folder: Path) -> None:
    """Remove the folder, whatever a run made of it.

    By the program rm, which deals with any depth of folders. Where there is more than can be
    removed in seconds, it goes on alone.
    """
    try:
        if _do("rm", "-rf", "--one-file-system", "--", str(folder)) and folder.exists():
            # A run took away its own right to remove what it made.
            _do("chmod", "-R", "u+rwX", "--", str(folder))
            _do("rm", "-rf", "--one-file-system", "--", str(folder))
    except subprocess.TimeoutExpired:
        LOG.warning("The private folder %s of a run of Ansible is still being removed", folder)
        return
    except OSError as e:
        LOG.warning("The private folder %s of a run of Ansible stays: %s", folder, e)
        return
    if folder.exists():
        LOG.warning("The private folder %s of a run of Ansible could not be removed", folder)


def _do(*words: str) -> int:
    """Run a command, in a session of its own, and return its exit code.

    :raises TimeoutExpired: it takes longer, and goes on.
    """
    silent = subprocess.DEVNULL
    process = subprocess.Popen(
        words,
        env={"PATH": os.defpath},
        stdin=silent,
        stdout=silent,
        stderr=silent,
        start_new_session=True,
    )
    return process.wait(_PATIENCE)
