# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Mistral behind Keystone: whoever asks, actions act as them, and nobody sees another's."""

import subprocess
import time
import uuid

import pytest
from keystoneauth1 import session
from keystoneauth1.identity import v3

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
def guarded(sandbox, serve):
    """A Mistral that asks the sandbox's Keystone who may what."""
    return serve("identity", keystone=str(sandbox.folder))


@pytest.fixture(scope="module")
def login(sandbox):
    """A function that logs a user in; the answer has a token, and a client of Mistral's API."""

    def log_in(user, project=None, password=None):
        auth = v3.Password(
            sandbox.auth_url,
            username=user,
            password=password or sandbox.passwords[user],
            project_name=project or user,
            user_domain_id="default",
            project_domain_id="default",
        )
        return session.Session(auth=auth)

    return log_in


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


@pytest.fixture(scope="module")
def workflows_of(guarded, workflows_on):
    """A function that gives the workflows of whoever has logged in."""

    def workflows(who):
        found = workflows_on(guarded)
        found.api = guarded.api(who.get_token())
        return found

    return workflows


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


ITEMS = """
version: '2.0'
items:
  output:
    each: <% task(each).result %>
  tasks:
    each:
      with-items: i in <% range(20).toList() %>
      action: typed.borrows item=<% $.i %>
"""


def test_many_actions_of_one_user_share_a_client(workflows_of, login, measured):
    run = workflows_of(login("demo")).run(ITEMS)
    assert run.state == "SUCCESS", run.info
    answers = run.output["each"]
    assert [answer["item"] for answer in answers] == list(range(20))
    measured(
        f"cached client: 20 actions, {answers[-1]['hits']} hits, {answers[-1]['logins']} logins"
    )
    # The context's token comes with its catalogue, so nobody logs in.
    assert {answer["logins"] for answer in answers} == {answers[0]["logins"]}
    assert max(answer["hits"] for answer in answers) >= 15


@pytest.fixture(scope="module")
def offered(login):
    """The names of an image and a flavor, which the administrator offers to all."""
    admin, name = login("admin"), f"tiny-{uuid.uuid4().hex[:8]}"
    image = {"service_type": "image", "interface": "public"}
    fields = {"name": name, "disk_format": "raw", "container_format": "bare"}
    made = admin.post(
        "/v2/images", json=fields | {"visibility": "public"}, endpoint_filter=image
    ).json()
    kind = {"Content-Type": "application/octet-stream"}
    path = f"/v2/images/{made['id']}/file"
    admin.put(path, data=b"image", headers=kind, endpoint_filter=image)
    flavor = {"name": name, "ram": 64, "vcpus": 1, "disk": 1}
    compute = {"service_type": "compute", "interface": "public"}
    admin.post("/flavors", json={"flavor": flavor}, endpoint_filter=compute)
    return name


@pytest.fixture
def network(login):
    """The name of a network of the user's own."""
    demo, name = login("demo"), f"net-{uuid.uuid4().hex[:8]}"
    found = {"service_type": "network", "interface": "public"}
    fields = {"network": {"name": name}}
    made = demo.post("/v2.0/networks", json=fields, endpoint_filter=found).json()["network"]
    subnet = {"network_id": made["id"], "ip_version": 4, "cidr": "10.11.12.0/24"}
    demo.post("/v2.0/subnets", json={"subnet": subnet}, endpoint_filter=found)
    return name


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


def test_no_log_has_a_token_or_a_password(guarded, sandbox, login, workflows_of):
    demo = login("demo")
    run = workflows_of(demo).run(CALLS, {"action": "nova.servers_list", "params": {}})
    assert run.state == "SUCCESS"
    log = guarded.log("server").read_text(errors="replace")
    assert demo.get_token() not in log
    assert sandbox.passwords["mistral"] not in log
