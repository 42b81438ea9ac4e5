# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What ``ansible.playbook`` costs beyond a bare ``ansible-playbook``.

    python benchmarks/ansible.py [ROUNDS]

Both run the same playbook on localhost, with the same settings. They take turns, so that a busy
machine is busy for both. The first call of the action in a process also imports what it needs, so
that is measured by itself, in fresh processes, against a bare interpreter that calls the command.
The target is an overhead of less than 0.5 s, compared by the medians.
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
PREPARE = "import sys; sys.path.insert(0, sys.argv[1]); import ansible as bench; "


def bare(folder: Path) -> None:
    """The command, its output read by a pipe."""
    from mistral_extra.actions.ansible import environment

    command = [environment.executable("ansible-playbook"), "-i", folder / "hosts", folder / "play"]
    settings = environment.minimal() | {"ANSIBLE_PIPELINING": "True"}
    subprocess.run(command, env=settings, check=True, stdout=subprocess.PIPE)


def action(folder: Path) -> None:
    """The action, through the runner as in a workflow."""
    from mistral_lib import actions

    run = "ansible.playbook"
    params = {"playbook": str(folder / "play"), "inventory": str(folder / "hosts")}
    done: dict[str, Any] = actions.run(run, params)
    assert done["stats"]["localhost"]["ok"] == 11


def in_fresh_process(name: str, folder: Path) -> None:
    """Do one of the two in an interpreter that has imported nothing yet."""
    here = Path(__file__).parent
    code = f"{PREPARE}bench.{name}(bench.Path(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", code, here, folder], check=True)


def measure(sides: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each call."""
    measured: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, call in sides.items() if number % 2 else reversed(sides.items()):
            start = time.perf_counter()
            call()
            measured[name].append(time.perf_counter() - start)
    return measured


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "play").write_text(json.dumps(PLAYS), encoding="utf-8")
        (folder / "hosts").write_text(json.dumps(INVENTORY), encoding="utf-8")
        warm = {"bare": lambda: bare(folder), "action": lambda: action(folder)}
        cold = {
            "bare": lambda: in_fresh_process("bare", folder),
            "action": lambda: in_fresh_process("action", folder),
        }
        action(folder)
        for title, sides in (("warm", warm), ("in a fresh process", cold)):
            found = measure(sides, rounds)
            middle = {side: statistics.median(seconds) for side, seconds in found.items()}
            print(f"{title}: ", end="")
            for side, seconds in found.items():
                print(f"{side} {middle[side]:.2f} s (least {min(seconds):.2f}), ", end="")
            print(f"overhead {middle['action'] - middle['bare']:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
