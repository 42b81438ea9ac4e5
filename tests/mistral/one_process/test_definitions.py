# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What people define on the server itself: ad-hoc actions, dynamic actions, namespaces."""

import uuid

import pytest

ADHOC = """
version: '2.0'
{name}:
  description: Where the double of an item is.
  base: typed.where
  base-input:
    item: <% $.item * 2 %>
  input:
    - item
  output: <% $.item %>
"""

CALLS = """
version: '2.0'
calls:
  input: [action, params]
  output:
    result: <% task(calls).result %>
  tasks:
    calls:
      action: <% $.action %>
      input: <% $.params %>
"""

CLASS = """
from mistral_lib import actions

class Greet(actions.Action):
    def __init__(self, name):
        super().__init__()
        self.name = name

    def run(self, context):
        return f"Hello {self.name}"
"""

FUNCTION = """
from mistral_lib import actions

@actions.action
def greet(name: str, times: int = 1) -> str:
    '''Greet somebody.'''
    return " ".join([f"Hello {name}"] * times)

greet = greet.action_class
"""


def new_name(prefix):
    return f"{prefix}_{uuid.uuid4().hex[:8]}"


def add_adhoc(api, name, namespace=""):
    text = ADHOC.format(name=name)
    api.request("POST", "actions", text, kind="text/plain", namespace=namespace)


def add_dynamic(api, name, code, cls, namespace=""):
    source = new_name("source")
    place = {"name": source, "namespace": namespace}
    api.request("POST", "code_sources", code, kind="text/plain", **place)
    body = {"name": name, "class_name": cls, "code_source_name": source, "namespace": namespace}
    api.request("POST", "dynamic_actions", body)


def test_an_adhoc_action_runs_over_a_function_action(workflows):
    name = new_name("double")
    add_adhoc(workflows.api, name)
    run = workflows.run(CALLS, {"action": name, "params": {"item": 4}})
    assert (run.state, run.output["result"]) == ("SUCCESS", 8), run.info


def test_bad_input_through_an_adhoc_action_is_named(workflows):
    name = new_name("double")
    add_adhoc(workflows.api, name)
    run = workflows.run(CALLS, {"action": name, "params": {"item": 1.25}}, seconds=30)
    assert run.state == "ERROR"
    result = run.tasks["calls"]["result"]
    assert result["code"] == "INVALID_INPUT"
    assert "'item'" in result["message"]


@pytest.mark.parametrize(
    ("code", "cls"), [(CLASS, "Greet"), (FUNCTION, "greet")], ids=["class", "function"]
)
def test_an_uploaded_action_runs(workflows, code, cls):
    name = new_name("greet")
    add_dynamic(workflows.api, name, code, cls)
    run = workflows.run(CALLS, {"action": name, "params": {"name": "Ada"}})
    assert (run.state, run.output["result"]) == ("SUCCESS", "Hello Ada"), run.info


def test_an_uploaded_function_refuses_bad_input_before_it_runs(workflows):
    name = new_name("greet")
    add_dynamic(workflows.api, name, FUNCTION, "greet")
    run = workflows.run(CALLS, {"action": name, "params": {"name": "Ada", "times": "twice"}})
    assert run.state == "ERROR"
    assert "'times'" in run.tasks["calls"]["state_info"]


def test_installed_actions_are_found_from_a_namespace_and_adhoc_ones_in_theirs(workflows):
    name, namespace = new_name("double"), new_name("space")
    add_adhoc(workflows.api, name, namespace)
    given = {"action": name, "params": {"item": 3}}
    run = workflows.run(CALLS, given, workflow_namespace=namespace)
    assert (run.state, run.output["result"]) == ("SUCCESS", 6), run.info
    assert name in {action["name"] for action in workflows.api.all_actions(namespace=namespace)}
    assert name not in {action["name"] for action in workflows.api.all_actions()}


@pytest.mark.parametrize("page", [97, 1000])
def test_paging_by_marker_reaches_every_action_once(workflows, page):
    everything = [action["name"] for action in workflows.api.get("actions")["actions"]]
    assert len(set(everything)) == len(everything) > page
    assert [action["name"] for action in workflows.api.all_actions(page)] == everything
