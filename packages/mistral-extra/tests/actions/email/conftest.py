# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A real SMTP server on loopback, and one that plays a script of what servers do wrong."""

import asyncio
import contextlib
import email
import email.policy
import socket
import ssl
import threading

import pytest
from aiosmtpd import smtp

PASSWORD = "correct-horse-battery"


class Handler:
    """Takes mails, but none for addresses that begin with ``nobody``."""

    def __init__(self):
        #: Each as (sender, recipients, message).
        self.mails = []
        #: The users that logged in, whatever came of it.
        self.logins = []
        #: What is said to a sender, to "nobody" and to a mail, in the stead of the usual.
        self.answers = {}

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return self.answers.get("RCPT", "550 no such mailbox")
        if address.startswith("full"):
            return "452 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.answers:
            return self.answers["DATA"]
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 taken"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append(data.login.decode())
        good = (data.login, data.password) == (b"ann", PASSWORD.encode())
        return smtp.AuthResult(success=good, handled=False)


class Place:
    """A server: where it is, and what it saw."""

    def __init__(self, handler, port):
        self.handler = handler
        self.port = port

    @property
    def mail(self):
        """The one mail that came."""
        (mail,) = self.handler.mails
        return mail


@contextlib.contextmanager
def serving(tls=None, implicit=False, **options):
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    handler, sessions = Handler(), []

    def make():
        made = smtp.SMTP(
            handler,
            loop=loop,
            hostname="mail.example",
            tls_context=None if implicit else tls,
            authenticator=handler.authenticate,
            enable_SMTPUTF8=True,
            **options,
        )
        sessions.append(made)
        return made

    async def start():
        return await loop.create_server(make, "127.0.0.1", 0, ssl=tls if implicit else None)

    async def stop():
        server.close()
        for session in sessions:
            if session.transport is not None:
                session.transport.abort()
        if tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(tasks, timeout=2)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    yield Place(handler, server.sockets[0].getsockname()[1])
    asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def server_tls(authority):
    """What the servers show: a certificate for mail.example."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("mail.example").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


@pytest.fixture
def server(server_tls, names):
    """A server with STARTTLS."""
    with serving(server_tls) as made:
        yield made


@pytest.fixture
def tls_server(server_tls, names):
    """A server with TLS from the beginning."""
    with serving(server_tls, implicit=True, auth_require_tls=False) as made:
        yield made


@pytest.fixture
def open_server(server_tls, names):
    """A server with STARTTLS that asks nobody who he is."""
    with serving(server_tls, auth_exclude_mechanism=["LOGIN", "PLAIN"]) as made:
        yield made


@pytest.fixture
def plain_server(names):
    """A server without TLS."""
    with serving() as made:
        yield made


@pytest.fixture
def names(resolver, configure):
    """mail.example and other.example are this host, where mail actions may connect to."""
    resolver.answer("mail.example", ["127.0.0.1"])
    resolver.answer("other.example", ["127.0.0.1"])
    configure("email_action", "allowed_networks", ["127.0.0.1/32"])
    return resolver


@pytest.fixture
def scripted(names):
    """A function that starts a server which says lines, one for each that it hears.

    An entry of None hangs up, an empty one is silence, and a function is called with the
    connection. It returns the port and what was heard.
    """
    ended, doors = [], []

    def start(*script):
        listening, heard = socket.create_server(("127.0.0.1", 0)), []
        doors.append(listening)

        def play():
            with listening, contextlib.suppress(OSError):
                connection, _ = listening.accept()
                with connection, connection.makefile("rb") as reader:
                    for line in script:
                        if line is None:
                            return
                        if callable(line):
                            line(connection)
                            return
                        if line:
                            connection.sendall(line.encode() + b"\r\n")
                        heard.append(said := reader.readline())
                        # The mail itself ends with a line of its own.
                        while line.startswith("354") and said not in (b".\r\n", b""):
                            said = reader.readline()
                    reader.read()

        thread = threading.Thread(target=play)
        thread.start()
        ended.append(thread)
        return listening.getsockname()[1], heard

    yield start
    for door in doors:
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)  # nobody came
    for thread in ended:
        thread.join(5)
        assert not thread.is_alive()
