# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``files.report``: an action made of other actions."""

from dataclasses import dataclass

from mistral_lib import actions

__all__ = ["Kind", "Report", "report"]


@dataclass
class Kind:
    """All files of one suffix."""

    suffix: str
    files: int
    bytes: int
    #: Of the text files among them.
    lines: int


@dataclass
class Report:
    """What is in a folder."""

    folder: str
    #: Those with the most bytes come first.
    kinds: list[Kind]
    total: Kind


@actions.action(name="files.report", timeout=600, idempotent=True, tags=["files"])
def report(folder: str, pattern: str = "*", *, context: actions.ActionContext) -> Report:
    """Report what is in a folder: how many files, bytes and lines of each suffix.

    :param folder: the folder, on the machine that runs the action.
    :param pattern: glob pattern of the names of the files to look at.
    :returns: one entry a suffix, and their sum.
    :raises FileMissing: there is no such folder.
    """
    # By name, it makes no difference that one is a class and the other a coroutine, nor whose
    # package they come from. Deadline and cancellation are handed on.
    context.progress(f"Adding up sizes in {folder}")
    sizes = context.run("files.sizes", folder=folder, pattern=pattern)
    context.check_cancelled()
    context.progress(f"Counting lines in {folder}")
    lines = context.run("files.count_lines", folder=folder, pattern=pattern)
    kinds = [
        Kind(suffix, lines=lines["suffixes"].get(suffix, 0), **size)
        for suffix, size in sizes["suffixes"].items()
    ]
    kinds.sort(key=lambda kind: -kind.bytes)
    return Report(folder, kinds, _total(kinds))


def _total(kinds: list[Kind]) -> Kind:
    return Kind(
        suffix="*",
        files=sum(kind.files for kind in kinds),
        bytes=sum(kind.bytes for kind in kinds),
        lines=sum(kind.lines for kind in kinds),
    )
