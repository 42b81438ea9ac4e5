# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The folders of the executor whose files a workflow may name, and the files in them.

A path comes from a workflow's author, who may read and write nothing of the executor but what an
operator opened. Neither ``..`` nor a symbolic link leads out of a folder, not even one that is
exchanged while the path is looked at: a file is opened from its folder on, one directory after the
other, and no link is followed on that way.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mistral_extra import interactive
from mistral_lib import actions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = ["ContentFolders", "content_folders"]

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: O_NONBLOCK: opening a FIFO would wait for its writer.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def content_folders(group: str, option: str = "content_folders") -> ContentFolders:
    """Return the folders that an option opens, as it is now.

    Where it opens none, the command opens the working folder: there the author of what is run is
    the user of the machine.

    :param group: of the option.
    :raises ActionException: ``BAD_CONFIGURATION``, one is not an absolute path.
    """
    from mistral_extra import config

    opened = [os.path.expanduser(folder) for folder in config.CONF[group][option]]
    for folder in opened:
        if not os.path.isabs(folder):
            raise actions.ActionException(
                f"Option {option} of [{group}]: '{folder}' is not an absolute path",
                error_code="BAD_CONFIGURATION",
            )
    if not opened and (working_folder := interactive.working_folder()):
        opened = [working_folder]
    return ContentFolders(tuple(opened), f"[{group}] {option}")


@dataclass(frozen=True)
class ContentFolders:
    """Folders of the executor.

    In all methods ``what`` names the path in an error: ``"Parameter 'source'"``. A relative path
    starts at the process's working folder.
    """

    folders: tuple[str, ...]
    #: The option that opens one, for messages.
    option: str

    def resolve(self, path: str, what: str) -> Path:
        """Return the path of a file or folder, without links and dots; it may not exist.

        For a program that takes paths. Links may have changed when it opens one: it must run where
        no workflow can exchange them.

        :raises InvalidInput: it is in none of the folders.
        """
        folder, parts = self._locate(path, what)
        return Path(folder, *parts)

    def open(self, path: str, what: str) -> BinaryIO:
        """Return a file, open for reading.

        :raises InvalidInput: it is in none of the folders, not a regular file, or not readable.
        """
        with self._directory(path, what) as (directory, name):
            descriptor = os.open(name, _READ, dir_fd=directory)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise actions.InvalidInput(f"{what}: {path:.200} is not a regular file")
        return os.fdopen(descriptor, "rb")

    @contextlib.contextmanager
    def create(self, path: str, what: str, *, parents: bool = False) -> Iterator[BinaryIO]:
        """Make a file for its owner alone (mode 0600); it is there when the block has ended.

        No file is there when the block raises.

        :param parents: make the directories that are missing, within the folder.
        :raises InvalidInput: it is in none of the folders, or can't be made.
        :raises FileExistsError: there is something already, before the block or after it.
        :raises OSError: it can't be written, as on a full disk.
        """
        with self._directory(path, what, parents) as (directory, name):
            held = os.dup(directory)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.stat(name, dir_fd=held, follow_symlinks=False)
                raise FileExistsError(17, "File exists")
            # Beside its place, so that it appears there as a whole. Linking replaces nothing.
            unfinished = f".{secrets.token_hex(8)}.part"
            descriptor = os.open(unfinished, _CREATE, 0o600, dir_fd=held)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                os.link(unfinished, name, src_dir_fd=held, dst_dir_fd=held, follow_symlinks=False)
            finally:
                os.unlink(unfinished, dir_fd=held)
        finally:
            os.close(held)

    def _locate(self, path: str, what: str) -> tuple[str, tuple[str, ...]]:
        """Return a folder without links in its path, and the way from there."""
        if not isinstance(path, str):
            raise actions.InvalidInput(f"{what}: a path is a text, got {path!r:.80}")
        with contextlib.suppress(ValueError):  # NUL, or half of a surrogate pair.
            os.fsencode(path)
            # Dots by name alone, and nothing outside is looked at: what is there would be told by
            # how the answer differs.
            wanted = os.path.abspath(path)
            for folder in self.folders:
                real_folder = os.path.realpath(folder)
                for base in (os.path.normpath(folder), real_folder):
                    if not Path(wanted).is_relative_to(base):
                        continue
                    real = Path(os.path.realpath(wanted))
                    if real.is_relative_to(real_folder):
                        return real_folder, real.relative_to(real_folder).parts
        raise actions.InvalidInput(
            f"{what}: {path:.200} is not in a folder that this site has opened: the operator may "
            f"add one to {self.option}"
        )

    @contextlib.contextmanager
    def _directory(self, path: str, what: str, parents: bool = False) -> Iterator[tuple[int, str]]:
        """Open the directory of a file in the folders; yield it with the file's name there.

        :raises InvalidInput: it is in none of them, or the system refuses.
        """
        folder, parts = self._locate(path, what)
        try:
            if not parts:
                raise IsADirectoryError(21, "Is a directory")
            descriptor = os.open(folder, _DIRECTORY)
            try:
                for part in parts[:-1]:
                    if parents:
                        with contextlib.suppress(FileExistsError):
                            os.mkdir(part, 0o700, dir_fd=descriptor)
                    inner = os.open(part, _DIRECTORY, dir_fd=descriptor)
                    os.close(descriptor)
                    descriptor = inner
                yield descriptor, parts[-1]
            finally:
                os.close(descriptor)
        except OSError as e:
            raise actions.InvalidInput(
                f"{what}: {path:.200} can't be opened: {e.strerror or e}"
            ) from e
