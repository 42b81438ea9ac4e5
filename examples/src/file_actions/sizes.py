# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``files.sizes``: a class action in the classic form, with a dry run."""

from collections import Counter
from typing import Any

from mistral_lib import actions

from file_actions import contents

__all__ = ["Sizes"]


class Sizes(actions.Action):
    """Add up the sizes of the files in a folder, by suffix.

    :param folder: the folder, on the machine that runs the action.
    :param pattern: glob pattern of the names of the files to look at.
    """

    def __init__(self, folder: str, pattern: str = "*") -> None:
        super().__init__()
        # The attributes travel to the machine that runs the action: JSON-ready values only.
        self.folder = folder
        self.pattern = pattern

    def run(self, context: actions.ActionContext) -> dict[str, Any]:
        """Return for each suffix the number of files and of bytes."""
        files: Counter[str] = Counter()
        sizes: Counter[str] = Counter()
        for path in contents.find(self.folder, self.pattern):
            context.check_cancelled()
            sizes[path.suffix] += contents.size(path)
            files[path.suffix] += 1
        return {
            "folder": self.folder,
            "suffixes": {s: {"files": files[s], "bytes": sizes[s]} for s in sorted(files)},
        }

    def test(self, context: actions.ActionContext) -> dict[str, Any]:
        """Return the form of an answer, without looking at the folder."""
        return {"folder": self.folder, "suffixes": {}}
