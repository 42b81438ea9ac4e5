# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflow on the documentation's page does what the page says."""

import re
import textwrap
from pathlib import Path

import jinja2
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


def filled_in(value, known):
    """Return a value as the engine would: expressions of these plain forms evaluated, once."""
    if isinstance(value, dict):
        return {key: filled_in(inner, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled_in(inner, known) for inner in value]
    if not isinstance(value, str):
        return value
    whole = EXPRESSION.fullmatch(value)
    if whole:
        return known[whole[1]]
    if "{%" in value:
        return jinja2.Template(value, undefined=jinja2.StrictUndefined).render()
    return EXPRESSION.sub(lambda found: known[found[1]], value)


@pytest.mark.slow
def test_the_workflow_runs(blocks, local, tmp_path):
    workflow = blocks[0]["patch_hosts"]
    known = {"inventory": local, "release": "2026.2"}
    assert set(workflow["input"]) == set(known)
    # Its file, in a place of this test.
    known |= {**filled_in(workflow["vars"], known), "note": str(tmp_path / "release")}
    task, answers = "rehearse", {}
    while task:
        definition = workflow["tasks"][task]
        answers[task] = actions.run(definition["action"], filled_in(definition["input"], known))
        assert (tmp_path / "release").exists() is (task != "rehearse")
        task = definition.get("on-success")
    assert list(answers) == list(workflow["tasks"])
    assert (answers["rehearse"]["changed"], answers["patch"]["changed"]) == (True, True)
    assert answers["read_note"]["results"]["localhost"]["stdout"] == "2026.2"


def test_each_task_on_the_page_has_parameters_that_its_action_takes(blocks, local):
    known = {"inventory": local, "release": "1", "note": "n", "plays": [], "digest": "d-1"}
    known["private_key"] = "k-1"
    provider = actions.EntryPointActionProvider()
    tasks = [*blocks[0]["patch_hosts"]["tasks"].values(), blocks[1]["set_password"]]
    for task in tasks:
        provider.find(task["action"]).check_parameters(filled_in(task["input"], known))
    assert len(tasks) == 4
