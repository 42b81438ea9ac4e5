# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``files.verify``: an action whose failure a workflow acts upon."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mistral_lib import actions

from file_actions import contents, errors
from file_actions.checksums import Algorithm, checksum

__all__ = ["Verified", "verify"]

_LINE = re.compile(r"(\w+) \((.+)\) = ([0-9a-f]+)")


@dataclass
class Verified:
    """Files that are what the manifest says."""

    manifest: str
    files: int


@actions.action(name="files.verify", timeout=3600, idempotent=True, tags=["files"])
def verify(manifest: str, folder: str, *, context: actions.ActionContext) -> Verified:
    """Check that the files of a folder are what its manifest says.

    Files that came since are no difference.

    :param manifest: the file that ``files.manifest`` wrote.
    :param folder: the folder, on the machine that runs the action.
    :returns: how many files were checked.
    :raises FilesDiffer: some changed or are gone; ``details`` lists them.
    :raises FileMissing: there is no such manifest.
    :raises FileUnreadable: it is no manifest.
    """
    changed, missing, files = [], [], 0
    for algorithm, name, digest in _entries(manifest):
        files += 1
        try:
            found = checksum(str(Path(folder, name)), algorithm, context=context)
        except errors.FileMissing:
            missing.append(name)
        else:
            if found.digest != digest:
                changed.append(name)
    if changed or missing:
        raise errors.FilesDiffer(
            f"{len(changed)} of {files} files changed and {len(missing)} are missing in {folder}",
            details={"changed": changed, "missing": missing},
        )
    return Verified(manifest, files)


def _entries(manifest: str) -> Iterator[tuple[Algorithm, str, str]]:
    with contents.reading(manifest):
        text = Path(manifest).read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        match = _LINE.fullmatch(line)
        if match is None or match[1] not in Algorithm.__members__:
            raise errors.FileUnreadable(
                f"{manifest} is no manifest, see line {number}: write one by 'files.manifest'",
                details={"path": manifest},
            )
        yield Algorithm[match[1]], match[2], match[3]
