# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflow on the documentation's page does what the page says."""

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from mistral_lib import actions

PAGE = Path(__file__).parents[5] / "docs" / "howto" / "ansible.rst"
BLOCK = re.compile(r"^\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)", re.MULTILINE)
EXPRESSION = re.compile(r"<% (?:\$|env\(\))\.(\w+) %>")


@pytest.fixture
def blocks():
    """The page's pieces of workflows."""
    return [
        yaml.safe_load(textwrap.dedent(text))
        for text in BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    ]


def filled_in(value, inputs):
    """Return a task's input as the engine would: expressions of these plain forms evaluated."""
    if isinstance(value, dict):
        return {key: filled_in(inner, inputs) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled_in(inner, inputs) for inner in value]
    found = EXPRESSION.fullmatch(value) if isinstance(value, str) else None
    return inputs[found[1]] if found else value


@pytest.mark.slow
def test_the_workflow_runs(blocks, local, tmp_path):
    workflow = blocks[0]["patch_hosts"]
    inputs = {"inventory": local, "release": "2026.2"}
    assert set(workflow["input"]) == set(inputs)
    task, answers = "rehearse", {}
    while task:
        definition = yaml.safe_dump(workflow["tasks"][task])
        # Its file, in a place of this test.
        definition = yaml.safe_load(definition.replace("/tmp/release", str(tmp_path / "release")))
        answers[task] = actions.run(definition["action"], filled_in(definition["input"], inputs))
        assert (tmp_path / "release").exists() is (task != "rehearse")
        task = definition.get("on-success")
    assert list(answers) == list(workflow["tasks"])
    assert (answers["rehearse"]["changed"], answers["patch"]["changed"]) == (True, True)
    assert answers["read_note"]["results"]["localhost"]["stdout"] == "2026.2"


def test_each_task_on_the_page_has_parameters_that_its_action_takes(blocks, local):
    inputs = {"inventory": local, "release": "1", "digest": "d-1", "private_key": "k-1"}
    provider = actions.EntryPointActionProvider()
    tasks = [*blocks[0]["patch_hosts"]["tasks"].values(), blocks[1]["set_password"]]
    for task in tasks:
        provider.find(task["action"]).check_parameters(filled_in(task["input"], inputs))
    assert len(tasks) == 4
