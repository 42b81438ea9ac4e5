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
from email import policy
from email.message import EmailMessage
from typing import Any, BinaryIO, NamedTuple

from mistral_extra import config
from mistral_extra.actions.email import errors
from mistral_extra.actions.email.message import sender_of
from mistral_extra.actions.email.parameters import Auth, Security
from mistral_extra.actions.network import egress
from mistral_extra.actions.network.connection import connect, reason, secure
from mistral_extra.actions.network.tls import Tls, client_context
from mistral_extra.actions.network.watch import Line, watched
from mistral_lib import actions

__all__ = ["Relay", "deliver"]

#: Seconds for the server to say goodbye, when all is done.
_GOODBYE = 0.5

#: A name or address; for an empty one, smtplib would connect to nothing, and then find that lost.
_HOST = re.compile(r"[^\s\x00-\x1f\x7f\ud800-\udfff]+")

#: Bytes of one reply, which smtplib would read as long as the server goes on.
_REPLY = 64 * 1024

#: Characters of a reply that are kept in a result or an error.
_SAID = 2000


class Relay(NamedTuple):
    """The server, and how to talk to it; the action describes it."""

    host: str
    port: int
    security: Security
    tls: Tls | None
    auth: Auth | None


def deliver(
    message: EmailMessage, recipients: Sequence[str], relay: Relay, line: Line
) -> dict[str, str]:
    """Deliver a message; return the recipients that were refused, with code and reason.

    :raises MailRefused: all were, or the mail itself.
    """
    _check(relay)
    sender = sender_of(message)
    with contextlib.closing(_opened(relay, line)) as session:
        # From here on, what the server took is unknown when it falls silent.
        with _translated(relay, retryable=False):
            refused = _hand_over(session, message, sender, list(recipients))
        line.done()
        _take_leave(session, line.context)
    return {address: f"{code} {_text(said, relay)}" for address, (code, said) in refused.items()}


def _hand_over(
    session: _Session, message: EmailMessage, sender: str, recipients: list[str]
) -> dict[str, tuple[int, bytes]]:
    """Send a message; smtplib's own way would change lines of it that begin with ``From``."""
    if all(map(str.isascii, (sender, *recipients))):
        return session.sendmail(sender, recipients, message.as_bytes())
    if not session.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("SMTPUTF8")
    content = message.as_bytes(policy=policy.SMTPUTF8)
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
    with _translated(relay, retryable=True):
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
    expected = smtplib.SMTPException, OSError, _EndlessReply, actions.ActionException
    with contextlib.suppress(*expected), watched(context.with_timeout(_GOODBYE)) as line:
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
        self._security = relay.security
        self._tls = tls
        self._line = line
        # The name it gives itself; by default it would ask the DNS for one.
        super().__init__(relay.host, relay.port, local_hostname=socket.gethostname())

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        permitted = egress.policy_of(config.EMAIL_ACTION_GROUP)
        connection = connect(host, port, permitted, self._line)
        return self._tls.wrap_socket(connection) if self._security == "tls" else connection

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of the next reply.

        :raises _EndlessReply: it goes on and on.
        """
        if self.file is None and self.sock is not None:
            self.file = _Reader(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = _REPLY
        return super().getreply()


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
            raise _EndlessReply
        return line

    def close(self) -> None:
        """Let the connection be."""
        self._file.close()


class _EndlessReply(Exception):
    """The server says more than is worth reading.

    None of smtplib's own, which are OSErrors: it would take that for a lost connection.
    """


@contextlib.contextmanager
def _translated(relay: Relay, *, retryable: bool) -> Iterator[None]:
    """Turn smtplib's errors into those of this package.

    :param retryable: whether a lost connection is one before anything was sent.
    """
    at = f"{relay.host}:{relay.port}"
    details = {"host": relay.host, "port": relay.port}
    try:
        yield
    except _EndlessReply as e:
        raise errors.ConnectionLost(
            f"{at} says more than {_REPLY} bytes in one reply: it is no mail server, or a broken "
            "one",
            details=details,
        ) from e
    except smtplib.SMTPRecipientsRefused as e:
        said = {address: (code, _text(why, relay)) for address, (code, why) in e.recipients.items()}
        raise _refused(at, "every recipient", said) from e
    except smtplib.SMTPSenderRefused as e:
        raise _refused(
            at, "the sender", {e.sender: (e.smtp_code, _text(e.smtp_error, relay))}
        ) from e
    except smtplib.SMTPAuthenticationError as e:
        raise errors.AuthenticationFailed(
            f"{at} refuses the login: {e.smtp_code} {_text(e.smtp_error, relay)}",
            retryable=_passes(e.smtp_code),
            details=details,
        ) from e
    except smtplib.SMTPNotSupportedError as e:
        raise _unsupported(at, relay, details, e) from e
    except smtplib.SMTPResponseException as e:
        raise _refused(at, "the mail", {"": (e.smtp_code, _text(e.smtp_error, relay))}) from e
    except (smtplib.SMTPException, OSError) as e:
        if type(e) is smtplib.SMTPException:
            # What the library says when it knows none of the ways that a server offers.
            raise errors.AuthenticationFailed(
                f"{at} offers no way to log in that is known here", details=details
            ) from e
        raise errors.ConnectionLost(
            f"The connection to {at} ended too soon: {_why(e)}",
            retryable=retryable,
            details=details,
        ) from e


def _refused(at: str, what: str, said: dict[str, tuple[int, str]]) -> errors.MailRefused:
    code, why = next(iter(said.values()))
    return errors.MailRefused(
        f"{at} refuses {what}: {code} {why}",
        retryable=all(_passes(each) for each, _ in said.values()),
        details={"refused": {address: f"{each} {text}" for address, (each, text) in said.items()}},
    )


def _passes(code: int) -> bool:
    # RFC 5321, 4.2.1.
    return 400 <= code < 500


def _unsupported(
    at: str, relay: Relay, details: dict[str, Any], error: smtplib.SMTPNotSupportedError
) -> actions.ActionException:
    said = str(error)
    if "STARTTLS" in said:
        return errors.TlsNotOffered(
            f"{at} does not offer STARTTLS. Where it speaks TLS from the beginning, usually on "
            "port 465, set security to 'tls'",
            details=details,
        )
    if "AUTH" in said:
        return errors.AuthenticationFailed(f"{at} takes no login", details=details)
    return errors.MailRefused(
        f"{at} takes no addresses beyond ASCII", details={**details, "refused": {}}
    )


def _text(said: bytes | str, relay: Relay) -> str:
    """Return what the server said, or the beginning of it, without the password."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    # Before it is cut: a piece of a secret would not be known for one.
    masked = actions.Masker([relay.auth.password] if relay.auth else []).text(text)
    return masked if len(masked) <= _SAID else f"{masked[:_SAID]}..."


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server hung up"
    return reason(error)
