# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflows call actions that there are, with parameters that they have."""

from pathlib import Path

import pytest
import yaml
from mistral_lib import actions

WORKFLOWS = sorted((Path(__file__).parents[1] / "workflows").glob("*.yaml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    """One workflow's definition."""
    document = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    assert document.pop("version") == "2.0"
    (name,) = document
    assert name == request.param.stem
    return document[name]


def calls(workflow):
    return [task for task in workflow["tasks"].values() if "action" in task]


def test_each_task_calls_an_installed_action_with_parameters_it_takes(workflow):
    provider = actions.EntryPointActionProvider()
    for task in calls(workflow):
        descriptor = provider.find(task["action"])
        assert descriptor, task["action"]
        parameters = {part.split("=")[0].strip() for part in descriptor.params_spec.split(",")}
        assert set(task["input"]) <= parameters


def test_each_transition_leads_to_a_task(workflow):
    known = {*workflow["tasks"], "fail", "succeed", "pause"}
    for task in workflow["tasks"].values():
        for event in ("on-success", "on-error", "on-complete"):
            following = task.get(event, [])
            names = [following] if isinstance(following, str) else following
            assert {
                name for each in names for name in ([each] if isinstance(each, str) else each)
            } <= known
