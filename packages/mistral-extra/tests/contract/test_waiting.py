# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The waiting actions, through the environment that plug-ins test with: its clock stands still."""

import pytest

from mistral_extra.actions.openstack import waiting
from mistral_lib import testing

NOVA = {"version": {"id": "v2.1", "version": "2.90", "min_version": "2.1"}}
CINDER = {"versions": [{"status": "CURRENT", "version": "3.60", "min_version": "3.0"}]}
MANILA = {"versions": [{"status": "CURRENT", "version": "2.90", "min_version": "2.0"}]}
SCHEMA = {"name": "image", "properties": {}}
SERVER, STACK = "/v2.1/servers/1", "/v1/p1/stacks/1"
VOLUME, IMAGE = "/v3/p1/volumes/1", "/v2/images/1"


@pytest.fixture
def env(cloud, need):
    for name in ("nova", "heat", "cinder", "glance", "neutron", "octavia", "manila", "magnum"):
        need(name)
    need("trove")
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


def answering(key, field, status, **fields):
    """Return an answer with one resource; under its name, unless the service has no such."""
    body = {"id": "1", field: status, **fields}
    return {"body": {key: body} if key else body}


#: The other waits: action, name of its parameter, path, name in the body, field of the state, a
#: state on the way, the state that is waited for by default, an error state and the reason for it.
OTHERS = [
    (
        (waiting.volume_snapshots_wait, "snapshot", "/v3/p1/snapshots/1", "snapshot", "status"),
        ("creating", "available", "error_deleting"),
        ({}, "Cinder tells why in 'openstack volume message list'"),
    ),
    (
        (waiting.backups_wait, "backup_id", "/v3/p1/backups/1", "backup", "status"),
        ("restoring", "available", "error"),
        ({"fail_reason": "no space"}, "no space"),
    ),
    (
        (waiting.shares_wait, "share", "/v2/shares/1", "share", "status"),
        ("creating", "available", "manage_error"),
        ({}, "Manila tells why in 'openstack share message list'"),
    ),
    (
        (waiting.wait_port, "port", "/v2.0/ports/1", "port", "status"),
        ("DOWN", "ACTIVE", "ERROR"),
        ({}, "Neutron gives no reason"),
    ),
    (
        (
            waiting.load_balancer_wait,
            "lb_id",
            "/v2.0/lbaas/loadbalancers/1",
            "loadbalancer",
            "provisioning_status",
        ),
        ("PENDING_UPDATE", "ACTIVE", "ERROR"),
        ({}, "Octavia gives no reason"),
    ),
    (
        (waiting.clusters_wait, "cluster", "/v1/clusters/1", None, "status"),
        ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED"),
        ({"status_reason": "quota"}, "quota"),
    ),
    (
        (waiting.instances_wait, "instance", "/v1.0/p1/instances/1", "instance", "status"),
        ("BUILD", "ACTIVE", "ERROR"),
        ({"fault": {"message": "no valid host"}}, "no valid host"),
    ),
]


@pytest.mark.parametrize(("what", "states", "fault"), OTHERS)
def test_other_resources_are_waited_for(env, cloud, what, states, fault):
    action, parameter, path, key, field = what
    on_the_way, end, error = states
    params = {parameter: "1"}
    if action is waiting.shares_wait:
        cloud.answer("GET", "", MANILA)
    cloud.answer_in_turn("GET", path, *(answering(key, field, s) for s in (on_the_way, end)))
    assert env.run(action, params)[field] == end
    assert env.clock.now() == pytest.approx(0.3)

    more, reason = fault
    cloud.answer_in_turn(
        "GET", path, answering(key, field, on_the_way), answering(key, field, error, **more)
    )
    failure = env.run_result(action, params).error
    assert failure["code"] == "RESOURCE_FAILED"
    assert f" 1 is {error.upper()} instead of {end.upper()}: {reason}" in failure["message"]

    cloud.answer_in_turn("GET", path, answering(key, field, on_the_way), GONE)
    assert env.run_result(action, params).error["code"] == "RESOURCE_GONE"
    cloud.answer_in_turn("GET", path, answering(key, field, on_the_way), GONE)
    assert env.run(action, params, state="deleted") == {field: "DELETED"}
    cloud.answer_in_turn("GET", path, GONE)
    assert env.run_result(action, params).error["code"] == "NOT_FOUND"
    # Most services forget what they deleted.
    cloud.answer_in_turn("GET", path, GONE)
    assert env.run(action, params, state="DELETED") == {field: "DELETED"}


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        (["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"], ""),
        (["UPDATE_COMPLETE"], ""),
        (["CREATE_IN_PROGRESS", "CREATE_COMPLETE"], ""),
        (["SUSPEND_IN_PROGRESS", "SUSPEND_COMPLETE"], []),
        # Somebody asked for an update that has not begun.
        (["CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"], "UPDATE_COMPLETE"),
        (["UPDATE_IN_PROGRESS", "UPDATE_FAILED"], ["UPDATE_COMPLETE", "UPDATE_FAILED"]),
    ],
)
def test_a_stack_is_waited_for_until_heat_is_done_with_it(env, cloud, states, wanted):
    cloud.answer_in_turn("GET", STACK, *map(stack, states))
    fields = env.run(waiting.stacks_wait, stack_id="1", state=wanted)
    assert fields["stack_status"] == states[-1]
    assert [r.path for r in cloud.requests].count(STACK) == len(states)


@pytest.mark.parametrize(
    ("states", "wanted", "text"),
    [
        (["UPDATE_COMPLETE"], "CREATE_COMPLETE", "stack 1 is UPDATE_COMPLETE instead of CREATE_C"),
        (["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"], "CREATE_COMPLETE", "nothing is being done to"),
        (["CREATE_IN_PROGRESS", "CREATE_COMPLETE"], "UPDATE_COMPLETE", "nothing is being done to"),
        (
            ["UPDATE_IN_PROGRESS", "UPDATE_FAILED"],
            "",
            "is UPDATE_FAILED instead of UPDATE_COMPLETE",
        ),
        (
            ["UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"],
            "",
            "is ROLLBACK_COMPLETE instead of the good end of what is being done: why",
        ),
        (
            ["ROLLBACK_COMPLETE"],
            "UPDATE_COMPLETE",
            "is ROLLBACK_COMPLETE instead of UPDATE_COMPLETE",
        ),
    ],
)
def test_a_wait_for_a_stack_ends_with_what_is_being_done(env, cloud, states, wanted, text):
    cloud.answer_in_turn("GET", STACK, *(stack(s, "why") for s in states))
    error = env.run_result(waiting.stacks_wait, stack_id="1", state=wanted).error
    assert error["code"] == "RESOURCE_FAILED"
    assert text in error["message"]
    assert [r.path for r in cloud.requests].count(STACK) == len(states)


@pytest.mark.parametrize("state", ["", "CREATE_COMPLETE", "DELETED"])
def test_no_such_stack_is_not_a_stack_that_is_gone(env, cloud, state):
    cloud.answer_in_turn("GET", STACK, GONE)
    error = env.run_result(waiting.stacks_wait, stack_id="1", state=state).error
    assert error["code"] == "NOT_FOUND"
    assert error["message"].startswith("There is no stack 1, to wait for ")


@pytest.mark.parametrize("answers", [["DELETE_COMPLETE"], ["DELETE_IN_PROGRESS", None]])
def test_a_deletion_that_is_going_on_ends_well(env, cloud, answers):
    cloud.answer_in_turn("GET", STACK, *(stack(s) if s else GONE for s in answers))
    fields = env.run(waiting.stacks_wait, stack_id="1")
    assert fields["stack_status"] in ("DELETED", "DELETE_COMPLETE")


def test_a_stack_that_others_delete_is_gone_instead_of_updated(env, cloud):
    states = ("UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    cloud.answer_in_turn("GET", STACK, *map(stack, states))
    error = env.run_result(waiting.stacks_wait, stack_id="1").error
    assert error["code"] == "RESOURCE_GONE"


@pytest.mark.parametrize("state", ["", [], [""]])
def test_a_wait_for_no_state_is_refused_where_none_can_be_inferred(env, cloud, state):
    cloud.answer_in_turn("GET", SERVER, server("ACTIVE"))
    error = env.run_result(waiting.servers_wait, server="1", state=state).error
    assert error["code"] == "INVALID_INPUT"
    assert error["message"].startswith("Parameter 'state' is empty: expected the state")


def test_a_state_that_is_null_comes_later_and_one_that_is_missing_is_an_error(env, cloud):
    cloud.answer_in_turn("GET", SERVER, server(None), server("ACTIVE"))
    assert env.run(waiting.servers_wait, server="1")["status"] == "ACTIVE"
    cloud.answer_in_turn("GET", SERVER, {"body": {"server": {"id": "1"}}})
    error = env.run_result(waiting.servers_wait, server="1").error
    assert error["code"] == "CLIENT_FAILED"
    assert "is not what the client expects (KeyError)" in error["message"]


def test_a_server_that_was_never_there_is_not_found(env, cloud):
    cloud.answer_in_turn("GET", SERVER, GONE)
    error = env.run_result(waiting.servers_wait, server="1").error
    assert error["code"] == "NOT_FOUND"
    assert error["message"] == "There is no server 1, to wait for ACTIVE"


def test_questions_come_soon_at_first_and_then_every_five_seconds(env, cloud):
    cloud.answer_in_turn("GET", SERVER, *[server("BUILD")] * 9, server("ACTIVE"))
    pauses = [0.3 * 1.5**i for i in range(7)] + [5, 5]
    env.run(waiting.servers_wait, server="1")
    assert env.clock.now() == pytest.approx(sum(pauses))


def test_a_port_that_can_not_be_bound_fails(env, cloud):
    binding = {"binding:vif_type": "binding_failed", "binding:host_id": "h1"}
    cloud.answer_in_turn("GET", "/v2.0/ports/1", answering("port", "status", "DOWN", **binding))
    error = env.run_result(waiting.wait_port, port="1").error
    assert error["message"] == "port 1 is DOWN instead of ACTIVE: it can't be bound on host h1"


@pytest.fixture
def tasks(cloud):
    """Glance 2.12 and newer, whose images tell of their tasks."""
    versions = [{"id": "v2.12", "status": "SUPPORTED", "links": [{"href": "/v2/"}]}]
    cloud.answer("GET", "/versions", {"versions": versions})
    cloud.answer("GET", "", {"versions": versions})

    def lay_out(*found):
        cloud.answer("GET", f"{IMAGE}/tasks", {"tasks": list(found)})

    return lay_out


def test_an_import_ends_when_all_its_stores_are_filled(env, cloud, tasks):
    tasks()
    cloud.answer_in_turn(
        "GET",
        IMAGE,
        image("queued"),
        image("importing"),
        image("active", os_glance_importing_to_stores="slow"),
        image("active", os_glance_importing_to_stores=""),
    )
    assert env.run(waiting.images_import_wait, image_id="1")["status"] == "active"
    assert [r.path for r in cloud.requests].count(IMAGE) == 4


def test_an_import_that_fails_ends_with_its_tasks_message(env, cloud, tasks):
    old = {"type": "api_image_import", "status": "failure", "message": "old", "created_at": "1"}
    tasks({**old, "message": "no such host", "created_at": "2"}, old)
    cloud.answer_in_turn("GET", IMAGE, image("importing"), image("queued"))
    error = env.run_result(waiting.images_import_wait, image_id="1").error
    assert error["code"] == "RESOURCE_FAILED"
    assert error["message"] == "image 1 is QUEUED instead of ACTIVE: no such host"


def test_an_import_of_which_an_old_glance_tells_nothing_is_waited_for(env, cloud):
    cloud.answer("GET", "/versions", {"versions": [{"id": "v2.9", "status": "CURRENT"}]})
    cloud.answer_in_turn("GET", IMAGE, image("queued"), image("active"))
    assert env.run(waiting.images_import_wait, image_id="1")["status"] == "active"


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
        waiting.servers_wait,
        {"server": "1"},
        SERVER,
        server("ERROR", fault={"code": 500, "message": None}),
        "server 1 is ERROR instead of ACTIVE: Nova gives no fault",
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
