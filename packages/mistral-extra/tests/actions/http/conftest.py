# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A real HTTP server on loopback, with and without TLS, that answers in all the ways servers do."""

import contextlib
import gzip
import json
import ssl
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest


def _packed(size):
    """Return so many bytes packed, without ever having them all in memory."""
    packer = zlib.compressobj(wbits=31)
    pieces = [packer.compress(b"x" * min(65536, size - at)) for at in range(0, size, 65536)]
    return b"".join([*pieces, packer.flush()])


class Handler(BaseHTTPRequestHandler):
    """Answers by the path: each method below is one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.named = dict(self.headers.items())
        headers = {name.lower(): value for name, value in self.named.items()}
        self.server.seen.append((self.command, self.path, headers, self.body))
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            getattr(self, parts.path.strip("/").replace("-", "_"))()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

    def log_message(self, *args):
        pass

    def answer(self, body=b"", status=200, **headers):
        self.send_response(status)
        for name, value in {"content_length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def echo(self):
        told = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.body.decode("utf-8", "replace"),
        }
        self.answer(json.dumps(told).encode(), content_type="application/json")

    def who(self):
        """Answer with what the client's certificate says."""
        self.answer(str(self.connection.getpeercert()).encode())

    def names(self):
        """Answer with the names of the headers, as they came."""
        self.answer(json.dumps(list(self.named)).encode(), content_type="application/json")

    def typed(self):
        """Answer with what came, as the type that the query says."""
        self.answer(self.body, content_type=self.query["type"])

    def status(self):
        extra = {"retry_after": self.query["after"]} if "after" in self.query else {}
        self.answer(b'{"reason": "full"}', int(self.query["code"]), **extra)

    def reason(self):
        """Repeat a header in the words after the status."""
        self.send_response(200, self.named["X-Api-Key"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def recovers(self):
        """Fail by the status of the query, as often as it says."""
        failing = len(self.server.seen) <= int(self.query["failures"])
        headers = {"retry_after": self.query["after"]} if "after" in self.query else {}
        self.answer(b"", int(self.query["code"]) if failing else 200, **headers)

    def hangs_up(self):
        """End the connection without a word, as often as the query says."""
        if len(self.server.seen) > int(self.query["failures"]):
            self.answer(b"at last")
        self.close_connection = True

    def redirect(self):
        status = int(self.query.get("status", 302))
        self.answer(b"moved", status, location=self.query["to"])

    def circle(self):
        self.answer(b"", 302, location="/circle")

    def cookies(self):
        self.send_response(204)
        self.send_header("Set-Cookie", "a=1; Expires=Wed, 01 Dec 2026 00:00:00 GMT")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Vary", "accept")
        self.send_header("Vary", "cookie")
        self.end_headers()

    def packed(self):
        body, layers = _packed(int(self.query["size"])), int(self.query.get("layers", 1))
        for _ in range(layers - 1):
            body = gzip.compress(body)
        self.answer(body, content_encoding=", ".join(["gzip"] * layers))

    def odd_packing(self):
        self.answer(b"\xff\x00", content_encoding="br")

    def not_packed(self):
        self.answer(b"plain", content_encoding="gzip")

    def cut_short(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def chunk(self):
        """Answer with one chunk, whose size is what the query says, and which has no end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.wfile.write(self.query["size"].encode() + b"\r\n")
        self.flood()

    # What follows goes on until the client has gone.

    def endless(self):
        self.send_response(200)
        self.end_headers()
        self.flood()

    def flood(self):
        self.close_connection = True
        while not self.server.stopping.is_set():
            self.wfile.write(b"x" * 65536)

    def slow_body(self):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.drip(b"x")

    def slow_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.drip(b"x")

    def silent(self):
        self.drip(b"")

    def drip(self, byte):
        try:
            while not self.server.stopping.wait(0.02):
                self.wfile.write(byte)
                if not byte:
                    self.watch()
        except OSError:
            self.server.hung_up.set()
        self.close_connection = True

    def watch(self):
        """See whether the client has gone, where nothing is written to it."""
        self.connection.settimeout(0.02)
        with contextlib.suppress(TimeoutError):
            if self.connection.recv(1) == b"":
                raise ConnectionResetError


class Server(ThreadingHTTPServer):
    """One server, and what it saw."""

    daemon_threads = True

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.scheme = "http" if tls is None else "https"
        if tls is not None:
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
        #: Method, path, headers and body of each request.
        self.seen = []
        self.stopping = threading.Event()
        #: A client left while it was being answered.
        self.hung_up = threading.Event()

    def url(self, path, host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.server_port}{path}"

    def handle_error(self, request, client_address):
        pass  # a client that refuses the certificate is what some tests are about


@contextlib.contextmanager
def serving(tls=None):
    server = Server(tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server():
    """A server."""
    with serving() as made:
        yield made


@pytest.fixture
def other_server():
    """A second server, so another origin."""
    with serving() as made:
        yield made


@pytest.fixture(scope="session")
def server_tls(authority):
    """What the servers show, a certificate for secure.example, and that they ask for clients'."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("secure.example").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


@pytest.fixture
def tls_server(server_tls):
    """A server with TLS."""
    with serving(server_tls) as made:
        yield made


@pytest.fixture
def other_tls_server(server_tls):
    """A second one, so another origin."""
    with serving(server_tls) as made:
        yield made


@pytest.fixture
def certificate(authority):
    """Our own, for client.example, with its key."""
    return authority.issue_cert("client.example").private_key_and_cert_chain_pem.bytes().decode()


@pytest.fixture
def loopback(configure):
    """Let actions connect to this host."""
    configure("http_action", "allowed_networks", ["127.0.0.1/32"])
