# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``mistral-action list`` in a process of its own, with many actions installed."""

from __future__ import annotations

import resource
import subprocess
import time
from typing import TYPE_CHECKING

import environments

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["announce_actions", "measure"]

PACKAGES = 10
ACTIONS_OF_EACH = 100


def announce_actions() -> Path:
    """Return a folder that, when on Python's path, announces 1,000 actions of ten packages."""
    folder = environments.WORK / "announced"
    for number in range(PACKAGES):
        package = f"bench_actions_{number}"
        info = folder / f"{package}-1.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        metadata = f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: 1.0\n"
        _write(info / "METADATA", metadata)
        names = (f"bench{number}.step_{i:02d}" for i in range(ACTIONS_OF_EACH))
        lines = (f"{n} = {package}.steps:{n.partition('.')[2]}" for n in names)
        _write(info / "entry_points.txt", "\n".join(["[mistral.actions]", *lines, ""]))
    return folder


def _write(path: Path, text: str) -> None:
    # Left alone where it says so already: what Python and stevedore remember of it stays true.
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def measure(python: Path) -> dict[str, float]:
    """Return the seconds that the command takes, and the CPU seconds."""
    command = [python.with_name("mistral-action"), "list"]
    environment = environments.clean_environment(PYTHONPATH=str(announce_actions()))
    cpu, start = _cpu_of_children(), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    elapsed, cpu = time.perf_counter() - start, _cpu_of_children() - cpu
    listed = sum("bench" in line for line in done.stdout.splitlines())
    if listed != PACKAGES * ACTIONS_OF_EACH:
        raise RuntimeError(f"'mistral-action list' showed {listed} actions: {done.stderr}")
    return {"elapsed": elapsed, "cpu": cpu}


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
