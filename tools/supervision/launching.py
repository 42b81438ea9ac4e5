# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Start a supervisor, and what is to be installed before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from tools.supervision import folder
from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ROOT", "install", "launch"]

#: The root of this tree, which is on the path of whatever is launched.
ROOT = Path(__file__).parents[2]


def launch(command: Sequence[str], place: Path, variables: Mapping[str, str]) -> None:
    """Return when the supervisor can be asked things; it is no child of this process.

    :param command: a module that calls :func:`tools.supervision.supervisor.serve`.
    :param variables: its whole environment: nothing of the caller's, whose proxies, say, would get
        what is sent to loopback.
    """
    log = folder.log_of(place, "supervisor")
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=place,
            env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **variables},
            # A Ctrl-C of the terminal isn't meant for it.
            start_new_session=True,
        )
    if done.returncode:
        raise SupervisionError(f"the supervisor ended with {done.returncode}; {folder.tail(log)}")


def install(python: Path, constraints: Path, packages: Sequence[str], *options: str) -> None:
    """Install packages beside a Python, whose environment is made where there is none.

    :param options: of ``uv pip install``: ``--reinstall``, ``--no-deps``.
    :raises SupervisionError: when that fails, with the end of what was said.
    """
    uv = _find_uv()
    if not python.exists():
        venv.create(python.parents[1], with_pip=uv is None, symlinks=True)
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(python)]
    else:
        command = [str(python), "-m", "pip", "install", "--quiet"]
        options = tuple("--force-reinstall" if o == "--reinstall" else o for o in options)
    command += [*options, "--constraint", str(constraints), *packages]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        raise SupervisionError(f"{packages[0]} and others could not be installed:\n{end}")


def _find_uv() -> str | None:
    """Return uv, ten times as quick as pip: this project's, or what the machine has."""
    own = ROOT / ".venv" / "bin"
    path = os.pathsep.join([str(Path(sys.executable).parent), str(own), os.environ["PATH"]])
    return shutil.which("uv", path=path)
