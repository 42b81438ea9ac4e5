# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflow on the documentation's page does what the page says."""

import pytest

from mistral_extra.actions.email import errors
from mistral_extra.actions.network import errors as network_errors
from mistral_lib import actions

PAGE = "howto/mail.rst"


@pytest.fixture
def workflow(page, server, authority_pem):
    """The page, with its task's server the one of this test."""
    made = page(PAGE)
    task = made.blocks[0]["report"]["tasks"]["send"]["input"]
    task |= {"port": server.port, "tls": {"ca": authority_pem}}
    task["auth"]["username"] = "ann"
    return made


def test_workflow_runs(workflow, server):
    inputs = {"server": "mail.example", "team": ["bob@example.org"], "figures": "a,b\n1,2\n"}
    output = workflow.play("report", inputs, {"mail_password": "correct-horse-battery"})
    assert output == {"refused": {}}
    *_, message = server.mail
    (attachment,) = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("figures.csv", "a,b\n1,2\n")
    assert server.handler.logins == ["ann"]


def test_task_as_it_is_on_the_page_has_parameters_that_its_action_takes(page):
    task = page(PAGE).blocks[0]["report"]["tasks"]["send"]
    given = {**task["input"], "to": ["bob@example.org"]}
    actions.EntryPointActionProvider().find(task["action"]).check_parameters(given)
    assert set(given) > {"server", "sender", "attachments", "auth"}


def test_every_code_is_documented(page, undocumented):
    assert undocumented(page(PAGE), errors, network_errors) == []
