# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Reading files the way every action here does: found in order, in pieces, with typed errors."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from mistral_lib import actions

from file_actions import errors

__all__ = ["chunks", "find", "reading", "size"]

_CHUNK = 1 << 20

#: Names of folders that tools fill; hidden ones are left out as well.
_GENERATED = frozenset(("__pycache__", "build", "dist", "node_modules"))


def find(folder: str, pattern: str = "*") -> list[Path]:
    """Return the files in a folder and all below it, sorted by path.

    Hidden files and folders, generated folders and symbolic links are left out.

    :param pattern: glob pattern of file names.
    :raises FileMissing: there is no such folder.
    :raises FileUnreadable: it or one below it can't be listed.
    """
    found = []
    with reading(folder):
        for parent, folders, names in os.walk(folder, onerror=_raise):
            folders[:] = [n for n in folders if n[0] != "." and n not in _GENERATED]
            paths = (Path(parent, n) for n in names if n[0] != "." and fnmatchcase(n, pattern))
            found += [path for path in paths if path.is_file() and not path.is_symlink()]
    return sorted(found)


def chunks(path: str | Path, context: actions.ActionContext) -> Iterator[bytes]:
    """Yield the content of a file in pieces; stops when the action is asked to stop.

    :raises FileMissing: there is no such file.
    :raises FileUnreadable: it can't be read.
    :raises FileBusy: somebody wrote to it meanwhile, so the pieces are no whole.
    """
    with reading(path), open(path, "rb") as file:
        before = os.fstat(file.fileno())
        while chunk := file.read(_CHUNK):
            context.check_cancelled()
            yield chunk
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise errors.FileBusy(f"{path} changed while it was read", details={"path": str(path)})


def size(path: str | Path) -> int:
    """Return the size of a file in bytes.

    :raises FileMissing: there is no such file.
    """
    with reading(path):
        return os.stat(path).st_size


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn what the operating system says about a path into the errors of this package."""
    try:
        yield
    except FileNotFoundError as e:
        raise errors.FileMissing(f"{path} does not exist", details={"path": str(path)}) from e
    except OSError as e:
        raise errors.FileUnreadable(
            f"{path} can't be read: {e.strerror}", details={"path": str(path)}
        ) from e


def _raise(error: OSError) -> None:
    raise error
