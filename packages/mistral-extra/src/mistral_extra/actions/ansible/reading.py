# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Read files that a workflow's programs may have made: they may be links, pipes, or huge."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["regular_file"]

#: Bytes of the largest file that is read.
_MOST = 8 * 1024 * 1024

# O_NONBLOCK: opening a pipe would wait for its writer.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def regular_file(folder: Path, name: str) -> bytes | None:
    """Return what is in a file; None if it is none, or too large.

    :param folder: the folder, which must not be a link either.
    :raises FileNotFoundError: nothing is there.
    """
    try:
        directory = os.open(folder, _FLAGS | os.O_DIRECTORY)
        try:
            descriptor = os.open(name, _FLAGS, dir_fd=directory)
        finally:
            os.close(directory)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > _MOST:
            return None
        return file.read(_MOST)
