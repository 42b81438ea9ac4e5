# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A folder for one run, which nobody else may read and which is gone in the end."""

from __future__ import annotations

import atexit
import contextlib
import functools
import logging
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["private_folder"]

LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Make the folder; remove it at the end of the block, or of the interpreter.

    The latter comes first where an action runs in a daemon thread and its caller, whose deadline
    has passed, ends the program. `tempfile.TemporaryDirectory` would leave the folder half removed.
    """
    # A short name: the path of a socket inside may have about 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="ansible-"))
    remove = functools.partial(_remove, folder)
    atexit.register(remove)
    try:
        yield folder
    finally:
        remove()
        atexit.unregister(remove)


def _remove(folder: Path) -> None:
    # Both ends may come at the same time, and find that files are gone already.
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        LOG.warning("The private folder %s of a run of Ansible could not be removed", folder)
