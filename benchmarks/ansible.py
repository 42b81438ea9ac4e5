# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What ``ansible.playbook`` costs beyond a bare ``ansible-playbook``.

    python benchmarks/ansible.py [ROUNDS]

Both run the same playbook on localhost, with the same settings. They take turns, so that a busy
machine is busy for both; the overhead is the median of the rounds' differences. The first call of
the action in a process also imports what it needs, so that is measured by itself, in fresh
processes, against a bare interpreter that calls the command. The target is less than 0.5 s.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PLAYS = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [{"debug": {"msg": f"message {number}"}} for number in range(10)]
        + [{"command": "true"}],
    }
]
INVENTORY = {
    "all": {
        "hosts": {
            "localhost": {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
            }
        }
    }
}


def bare(folder: Path) -> None:
    """The command, its output read by a pipe."""
    from mistral_extra.actions.ansible import environment

    command = ["ansible-playbook", "-i", folder / "hosts", folder / "play"]
    settings = environment.minimal() | {"ANSIBLE_PIPELINING": "True"}
    subprocess.run(command, env=settings, check=True, stdout=subprocess.PIPE)


def action(folder: Path) -> None:
    """The action, through the runner as in a workflow."""
    from mistral_lib import actions

    run = "ansible.playbook"
    params = {"playbook": str(folder / "play"), "inventory": str(folder / "hosts")}
    done: dict[str, Any] = actions.run(run, params)
    assert done["stats"]["localhost"]["ok"] == 11


SIDES: dict[str, Callable[[Path], None]] = {"bare": bare, "action": action}


def in_fresh_process(name: str, folder: Path) -> None:
    """Do one of the two in an interpreter that has imported nothing yet."""
    subprocess.run([sys.executable, __file__, name, folder], check=True)


def measure(title: str, rounds: int, call: Callable[[str], None]) -> None:
    """Measure both sides, and print the seconds."""
    took: dict[str, list[float]] = {name: [] for name in SIDES}
    for number in range(rounds):
        for name in SIDES if number % 2 else reversed(SIDES):
            start = time.perf_counter()
            call(name)
            took[name].append(time.perf_counter() - start)
    each = [f"{name} {statistics.median(s):.2f} s (least {min(s):.2f})" for name, s in took.items()]
    overhead = statistics.median(b - a for a, b in zip(*took.values(), strict=True))
    print(f"{title}: {', '.join(each)}, overhead {overhead:.2f} s")


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "play").write_text(json.dumps(PLAYS), encoding="utf-8")
        (folder / "hosts").write_text(json.dumps(INVENTORY), encoding="utf-8")
        action(folder)
        measure("warm", rounds, lambda side: SIDES[side](folder))
        measure("in a fresh process", rounds, lambda side: in_fresh_process(side, folder))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in SIDES:
        SIDES[sys.argv[1]](Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
