# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A server on loopback that takes late results.

It answers as mistral 23.0.0 was measured to (the facts are in the docstring of
``mistral_lib.actions.completion``), unless a test scripts its answers.
"""

import http.server
import json
import logging
import threading

import pytest

from mistral_lib.actions import completion

TOKEN = "gAAAAABnotarealtoken0123456789"
PATH = "/v2/action_executions/1f3c"
COMPLETED = "ValueError: Action 1f3c is already completed"


class Mistral(http.server.ThreadingHTTPServer):
    """One action execution, and a list of scripted answers that come first."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server_bind()
        self.scheme = "http"
        self.requests = []
        self.script = []
        self.recorded = {"state": "RUNNING", "output": None}
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def start(self):
        self.server_activate()
        self.thread.start()

    def stop(self):
        if self.thread.is_alive():
            self.shutdown()
            self.thread.join()
        self.server_close()

    def handle(self, token=TOKEN, **options):
        url = f"{self.scheme}://127.0.0.1:{self.server_port}{PATH}"
        return completion.CompletionHandle(url, token, **options)

    def sent(self):
        return [body for method, _, _, body in self.requests if method == "PUT"]

    def answer(self, method, body):
        if self.script:
            return self.script.pop(0)
        if method == "GET":
            return 200, {}, json.dumps(self.recorded)
        if self.recorded["state"] != "RUNNING":
            return 500, {}, json.dumps({"faultcode": "Server", "faultstring": COMPLETED})
        self.record(body)
        return 200, {}, json.dumps(self.recorded)

    def record(self, body):
        result = None if body["state"] == "CANCELLED" else json.loads(body["output"])
        self.recorded = {"state": body["state"], "output": json.dumps({"result": result})}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(text) if text else None
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        # Somebody else's careless record, while a delivery is under way.
        logging.getLogger("careless").debug("headers: %s", dict(self.headers))
        answer = self.server.answer(self.command, body)
        if answer == "drop":
            # The work is done, and the answer gets lost.
            self.server.record(body)
            self.close_connection = True
            return
        status, headers, text = answer
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_PUT

    def log_message(self, format, *args):  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def mistral():
    server = Mistral()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def unreachable():
    """A server whose port is its own but refuses connections until it is started."""
    server = Mistral()
    yield server
    server.stop()
