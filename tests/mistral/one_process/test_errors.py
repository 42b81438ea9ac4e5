# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a workflow gets when an action fails, and what it can do about it."""

import json

import pytest

from tools.mistral.api import ApiError

BRANCHES = """
version: '2.0'
branches:
  input: [code]
  output:
    went: <% $.went %>
    error: <% $.error %>
  tasks:
    fails:
      action: typed.fails code=<% $.code %>
      publish-on-error:
        error: <% task().result %>
      on-error:
        - full: <% task().result.code = FULL %>
        - other: <% task().result.code != FULL %>
    full:
      action: std.noop
      publish:
        went: full
    other:
      action: std.noop
      publish:
        went: other
"""


@pytest.mark.parametrize(("code", "branch"), [("FULL", "full"), ("EMPTY", "other")])
def test_a_workflow_branches_on_the_code_of_a_typed_error(workflows, code, branch):
    run = workflows.run(BRANCHES, {"code": code})
    assert (run.state, run.output["went"]) == ("SUCCESS", branch)
    assert run.output["error"] == {
        "type": "ActionException",
        "message": f"it ended with {code}",
        "code": code,
        "retryable": False,
        "retry_after": None,
        "details": {"tries": 1},
    }


RETRIES = """
version: '2.0'
retries:
  input: [code, counter, until]
  output:
    tries: <% task(fails).result %>
  tasks:
    fails:
      action: typed.fails code=<% $.code %> counter=<% $.counter %> until=<% $.until %>
      retry:
        count: 9
        delay: 0
        # Looked at after a success too, whose result may have no such key.
        break-on: <% task().state = ERROR and not task().result.retryable %>
"""


def test_a_retryable_error_is_tried_again_until_it_is_gone(workflows, tmp_path):
    counter = tmp_path / "counter"
    run = workflows.run(RETRIES, {"code": "NONE", "counter": str(counter), "until": 3})
    assert (run.state, run.output["tries"]) == ("SUCCESS", 3)
    assert len(counter.read_bytes()) == 3


def test_retries_end_with_the_first_error_that_none_can_mend(workflows, tmp_path):
    counter = tmp_path / "counter"
    run = workflows.run(RETRIES, {"code": "GONE", "counter": str(counter), "until": 3})
    assert run.state == "ERROR"
    assert run.tasks["fails"]["result"]["code"] == "GONE"
    assert len(counter.read_bytes()) == 3


BAD_INPUT = """
version: '2.0'
bad_input:
  input: [item, journal]
  tasks:
    where:
      action: typed.where item=<% $.item %> journal=<% $.journal %>
"""


def test_bad_input_is_refused_before_the_action_runs(workflows, journal):
    run = workflows.run(BAD_INPUT, {"item": "three", "journal": str(journal)})
    assert run.state == "ERROR"
    (task,) = run.tasks.values()
    assert "typed.where" in task["state_info"]
    assert "'item'" in task["state_info"]
    assert "must be int, got str" in task["state_info"]
    assert list(journal.iterdir()) == []


MISSPELT = """
version: '2.0'
misspelt:
  input: [params]
  tasks:
    where:
      action: typed.where
      input: <% $.params %>
"""


def test_a_misspelt_parameter_is_named_with_the_one_that_was_meant(workflows):
    run = workflows.run(MISSPELT, {"params": {"item": 1, "jornal": "/nowhere"}})
    assert run.state == "ERROR"
    (task,) = run.tasks.values()
    assert "'jornal'" in task["state_info"]
    assert "'journal'" in task["state_info"]


CALLS = """
version: '2.0'
calls:
  input: [action, params]
  tasks:
    calls:
      action: <% $.action %>
      input: <% $.params %>
"""


@pytest.mark.parametrize(
    ("action", "complaint"),
    [("classic.unsayable", "Failed to complete action"), ("typed.unsayable", "INVALID_OUTPUT")],
)
def test_a_result_that_json_cannot_say_fails_its_task_alone(workflows, action, complaint):
    run = workflows.run(CALLS, {"action": action, "params": {}}, seconds=30)
    assert run.state == "ERROR"
    (task,) = run.tasks.values()
    assert complaint in str(task["result"])
    assert workflows.api.run_action("typed.where", {"item": 1})["state"] == "SUCCESS"


@pytest.mark.parametrize("action", ["classic.ends", "typed.ends"])
@pytest.mark.parametrize("how", ["exit", "interrupt"])
def test_an_action_that_would_end_its_process_fails_alone(workflows, action, how):
    run = workflows.run(CALLS, {"action": action, "params": {"how": how}}, seconds=30)
    assert run.state == "ERROR"
    assert workflows.api.run_action("typed.where", {"item": 1})["state"] == "SUCCESS"


@pytest.mark.parametrize(
    ("action", "params"),
    [("std.echo", {"wrong": 1}), ("typed.where", {"item": "three"}), ("nova.servers_get", {})],
)
def test_what_an_action_refuses_is_the_user_s_fault(workflows, action, params):
    with pytest.raises(ApiError, match=r"^400: ") as raised:
        workflows.api.run_action(action, params)
    (line,) = json.loads(raised.value.text)["faultstring"].splitlines()
    assert action in line


def test_what_an_action_was_given_is_not_in_the_text_of_its_failure(workflows):
    params = {"url": "ftp://u:S3CRET@127.0.0.1", "auth": "S3CRET", "cookies": {"S3CRET": "S3CRET"}}
    run = workflows.run(CALLS, {"action": "std.http", "params": params})
    assert run.state == "ERROR"
    (task,) = run.tasks.values()
    for text in (run.info, task["state_info"], str(task["result"])):
        assert "S3CRET" not in text
    assert "[action=HTTPAction(url, method, " in str(task["result"])
