# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Servers that answer before they have read the request, and what other libraries raise."""

import contextlib
import errno
import http.client
import inspect
import socket
import ssl
import threading

import pytest
import urllib3
from urllib3 import exceptions

from mistral_extra.actions.http import failures, message, transport
from mistral_extra.actions.http.request import request
from mistral_lib import actions

pytestmark = pytest.mark.usefixtures("loopback")

REFUSAL = b"HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig"


@pytest.fixture
def scripted(resolver, server_tls):
    """A function that starts a server which is a function of the connection; returns its URL."""
    resolver.answer("secure.example", ["127.0.0.1"])
    with contextlib.ExitStack() as stack:

        def start(script, scheme="http"):
            door = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def play():
                with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
                    connection = opened.enter_context(door.accept()[0])
                    if scheme == "https":
                        connection = opened.enter_context(
                            server_tls.wrap_socket(connection, server_side=True)
                        )
                    script(connection)

            thread = threading.Thread(target=play)
            thread.start()
            stack.callback(thread.join, 20)
            host = "secure.example" if scheme == "https" else "127.0.0.1"
            return f"{scheme}://{host}:{door.getsockname()[1]}/up"

        yield start


def run(url, authority_pem, **params):
    tls = {"ca": authority_pem} if url.startswith("https") else None
    return actions.Runner().run(request, {"url": url, "timeout": 20.0, "tls": tls, **params})


def read_all(connection):
    """Read until the client has nothing more to send for a while; return how much that was."""
    connection.settimeout(0.3)
    size = 0
    with contextlib.suppress(TimeoutError):
        while data := connection.recv(1 << 20):
            size += len(data)
    return size


# -- a refusal before the body has been read


def _closes(connection):
    connection.recv(2000)
    connection.sendall(REFUSAL)


def _half_closes(connection):
    connection.recv(2000)
    connection.sendall(REFUSAL)
    if isinstance(connection, ssl.SSLSocket):
        with contextlib.suppress(OSError, ssl.SSLError):
            connection.unwrap()
    else:
        connection.shutdown(socket.SHUT_WR)
    threading.Event().wait(0.2)


def _reads_no_more(connection):
    connection.recv(2000)
    connection.sendall(REFUSAL)
    threading.Event().wait(0.5)


def _answers_in_pieces(connection):
    connection.recv(2000)
    for at in range(0, len(REFUSAL), 5):
        connection.sendall(REFUSAL[at : at + 5])
    threading.Event().wait(0.5)


# Of TLS, nothing can be read any more once a reset has come, which is when the server closes.
_REFUSING = [_half_closes, _reads_no_more, _answers_in_pieces]


@pytest.mark.parametrize(
    ("scheme", "script"),
    [
        ("http", _closes),
        *((scheme, script) for scheme in ("http", "https") for script in _REFUSING),
    ],
)
@pytest.mark.parametrize("size", [10, 100_000, pytest.param(20_000_000, marks=pytest.mark.slow)])
def test_refusal_of_a_body_is_read_before_the_body_is_sent(
    scripted, authority_pem, scheme, size, script
):
    url = scripted(script, scheme)
    error = run(url, authority_pem, method="PUT", body="x" * size).error
    assert (error["code"], error["retryable"]) == ("UNEXPECTED_STATUS", False)
    assert (error["details"]["status"], error["details"]["content"]) == (413, "big")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("first", [b"HTTP/1.1 100 Continue\r\n\r\n", b""])
def test_server_that_goes_on_to_read_gets_the_whole_body(scripted, authority_pem, scheme, first):
    received, read = [], threading.Event()

    def script(connection):
        received.append(len(connection.recv(2000)))
        connection.sendall(first + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        received.append(read_all(connection))
        read.set()

    size = 5_000_000
    url = scripted(script, scheme)
    answer = run(url, authority_pem, method="PUT", body="x" * size)
    assert answer.data["content"] == "ok"
    assert read.wait(20)
    assert size < sum(received) < size + 2000


def test_server_that_reads_nothing_and_says_nothing_meets_the_deadline(scripted, authority_pem):
    over = threading.Event()
    url = scripted(lambda connection: over.wait(20))
    error = run(url, authority_pem, method="PUT", body="x" * 20_000_000, timeout=0.5).error
    over.set()
    assert (error["code"], error["retryable"]) == ("TIMEOUT", True)


def test_small_request_comes_in_one_piece(scripted, authority_pem):
    received = []

    def script(connection):
        received.append(connection.recv(2000))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    assert run(scripted(script), authority_pem, method="POST", form={"a": 1}).is_success()
    assert received[0].endswith(b"\r\n\r\na=1")


# -- whether to try again: not where the server may have acted


def _resets(connection):
    connection.recv(2000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def _hangs_up(connection):
    connection.recv(2000)


def _breaks_off(connection):
    connection.recv(2000)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nhalf")


@pytest.mark.parametrize(
    ("method", "again"),
    [
        ("GET", True),
        ("HEAD", True),
        ("OPTIONS", True),
        ("PUT", True),
        ("DELETE", True),
        ("POST", False),
        ("PATCH", False),
        ("MERGE", False),
    ],
)
@pytest.mark.parametrize("script", [_resets, _hangs_up], ids=lambda f: f.__name__)
def test_lost_connection_is_worth_another_try_only_where_twice_is_as_good_as_once(
    scripted, authority_pem, script, method, again
):
    error = run(scripted(script), authority_pem, method=method).error
    assert (error["code"], error["retryable"]) == ("CONNECTION_LOST", again)


def test_broken_off_answer_to_a_post_is_not_worth_another_try(scripted, authority_pem):
    error = run(scripted(_breaks_off), authority_pem, method="POST").error
    assert (error["code"], error["retryable"]) == ("CONNECTION_LOST", False)


@pytest.mark.parametrize(("method", "again"), [("GET", True), ("POST", False)])
def test_deadline_after_a_post_was_sent_is_not_worth_another_try(
    scripted, authority_pem, method, again
):
    over = threading.Event()
    error = run(
        scripted(lambda connection: over.wait(20)), authority_pem, method=method, timeout=0.3
    ).error
    over.set()
    assert (error["code"], error["retryable"]) == ("TIMEOUT", again)


def test_deadline_before_a_post_was_sent_is_worth_another_try(scripted, authority_pem):
    over = threading.Event()
    # It takes the connection, and never greets in TLS.
    url = scripted(lambda connection: over.wait(20)).replace("http:", "https:")
    error = run(url, authority_pem, method="POST", timeout=0.3).error
    over.set()
    assert (error["code"], error["retryable"]) == ("TIMEOUT", True)


@pytest.mark.parametrize(
    ("status", "get", "post"),
    [
        (408, True, True),
        (425, True, True),
        (429, True, True),
        (500, True, False),
        (502, True, False),
        (503, True, True),
        (504, True, False),
        (400, False, False),
        (401, False, False),
        (404, False, False),
        (409, False, False),
        (413, False, False),
        (501, False, False),
        (507, False, False),
    ],
)
def test_status_is_worth_another_try_where_nothing_was_done(server, status, get, post):
    for method, again in {"GET": get, "POST": post}.items():
        url = server.url(f"/status?code={status}")
        error = actions.Runner().run(request, {"url": url, "method": method}).error
        assert (error["code"], error["retryable"]) == ("UNEXPECTED_STATUS", again)


def test_server_that_speaks_no_tls_is_not_worth_another_try(server):
    url = server.url("/echo").replace("http:", "https:")
    error = actions.Runner().run(request, {"url": url}).error
    assert (error["code"], error["retryable"]) == ("UNREACHABLE", False)


def test_server_that_speaks_no_http_is_not_worth_another_try(scripted, authority_pem):
    def script(connection):
        connection.recv(2000)
        connection.sendall(b"220 mail.example ESMTP\r\n")

    error = run(scripted(script), authority_pem).error
    assert (error["code"], error["retryable"]) == ("CONNECTION_LOST", False)


# -- every error of urllib3, http.client, ssl and the system, by what is raised

PASSES = {
    exceptions.ProtocolError,
    exceptions.IncompleteRead,
    exceptions.TimeoutError,
    exceptions.ReadTimeoutError,
    exceptions.ConnectTimeoutError,
    exceptions.InvalidChunkLength,
    exceptions.ResponseNotChunked,
    # Raised by pools, which see no request of ours; by their bases they count as above.
    exceptions.NewConnectionError,
    exceptions.NameResolutionError,
    http.client.IncompleteRead,
    http.client.RemoteDisconnected,
    ssl.SSLEOFError,
    ssl.SSLSyscallError,
    ssl.SSLZeroReturnError,
}


def _classes():
    found = set()
    for module in (exceptions, http.client, ssl, transport):
        for kind in vars(module).values():
            if inspect.isclass(kind) and issubclass(kind, failures.FAILURES):
                found.add(kind)
    return {kind for kind in found if kind.__module__ not in ("builtins", "socket")}


@pytest.mark.parametrize("kind", sorted(_classes(), key=str), ids=lambda kind: kind.__name__)
def test_every_error_of_a_library(kind):
    outgoing = message.Outgoing("GET", urllib3.util.parse_url("http://a.example/x?secret=1"), {})
    error = failures.lost(kind.__new__(kind), outgoing)
    assert error.error_code == "CONNECTION_LOST"
    assert error.retryable is (kind in PASSES)
    assert "secret" not in str(error)
    assert error.details == {"url": "http://a.example/x"}


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ConnectionResetError(errno.ECONNRESET, "x"), True),
        (ConnectionAbortedError(errno.ECONNABORTED, "x"), True),
        (BrokenPipeError(errno.EPIPE, "x"), True),
        (TimeoutError("x"), True),
        (OSError(errno.EHOSTUNREACH, "x"), True),
        (PermissionError(errno.EPERM, "x"), False),
    ],
    ids=repr,
)
def test_errors_of_the_system(error, again):
    outgoing = message.Outgoing("GET", urllib3.util.parse_url("http://a.example/"), {})
    assert failures.lost(error, outgoing).retryable is again
    wrapped = exceptions.ProtocolError("Connection broken")
    wrapped.__cause__ = error
    assert failures.lost(wrapped, outgoing).retryable is again


# -- headers, and what a hostile server says


def _with_headers(count, size):
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"a" * size) for number in range(count))

    def script(connection):
        connection.recv(2000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + lines + b"\r\nok")

    return script


def test_headers_count_toward_the_size_beyond_what_is_usual(scripted, authority_pem):
    error = run(scripted(_with_headers(98, 65_000)), authority_pem, max_size=10).error
    assert (error["code"], error["details"]["limit"]) == ("RESPONSE_TOO_LARGE", 10)
    assert run(scripted(_with_headers(20, 500)), authority_pem, max_size=10).is_success()
    assert run(scripted(_with_headers(60, 1000)), authority_pem, max_size=50_000).is_success()
    error = run(scripted(_with_headers(60, 1000)), authority_pem, max_size=10_000).error
    assert error["code"] == "RESPONSE_TOO_LARGE"


def test_words_of_a_hostile_server_are_cut_where_they_get_into_a_message(scripted, authority_pem):
    def script(connection):
        connection.recv(2000)
        connection.sendall(
            b"HTTP/1.1 500 \x1b]0;x" + b"a" * 10_000 + b"\r\nContent-Length: 0\r\n\r\n"
        )

    error = run(scripted(script), authority_pem).error
    assert error["code"] == "UNEXPECTED_STATUS"
    assert len(error["message"]) < 500
    assert error["message"].isprintable()


def test_url_of_a_redirect_is_cut_where_it_gets_into_a_message(scripted, authority_pem):
    def script(connection):
        connection.recv(2000)
        where = b"ftp://" + b"a" * 10_000
        connection.sendall(
            b"HTTP/1.1 302 x\r\nContent-Length: 0\r\nLocation: " + where + b"\r\n\r\n"
        )

    error = run(scripted(script), authority_pem).error
    assert error["code"] == "REDIRECT_REFUSED"
    assert len(str(error)) < 2000
