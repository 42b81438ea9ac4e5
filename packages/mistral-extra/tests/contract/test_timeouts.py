# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Services that never answer, stop in the middle of an answer, or never come to its end.

The time limits of the runs are there to end a test that fails; nothing here waits for them.
"""

import contextlib
import socket
import threading

import pytest

from mistral_extra import config, openstack
from mistral_extra.actions.openstack import client_cache, services
from mistral_lib import exceptions
from mistral_lib.actions import Runner

from .test_failures import CALLS

#: Seconds.
READ = 0.1
PATIENT = 1.5
HANG = 60


class Silent:
    """A server that takes each request and answers with ``beginning``, which is no whole answer.

    :param on: what it sends from then on, again and again.
    """

    def __init__(self, beginning=b"", on=b""):
        self.beginning = beginning
        self._on = on
        self._closing = threading.Event()
        self.heads = []
        self._open = []
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._open.append(connection)
                head = connection.recv(65536)
                if not head:
                    return
                self.heads.append(head.split(b"\r\n")[0].decode())
                connection.sendall(self.beginning)
                with contextlib.suppress(ConnectionError):
                    # Some pieces in the shortest time that a client waits for the next.
                    while self._on and not self._closing.wait(READ / 8):
                        connection.sendall(self._on)

    def close(self):
        self._closing.set()
        # A connection without a request ends the thread.
        socket.create_connection(self._server.getsockname()).close()
        self._thread.join()
        for connection in self._open:
            connection.close()
        self._server.close()


@pytest.fixture
def silent():
    server = Silent()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def options():
    """Have the configured limits be short ones."""
    config.CONF.set_override("read_timeout", READ, group="openstack_actions")
    client_cache.default.clear()
    yield config.CONF.openstack_actions
    for name in ("read_timeout", "connect_timeout", "answer_timeout", "max_answer_size"):
        config.CONF.clear_override(name, group="openstack_actions")
    client_cache.default.clear()


def test_limits_are_ten_and_sixty_seconds_by_default():
    config.CONF.clear_override("read_timeout", group="openstack_actions")
    options = config.CONF.openstack_actions
    assert (options.connect_timeout, options.read_timeout) == (10, 60)


@pytest.mark.parametrize("name", [name for name in CALLS if name != "swiftservice"])
def test_action_of_each_service_ends_when_nobody_answers(cloud, silent, action_of, name):
    method, params = CALLS[name]
    context = cloud.context(url=silent.url)
    result = Runner(wire=True).run(action_of(name, method, **params), context=context, timeout=HANG)
    assert result.error["code"] == "REQUEST_TIMEOUT"
    assert f"no answer within {READ:g} seconds" in result.error["message"]
    assert "read_timeout" in result.error["message"]
    assert result.error["details"]["service"] == name
    # It is not sent again behind the workflow's back.
    (head,) = silent.heads
    assert result.error["retryable"] == (head.split()[0] in ("GET", "HEAD"))


def test_many_objects_say_that_nobody_answered(cloud, silent, action_of):
    context = cloud.context(url=silent.url)
    action = action_of("swiftservice", "stat", container="c")
    (part,) = [Runner(wire=True).run(action, context=context, timeout=HANG).data]
    assert part["success"] is False
    assert "no answer within" in part["error"]


@pytest.mark.parametrize("name", [s.name for s in services.all() if s.name != "swiftservice"])
def test_client_that_anybody_borrows_is_bounded_too(cloud, silent, need, name):
    need(name)
    method, params = ("queues", {}) if name == "zaqar" else CALLS[name]
    context = cloud.context(url=silent.url)

    def call():
        found = openstack.client(name, context)
        for part in method.split("."):
            found = getattr(found, part)
        # Some ask when their answer is looked at.
        return list(found(**params))

    with pytest.raises(exceptions.ActionException, match="no answer within"):
        call()
    assert len(silent.heads) == 1


def test_session_that_anybody_borrows_is_bounded_too(cloud, silent):
    session = openstack.session(cloud.context())
    with pytest.raises(exceptions.ActionException, match="no answer within"):
        session.get(f"{silent.url}/things")


def test_keystone_that_never_answers_is_given_up(cloud, silent, action_of):
    context = cloud.context(service_catalog=None, auth_uri=f"{silent.url}/v3")
    action = action_of("keystone", "projects.get", project="1")
    result = Runner(wire=True).run(action, context=context, timeout=HANG)
    assert result.error["code"] == "REQUEST_TIMEOUT"
    assert result.error["retryable"]
    assert silent.heads == ["GET /v3/auth/tokens HTTP/1.1"]


def test_request_that_changes_something_is_not_worth_another_try(cloud, silent, action_of):
    context = cloud.context(url=silent.url)
    action = action_of("neutron", "create_network", body={"network": {}})
    result = Runner(wire=True).run(action, context=context, timeout=HANG)
    assert result.error["code"] == "REQUEST_TIMEOUT"
    assert not result.error["retryable"]
    assert [head.split()[0] for head in silent.heads] == ["POST"]


@pytest.mark.parametrize(
    ("name", "method", "params"),
    [
        ("neutron", "list_networks", {}),
        ("swift", "get_object", {"container": "c", "obj": "o"}),
        ("glance", "images.data", {"image_id": "1", "do_checksum": False}),
    ],
)
def test_answer_that_stops_in_its_middle_is_given_up(cloud, action_of, name, method, params):
    server = Silent(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[")
    try:
        context = cloud.context(url=server.url)
        result = Runner(wire=True).run(
            action_of(name, method, **params), context=context, timeout=HANG
        )
    finally:
        server.close()
    assert result.error["code"] == "REQUEST_TIMEOUT"
    assert result.error["retryable"]


ENDLESS = {
    "status line": (b"", b"H"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" "),
    "size of a chunk": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"0",
    ),
}


READ_AT_ONCE = {
    "neutron": ("list_networks", {}),
    "glance": ("images.get", {"image_id": "1"}),
    "swift": ("get_account", {}),
}


@pytest.fixture
def _patient():
    """Wait for each piece as long as a busy machine needs; the whole answer has no more."""
    for option in ("read_timeout", "answer_timeout"):
        config.CONF.set_override(option, PATIENT, group="openstack_actions")


@pytest.mark.slow
@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize(
    ("name", "part"),
    [*(("neutron", part) for part in ENDLESS), ("glance", "body"), ("swift", "body")],
)
def test_answer_that_trickles_in_is_given_up(cloud, action_of, name, part):
    method, params = READ_AT_ONCE[name]
    server = Silent(*ENDLESS[part])
    try:
        context = cloud.context(url=server.url)
        result = Runner(wire=True).run(
            action_of(name, method, **params), context=context, timeout=HANG
        )
    finally:
        server.close()
    assert result.error["code"] == "REQUEST_TIMEOUT"
    assert f"no whole answer within {PATIENT:g} seconds" in result.error["message"]


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("name", READ_AT_ONCE)
def test_answer_larger_than_is_held_in_memory_is_given_up(cloud, action_of, name):
    config.CONF.set_override("answer_timeout", HANG, group="openstack_actions")
    config.CONF.set_override("max_answer_size", 100_000, group="openstack_actions")
    method, params = READ_AT_ONCE[name]
    server = Silent(ENDLESS["body"][0], b" " * 50_000)
    try:
        context = cloud.context(url=server.url)
        result = Runner(wire=True).run(
            action_of(name, method, **params), context=context, timeout=HANG
        )
    finally:
        server.close()
    assert result.error["code"] == "CONTENT_TOO_LARGE"
    assert "max_answer_size" in result.error["message"]


@pytest.mark.slow
@pytest.mark.usefixtures("_patient")
def test_content_that_is_streamed_may_take_its_time(cloud, action_of):
    config.CONF.set_override("max_answer_size", 5, group="openstack_actions")
    # Eight pieces a READ: the last comes after the time of an answer that is read at once.
    size = round(10 * PATIENT / READ)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    server = Silent(head.encode(), b"x")
    try:
        action = action_of("swift", "get_object", container="c", obj="o")
        context = cloud.context(url=server.url)
        result = Runner(wire=True).run(action, context=context, timeout=HANG)
    finally:
        server.close()
    assert result.data[1] == "x" * size


def test_action_may_set_other_seconds(cloud, silent, action_of, options):
    config.CONF.set_override("read_timeout", 1000, group="openstack_actions")
    action = action_of("neutron", "list_networks", action_timeout=0.2)
    result = Runner(wire=True).run(action, context=cloud.context(url=silent.url), timeout=HANG)
    assert "no answer within 0.2 seconds" in result.error["message"]


def test_seconds_of_one_action_are_no_others(cloud, silent, action_of):
    context = cloud.context(url=silent.url)
    Runner().run(action_of("neutron", "list_networks", action_timeout=0.2), context=context)
    result = Runner().run(action_of("neutron", "list_networks"), context=context, timeout=HANG)
    assert f"no answer within {READ:g} seconds" in result.error["message"]


@pytest.mark.parametrize("seconds", [0, -1, "5", True, float("nan"), [1]])
def test_seconds_that_are_none_are_refused(cloud, action_of, seconds):
    action = action_of("neutron", "list_networks", action_timeout=seconds)
    result = Runner().run(action, context=cloud.context())
    assert result.error["code"] == "INVALID_INPUT"
    assert "action_timeout is a number of seconds, more than 0" in result.error["message"]
    assert cloud.requests == []


def test_connection_that_is_not_made_is_worth_another_try(cloud, action_of):
    # A full queue of connections: the kernel drops further ones, as a firewall does.
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(8):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        config.CONF.set_override("connect_timeout", 0.3, group="openstack_actions")
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        action = action_of("neutron", "create_network", body={"network": {}})
        result = Runner().run(action, context=cloud.context(url=url), timeout=HANG)
    assert result.error["code"] == "REQUEST_TIMEOUT"
    assert "no connection within 0.3 seconds" in result.error["message"]
    assert result.error["retryable"]


def test_error_shows_neither_query_nor_user(cloud, silent):
    session = openstack.session(cloud.context())
    url = silent.url.replace("http://", "http://bob:s3cret@")
    with pytest.raises(exceptions.ActionException, match="no answer within") as caught:
        session.get(f"{url}/things?sig=s3cret")
    assert "s3cret" not in str(caught.value)
