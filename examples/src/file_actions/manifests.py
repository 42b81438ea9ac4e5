# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``files.manifest``: an action that leaves something behind, so it has a dry run that does not."""

from dataclasses import dataclass
from pathlib import Path

from mistral_lib import actions

from file_actions import contents, errors
from file_actions.checksums import Algorithm, checksum

__all__ = ["Manifest", "manifest"]

#: A progress text for each file would be more than anybody reads.
_FILES_A_REPORT = 100


@dataclass
class Manifest:
    """A manifest that was written, or would be."""

    path: str
    algorithm: Algorithm
    files: int
    #: Sum over all files.
    bytes: int


def _plan(
    folder: str,
    target: str,
    pattern: str = "*",
    algorithm: Algorithm = Algorithm.SHA256,
    *,
    context: actions.ActionContext,
) -> Manifest:
    paths = contents.find(folder, pattern)
    return Manifest(target, algorithm, len(paths), sum(map(contents.size, paths)))


@actions.action(name="files.manifest", timeout=3600, idempotent=True, tags=["files"], test=_plan)
def manifest(
    folder: str,
    target: str,
    pattern: str = "*",
    algorithm: Algorithm = Algorithm.SHA256,
    *,
    context: actions.ActionContext,
) -> Manifest:
    """Write the checksums of all files in a folder to a file.

    It has one line a file, ``SHA256 (docs/index.rst) = 9f86...``: ``sha256sum --check`` reads it,
    and so does ``files.verify``.

    :param folder: the folder, on the machine that runs the action.
    :param target: the file to write; best outside the folder.
    :param pattern: glob pattern of the names of the files to list.
    :param algorithm: how checksums are computed.
    :returns: what was written.
    :raises FileMissing: there is no such folder, or none to write to.
    """
    paths, lines, size = contents.find(folder, pattern), [], 0
    for number, path in enumerate(paths):
        if number % _FILES_A_REPORT == 0:
            context.progress(f"{number} of {len(paths)} files done")
        computed = checksum(str(path), algorithm, context=context)
        lines.append(_line(path.relative_to(folder).as_posix(), computed.digest, algorithm))
        size += computed.size
    with contents.reading(target):
        Path(target).write_text("".join(lines), encoding="utf-8")
    return Manifest(target, algorithm, len(paths), size)


def _line(name: str, digest: str, algorithm: Algorithm) -> str:
    if "\n" in name:
        raise errors.FileUnreadable(
            f"The name {name!r} has a line break, which a manifest can't hold: rename the file",
            details={"path": name},
        )
    return f"{algorithm.name} ({name}) = {digest}\n"
