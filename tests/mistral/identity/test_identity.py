# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Mistral behind Keystone: whoever asks, actions act as them, and nobody sees another's."""

import subprocess
import time
import uuid

import pytest

from tools.mistral.api import Api, ApiError

CALLS = """
version: '2.0'
calls:
  input: [action, params]
  output:
    result: <% task(calls).result %>
  tasks:
    calls:
      action: <% $.action %>
      input: <% $.params %>
"""


@pytest.fixture(scope="module")
def stranger(login):
    """An ordinary user of a project of their own."""
    admin = login("admin")
    name, secret = f"stranger-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    identity = {"service_type": "identity", "interface": "public"}

    def post(kind, **fields):
        made = admin.post(f"/{kind}s", json={kind: fields}, endpoint_filter=identity)
        return made.json()[kind]["id"]

    project = post("project", name=name, domain_id="default")
    user = post("user", name=name, password=secret, domain_id="default")
    roles = admin.get("/roles?name=member", endpoint_filter=identity).json()["roles"]
    path = f"/projects/{project}/users/{user}/roles/{roles[0]['id']}"
    admin.put(path, endpoint_filter=identity)
    return login(name, password=secret)


def test_nobody_gets_in_without_a_token(guarded):
    with pytest.raises(ApiError, match="401"):
        guarded.api().get("workflows")


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("nova.servers_list", {}),
        ("glance.images_list", {}),
        ("neutron.list_networks", {}),
        ("heat.stacks_list", {}),
        ("cinder.volumes_list", {}),
    ],
)
def test_actions_run_with_the_users_own_token(workflows_of, login, action, params):
    run = workflows_of(login("demo")).run(CALLS, {"action": action, "params": params})
    assert run.state == "SUCCESS", run.info
    assert isinstance(run.output["result"], list | dict)


def test_what_a_user_may_not_an_action_may_not_either(workflows_of, login):
    run = workflows_of(login("demo")).run(CALLS, {"action": "keystone.users_list", "params": {}})
    assert run.state == "ERROR"
    assert "403" in str(run.tasks["calls"]["result"])


def test_the_preinstalled_workflows_make_and_delete_a_server(workflows_of, login, offered, network):
    api = workflows_of(login("demo")).api
    given = {
        "name": f"server-{uuid.uuid4().hex[:8]}",
        "image": offered,
        "flavor": offered,
        "network": network,
        "keypair": None,
    }
    made = api.run("create_instance", given, seconds=120)
    assert made["state"] == "SUCCESS", made["state_info"]
    assert made["output"]["status"] == "ACTIVE"
    gone = api.run("delete_instance", {"instance_id": made["output"]["id"]}, seconds=120)
    assert gone["state"] == "SUCCESS", gone["state_info"]


def test_a_tenant_never_sees_anothers_data(workflows_of, login, stranger):
    mine, theirs = workflows_of(login("demo")), workflows_of(stranger)
    execution = mine.start(CALLS, {"action": "std.echo", "params": {"output": "mine"}})
    mine.end(execution)
    with pytest.raises(ApiError, match="404"):
        theirs.api.get(f"executions/{execution}")
    assert theirs.api.get("executions")["executions"] == []
    assert theirs.api.get("action_executions")["action_executions"] == []
    names = {workflow["name"] for workflow in theirs.api.get("workflows")["workflows"]}
    assert "calls" not in names
    run = theirs.run(CALLS, {"action": "nova.servers_list", "params": {}})
    assert (run.state, run.output["result"]) == ("SUCCESS", [])


def test_a_cron_trigger_works_when_its_users_token_is_gone(workflows_of, login, guarded):
    demo = login("demo")
    mine = workflows_of(demo)
    mine.run(CALLS, {"action": "nova.servers_list", "params": {}})
    before = {execution["id"] for execution in mine.api.get("executions")["executions"]}
    mine.api.request(
        "POST",
        "cron_triggers",
        {
            "name": f"trigger-{uuid.uuid4().hex[:8]}",
            "workflow_name": "calls",
            "workflow_input": '{"action": "nova.servers_list", "params": {}}',
            "pattern": "* * * * *",
            "remaining_executions": 1,
        },
    )
    _revoke(demo)
    with pytest.raises(ApiError, match="401"):
        mine.api.get("executions")
    mine.api = Api(guarded.url, login("demo").get_token())
    end = time.monotonic() + 150
    while not (started := _new_executions(mine.api, before)):
        assert time.monotonic() < end, "the trigger did not start anything"
        time.sleep(1)
    ended = mine.end(started[0])
    assert ended.state == "SUCCESS", ended.info
    assert isinstance(ended.output["result"], list)


def _revoke(who):
    token = who.get_token()
    filters = {"service_type": "identity", "interface": "public"}
    headers = {"X-Subject-Token": token}
    who.delete("/auth/tokens", headers=headers, endpoint_filter=filters)


def _new_executions(api, before):
    listed = {execution["id"] for execution in api.get("executions")["executions"]}
    return sorted(listed - before)


LATER = """
version: '2.0'
later:
  input: [orders]
  output:
    outcome: <% task(later).result %>
  tasks:
    later:
      action: typed.later orders=<% $.orders %>
"""

DELIVER = (
    "import sys, pathlib; from mistral_lib.actions import completion as c; "
    "c.succeed(c.CompletionHandle.from_json(pathlib.Path(sys.argv[1]).read_text()), {'url': 'x'})"
)


def test_a_result_is_delivered_later_with_the_users_token(
    workflows_of, login, python_of, outside, tmp_path
):
    orders = tmp_path / "orders"
    mine = workflows_of(login("demo"))
    execution = mine.start(LATER, {"orders": str(orders)})
    end = time.monotonic() + 30
    while not orders.exists():
        assert time.monotonic() < end, "the action did not leave its handle"
        time.sleep(0.05)
    subprocess.run([python_of("ours"), "-c", DELIVER, orders], env=outside, check=True, timeout=60)
    run = mine.end(execution)
    assert (run.state, run.output["outcome"]) == ("SUCCESS", {"url": "x"})
