# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What smtplib and the system raise, as the errors of these actions.

Trying again is advised where the server says that it may help (replies 4xx, RFC 5321, 4.2.1), and
where a connection failed before the server could have taken the mail: nobody wants it twice.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Iterator
from typing import Any, Protocol

from mistral_extra.actions.email import errors
from mistral_extra.actions.email.parameters import Relay
from mistral_extra.actions.network import connection
from mistral_lib import actions

__all__ = ["LONGEST_REPLY", "EndlessReply", "from_exception", "reply", "translated"]

#: Bytes of one reply, which smtplib would read as long as the server goes on.
LONGEST_REPLY = 64 * 1024

#: Characters of a reply that are kept in a result or an error.
_KEPT = 2000


class EndlessReply(Exception):
    """The server says more than is worth reading.

    None of smtplib's own, which are OSErrors: it would take that for a lost connection.
    """


class _Session(Protocol):
    """What is known of how far a session has come."""

    may_have_taken: bool


@contextlib.contextmanager
def translated(relay: Relay, session: _Session | None = None) -> Iterator[None]:
    """Turn what a session raises into the errors of this package.

    :param session: None as long as it is being opened.
    """
    try:
        yield
    except (smtplib.SMTPException, OSError, ValueError, EndlessReply) as e:
        may_have_taken = session is not None and session.may_have_taken
        raise from_exception(e, relay, may_have_taken=may_have_taken) from e


def from_exception(
    error: Exception, relay: Relay, *, may_have_taken: bool
) -> actions.ActionException:
    """Return what to raise instead of an error of smtplib or the system."""
    at = f"{relay.host}:{relay.port}"
    details = {"host": relay.host, "port": relay.port}
    match error:
        case EndlessReply():
            return errors.ConnectionLost(
                f"{at} says more than {LONGEST_REPLY} bytes in one reply: it is not a mail server, "
                "or a broken one",
                details=details,
            )
        case smtplib.SMTPRecipientsRefused():
            replies = {
                address: (code, reply(text, relay))
                for address, (code, text) in error.recipients.items()
            }
            return _refused(at, "every recipient", replies)
        case smtplib.SMTPSenderRefused():
            text = reply(error.smtp_error, relay)
            return _refused(at, "the sender", {error.sender: (error.smtp_code, text)})
        case smtplib.SMTPAuthenticationError():
            return errors.AuthenticationFailed(
                f"{at} refuses the login: {error.smtp_code} {reply(error.smtp_error, relay)}",
                retryable=_passes(error.smtp_code),
                details=details,
            )
        case smtplib.SMTPNotSupportedError():
            return _unsupported(at, details, error)
        case smtplib.SMTPResponseException():
            answer = {"": (error.smtp_code, reply(error.smtp_error, relay))}
            if type(error) is smtplib.SMTPResponseException:
                # Of STARTTLS, the one command whose reply has no class of its own.
                return errors.TlsNotOffered(
                    _refused(at, "STARTTLS", answer).message,
                    retryable=_passes(error.smtp_code),
                    details=details,
                )
            greeting = isinstance(error, (smtplib.SMTPConnectError, smtplib.SMTPHeloError))
            return _refused(at, "the connection" if greeting else "the mail", answer)
        case smtplib.SMTPException() if type(error) is smtplib.SMTPException:
            # What the library says when it knows none of the ways that a server offers.
            return errors.AuthenticationFailed(
                f"{at} offers no way to log in that is known here", details=details
            )
        case _:
            passes = isinstance(error, OSError) and connection.passes(error)
            return errors.ConnectionLost(
                f"The connection to {at} ended too soon: {_why(error)}",
                retryable=passes and not may_have_taken,
                details=details,
            )


def _refused(at: str, what: str, replies: dict[str, tuple[int, str]]) -> errors.MailRefused:
    code, why = next(iter(replies.values()))
    return errors.MailRefused(
        f"{at} refuses {what}: {code} {why}",
        # Nobody has got it, so that nobody gets it twice.
        retryable=any(_passes(each) for each, _ in replies.values()),
        details={
            "refused": {address: f"{each} {text}" for address, (each, text) in replies.items()}
        },
    )


def _passes(code: int) -> bool:
    return 400 <= code < 500


def _unsupported(
    at: str, details: dict[str, Any], error: smtplib.SMTPNotSupportedError
) -> actions.ActionException:
    text = str(error)
    if "STARTTLS" in text:
        return errors.TlsNotOffered(
            f"{at} does not offer STARTTLS. Where it speaks TLS from the beginning, usually on "
            "port 465, set security to 'tls'",
            details=details,
        )
    if "AUTH" in text:
        return errors.AuthenticationFailed(f"{at} takes no login", details=details)
    return errors.MailRefused(
        f"{at} takes no addresses beyond ASCII", details={**details, "refused": {}}
    )


def reply(text: bytes | str, relay: Relay) -> str:
    """Return what the server said, or the beginning of it, without the password."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    # Before it is cut: a piece of a secret would not be known for one.
    masked = actions.Masker([relay.auth.password] if relay.auth else []).text(text)
    return masked if len(masked) <= _KEPT else f"{masked[:_KEPT]}..."


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server hung up"
    return connection.reason(error)
