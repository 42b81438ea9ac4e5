# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
from importlib import metadata

import pytest
import yaml

from mistral_extra import workflows

# What users call these workflows with, and which actions the cloud's policy must admit.
INPUTS = {
    "create_instance": ["name", "image", "flavor", "keypair", "network"],
    "delete_instance": ["instance_id"],
}
ACTIONS = {
    "create_instance": {
        "glance.images_list",
        "nova.flavors_find",
        "neutron.list_networks",
        "nova.servers_create",
        "nova.servers_find",
    },
    "delete_instance": {"nova.servers_delete", "nova.servers_find"},
}


@pytest.fixture(params=workflows.get_preinstalled_workflows(), ids=lambda path: path.stem)
def document(request):
    """The name of a shipped workflow and its definition."""
    content = yaml.safe_load(request.param.read_text())
    assert content.pop("version") == "2.0"
    ((name, definition),) = content.items()
    assert name == request.param.stem
    return name, definition


def test_both_workflows_are_found_by_absolute_path():
    paths = workflows.get_preinstalled_workflows()
    assert [path.name for path in paths] == ["create_instance.yaml", "delete_instance.yaml"]
    assert all(path.is_absolute() for path in paths)


def test_entry_point_names_the_function_the_server_calls():
    (entry_point,) = metadata.entry_points(group="mistral.preinstalled_workflows", name="workflows")
    assert entry_point.load() is workflows.get_preinstalled_workflows


def test_workflow_takes_the_promised_inputs(document):
    name, definition = document
    assert definition["input"] == INPUTS[name]


def test_workflow_uses_the_promised_actions(document):
    name, definition = document
    assert {task["action"] for task in definition["tasks"].values()} == ACTIONS[name]


def test_every_step_leads_to_a_task_that_exists(document):
    _, definition = document
    engine_commands = {"fail", "succeed", "pause", "noop"}
    targets = {
        task[clause]
        for task in definition["tasks"].values()
        for clause in ("on-success", "on-error", "on-complete")
        if clause in task
    }
    assert targets <= definition["tasks"].keys() | engine_commands


def test_workflow_and_each_task_say_what_they_do(document):
    _, definition = document
    assert definition["description"]
    assert all(task["description"] for task in definition["tasks"].values())


def test_create_instance_returns_id_name_and_status():
    path = workflows.get_preinstalled_workflows()[0]
    definition = yaml.safe_load(path.read_text())["create_instance"]
    assert definition["output"].keys() == {"id", "name", "status"}
