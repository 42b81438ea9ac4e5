# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The environments that the server is installed into, one for each pair of libraries.

"ours" has the packages of this tree as wheels, with all clients and the example plug-in;
"upstream" those of the same names that OpenStack releases. Both have the same server, by the same
constraints, and the plug-ins of tests/mistral that proofs are made with.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tools.supervision import folder, launching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["CONSTRAINTS", "ensure", "python_of"]

#: The versions with which all was proved to work.
CONSTRAINTS = Path(__file__).with_name("constraints.txt")

_SERVER = ("mistral", "psycopg2-binary")
#: What comes beside the server, by whose libraries it has: distributions, and folders here.
_LIBRARIES = {
    "ours": ((), ("packages/mistral-lib", "packages/mistral-extra[all]", "examples")),
    "upstream": (("mistral-lib==3.6.0", "mistral-extra==17.0.0"), ()),
}
_PLUG_INS = {
    "ours": ("tests/mistral/plugins/classic", "tests/mistral/plugins/typed"),
    "upstream": ("tests/mistral/plugins/classic",),
}
_STAMP = "mistral-server.json"


def python_of(libraries: str) -> Path:
    """Return the Python of an environment, by whose libraries it has."""
    return folder.HOME / f"mistral-{libraries}" / "bin" / "python"


def ensure(libraries: str, say: Callable[[str], None]) -> Path:
    """Return the environment's Python, after installing what it lacks or what has changed here.

    :param say: told what takes time.
    :raises SupervisionError: when the installation fails.
    """
    python = python_of(libraries)
    place = python.parents[1]
    distributions, own = _LIBRARIES[libraries]
    folders = [launching.ROOT / name.partition("[")[0] for name in own]
    plug_ins = [launching.ROOT / name for name in _PLUG_INS[libraries]]
    with folder.exclusive(place.with_name(f"{place.name}.lock")):
        stamp = _read_stamp(place)
        server = _digest([CONSTRAINTS, *(path / "pyproject.toml" for path in folders)])
        sources = _digest(path for top in (*folders, *plug_ins) for path in _sources_of(top))
        if stamp.get("server") != server:
            say(f"installing Mistral with {libraries} libraries")
            launching.install(
                python, CONSTRAINTS, [*_SERVER, *distributions, *(f"./{name}" for name in own)]
            )
        if stamp != {"server": server, "sources": sources}:
            say(f"installing the packages of this tree beside the server ({libraries})")
            # From one release to the next their version is the same, so reinstalled.
            trees = [str(path) for path in (*folders, *plug_ins)]
            launching.install(python, CONSTRAINTS, trees, "--reinstall", "--no-deps")
            (place / _STAMP).write_text(json.dumps({"server": server, "sources": sources}) + "\n")
    return python


def _read_stamp(place: Path) -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads((place / _STAMP).read_text())
    except FileNotFoundError:
        return {}
    return stamp


def _sources_of(top: Path) -> list[Path]:
    """Return the files that a wheel is made of."""
    source = [path for path in (top / "src").rglob("*") if path.is_file()]
    return [top / "pyproject.toml", *(path for path in source if path.suffix != ".pyc")]


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
