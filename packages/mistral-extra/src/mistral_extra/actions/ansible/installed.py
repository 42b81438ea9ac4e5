# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which collections and roles lie in a folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Package", "collections", "roles"]


@dataclass(frozen=True, order=True)
class Package:
    """A collection or a role."""

    kind: Literal["collection", "role"]
    name: str
    version: str


def collections(folder: Path) -> Iterator[Package]:
    """Yield the collections in a folder, by the manifest that each release carries."""
    for path in folder.glob("ansible_collections/*/*/MANIFEST.json"):
        told = json.loads(path.read_bytes())["collection_info"]
        yield Package("collection", f"{told['namespace']}.{told['name']}", told["version"])


def roles(folder: Path) -> Iterator[Package]:
    """Yield the roles in a folder, by the note that is left with each when it is installed."""
    import yaml

    for path in folder.glob("*/meta/.galaxy_install_info"):
        told = yaml.safe_load(path.read_bytes())
        yield Package("role", path.parents[1].name, str(told["version"]))
