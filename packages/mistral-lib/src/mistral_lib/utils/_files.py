# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Files that lie inside an installed package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib

__all__ = ["get_file_list"]


def get_file_list(directory: str, package: str = "mistral") -> list[pathlib.Path]:
    """Return the files, not the folders, of a folder inside a package, sorted by name.

    :param directory: relative to the package's own folder.
    :raises ModuleNotFoundError: there is no such package.
    :raises FileNotFoundError: the package has no such folder.
    """
    import importlib
    import pathlib

    base = pathlib.Path(importlib.import_module(package).__path__[0])
    return sorted(p for p in (base / directory).iterdir() if p.is_file())
