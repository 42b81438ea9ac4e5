# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a service's refusals, raised by each really built client."""

import socket
import socketserver
import threading
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib import import_module

import pytest

from mistral_extra.actions.openstack import actions as openstack_actions
from mistral_extra.actions.openstack import client_cache, services
from mistral_lib import exceptions
from mistral_lib.actions import Runner

#: A call of each service that needs no more than its id, and what new clients ask first.
CALLS = {
    "nova": ("servers.get", {"server": "1"}),
    "glance": ("images.delete", {"image_id": "1"}),
    "keystone": ("projects.get", {"project": "1"}),
    "heat": ("stacks.get", {"stack_id": "1"}),
    "neutron": ("show_network", {"network": "1"}),
    "cinder": ("volumes.get", {"volume_id": "1"}),
    "trove": ("instances.get", {"instance": "1"}),
    "ironic": ("node.list", {}),
    "baremetal_introspection": ("get_status", {"node_id": "1"}),
    "swift": ("head_object", {"container": "c", "obj": "o"}),
    "swiftservice": ("stat", {}),
    "zaqar": ("queue_stats", {"queue_name": "q"}),
    "mistral": ("workflows.get", {"identifier": "1"}),
    "designate": ("zones.list", {}),
    "magnum": ("cluster_templates.list", {}),
    "aodh": ("alarm.get", {"alarm_id": "1"}),
    "gnocchi": ("archive_policy.get", {"name": "1"}),
    "zun": ("containers.list", {}),
    "manila": ("shares.get", {"share": "1"}),
    "barbican": ("secrets.list", {}),
    "tacker": ("show_vim", {"vim": "1"}),
    "octavia": ("load_balancer_list", {}),
    "vitrage": ("template.list", {}),
    "watcher": ("goal.list", {}),
    "blazar": ("lease.get", {"lease_id": "1"}),
    "freezer": ("jobs.list", {}),
}

VERSIONS = {
    "nova": ("/v2.1", {"version": {"id": "v2.1", "version": "2.90", "min_version": "2.1"}}),
    "cinder": ("", {"versions": [{"status": "CURRENT", "version": "3.6", "min_version": "3.0"}]}),
    "manila": ("", {"versions": [{"status": "CURRENT", "version": "2.7", "min_version": "2.0"}]}),
    "zun": ("", {"versions": [{"status": "CURRENT", "max_version": "1.40", "min_version": "1.1"}]}),
    "baremetal_introspection": ("", {}),
    "barbican": (
        "",
        {
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
        },
    ),
}

CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    413: "OVER_LIMIT",
    429: "TOO_MANY_REQUESTS",
    503: "SERVICE_UNAVAILABLE",
}


@pytest.fixture(params=[name for name in CALLS if name != "swiftservice"])
def service(request):
    return services.get(request.param)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """Clients that try again sleep between attempts: not here."""
    for module in ("ironicclient.common.http", "watcherclient.common.httpclient"):
        monkeypatch.setattr(import_module(module).time, "sleep", lambda seconds: None)
    monkeypatch.setattr("swiftclient.client.sleep", lambda seconds: None)


@pytest.fixture
def fail(action_of):
    """Run a service's action, and return the exception it raises."""

    def run(service, context):
        method, params = CALLS[service.name]
        action = action_of(service.name, method, **params)
        with pytest.raises(exceptions.ActionException, match=" failed: ") as caught:
            action.run(context)
        return caught.value

    return run


def type_of(service):
    return next(
        name
        for name, cls in vars(openstack_actions).items()
        if getattr(cls, "_declared_as", None) == service.name
    )


def lay_out(cloud, service, status, headers):
    if service.name in VERSIONS:
        cloud.answer("GET", *VERSIONS[service.name])
    said = f"no luck with {status}"
    body = {
        "message": said,
        "title": said,
        "description": said,
        "faultstring": said,
        "error_message": said,
        "code": status,
    }
    if service.name == "glance":
        body = {"error": body}
    elif service.name == "aodh":
        body["error_message"] = {"faultstring": said}
    else:
        body = {**body, "error": body, "errors": [{**body, "status": status, "detail": said}]}
    cloud.answer_all(
        body,
        status=status,
        headers={"X-Openstack-Request-Id": "req-1", **headers},
    )


@pytest.mark.parametrize("status", CODES)
def test_refusal_becomes_an_error_with_its_status(cloud, fail, service, status):
    lay_out(cloud, service, status, {})
    error = fail(service, cloud.context())
    assert error.status == status
    assert error.error_code == CODES[status]
    assert error.service == service.name
    assert error.method == CALLS[service.name][0]
    assert error.retryable == (status in (429, 503))
    assert str(error).startswith(f"{type_of(service)}.{error.method} failed: ")
    assert "\n" not in str(error)
    assert error.__cause__ is not None


# SwiftService answers for each object on its own: see test_swift.py.
RAISING = [name for name in CALLS if name != "swiftservice"]


@pytest.mark.parametrize("name", RAISING)
def test_refused_connection_is_told_apart(fail, action_of, cloud, name):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://localhost:{unused.getsockname()[1]}"
    error = fail(services.get(name), cloud.context(url=url))
    assert error.error_code == "CONNECTION_FAILED"
    assert error.retryable
    assert error.status is None
    assert str(error).endswith("; the service can't be reached at the catalogue's address")


@pytest.fixture
def breaking():
    """A server that hangs up on each request; return its URL and the methods it was sent."""
    methods = []

    class HangUp(socketserver.StreamRequestHandler):
        def handle(self):
            line = self.rfile.readline().split()
            while self.rfile.readline().strip():
                """Closing with something unread would be a reset."""
            if line:
                methods.append(line[0].decode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HangUp) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://localhost:{server.server_address[1]}", methods
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", RAISING)
def test_a_connection_that_breaks_is_worth_another_try_if_nothing_was_changed(
    fail, cloud, breaking, name
):
    url, methods = breaking
    error = fail(services.get(name), cloud.context(url=url))
    assert error.error_code == "CONNECTION_FAILED"
    assert error.status is None
    assert error.retryable == (methods[-1] in ("GET", "HEAD"))


@pytest.mark.parametrize(
    ("name", "method", "params"),
    [
        ("keystone", "projects.create", {"name": "p", "domain": "d"}),
        ("neutron", "create_network", {"body": {}}),
        ("heat", "stacks.create", {"stack_name": "s", "template": {}}),
        ("swift", "post_object", {"container": "c", "obj": "o", "headers": {}}),
        ("zaqar", "queue_delete", {"queue_name": "q"}),
        ("designate", "zones.create", {"name": "z.", "email": "a@b"}),
        ("trove", "instances.delete", {"instance": "1"}),
        ("ironic", "node.delete", {"node_id": "1"}),
        ("octavia", "load_balancer_delete", {"lb_id": "1"}),
    ],
)
def test_what_may_have_been_done_is_not_done_again(
    cloud, action_of, breaking, name, method, params
):
    url, methods = breaking
    with pytest.raises(exceptions.ActionException, match=" failed: ") as caught:
        action_of(name, method, **params).run(cloud.context(url=url))
    assert methods[-1] in ("POST", "PUT", "DELETE", "PATCH")
    assert caught.value.error_code == "CONNECTION_FAILED"
    assert not caught.value.retryable


@pytest.mark.parametrize("name", RAISING)
def test_certificate_that_nobody_trusts_is_told_apart(fail, secure_cloud, name):
    lay_out(secure_cloud, services.get(name), 404, {})
    error = fail(services.get(name), secure_cloud.context())
    assert error.error_code == "TLS_FAILED"
    assert not error.retryable
    assert "its CA belongs into the context's auth_cacert" in str(error)
    assert secure_cloud.requests == []


@pytest.mark.parametrize("name", [n for n in RAISING if n != "freezer"])
def test_request_id_and_time_to_wait_are_told(fail, cloud, name):
    # freezerclient keeps neither, and sends by no session.
    lay_out(cloud, services.get(name), 503, {"Retry-After": "7"})
    error = fail(services.get(name), cloud.context())
    assert error.error_code == "SERVICE_UNAVAILABLE"
    assert error.request_id == "req-1"
    assert error.retry_after == 7
    assert error.details == {
        "service": name,
        "method": CALLS[name][0],
        "status": 503,
        "request_id": "req-1",
    }


def test_time_to_wait_may_be_a_date(fail, cloud):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    lay_out(cloud, services.get("keystone"), 429, {"Retry-After": date})
    error = fail(services.get("keystone"), cloud.context())
    assert 50 < error.retry_after <= 60


@pytest.mark.parametrize("name", [n for n in RAISING if n != "freezer"])
@pytest.mark.parametrize(("headers", "retryable"), [({}, False), ({"Retry-After": "3"}, True)])
def test_limit_is_worth_another_try_when_the_service_says_when(
    fail, cloud, name, headers, retryable
):
    lay_out(cloud, services.get(name), 413, headers)
    assert fail(services.get(name), cloud.context()).retryable is retryable


def test_unknown_region_is_told_with_those_there_are(fail, cloud):
    error = fail(services.get("keystone"), cloud.context(region_name="west"))
    assert error.error_code == "ENDPOINT_NOT_FOUND"
    assert error.service == "keystone"
    assert "in region west" in str(error)
    assert "public in north, public in south" in str(error)


def test_missing_service_is_told_with_those_there_are(fail, cloud):
    context = cloud.context()
    body = context.security.service_catalog
    body["catalog"] = [entry for entry in body["catalog"] if entry["name"] != "neutron"]
    error = fail(services.get("neutron"), context)
    assert error.error_code == "ENDPOINT_NOT_FOUND"
    assert "no public endpoint of the service 'network'" in str(error)
    assert "block-storage" in str(error)


def test_refused_token_takes_the_clients_made_with_it(fail, cloud):
    context = cloud.context()
    for name in ("freezer", "zaqar", "keystone"):
        lay_out(cloud, services.get(name), 401, {})
        fail(services.get(name), context)
        assert client_cache.default.statistics().clients == 0


@pytest.mark.parametrize("name", CALLS)
def test_failure_shows_no_token(fail, action_of, cloud, name, caplog):
    caplog.set_level("DEBUG")
    token = f"gAAAAAB-{uuid.uuid4().hex}"
    lay_out(cloud, services.get(name), 500, {})
    method, params = CALLS[name]
    result = Runner(wire=True).run(action_of(name, method, **params), context=cloud.context(token))
    assert cloud.requests[-1].headers["x-auth-token"] == token
    assert token not in str(result.error) + str(result.data) + caplog.text


@pytest.mark.parametrize("name", ["nova", "cinder", "manila", "keystone"])
def test_parameters_that_do_not_fit_are_named_even_of_a_new_client(cloud, action_of, name):
    lay_out(cloud, services.get(name), 404, {})
    method, params = CALLS[name]
    (parameter,) = params
    action = action_of(name, method, **{f"{parameter}s": "1"})
    with pytest.raises(exceptions.ActionException, match=" failed: ") as caught:
        action.run(cloud.context())
    assert caught.value.error_code == "INVALID_INPUT"
    assert f"no parameter '{parameter}s': did you mean '{parameter}'?" in str(caught.value)
    assert f"parameter '{parameter}' is missing" in str(caught.value)
