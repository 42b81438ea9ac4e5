# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The environment that the services are installed into: made when it isn't there, and added to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tools.sandbox.services import SERVICES
from tools.supervision import folder, launching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["CONSTRAINTS", "DEFAULT", "ensure", "packages_of"]

#: The versions with which all was proved to work.
CONSTRAINTS = Path(__file__).with_name("constraints.txt")
DEFAULT = folder.HOME / "venv"

#: For people: the ``openstack`` command. Too much to wait for where Keystone alone is wanted.
_CLIENT = "python-openstackclient"
_STAMP = "sandbox.json"


def packages_of(services: Iterable[str]) -> list[str]:
    """Return what the services take."""
    names = set(services)
    packages = {package for name in names for package in SERVICES[name].packages}
    if names != {"keystone"}:
        packages.add(_CLIENT)
    return sorted(packages)


def ensure(services: Iterable[str], say: Callable[[str], None], place: Path = DEFAULT) -> Path:
    """Return the environment's Python; install first what the services need and it hasn't.

    :param say: told what takes time.
    :raises SupervisionError: when the installation fails.
    """
    wanted = packages_of(services)
    python = place / "bin" / "python"
    with folder.exclusive(place.with_name(f"{place.name}.lock")):
        constraints = hashlib.sha256(CONSTRAINTS.read_bytes()).hexdigest()
        stamp = _read_stamp(place)
        installed = stamp.get(constraints, [])
        missing = [package for package in wanted if package not in installed]
        if missing:
            say(f"installing {', '.join(missing)}")
            launching.install(python, CONSTRAINTS, missing)
            now = {constraints: sorted({*installed, *missing})}
            (place / _STAMP).write_text(json.dumps(now, indent=2) + "\n")
    return python


def _read_stamp(place: Path) -> dict[str, list[str]]:
    """Return what is installed, by the constraints that it was installed with."""
    try:
        stamp: dict[str, list[str]] = json.loads((place / _STAMP).read_text())
    except FileNotFoundError:
        return {}
    return stamp
