# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The waiting actions, through the environment that plug-ins test with: its clock stands still."""

import pytest

from mistral_extra.actions.openstack import waiting
from mistral_lib import testing

NOVA = {"version": {"id": "v2.1", "version": "2.90", "min_version": "2.1"}}
CINDER = {"versions": [{"status": "CURRENT", "version": "3.60", "min_version": "3.0"}]}
SCHEMA = {"name": "image", "properties": {}}
SERVER, STACK = "/v2.1/servers/1", "/v1/p1/stacks/1"
VOLUME, IMAGE = "/v3/p1/volumes/1", "/v2/images/1"


@pytest.fixture
def env(cloud, need):
    for name in ("nova", "heat", "cinder", "glance"):
        need(name)
    cloud.answer("GET", "/v2.1", NOVA)
    cloud.answer("GET", "", CINDER)
    cloud.answer("GET", "/v2/schemas/image", SCHEMA)
    with testing.ActionEnvironment(cloud.context().security) as environment:
        yield environment


def server(status, **fields):
    return {"body": {"server": {"id": "1", "status": status, **fields}}}


def stack(status, reason=""):
    return {"body": {"stack": {"id": "1", "stack_status": status, "stack_status_reason": reason}}}


def volume(status):
    return {"body": {"volume": {"id": "1", "status": status}}}


def image(status, **fields):
    return {"body": {"id": "1", "status": status, **fields}}


GONE = {"body": {"message": "it is gone"}, "status": 404}

SUCCESSES = [
    (waiting.servers_wait, {"server": "1"}, SERVER, [server("BUILD"), server("ACTIVE")], "ACTIVE"),
    (
        waiting.servers_wait,
        {"server": "1", "state": ["shutoff", "error"]},
        SERVER,
        [server("ACTIVE"), server("ERROR")],
        "ERROR",
    ),
    (
        waiting.servers_wait,
        {"server": "1", "state": "DELETED"},
        SERVER,
        [server("ACTIVE"), GONE],
        "DELETED",
    ),
    (
        waiting.stacks_wait,
        {"stack_id": "1"},
        STACK,
        [stack("CREATE_IN_PROGRESS"), stack("CREATE_COMPLETE")],
        "CREATE_COMPLETE",
    ),
    (
        waiting.stacks_wait,
        {"stack_id": "1", "state": "DELETED"},
        STACK,
        [stack("DELETE_IN_PROGRESS"), stack("DELETE_COMPLETE")],
        "DELETED",
    ),
    (
        waiting.stacks_wait,
        {"stack_id": "1", "state": "delete_complete"},
        STACK,
        [stack("DELETE_IN_PROGRESS"), GONE],
        "DELETED",
    ),
    (
        waiting.volumes_wait,
        {"volume": "1"},
        VOLUME,
        [volume("creating"), volume("available")],
        "AVAILABLE",
    ),
    (
        waiting.volumes_wait,
        {"volume": "1", "state": "deleted"},
        VOLUME,
        [volume("deleting"), GONE],
        "DELETED",
    ),
    (waiting.images_wait, {"image_id": "1"}, IMAGE, [image("queued"), image("active")], "ACTIVE"),
    (
        waiting.images_wait,
        {"image_id": "1", "state": "DELETED"},
        IMAGE,
        [image("active"), GONE],
        "DELETED",
    ),
]


@pytest.mark.parametrize(("action", "params", "path", "answers", "end"), SUCCESSES)
def test_waits_until_the_resource_is_in_the_state(env, cloud, action, params, path, answers, end):
    cloud.answer_in_turn("GET", path, *answers)
    fields = env.run(action, params, interval=7)
    assert fields.get("stack_status", fields.get("status")).upper() in (end, "DELETE_COMPLETE")
    assert [r.path for r in cloud.requests].count(path) == len(answers)
    assert env.clock.now() == 7 * (len(answers) - 1)
    assert len(env.progress) == len(answers)
    assert env.progress[-1].endswith(f" is {end}")
    assert env.secrets_seen() == []


FAILURES = [
    (
        waiting.servers_wait,
        {"server": "1"},
        SERVER,
        server("ERROR", fault={"code": 500, "message": "No valid host\nwas found"}),
        "server 1 is ERROR instead of ACTIVE: No valid host was found",
    ),
    (
        waiting.stacks_wait,
        {"stack_id": "1"},
        STACK,
        stack("CREATE_FAILED", "Resource CREATE failed: quota"),
        "stack 1 is CREATE_FAILED instead of CREATE_COMPLETE: Resource CREATE failed: quota",
    ),
    (
        waiting.volumes_wait,
        {"volume": "1"},
        VOLUME,
        volume("error_extending"),
        "volume 1 is ERROR_EXTENDING instead of AVAILABLE: Cinder tells why",
    ),
    (
        waiting.images_wait,
        {"image_id": "1"},
        IMAGE,
        image("killed"),
        "image 1 is KILLED instead of ACTIVE: its data could not be taken in",
    ),
    (
        waiting.images_wait,
        {"image_id": "1"},
        IMAGE,
        image("importing", os_glance_failed_import="ceph"),
        "image 1 is IMPORTING instead of ACTIVE: its import failed into ceph",
    ),
]


@pytest.mark.parametrize(("action", "params", "path", "answer", "text"), FAILURES)
def test_error_state_fails_with_the_services_reason(env, cloud, action, params, path, answer, text):
    cloud.answer_in_turn("GET", path, answer)
    error = env.run_result(action, params).error
    assert error["code"] == "RESOURCE_FAILED"
    assert text in error["message"]
    assert env.clock.now() == 0


def test_resource_that_is_gone_will_not_become_active(env, cloud):
    cloud.answer_in_turn("GET", SERVER, server("BUILD"), GONE)
    error = env.run_result(waiting.servers_wait, server="1").error
    assert error["code"] == "RESOURCE_GONE"
    assert error["message"] == "server 1 is DELETED instead of ACTIVE: it is gone"


def test_waiting_ends_after_the_timeout(env, cloud):
    cloud.answer_in_turn("GET", SERVER, server("BUILD"))
    error = env.run_result(waiting.servers_wait, server="1", timeout=60, interval=25).error
    assert error["code"] == "TIMEOUT"
    assert error["message"] == "server 1 is BUILD after 60 s of waiting for ACTIVE"
    assert 59 < env.clock.now() <= 60


def test_waiting_can_be_cancelled(env, cloud):
    cloud.answer_in_turn("GET", SERVER, server("BUILD"))
    env.cancel_after(seconds=12)
    result = env.run_result(waiting.servers_wait, server="1", interval=5)
    assert result.is_cancel()
    assert env.clock.now() == 12


def test_moods_of_the_service_are_waited_out(env, cloud):
    overloaded = {"body": {"error": {"message": "busy"}}, "status": 503}
    cloud.answer_in_turn("GET", SERVER, server("BUILD"), overloaded, server("ACTIVE"))
    assert env.run(waiting.servers_wait, server="1")["status"] == "ACTIVE"
    assert "SERVICE" not in env.progress[1]
    assert env.progress[1].startswith("asked after server 1: servers_wait.servers.get failed")


def test_refusal_ends_the_waiting(env, cloud):
    refused = {"body": {"forbidden": {"message": "not yours"}}, "status": 403}
    cloud.answer_in_turn("GET", SERVER, server("BUILD"), refused)
    error = env.run_result(waiting.servers_wait, server="1").error
    assert error["code"] == "FORBIDDEN"
    assert error["details"]["status"] == 403


def test_region_is_followed(env, cloud):
    cloud.answer_in_turn("GET", SERVER, server("ACTIVE"))
    env.run(waiting.servers_wait, server="1", action_region="south")
    assert {request.region for request in cloud.requests} == {"south"}


@pytest.mark.parametrize(
    "params", [{"timeout": 0}, {"interval": -1}, {"state": 5}, {"servr": "1"}, {"timeout": "x"}]
)
def test_senseless_input_is_refused(env, cloud, params):
    error = env.run_result(waiting.servers_wait, {"server": "1", **params}).error
    assert error["code"] == "INVALID_INPUT"
    assert cloud.requests == []
