# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action that returns at once, and completes by the callback from another process."""

import subprocess
import time

import pytest

LATER = """
version: '2.0'
later:
  input: [orders]
  output:
    outcome: <% task(later).result %>
  output-on-error:
    outcome: <% task(later).result %>
  tasks:
    later:
      action: typed.later orders=<% $.orders %>
"""

DELIVER = """
import sys
from pathlib import Path
from mistral_lib.actions import completion

handle = completion.CompletionHandle.from_json(Path(sys.argv[1]).read_text())
{delivery}
"""

BROKEN = {
    "type": "ActionException",
    "message": "the build broke",
    "code": None,
    "retryable": False,
    "retry_after": None,
    "details": None,
}


def start(workflows, orders):
    """Start the workflow and return its execution when the action has left its handle."""
    execution = workflows.start(LATER, {"orders": str(orders)})
    end = time.monotonic() + 30
    while not orders.exists():
        assert time.monotonic() < end, "the action did not leave its handle"
        time.sleep(0.05)
    return execution


def deliver(python, orders, variables, delivery):
    command = [python, "-c", DELIVER.format(delivery=delivery), orders]
    subprocess.run(command, env=variables, check=True, timeout=60)


@pytest.mark.parametrize(
    ("delivery", "state", "outcome"),
    [
        ("completion.succeed(handle, {'url': 'x'})", "SUCCESS", {"url": "x"}),
        ("completion.succeed(handle, [1, 2])", "SUCCESS", {"result": [1, 2]}),
        ("completion.fail(handle, 'the build broke')", "ERROR", BROKEN),
    ],
    ids=["an object", "a list", "an error"],
)
def test_another_process_delivers(
    workflows, python_of, outside, tmp_path, delivery, state, outcome
):
    orders = tmp_path / "orders"
    execution = start(workflows, orders)
    assert workflows.api.get(f"executions/{execution}")["state"] == "RUNNING"
    deliver(python_of("ours"), orders, outside, delivery)
    run = workflows.end(execution)
    assert run.state == state
    assert run.output["outcome"] == outcome


def test_cancelling_cancels_the_workflow(workflows, python_of, outside, tmp_path):
    orders = tmp_path / "orders"
    execution = start(workflows, orders)
    deliver(python_of("ours"), orders, outside, "completion.cancel(handle)")
    assert workflows.end(execution).state == "CANCELLED"
