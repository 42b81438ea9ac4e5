# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Measure what it costs to know all OpenStack actions, beside upstream's mistral-extra, in one run.

    python benchmarks/catalogue.py [--rounds N]

Both sides have an environment of their own, with the same clients. Each figure is CPU time, or
growth of resident memory, in a fresh process that has imported ``mistral_lib.actions``; the least
of all rounds counts. The table goes to standard output.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import environments

if TYPE_CHECKING:
    from pathlib import Path

#: Run in the measured process, before and after the code of a case.
_HEAD = """
import json, logging, sys, time, warnings
logging.disable(logging.CRITICAL); warnings.simplefilter("ignore")
import mistral_lib.actions

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * __import__("resource").getpagesize()

memory, modules, start = resident(), len(sys.modules), time.process_time()
"""
_TAIL = """
print(json.dumps({"cpu": time.process_time() - start, "memory": resident() - memory,
                  "modules": len(sys.modules) - modules, "actions": actions}))
"""

#: Upstream knows its actions by making all of them; finding one is looking among them.
_UPSTREAM_ALL = """
from mistral_extra.actions import generator_factory
found = {a["name"]: a for g in generator_factory.all_generators() for a in g.create_actions()}
actions = len(found)
"""
_OURS_ALL = """
from mistral_extra.actions.openstack.provider import OpenStackActionProvider
found = OpenStackActionProvider().find_all()
"""
_DESCRIBE = """
for d in found:
    d.name, d.description, d.params_spec, d.namespace, d.action_class_name
actions = len(found)
"""
_FIND = """
from mistral_extra.actions.openstack.provider import OpenStackActionProvider
provider = OpenStackActionProvider()
start = time.process_time()
provider.find("nova.servers_list").params_spec
actions = 1
"""
_FIND_AGAIN = """
from mistral_extra.actions.openstack.provider import OpenStackActionProvider
provider = OpenStackActionProvider()
provider.find("nova.servers_list").params_spec
start = time.process_time()
provider.find("nova.servers_list").params_spec
actions = 1
"""

#: Text of the row -> the code of either side.
_CASES: dict[str, dict[str, str]] = {
    "list all actions": {"ours": _OURS_ALL + "actions = len(found)\n", "upstream": _UPSTREAM_ALL},
    "list and describe all": {"ours": _OURS_ALL + _DESCRIBE, "upstream": _UPSTREAM_ALL},
    "find one, the first": {"ours": _FIND, "upstream": _UPSTREAM_ALL},
    "find one again": {"ours": _FIND_AGAIN},
}


def main(arguments: list[str]) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure knowing all OpenStack actions.")
    parser.add_argument("--rounds", type=int, default=5, help="processes of each side and case")
    rounds = parser.parse_args(arguments).rounds
    pythons = {side: environments.with_clients(side) for side in ("ours", "upstream")}
    print(f"{'':24}{'side':10}{'CPU':>12}{'memory':>12}{'modules':>9}{'actions':>9}")
    for text, codes in _CASES.items():
        for side, code in codes.items():
            # One more, first: it compiles what is measured then.
            measured = [_run(pythons[side], code) for _ in range(rounds + 1)][1:]
            print(f"{text:24}{side:10}{_row(measured)}")
    return 0


def _run(python: Path, code: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-c", _HEAD + code + _TAIL],
        env=environments.clean_environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _row(measured: list[dict[str, Any]]) -> str:
    least = {name: min(one[name] for one in measured) for name in measured[0]}
    return (
        f"{least['cpu'] * 1e3:>9.2f} ms{least['memory'] / 1e6:>9.1f} MB"
        f"{least['modules']:>9}{least['actions']:>9}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
