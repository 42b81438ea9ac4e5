# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which collections and roles lie in a folder, and since when: by the note that each has."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mistral_extra.actions.ansible import reading

__all__ = ["Package", "collections", "roles"]


@dataclass(frozen=True, order=True)
class Package:
    """A collection or a role."""

    kind: Literal["collection", "role"]
    name: str
    #: Empty, where a role came without one.
    version: str


def collections(folder: Path) -> Iterator[tuple[Package, int]]:
    """Yield the collections in a folder, and when the system noted each, in nanoseconds."""
    for path in folder.glob("ansible_collections/*/*/MANIFEST.json"):
        try:
            note = reading.regular_file(path.parent, path.name) or b""
            told = json.loads(note)["collection_info"]
            package = Package("collection", f"{told['namespace']}.{told['name']}", told["version"])
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            continue  # damaged: what Ansible makes of it, it says
        yield package, path.stat().st_ctime_ns


def roles(folder: Path) -> Iterator[tuple[Package, int]]:
    """Yield the roles in a folder, likewise."""
    import yaml

    for path in folder.glob("*/meta/.galaxy_install_info"):
        try:
            note = reading.regular_file(path.parent, path.name) or b""
            version = str(yaml.safe_load(note)["version"] or "")
        except (OSError, ValueError, yaml.YAMLError, LookupError, TypeError, RecursionError):
            continue
        yield Package("role", path.parents[1].name, version), path.stat().st_ctime_ns
