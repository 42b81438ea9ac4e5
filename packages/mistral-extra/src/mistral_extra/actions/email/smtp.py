# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Hand a message to a server: smtplib, over a connection that the policy lets pass."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from typing import Any, BinaryIO

from mistral_extra import config
from mistral_extra.actions.email import failures
from mistral_extra.actions.email.folding import POLICY, is_international
from mistral_extra.actions.email.message import sender_of
from mistral_extra.actions.email.parameters import Relay
from mistral_extra.actions.network import cleanup, egress
from mistral_extra.actions.network.connection import connect, secure
from mistral_extra.actions.network.tls import client_context
from mistral_extra.actions.network.watch import Line, watched
from mistral_lib import actions

__all__ = ["Relay", "deliver"]

#: A name or address; for an empty one, smtplib would connect to nothing, and then find that lost.
_HOST = re.compile(r"[^\s\x00-\x1f\x7f\ud800-\udfff]+")

#: What a server takes for a name: of several parts, of letters, digits and dashes.
_FULL_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", re.ASCII)


def deliver(
    message: EmailMessage, recipients: Sequence[str], relay: Relay, line: Line
) -> dict[str, str]:
    """Deliver a message; return the recipients that were refused, with code and reason.

    :raises MailRefused: all were, or the mail itself.
    """
    _check(relay)
    sender = sender_of(message)
    with contextlib.closing(_opened(relay, line)) as session:
        with failures.translated(relay, session):
            refused = _hand_over(session, message, sender, list(recipients))
        line.done()
        _take_leave(session, line.context)
    return {
        address: f"{code} {failures.reply(text, relay)}"
        for address, (code, text) in refused.items()
    }


def _hand_over(
    session: _Session, message: EmailMessage, sender: str, recipients: list[str]
) -> dict[str, tuple[int, bytes]]:
    """Send a message; smtplib's own way would change lines of it that begin with ``From``."""
    international = is_international(message) or not all(map(str.isascii, recipients))
    if not international:
        return session.sendmail(sender, recipients, message.as_bytes())
    if not session.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("SMTPUTF8")
    content = message.as_bytes(policy=POLICY.clone(utf8=True))
    return session.sendmail(sender, recipients, content, ("SMTPUTF8", "BODY=8BITMIME"))


def _check(relay: Relay) -> None:
    if not _HOST.fullmatch(relay.host):
        raise actions.InvalidInput(
            f"Parameter 'server': {relay.host!r} is no host: expected its name or address"
        )
    if relay.auth is not None:
        for part in ("username", "password"):
            if not getattr(relay.auth, part).isascii():
                raise actions.InvalidInput(
                    f"Parameter 'auth.{part}' may have no letters beyond ASCII: smtplib sends none"
                )
    if relay.security == "none":
        for name in ("auth", "tls"):
            if getattr(relay, name) is not None:
                raise actions.InvalidInput(
                    f"Parameter '{name}' needs TLS: set security to 'starttls' or 'tls'"
                )


def _opened(relay: Relay, line: Line) -> _Session:
    """Return a session that has come as far as the mail itself."""
    tls: Any = _Tls(relay, line)
    with failures.translated(relay):
        session = _Session(relay, tls, line)
        with _closed_on_error(session):
            if relay.security == "starttls":
                session.starttls(context=tls)
            session.ehlo_or_helo_if_needed()
            if relay.auth is not None:
                session.login(relay.auth.username, relay.auth.password)
    return session


@contextlib.contextmanager
def _closed_on_error(session: _Session) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.close()
        raise


def _take_leave(session: _Session, context: actions.ActionContext) -> None:
    # The mail is delivered, whatever the server says now, and however long it goes on.
    expected = smtplib.SMTPException, OSError, failures.EndlessReply, actions.ActionException
    with contextlib.suppress(*expected), watched(context.with_timeout(cleanup.GOODBYE)) as line:
        if session.sock is not None:
            line.hold(session.sock)
        session.quit()


class _Tls:
    """TLS over a connection of ours, in the shape of the context that smtplib wants."""

    def __init__(self, relay: Relay, line: Line) -> None:
        self._relay = relay
        self._line = line
        # Now, since what is wrong with a certificate is known without a connection.
        self._context = client_context(relay.tls)

    def wrap_socket(
        self, connection: socket.socket, server_hostname: str | None = None
    ) -> ssl.SSLSocket:
        """Return the connection under TLS."""
        return secure(connection, self._relay.host, self._relay.port, self._context, self._line)


class _Session(smtplib.SMTP):
    """A session over a connection of ours: smtplib would look the name up by itself."""

    def __init__(self, relay: Relay, tls: _Tls, line: Line) -> None:
        #: Whether the mail may be delivered although no reply says so.
        self.may_have_taken = False
        self._security = relay.security
        self._tls = tls
        self._line = line
        # Given a name, smtplib does not ask the DNS for one.
        super().__init__(relay.host, relay.port, local_hostname="localhost")
        self.local_hostname = _client_name(self.sock)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        permitted = egress.policy_of(config.EMAIL_ACTION_GROUP)
        connection = connect(host, port, permitted, self._line)
        return self._tls.wrap_socket(connection) if self._security == "tls" else connection

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the mail; from here on the server may have taken it, whatever is heard of it."""
        self.may_have_taken = self._line.may_have_acted = True
        return super().data(msg)

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of the next reply.

        :raises EndlessReply: it goes on and on.
        """
        if self.file is None and self.sock is not None:
            self.file = _Reader(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = failures.LONGEST_REPLY
        return super().getreply()


def _client_name(connection: Any) -> str:
    """Return what this end calls itself: a full name, or else its address (RFC 5321, 4.1.4)."""
    name: str = config.CONF[config.EMAIL_ACTION_GROUP].helo_name or socket.gethostname()
    if _FULL_NAME.fullmatch(name):
        return name
    address = connection.getsockname()[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


class _Reader:
    """What smtplib reads of a connection, and no more than a reply may have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        #: Bytes that may still come.
        self.left = 0

    def readline(self, size: int) -> bytes:
        """Return the next line."""
        line = self._file.readline(size)
        self.left -= len(line)
        if self.left < 0:
            raise failures.EndlessReply
        return line

    def close(self) -> None:
        """Let the connection be."""
        self._file.close()
