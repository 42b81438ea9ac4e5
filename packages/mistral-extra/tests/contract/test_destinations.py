# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Where requests go to, and what they carry there: target clouds, redirects, links."""

import contextlib
import socket
import threading

import pytest

from mistral_extra import openstack
from mistral_extra.actions.openstack import destinations, services, transport
from mistral_lib import exceptions
from mistral_lib.actions import Runner

from .test_failures import CALLS

NAMES = [s.name for s in services.all()]


def run(action_of, context, name):
    if name == "swiftservice":
        action = action_of(name, "stat", container="c")
        result = Runner(wire=True).run(action, context=context)
        return result.error["message"] if result.error else str(result.data.get("error"))
    method, params = CALLS[name]
    result = Runner(wire=True).run(action_of(name, method, **params), context=context)
    return "" if result.error is None else f"{result.error['code']} {result.error['message']}"


@pytest.mark.parametrize("name", NAMES)
def test_target_cloud_is_no_way_to_the_executors_own_network(name, cloud, action_of, monkeypatch):
    connected = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: connected.append(address))
    cloud.answer_all({})
    told = run(action_of, cloud.context(is_target=True), name)
    assert "where this site lets no action connect to" in told
    assert "[http_action] allowed_networks" in told
    assert (connected, cloud.requests) == ([], [])


@pytest.mark.parametrize("name", NAMES)
def test_target_cloud_that_the_policy_permits_is_reached(name, cloud, action_of, permit):
    permit("127.0.0.1/32", "::1/128")
    cloud.answer_all({})
    run(action_of, cloud.context(is_target=True), name)
    assert cloud.requests


@pytest.mark.parametrize("name", NAMES)
def test_the_servers_own_cloud_is_wherever_the_operator_put_it(name, cloud, action_of):
    cloud.answer_all({})
    run(action_of, cloud.context(), name)
    assert cloud.requests


def test_keystone_of_a_target_cloud_obeys_the_policy_too(cloud, action_of):
    context = cloud.context(is_target=True, service_catalog=None)
    told = run(action_of, context, "nova")
    assert told.startswith("ADDRESS_BLOCKED")
    assert cloud.requests == []


def test_borrowed_sessions_of_a_target_cloud_obey_it(cloud):
    session = openstack.session(cloud.context(is_target=True))
    with pytest.raises(exceptions.ActionException, match="no action connect to"):
        session.get(f"{cloud.url}/north/public/nova/v2.1")
    with pytest.raises(exceptions.ActionException, match="no action connect to"):
        openstack.client("neutron", cloud.context(is_target=True)).list_networks()
    assert cloud.requests == []


def test_name_is_looked_up_once_and_its_address_is_what_is_connected_to(cloud, monkeypatch, permit):
    """A name that resolves to something else a moment later leads nowhere else."""
    permit("127.0.0.1/32")
    real, asked = socket.getaddrinfo, []

    def rebinding(host, *args, **kwargs):
        if not host.endswith(".test"):
            return real(host, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "169.254.169.254", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    cloud.answer("GET", "/v2.0/networks", {"networks": []})

    def list_networks(name):
        url = cloud.url.replace("localhost", name)
        context = cloud.context(is_target=True, url=url)
        return openstack.client("neutron", context).list_networks()

    assert list_networks("first.test") == {"networks": []}
    assert asked == ["first.test"]
    with pytest.raises(exceptions.ActionException, match=r"169\.254\.169\.254"):
        list_networks("second.test")


def test_proxy_of_the_environment_is_no_way_round(cloud, monkeypatch):
    monkeypatch.setenv("http_proxy", cloud.url)
    monkeypatch.delenv("no_proxy", raising=False)
    session = openstack.session(cloud.context(is_target=True))
    with pytest.raises(exceptions.ActionException, match="no action connect to"):
        session.get("http://169.254.169.254/latest")
    assert cloud.requests == []


# -- redirects


def elsewhere(cloud):
    """Return the cloud's address by another name."""
    return cloud.url.replace("localhost", "127.0.0.1")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "status",
    [302, *(pytest.param(other, marks=pytest.mark.slow) for other in (301, 303, 307, 308))],
)
def test_token_does_not_follow_to_another_host(name, status, cloud, action_of, permit):
    permit("127.0.0.1/32", "::1/128")
    there = f"{elsewhere(cloud)}/north/public/elsewhere/x"
    cloud.answer("GET", "/x", {})
    cloud.answer_all(status=status, headers={"Location": there})
    run(action_of, cloud.context(), name)
    sent = [r for r in cloud.requests if r.service == "elsewhere"]
    assert len(cloud.requests) > len(sent)
    assert [r for r in sent if "x-auth-token" in r.headers] == []


def test_redirect_to_another_host_is_followed(cloud):
    session = openstack.session(cloud.context())
    there = f"{elsewhere(cloud)}/north/public/elsewhere/x"
    cloud.answer("GET", "/here", status=302, headers={"Location": there})
    cloud.answer("GET", "/x", {"found": True})
    response = session.get(f"{cloud.url}/north/public/nova/here", params={"limit": 1})
    assert response.json() == {"found": True}
    assert [r.status_code for r in response.history] == [302]
    assert [(r.query, "x-auth-token" in r.headers) for r in cloud.requests] == [
        ("limit=1", True),
        ("", False),
    ]


def test_redirect_on_the_same_host_keeps_the_token(cloud):
    session = openstack.session(cloud.context())
    cloud.answer("GET", "/here", status=302, headers={"Location": "there"})
    cloud.answer("GET", "/there", {"found": True})
    assert session.get(f"{cloud.url}/north/public/nova/here").json() == {"found": True}
    assert all("x-auth-token" in r.headers for r in cloud.requests)
    assert [r.path for r in cloud.requests] == ["/here", "/there"]


def test_redirects_have_an_end(cloud):
    session = openstack.session(cloud.context())
    cloud.answer("GET", "/here", status=302, headers={"Location": "here"})
    assert session.get(f"{cloud.url}/north/public/nova/here").status_code == 302
    assert len(cloud.requests) == session.redirect + 1
    cloud.requests.clear()
    session.get(f"{cloud.url}/north/public/nova/here", redirect=False)
    assert len(cloud.requests) == 1


def test_redirect_of_a_target_cloud_obeys_the_policy(cloud, permit):
    permit("127.0.0.1/32", "::1/128")
    session = openstack.session(cloud.context(is_target=True))
    cloud.answer("GET", "/here", status=302, headers={"Location": "http://169.254.169.254/"})
    with pytest.raises(exceptions.ActionException, match=r"169\.254\.169\.254"):
        session.get(f"{cloud.url}/north/public/nova/here")


@pytest.mark.parametrize(
    ("target", "may"),
    [
        ("http://a/x", True),
        ("http://A:80/y", True),
        ("https://a/x", True),
        ("http://a:81/x", False),
        ("https://a:81/x", False),
        ("http://b/x", False),
        ("http://a.b/x", False),
        ("http://a@b/x", False),
        ("http://a:x/", False),
        ("ftp://a/x", False),
        ("//a/x", False),
        ("", False),
    ],
)
def test_token_belongs_to_one_host(target, may):
    assert destinations.may_carry_token("http://a/", target) is may


def test_token_is_not_taken_out_of_tls():
    assert not destinations.may_carry_token("https://a/", "http://a/")
    assert destinations.may_carry_token("http://a:5000/", "https://a:5000/")


# -- URLs among parameters


def test_capabilities_of_another_cluster_obey_the_policy(cloud, action_of):
    for name, method in (("swift", "get_capabilities"), ("swiftservice", "capabilities")):
        action = action_of(name, method, url=f"{elsewhere(cloud)}/v1")
        result = Runner(wire=True).run(action, context=cloud.context())
        assert result.error["code"] == "ADDRESS_BLOCKED"
    assert cloud.requests == []


def test_connection_to_another_cluster_is_not_gone_on_with(cloud, permit):
    permit("127.0.0.1/32")
    cloud.answer_all({})
    swift = openstack.client("swift", cloud.context())
    swift.get_capabilities(f"{elsewhere(cloud)}/north/public/elsewhere/v1")
    swift.head_account()
    asked = [(r.service, "x-auth-token" in r.headers) for r in cloud.requests]
    assert asked[-1] == ("swift", True)
    assert (asked[0][1], len(asked)) == (False, 2)


@pytest.mark.parametrize("url", ["http://h/x", "//h/x", "x", ""])
def test_image_is_uploaded_to_the_service_alone(cloud, action_of, url):
    action = action_of("glance", "images.upload", image_id="1", image_data={"text": "x"}, u_url=url)
    result = Runner(wire=True).run(action, context=cloud.context())
    assert result.error["code"] == "INVALID_INPUT"
    assert "'u_url'" in result.error["message"]
    assert cloud.requests == []


def test_content_of_a_url_is_fetched_under_the_policy(cloud, permit):
    url = f"{cloud.url}/north/public/web/file"
    with pytest.raises(exceptions.ActionException, match="no action connect to"):
        transport.fetched(url, "it").__enter__()
    permit("127.0.0.1/32", "::1/128")
    cloud.answer("GET", "/file", b"content")
    with transport.fetched(url, "it") as (file, size):
        assert (file.read(), size) == (b"content", 7)
    (asked,) = cloud.requests
    assert "x-auth-token" not in asked.headers
    with (
        pytest.raises(exceptions.InvalidInput, match="status 404"),
        transport.fetched(f"{url}/none?sig=s3cret", "it"),
    ):
        raise AssertionError("nothing is there")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://h/x", "x", "http://", "http://:80/", "http://[::1"]
)
def test_what_is_not_a_url_is_not_fetched(cloud, url):
    with (
        pytest.raises(exceptions.ActionException, match=r"can't be fetched|can't be resolved"),
        transport.fetched(url, "it"),
    ):
        raise AssertionError("nothing is there")


@pytest.fixture
def serve():
    """Return a function that answers each request with the bytes given, and returns the URL."""
    listeners, threads = [], []

    def serve_(answer):
        listener = socket.create_server(("127.0.0.1", 0))

        def answer_all():
            with contextlib.suppress(OSError):  # It was shut down.
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(answer)

        threads.append(threading.Thread(target=answer_all))
        threads[-1].start()
        listeners.append(listener)
        return f"http://127.0.0.1:{listener.getsockname()[1]}/it?sig=s3cret"

    yield serve_
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("answer", "code", "why"),
    [
        (b"200 OK\r\nContent-Length: 9\r\n\r\nabc", "CONTENT_NOT_FETCHED", "whole"),
        (b"200 OK\r\nContent-Length: %d\r\n\r\nabc" % 10**20, "CONTENT_NOT_FETCHED", "whole"),
        (b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", "CONTENT_NOT_FETCHED", "whole"),
        (b"302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "INVALID_INPUT", "InvalidSchema"),
        (b"302 Found\r\nLocation: http://[::1\r\n\r\n", "INVALID_INPUT", "can't be fetched"),
        (b"307 Moved\r\nLocation: //0xa9.0xfe.0xa9.0xfe/\r\n\r\n", "ADDRESS_BLOCKED", "169.254"),
        (b"308 Moved\r\nLocation: http://[::ffff:a9fe:1]/\r\n\r\n", "ADDRESS_BLOCKED", "a9fe:1"),
        (b"206 Partial\r\nContent-Length: 1\r\n\r\na", "INVALID_INPUT", "expected 200"),
    ],
)
def test_content_that_is_not_whole_is_not_stored(
    answer, code, why, serve, cloud, action_of, permit
):
    permit("127.0.0.1/32", "::1/128")
    value = {"url": serve(b"HTTP/1.1 " + answer)}
    for service, method, params in (
        ("swift", "put_object", {"container": "c", "obj": "o", "contents": value}),
        ("glance", "images.upload", {"image_id": "1", "image_data": value}),
    ):
        action = action_of(service, method, **params)
        error = Runner().run(action, context=cloud.context()).error
        assert error["code"] == code
        assert why in error["message"]
        assert "s3cret" not in str(error)
    assert [r for r in cloud.requests if r.method == "PUT"] == []


def test_content_of_an_odd_length_is_fetched(serve, permit):
    permit("127.0.0.1/32")
    url = serve("HTTP/1.1 200 OK\r\nContent-Length: \xb3\r\n\r\nabc".encode("latin-1"))
    with transport.fetched(url, "it") as (file, size):
        assert (file.read(), size) == (b"abc", None)
