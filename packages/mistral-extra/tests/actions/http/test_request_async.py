# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A request whose result comes later."""

import pytest

from mistral_extra.actions.http.request_async import request_async
from mistral_lib import actions

pytestmark = pytest.mark.usefixtures("loopback")

EXECUTION = actions.ExecutionContext(
    workflow_name="grün",
    workflow_execution_id="w-1",
    task_execution_id="t-1",
    action_execution_id="a-1",
    callback_url="/v2/action_executions/a-1",
)


def run(server, path="/echo", execution=EXECUTION, **params):
    context = actions.ActionContext(execution_ctx=execution)
    return actions.Runner().run(request_async, {"url": server.url(path), **params}, context)


def test_headers_say_which_action_execution_it_is_about(server):
    assert run(server, json={"order": 1}, headers={"X-Mine": "1"}).is_success()
    ((method, _, headers, body),) = server.seen
    assert (method, body) == ("POST", b'{"order": 1}')
    assert headers["x-mine"] == "1"
    assert {name: v for name, v in headers.items() if name.startswith("mistral-")} == {
        "mistral-workflow-name": "gr\\xfcn",
        "mistral-workflow-execution-id": "w-1",
        "mistral-task-id": "t-1",
        "mistral-action-execution-id": "a-1",
        "mistral-callback-url": "/v2/action_executions/a-1",
    }


def test_author_cannot_speak_for_another_action_execution(server):
    run(server, headers={"Mistral-Action-Execution-Id": "another"})
    assert server.seen[0][2]["mistral-action-execution-id"] == "a-1"


def test_task_waits_for_the_result():
    assert request_async.action_class(url="http://x").is_sync() is False


def test_outside_of_a_workflow_there_is_nothing_to_refer_to(server):
    assert run(server, execution=actions.ExecutionContext()).is_success()
    assert not any(name.startswith("mistral-") for name in server.seen[0][2])


def test_refusal_fails_the_task_at_once(server):
    assert run(server, "/status?code=409").error["details"]["status"] == 409


def test_reference_is_not_given_to_another_server(server, other_server):
    assert run(server, f"/redirect?to={other_server.url('/echo')}").is_success()
    assert not any(name.startswith("mistral-") for name in other_server.seen[0][2])
