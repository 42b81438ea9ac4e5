# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflow of the page on Ansible, as the server takes it: real playbooks on this machine."""

import re
import sys
import textwrap
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "ansible.rst"
BLOCK = re.compile(r"^\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)", re.MULTILINE)
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
INPUT = {"inventory": {"all": {"hosts": {"localhost": LOCAL}}}, "release": "2026.2"}


@pytest.fixture
def workflow():
    """A function that returns the page's workflow, with a place of this test for its file."""

    def text(place):
        first = BLOCK.search(PAGE.read_text(encoding="utf-8"))[1]
        return textwrap.dedent(first).replace("/tmp/release", str(place))

    return text


def test_the_workflow_of_the_page_runs(workflows, workflow, tmp_path):
    run = workflows.run(workflow(tmp_path / "release"), INPUT)
    assert run.state == "SUCCESS"
    assert run.output["changed"] is True
    assert run.output["found"]["localhost"]["stdout"] == "2026.2"


def test_a_failure_comes_to_the_workflow_with_host_and_task(workflows, workflow, tmp_path):
    run = workflows.run(workflow(tmp_path / "gone" / "release"), INPUT)
    assert run.state == "ERROR"
    assert "host 'localhost', task 'Write the note'" in run.output["problem"]
