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


@pytest.mark.parametrize("status", [302, 303, 307, 308])
def test_redirect_to_another_server_is_an_error_since_nobody_there_could_answer(
    server, other_server, status
):
    error = run(server, f"/redirect?to={other_server.url('/echo')}&status={status}").error
    assert error["code"] == "REDIRECT_REFUSED"
    assert error["message"].endswith("not be the same request any more: request the right URL")
    assert other_server.seen == []


def test_redirect_by_another_method_is_an_error(server):
    assert run(server, "/redirect?to=/echo&status=302").error["code"] == "REDIRECT_REFUSED"
    assert len(server.seen) == 1


def test_redirect_that_changes_nothing_but_the_path_is_followed(server):
    assert run(server, "/redirect?to=/echo&status=307", json=[1]).is_success()
    method, path, headers, body = server.seen[1]
    assert (method, path, body) == ("POST", "/echo", b"[1]")
    assert headers["mistral-action-execution-id"] == "a-1"
