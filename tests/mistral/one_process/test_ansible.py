# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflow of the page on Ansible, as the server takes it: real playbooks on this machine."""

import re
import shutil
import sys
import textwrap
from pathlib import Path

import pytest

from tools.mistral import environment
from tools.supervision import folder

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


SEARCH = """
version: "2.0"
search:
  input: [inventory, script]
  output:
    found: <% task(look).result.results.localhost.stdout %>
  output-on-error:
    code: <% task(look).result.code %>
  tasks:
    look:
      action: ansible.module
      input:
        module: shell
        args: <% $.script %>
        inventory: <% $.inventory %>
"""


def search(workflows):
    """Look for the server's configuration, and for the run itself, from a workflow."""
    config = workflows.server.deployment.config
    search = f"cat {config} /proc/[0-9]*/environ 2>/dev/null | grep -a -o -e '^.database.' -e AWX_"
    script = f"{search}; true"
    # The server's own: inside, no other environment is there.
    local = LOCAL | {"ansible_python_interpreter": str(environment.python_of("ours"))}
    inventory = {"all": {"hosts": {"localhost": local}}}
    return workflows.run(SEARCH, {"inventory": inventory, "script": script}).output


def test_as_it_comes_a_server_runs_no_ansible(serve, workflows_on):
    server = serve("as-it-comes")
    assert search(workflows_on(server))["code"] == "ANSIBLE_NOT_ALLOWED"
    log = folder.log_of(server.folder, "server").read_text()
    assert log.count("Ansible actions are refused") == 1
    server.take_down()


def test_isolated_it_sees_nothing_of_the_server(serve, workflows_on, workflows):
    # Without, it does: the search can find what it looks for.
    found = search(workflows)
    assert "[database]" in found["found"], found
    if shutil.which("bwrap") is None:
        pytest.skip("the program bwrap, of the package bubblewrap, is not installed")
    server = serve(
        "isolated", options={"ansible_action": {"enabled": True, "isolation": "bubblewrap"}}
    )
    found = search(workflows_on(server))
    if found.get("code") == "ISOLATION_UNAVAILABLE":
        pytest.skip("this machine lets no namespaces be made")
    assert "AWX_" in found["found"], found
    assert "[database]" not in found["found"]
