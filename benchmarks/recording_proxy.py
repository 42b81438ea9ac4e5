# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A proxy before a Keystone that remembers what passed."""

from __future__ import annotations

import collections
import contextlib
import http.client
import http.server
import threading
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Passed", "RecordingProxy"]

#: Of an answer, what whoever asked has to see.
_KEPT = frozenset({"content-type", "vary", "www-authenticate", "x-subject-token"})


class Passed(NamedTuple):
    """One request."""

    method: str
    path: str
    #: Of the requester; None for a login.
    token: str | None
    #: What the request is about, where it is about a token.
    subject: str | None
    body: bytes


class RecordingProxy:
    """Passes requests on, and answers back with the URLs in them turned to itself.

    :param url: of Keystone.
    """

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._own = ""
        self._lock = threading.Lock()
        #: How often each request passed; so that many of the same take no memory.
        self.passed: collections.Counter[Passed] = collections.Counter()

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Serve until left; give Keystone's URL as it is through the proxy."""
        handler = type("Handler", (_Handler,), {"proxy": self})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        self._own = f"127.0.0.1:{server.server_port}"
        try:
            yield f"http://{self._own}{self._target.path}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def ask(self, request: Passed, headers: dict[str, str]) -> tuple[Any, bytes]:
        """Return Keystone's answer and its content."""
        with self._lock:
            self.passed[request] += 1
        connection = http.client.HTTPConnection(self._target.netloc)
        try:
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            return answer, answer.read().replace(self._target.netloc.encode(), self._own.encode())
        finally:
            connection.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: RecordingProxy

    def do_GET(self) -> None:
        sent = self.headers
        body = self.rfile.read(int(sent["Content-Length"] or 0))
        request = Passed(
            self.command, self.path, sent["X-Auth-Token"], sent["X-Subject-Token"], body
        )
        dropped = ("host", "accept-encoding", "connection")
        headers = {name: value for name, value in sent.items() if name.lower() not in dropped}
        answer, content = self.proxy.ask(request, headers)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() in _KEPT:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - likewise

    def log_message(self, *args: Any) -> None:
        """Say nothing."""
