# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Each service, by its really built client, on a server of our own.

What is promised of all of them: the request goes to the service's own endpoint in the catalogue,
in the asked region and interface, with the context's token; the answer comes back as plain data;
and from the second run on an action is one request.
"""

import json
import uuid
from typing import Any, NamedTuple

import pytest
from oslo_config import cfg

from mistral_extra.actions.openstack import services
from mistral_lib.actions import Runner


class Case(NamedTuple):
    """One action, what its service answers, and what must come of it."""

    method: str
    params: dict[str, Any]
    path: str
    answer: Any
    data: Any
    #: What else the client asks when it is new: paths and answers.
    first: dict[str, Any] = {}  # noqa: RUF012
    headers: dict[str, str] = {}  # noqa: RUF012


IMAGE_SCHEMA = {"name": "image", "properties": {"id": {"type": "string"}, "name": {}}}
SECRET = "http://k/v1/secrets/7f0e6c4e-5a43-4d3e-9a52-0c1b2f4c3d10"
ONE = {"id": "1", "name": "one"}


HEADERS = {"X-Container-Object-Count": "1", "X-Openstack-Request-Id": "req-1"}


def versions(**fields):
    return {"versions": [{"id": "v", "status": "CURRENT", **fields}]}


CASES = {
    "nova": Case(
        "servers.list",
        {"limit": 5},
        "/v2.1/servers/detail",
        {"servers": [{**ONE, "status": "ACTIVE", "links": []}]},
        [{**ONE, "status": "ACTIVE", "links": []}],
        first={
            "/v2.1": {
                "version": {
                    "id": "v2.1",
                    "status": "CURRENT",
                    "version": "2.90",
                    "min_version": "2.1",
                }
            }
        },
        headers={"x-openstack-nova-api-version": "2.90"},
    ),
    "glance": Case(
        "images.list",
        {},
        "/v2/images",
        {"images": [ONE]},
        [ONE],
        first={"/v2/schemas/image": IMAGE_SCHEMA},
    ),
    "keystone": Case(
        "projects.list",
        {"domain": "default"},
        "/v3/projects",
        {"projects": [ONE], "links": {}},
        [ONE],
    ),
    "heat": Case(
        "stacks.list",
        {},
        "/v1/p1/stacks",
        {"stacks": [{"id": "1", "stack_name": "one", "links": []}]},
        [{"id": "1", "stack_name": "one", "links": []}],
    ),
    "neutron": Case(
        "list_networks",
        {"name": "one"},
        "/v2.0/networks",
        {"networks": [ONE]},
        {"networks": [ONE]},
    ),
    "cinder": Case(
        "volumes.list",
        {},
        "/v3/p1/volumes/detail",
        {"volumes": [ONE]},
        [ONE],
        first={"": versions(version="3.60", min_version="3.0")},
        headers={"openstack-api-version": "volume 3.60"},
    ),
    "trove": Case(
        "instances.get", {"instance": "1"}, "/v1.0/p1/instances/1", {"instance": ONE}, ONE
    ),
    "ironic": Case(
        "node.list",
        {},
        "/v1/nodes",
        {"nodes": [{"uuid": "1", "name": "one"}]},
        [{"uuid": "1", "name": "one"}],
        headers={"x-openstack-ironic-api-version": "1.34"},
    ),
    "baremetal_introspection": Case(
        "get_status",
        {"node_id": "1"},
        "/v1/introspection/1",
        {"finished": True, "error": None},
        {"finished": True, "error": None},
        first={"": {"versions": []}},
    ),
    "swift": Case(
        "get_container",
        {"container": "c"},
        "/v1/AUTH_p1/c",
        [{"name": "one", "bytes": 3}],
        [{"x-container-object-count": "1"}, [{"name": "one", "bytes": 3}]],
    ),
    "swiftservice": Case(
        "stat",
        {"container": "c"},
        "/v1/AUTH_p1/c",
        None,
        {"container": "c", "object": None, "success": True, "action": "stat_container"},
    ),
    "zaqar": Case(
        "queue_messages",
        {"queue_name": "q"},
        "/v2/queues/q/messages",
        {"messages": [{"id": "1", "body": "hi", "href": "/v2/x/1", "ttl": 60, "age": 1}]},
        [
            {
                "id": "1",
                "body": "hi",
                "href": "/v2/x/1",
                "ttl": 60,
                "age": 1,
                "claim_count": 0,
                "checksum": None,
            }
        ],
    ),
    "mistral": Case(
        "workflows.get",
        {"identifier": "one"},
        "/v2/workflows/one",
        ONE,
        ONE,
    ),
    "designate": Case("zones.list", {}, "/v2/zones", {"zones": [ONE], "links": {}}, [ONE]),
    "magnum": Case(
        "cluster_templates.list",
        {},
        "/v1/clustertemplates",
        {"clustertemplates": [ONE]},
        [ONE],
    ),
    "aodh": Case("alarm.list", {}, "/v2/alarms", [ONE], [ONE]),
    "gnocchi": Case("archive_policy.list", {}, "/v1/archive_policy", [ONE], [ONE]),
    "zun": Case(
        "containers.list",
        {},
        "/v1/containers",
        {"containers": [{**ONE, "uuid": "1"}]},
        [{**ONE, "uuid": "1"}],
        first={"": versions(max_version="1.40", min_version="1.1")},
        headers={"openstack-api-version": "container 1.40"},
    ),
    "manila": Case(
        "shares.list",
        {},
        "/v2/shares/detail",
        {"shares": [ONE]},
        [ONE],
        first={"": versions(version="2.70", min_version="2.0")},
        headers={"x-openstack-manila-api-version": "2.70"},
    ),
    "barbican": Case(
        "containers.list",
        {},
        "/v1/containers",
        {
            "containers": [
                {
                    "container_ref": "http://k/v1/containers/1",
                    "name": "one",
                    "type": "generic",
                    "status": "ACTIVE",
                    "created": "2026-01-01T00:00:00",
                    "updated": "2026-01-01T00:00:00",
                    "secret_refs": [{"name": "key", "secret_ref": SECRET}],
                    "consumers": [],
                }
            ],
            "total": 1,
        },
        [
            {
                "container_ref": "http://k/v1/containers/1",
                "name": "one",
                "type": "generic",
                "status": "ACTIVE",
                "created": "2026-01-01T00:00:00+00:00",
                "updated": "2026-01-01T00:00:00+00:00",
                "consumers": [],
                "secret_refs": {"key": SECRET},
            }
        ],
        first={
            "": {
                "versions": {
                    "values": [
                        {
                            "id": "v1",
                            "status": "CURRENT",
                            "min_version": "1.0",
                            "max_version": "1.1",
                            "links": [{"rel": "self", "href": "http://k/v1/"}],
                        }
                    ]
                }
            }
        },
    ),
    "tacker": Case("list_vims", {}, "/v1.0/vims.json", {"vims": [ONE]}, {"vims": [ONE]}),
    "octavia": Case(
        "load_balancer_list",
        {},
        "/v2.0/lbaas/loadbalancers",
        {"loadbalancers": [ONE]},
        {"loadbalancers": [ONE]},
    ),
    "vitrage": Case("template.list", {}, "/v1/template", [ONE], [ONE]),
    "watcher": Case("goal.list", {}, "/v1/goals", {"goals": [ONE]}, [ONE]),
    "blazar": Case("lease.list", {}, "/v1/leases", {"leases": [ONE]}, [ONE]),
    "freezer": Case("jobs.list", {}, "/v2/p1/jobs", {"jobs": [ONE]}, [ONE]),
}


@pytest.fixture(params=CASES)
def case(request):
    return request.param, CASES[request.param]


@pytest.fixture
def run(action_of):
    """Run a case's action as a server does, over the wire, and return the result."""

    def run_(name, case, context, **extra):
        result = Runner(wire=True).run(
            action_of(name, case.method, **case.params, **extra), context=context
        )
        assert result.is_success(), result.error
        return result.data

    return run_


def lay_out(cloud, case):
    """Have the cloud answer a case's requests."""
    for method in ("GET", "HEAD"):
        cloud.answer(method, case.path, case.answer, headers=HEADERS)
        for path, body in case.first.items():
            cloud.answer(method, path, body)


def asked_for(cloud, case):
    """Return the request that was the action's own."""
    (found,) = [r for r in cloud.requests if r.path.rstrip("/") == case.path]
    return found


def test_there_is_a_case_for_every_service():
    assert set(CASES) == {service.name for service in services.all()}


def test_action_reaches_the_services_own_endpoint_with_the_contexts_token(cloud, run, case):
    name, case = case
    lay_out(cloud, case)
    token = f"token-{uuid.uuid4().hex}"
    data = run(name, case, cloud.context(token))
    asked = asked_for(cloud, case)
    assert asked.service == ("swift" if name == "swiftservice" else name)
    assert (asked.region, asked.interface) == ("north", "public")
    assert asked.headers["x-auth-token"] == token
    assert case.headers.items() <= asked.headers.items()
    assert {r.headers.get("x-auth-token") for r in cloud.requests} <= {token, None}
    if name == "swiftservice":
        data = {key: data[key] for key in case.data}
    elif name == "swift":
        data[0] = {k: v for k, v in data[0].items() if k.startswith("x-container")}
    assert data == case.data
    assert json.loads(json.dumps(data)) == data


def test_warm_action_is_one_request(cloud, run, case):
    name, case = case
    lay_out(cloud, case)
    context = cloud.context()
    run(name, case, context)
    cold = len(cloud.requests)
    run(name, case, context)
    assert cold == 1 + len(case.first)
    assert [r.path.rstrip("/") for r in cloud.requests[cold:]] == [case.path]


def test_nothing_of_a_response_is_carried_into_the_next_request(cloud, run, case):
    name, case = case
    lay_out(cloud, case)
    context = cloud.context()
    run(name, case, context)
    run(name, case, context)
    first, second = (r for r in cloud.requests if r.path.rstrip("/") == case.path)
    assert "req-1" not in second.headers.values()
    assert first.headers.keys() == second.headers.keys()


def test_action_follows_the_region_it_is_given(cloud, run, case):
    name, case = case
    lay_out(cloud, case)
    run(name, case, cloud.context(), action_region="south")
    assert {request.region for request in cloud.requests} == {"south"}


def test_action_follows_the_configured_interface(cloud, run, case):
    name, case = case
    lay_out(cloud, case)
    cfg.CONF.set_override("os_actions_endpoint_type", "internal", group="openstack_actions")
    try:
        run(name, case, cloud.context())
    finally:
        cfg.CONF.clear_override("os_actions_endpoint_type", group="openstack_actions")
    assert {request.interface for request in cloud.requests} == {"internal"}


def test_action_trusts_the_ca_of_the_context(secure_cloud, ca_file, run, case):
    name, case = case
    lay_out(secure_cloud, case)
    run(name, case, secure_cloud.context(auth_cacert=ca_file))
    assert asked_for(secure_cloud, case).service == ("swift" if name == "swiftservice" else name)
