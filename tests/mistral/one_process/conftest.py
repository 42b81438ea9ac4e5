# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Servers on loopback that actions talk to: HTTP, mail, SSH."""

import asyncio
import contextlib
import email
import http.server
import json
import subprocess
import threading
from concurrent import futures

import asyncssh
import pytest
from aiosmtpd import smtp

PASSWORD = "correct-horse-battery"


class _Answer(http.server.BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"path": self.path, "said": said}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Leave the test's output alone."""


@pytest.fixture
def web_server():
    """The URL of an HTTP server."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def loop():
    """A function that has a coroutine run in an event loop of another thread."""
    running = futures.Future()

    async def serve():
        end = asyncio.Event()
        running.set_result((asyncio.get_running_loop(), end))
        await end.wait()

    # It cancels what is left when it ends.
    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    loop, end = running.result()
    yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)
    loop.call_soon_threadsafe(end.set)
    thread.join()


class _Mailbox:
    """Keeps what it gets."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(email.message_from_bytes(envelope.content))
        return "250 taken"


@contextlib.contextmanager
def _listening(loop, listen):
    server = loop(listen)
    yield server

    async def close():
        server.close()

    loop(close())


@pytest.fixture
def mail_server(loop):
    """The port of a mail server, and the messages that it got."""
    mailbox = _Mailbox()

    async def listen():
        running = asyncio.get_running_loop()
        return await running.create_server(lambda: smtp.SMTP(mailbox), "127.0.0.1", 0)

    with _listening(loop, listen()) as server:
        yield server.sockets[0].getsockname()[1], mailbox.messages


class _Login(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == ("ann", PASSWORD)


async def _run(process):
    shell = subprocess.Popen(
        process.command,
        shell=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    await process.redirect(stdin=shell.stdin, stdout=shell.stdout, stderr=shell.stderr)
    await process.stdout.drain()
    process.exit(await asyncio.to_thread(shell.wait))
    await process.wait_closed()


@pytest.fixture
def ssh_server(loop):
    """The parameters of an SSH action for a host on loopback, and the password there."""
    key = asyncssh.generate_private_key("ssh-ed25519")

    async def listen():
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=_Login, server_host_keys=[key], process_factory=_run
        )

    with _listening(loop, listen()) as server:
        port = server.get_port()
        public = key.export_public_key().decode()
        host = {"hosts": [f"ann@127.0.0.1:{port}"], "known_hosts": f"[127.0.0.1]:{port} {public}"}
        yield host, PASSWORD
