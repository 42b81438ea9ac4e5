# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Hand a message to a server: smtplib, over a connection that the policy lets pass."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from typing import Any, NamedTuple

from mistral_extra.actions.email import errors
from mistral_extra.actions.email.parameters import Auth, Security
from mistral_extra.actions.network.connection import connect, reason, secure
from mistral_extra.actions.network.egress import EgressPolicy
from mistral_extra.actions.network.errors import UntrustedServer
from mistral_extra.actions.network.watch import Line
from mistral_lib import actions

__all__ = ["Relay", "deliver"]


class Relay(NamedTuple):
    """The server, and how to talk to it."""

    host: str
    port: int
    security: Security
    tls: ssl.SSLContext
    auth: Auth | None
    policy: EgressPolicy


def deliver(
    message: EmailMessage, recipients: Sequence[str], relay: Relay, line: Line
) -> dict[str, tuple[int, str]]:
    """Deliver a message; return the recipients that were refused, with code and reason.

    :raises MailRefused: all were, or the mail itself.
    """
    with _translated(relay), contextlib.closing(_Session(relay, line)) as session:
        if relay.security == "starttls":
            session.starttls(context=relay.tls)
            line.hold(session.secured())
        if relay.auth is not None:
            session.login(relay.auth.username, relay.auth.password)
        sender = message["From"].addresses[0].addr_spec
        refused = session.send_message(message, sender, list(recipients))
        with contextlib.suppress(smtplib.SMTPException, OSError):
            session.quit()  # the mail is delivered, whatever the server says now
    return {address: (code, _text(said)) for address, (code, said) in refused.items()}


class _Session(smtplib.SMTP):
    """A session over a connection of ours: smtplib would look the name up by itself."""

    def __init__(self, relay: Relay, line: Line) -> None:
        self._relay = relay
        self._line = line
        # The name it gives itself; by default it would ask the DNS for one.
        super().__init__(relay.host, relay.port, local_hostname=socket.gethostname())

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        connection = connect(host, port, self._relay.policy, self._line)
        if self._relay.security == "tls":
            return secure(connection, host, port, self._relay.tls, self._line)
        return connection

    def secured(self) -> socket.socket:
        """Return the connection of now."""
        assert self.sock is not None
        return self.sock


@contextlib.contextmanager
def _translated(relay: Relay) -> Iterator[None]:
    """Turn smtplib's errors into those of this package."""
    at = f"{relay.host}:{relay.port}"
    details = {"host": relay.host, "port": relay.port}
    try:
        yield
    except smtplib.SMTPRecipientsRefused as e:
        said = {address: (code, _text(why)) for address, (code, why) in e.recipients.items()}
        raise _refused(at, "every recipient", said) from e
    except smtplib.SMTPSenderRefused as e:
        raise _refused(at, "the sender", {e.sender: (e.smtp_code, _text(e.smtp_error))}) from e
    except smtplib.SMTPAuthenticationError as e:
        raise errors.AuthenticationFailed(
            f"{at} refuses the login: {e.smtp_code} {_text(e.smtp_error)}", details=details
        ) from e
    except smtplib.SMTPNotSupportedError as e:
        raise _unsupported(at, relay, details, e) from e
    except smtplib.SMTPResponseException as e:
        raise _refused(at, "the mail", {"": (e.smtp_code, _text(e.smtp_error))}) from e
    except ssl.SSLCertVerificationError as e:
        raise UntrustedServer(
            f"The certificate of {at} is refused: {e.verify_message}. Give the authority that "
            "signed it as 'tls.ca'",
            details=details,
        ) from e
    except (smtplib.SMTPException, OSError) as e:
        raise errors.ConnectionLost(
            f"The connection to {at} ended too soon: {_why(e)}", details=details
        ) from e


def _refused(at: str, what: str, said: dict[str, tuple[int, str]]) -> errors.MailRefused:
    code, why = next(iter(said.values()))
    return errors.MailRefused(
        f"{at} refuses {what}: {code} {why}",
        # Codes of 4xx are for what passes (RFC 5321, 4.2.1).
        retryable=all(400 <= each < 500 for each, _ in said.values()),
        details={"refused": {address: f"{each} {text}" for address, (each, text) in said.items()}},
    )


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


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server hung up"
    return reason(error)
