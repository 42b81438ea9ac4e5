# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``files.count_lines``: an ``async def`` action, here to read several files at once."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from mistral_lib import actions

from file_actions import contents

__all__ = ["LineCount", "count_lines"]


@dataclass
class LineCount:
    """How many lines the text files of a folder have."""

    folder: str
    #: Sum of all suffixes.
    lines: int
    #: Lines by suffix.
    suffixes: dict[str, int]


@actions.action(
    name="files.count_lines", timeout=timedelta(minutes=10), idempotent=True, tags=["files"]
)
async def count_lines(
    folder: str,
    pattern: str = "*",
    at_once: Annotated[int, actions.Param(ge=1, le=64)] = 8,
    *,
    context: actions.ActionContext,
) -> LineCount:
    """Count the lines of the text files in a folder, by suffix.

    A file with a zero byte in it is no text and is left out.

    :param folder: the folder, on the machine that runs the action.
    :param pattern: glob pattern of the names of the files to read.
    :param at_once: how many files to read at the same time.
    :returns: the lines by suffix, and their sum.
    :raises FileMissing: there is no such folder.
    """
    gate = asyncio.Semaphore(at_once)

    async def count(path: Path) -> tuple[str, int | None]:
        async with gate:
            return path.suffix, await asyncio.to_thread(_lines, path, context)

    counted = await asyncio.gather(*map(count, contents.find(folder, pattern)))
    suffixes: Counter[str] = Counter()
    for suffix, lines in counted:
        if lines is not None:
            suffixes[suffix] += lines
    return LineCount(folder, suffixes.total(), dict(sorted(suffixes.items())))


def _lines(path: Path, context: actions.ActionContext) -> int | None:
    """Return the number of lines, None for a file that is no text."""
    lines, last = 0, b"\n"
    for chunk in contents.chunks(path, context):
        if b"\0" in chunk:
            return None
        lines += chunk.count(b"\n")
        last = chunk[-1:]
    # A last line without an end is one all the same.
    return lines + (last != b"\n")
