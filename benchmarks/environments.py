# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The two interpreters that are compared: one has upstream's library, one has ours.

Each environment holds the library and what it depends on, nothing else, so that neither pays for
the neighbours of the other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["ROOT", "UPSTREAM", "WORK", "clean_environment", "ours", "upstream", "with_clients"]

ROOT = Path(__file__).parents[1]
#: Everything the benchmark makes.
WORK = ROOT / "build" / "bench"
#: The release that ours is measured against.
UPSTREAM = "mistral-lib==3.6.0"
UPSTREAM_EXTRA = "mistral-extra==17.0.0"


def upstream() -> Path:
    """Return the interpreter that has upstream's library, made when it isn't there."""
    python = _environment("upstream")
    if not _has_upstream(python):
        _install(python, UPSTREAM)
    return python


def ours() -> Path:
    """Return the interpreter that has ours, built from the sources as they are now."""
    python = _environment("ours")
    _install(python, "--force-reinstall", "--no-deps", str(ROOT / "packages" / "mistral-lib"))
    _install(python, str(ROOT / "packages" / "mistral-lib"))
    return python


def with_clients(side: str) -> Path:
    """Return an interpreter that has mistral-extra and the OpenStack clients.

    :param side: ``upstream`` or ``ours``.
    """
    python = _environment(f"clients-{side}")
    clients = ("-r", str(ROOT / "tools" / "catalogue" / "requirements.txt"))
    if side == "ours":
        packages = [str(ROOT / "packages" / name) for name in ("mistral-lib", "mistral-extra")]
        _install(python, "--force-reinstall", "--no-deps", *packages)
        _install(python, *packages, *clients)
    else:
        _install(python, UPSTREAM, UPSTREAM_EXTRA, *clients)
    return python


def clean_environment(**more: str) -> dict[str, str]:
    """Return environment variables in which nothing of the caller's slows Python or helps it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # stevedore remembers entry points there.
    return {**kept, "XDG_CACHE_HOME": str(WORK / "cache"), **more}


def _environment(name: str) -> Path:
    folder = WORK / name
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=_uv() is None, symlinks=True)
    return python


def _has_upstream(python: Path) -> bool:
    name, _, wanted = UPSTREAM.partition("==")
    code = f"from importlib.metadata import version; assert version({name!r}) == {wanted!r}"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def _install(python: Path, *what: str) -> None:
    uv = _uv()
    if uv is None:
        command = [str(python), "-m", "pip", "install", "-qq", *what]
    else:
        command = [str(uv), "pip", "install", "--quiet", "--python", str(python), *what]
    subprocess.run(command, check=True, cwd=ROOT)


def _uv() -> Path | None:
    """Return uv, where the environment this runs in has it: it is quicker than pip."""
    found = Path(sys.executable).with_name("uv")
    return found if found.exists() else None
