# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Requests through the site's proxy: a real one on loopback, that forwards and tunnels."""

import base64
import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from mistral_extra.actions.http.request import request
from mistral_lib import actions
from mistral_lib.testing import ActionEnvironment

PASSWORD = "open-sesame-77"
EXPECTED = "Basic " + base64.b64encode(f"ann:{PASSWORD}".encode()).decode()


class Handler(BaseHTTPRequestHandler):
    """Forwards what is asked for by its whole URL, and tunnels what is asked for by CONNECT."""

    def handle_one_request(self):
        # The target's own words are passed on as they come.
        with contextlib.suppress(OSError):
            super().handle_one_request()

    def refuses(self):
        self.server.seen.append((self.command, self.path, self.headers["Host"]))
        if self.server.login and self.headers["Proxy-Authorization"] != EXPECTED:
            self.send_error(407, "who are you")
            return True
        if self.server.status:
            self.send_error(self.server.status, "not today")
            return True
        return False

    def do_CONNECT(self):
        if self.refuses():
            return
        port = int(self.path.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as target:
            self.send_response(200, "Connection established")
            self.end_headers()
            back = threading.Thread(target=self.pump, args=(target, self.connection))
            back.start()
            self.pump(self.connection, target)
            back.join(5)
        self.close_connection = True

    def do_GET(self):
        if self.refuses():
            return
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        del self.headers["Proxy-Authorization"]
        with socket.create_connection(("127.0.0.1", parts.port)) as target:
            head = f"{self.command} {parts.path}?{parts.query} HTTP/1.1\r\n{self.headers}"
            target.sendall(head.encode() + body)
            self.pump(target, self.connection)
        self.close_connection = True

    do_POST = do_GET

    def pump(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def log_message(self, *args):
        pass


@pytest.fixture
def proxy(configure, loopback):
    """A proxy, and the option that names it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.seen, server.login, server.status = [], False, None
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    configure("http_action", "proxy", server.url)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def run(url, **params):
    return actions.Runner().run(request, {"url": url, **params})


@pytest.fixture
def tls(resolver, authority_pem):
    resolver.answer("secure.example", ["127.0.0.1"])
    return {"ca": authority_pem}


def test_http_is_asked_for_by_its_whole_url(proxy, server, resolver):
    resolver.answer("web.example", ["127.0.0.1"])
    url = server.url("/echo?a=1", "web.example")
    answer = run(url, method="POST", body="hello").data
    assert answer["content"]["body"] == "hello"
    assert answer["url"] == url
    assert proxy.seen == [("POST", url, f"web.example:{server.server_port}")]
    assert len(server.seen) == 1


def test_https_goes_through_a_tunnel(proxy, tls_server, tls):
    url = tls_server.url("/echo", "secure.example")
    answer = run(url, method="PUT", body="x" * 500_000, tls=tls).data
    assert len(answer["content"]["body"]) == 500_000
    ((command, path, _),) = proxy.seen
    assert (command, path) == ("CONNECT", f"secure.example:{tls_server.server_port}")
    assert "proxy-authorization" not in tls_server.seen[0][2]


def test_certificate_is_still_the_targets(proxy, tls_server, resolver, tls):
    resolver.answer("other.example", ["127.0.0.1"])
    error = run(tls_server.url("/echo", "other.example"), tls=tls).error
    assert error["code"] == "UNTRUSTED_SERVER"


def test_targets_are_still_judged(proxy, server, resolver):
    resolver.answer("metadata.example", ["169.254.169.254"])
    # The proxy may take either.
    resolver.answer("mixed.example", ["127.0.0.1", "169.254.169.254"])
    for host in ("169.254.169.254", "metadata.example", "mixed.example", "[::1]"):
        for scheme in ("http", "https"):
            error = run(f"{scheme}://{host}:{server.server_port}/").error
            assert error["code"] == "ADDRESS_BLOCKED", host
    assert proxy.seen == []


def test_redirects_are_judged_behind_the_proxy_too(proxy, server):
    error = run(server.url("/redirect?to=http://169.254.169.254/")).error
    assert error["code"] == "ADDRESS_BLOCKED"
    assert len(proxy.seen) == 1


def test_name_without_an_address_is_not_left_to_the_proxy(proxy):
    assert run("http://nowhere.invalid/").error["code"] == "HOST_UNKNOWN"
    assert proxy.seen == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_login_at_the_proxy(proxy, server, tls_server, tls, configure, scheme):
    proxy.login = True
    url = {
        "http": server.url("/echo"),
        "https": tls_server.url("/echo", "secure.example"),
    }[scheme]
    tls = tls if scheme == "https" else None
    error = run(url, tls=tls).error
    assert (error["code"], error["retryable"]) == ("PROXY_REFUSED", False)
    assert "it answered 407 who are you" in error["message"]
    with_login = proxy.url.replace("//", f"//ann:{PASSWORD}@")
    configure("http_action", "proxy", with_login)
    with ActionEnvironment(secrets=[PASSWORD, EXPECTED.split()[1]]) as environment:
        assert environment.run(request, url=url, tls=tls)["status"] == 200
        assert environment.secrets_seen() == []
    told = (server.seen + tls_server.seen)[0][2]
    assert "proxy-authorization" not in told


@pytest.mark.parametrize(("status", "again"), [(403, False), (502, True), (503, True), (504, True)])
def test_proxy_that_opens_no_tunnel_is_named(proxy, tls_server, tls, status, again):
    proxy.status = status
    url = tls_server.url("/echo", "secure.example")
    error = run(url, method="POST", tls=tls).error
    # Nothing was sent, so a POST may be sent again as well.
    assert (error["code"], error["retryable"]) == ("PROXY_REFUSED", again)
    assert error["details"] == {"url": url, "status": status}


def test_proxy_that_is_not_there_is_named(configure, loopback, free_port):
    configure("http_action", "proxy", f"http://ann:{PASSWORD}@127.0.0.1:{free_port}")
    error = run("https://127.0.0.1/").error
    assert (error["code"], error["retryable"]) == ("UNREACHABLE", True)
    assert f"127.0.0.1:{free_port}" in error["message"]
    assert PASSWORD not in str(error)


@pytest.mark.parametrize(
    "answer", [b"", b"junk\r\n\r\n", b"HTTP/1.1 200", b"HTTP/1.1 2" + b"0" * 100_000]
)
def test_what_is_no_proxy_is_told(configure, loopback, answer):
    with socket.create_server(("127.0.0.1", 0)) as door:

        def play():
            connection, _ = door.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(2000)
                connection.sendall(answer)

        thread = threading.Thread(target=play)
        thread.start()
        configure("http_action", "proxy", f"http://127.0.0.1:{door.getsockname()[1]}")
        error = run("https://127.0.0.1/", timeout=10.0).error
        thread.join(5)
    assert error["code"] in ("PROXY_REFUSED", "UNREACHABLE")
    assert len(error["message"]) < 500


@pytest.mark.parametrize(
    "url", ["proxy:3128", "https://proxy", "socks5://proxy", f"http://a:{PASSWORD}@p/x", "http://"]
)
def test_option_that_names_no_proxy_is_an_error_that_does_not_show_it(configure, loopback, url):
    configure("http_action", "proxy", url)
    error = run("http://127.0.0.1/").error
    assert error["code"] == "BAD_CONFIGURATION"
    assert PASSWORD not in str(error)


def test_proxies_of_the_environment_are_ignored(server, loopback, monkeypatch, free_port):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port}")
    assert run(server.url("/echo")).is_success()
