# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A real Mistral for the tests of this folder: see docs/howto/run-on-mistral.rst."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

# The tools aren't installed anywhere.
sys.path.append(str(Path(__file__).parents[2]))

from tools.mistral import environment, starting
from tools.mistral.deployment import Plan
from tools.mistral.fixtures import cluster, one_process
from tools.supervision import folder

__all__ = ["cluster", "one_process"]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


#: Lines of what was measured, for the end of the session.
FIGURES = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[FIGURES]:
        terminalreporter.section("figures")
        for line in config.stash[FIGURES]:
            terminalreporter.line(line)


@pytest.fixture
def measured(request):
    """A function: a line with a figure, shown when the session ends."""
    return request.config.stash[FIGURES].append


@dataclass
class Run:
    """A workflow execution that has ended."""

    state: str
    #: Why it is in that state.
    info: str | None
    output: Any
    #: By name, each with ``state`` and ``result``.
    tasks: dict[str, Any]


class Workflows:
    """Runs workflows on one server."""

    def __init__(self, server):
        self.server = server
        self.api = server.api()

    def start(self, text, given=None, **details):
        """Upload a workflow and start it; return the id of its execution."""
        (name,) = yaml.safe_load(text).keys() - {"version"}
        self.api.add_workflows(text, details.get("workflow_namespace", ""))
        return self.api.execute(name, given, **details)

    def end(self, execution, seconds=60):
        """Wait for its end and return all that came of it."""
        ended = self.api.wait(execution, seconds)
        tasks = self.api.tasks(execution)
        return Run(ended["state"], ended["state_info"], ended["output"], tasks)

    def run(self, text, given=None, seconds=60, **details):
        """Upload a workflow, run it and return all that came of it."""
        return self.end(self.start(text, given, **details), seconds)

    def action_executions(self, task):
        """Return the executions of a task's actions, each with ``input`` and ``output`` read."""
        listed = self.api.get(f"tasks/{task['id']}/action_executions")["action_executions"]
        whole = [self.api.get(f"action_executions/{one['id']}") for one in listed]
        fields = ("input", "output")
        return [one | {name: json.loads(one[name]) for name in fields} for one in whole]


@pytest.fixture(scope="session")
def workflows_on():
    """A function that gives the workflows of a server."""
    return Workflows


@pytest.fixture
def workflows(one_process):
    """Workflows on the server in one process."""
    return Workflows(one_process)


@pytest.fixture
def shared_workflows(cluster):
    """Workflows on the cluster."""
    return Workflows(cluster)


@pytest.fixture
def journal(tmp_path):
    """A folder that gets a file for each run of an action that writes one."""
    place = tmp_path / "journal"
    place.mkdir()
    return place


@pytest.fixture(scope="session")
def python_of():
    """A function: "ours" or "upstream" to the Python of the server that has those libraries."""
    return environment.python_of


@pytest.fixture(scope="module")
def serve():
    """A function that brings up a server of its own, which ends with the module."""
    running = []

    def bring_up(name, **plan):
        running.append(starting.bring_up(Plan(**plan), folder.HOME / f"test-{name}"))
        return running[-1]

    yield bring_up
    for server in running:
        server.take_down()


@pytest.fixture(scope="session")
def outside():
    """The environment of a process that is no part of the server."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8"}
