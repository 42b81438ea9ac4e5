# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Every error of smtplib, of TLS and of the system: its code, and whether to try again."""

import errno
import inspect
import smtplib
import ssl

import pytest

from mistral_extra.actions.email import failures
from mistral_extra.actions.email.parameters import Auth, Relay

RELAY = Relay("mail.example", 25, "none", None, Auth("ann", "open-sesame-77"))


def result(error, *, may_have_taken=False):
    raised = failures.from_exception(error, RELAY, may_have_taken=may_have_taken)
    assert "open-sesame" not in f"{raised} {raised.details}"
    return raised.error_code, raised.retryable


def replying(kind, code):
    if kind is smtplib.SMTPSenderRefused:
        return kind(code, b"no, open-sesame-77", "ann@example.org")
    return kind(code, b"no, open-sesame-77")


REPLYING = {
    smtplib.SMTPResponseException: "TLS_NOT_OFFERED",
    smtplib.SMTPSenderRefused: "MAIL_REFUSED",
    smtplib.SMTPDataError: "MAIL_REFUSED",
    smtplib.SMTPConnectError: "MAIL_REFUSED",
    smtplib.SMTPHeloError: "MAIL_REFUSED",
    smtplib.SMTPAuthenticationError: "AUTHENTICATION_FAILED",
}

#: Without a reply of the server.
OTHERS = {
    smtplib.SMTPException("No suitable authentication method found."): "AUTHENTICATION_FAILED",
    smtplib.SMTPNotSupportedError("STARTTLS extension not supported"): "TLS_NOT_OFFERED",
    smtplib.SMTPNotSupportedError("SMTP AUTH extension not supported"): "AUTHENTICATION_FAILED",
    smtplib.SMTPNotSupportedError("SMTPUTF8 not supported"): "MAIL_REFUSED",
    failures.EndlessReply(): "CONNECTION_LOST",
    ValueError("a challenge that is no base64"): "CONNECTION_LOST",
}

LOST = [
    (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), True),
    (ConnectionResetError(errno.ECONNRESET, "x"), True),
    (BrokenPipeError(errno.EPIPE, "x"), True),
    (TimeoutError("timed out"), True),
    (ssl.SSLEOFError(8, "x"), True),
    (ssl.SSLZeroReturnError(6, "x"), True),
    (ssl.SSLSyscallError(5, "x"), True),
    (ssl.SSLError(1, "sslv3 alert bad certificate"), False),
    (ssl.SSLWantReadError(2, "x"), False),
    (ssl.SSLWantWriteError(3, "x"), False),
    (PermissionError(errno.EPERM, "x"), False),
]


def test_no_error_of_smtplib_is_forgotten():
    kinds = {
        kind
        for kind in vars(smtplib).values()
        if inspect.isclass(kind) and issubclass(kind, smtplib.SMTPException)
    }
    one_of_each = {type(error) for error in OTHERS} | {type(error) for error, _ in LOST}
    assert kinds - REPLYING.keys() - one_of_each == {smtplib.SMTPRecipientsRefused}


@pytest.mark.parametrize("kind", REPLYING, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("code", "again"),
    [(421, True), (450, True), (454, True), (500, False), (535, False), (-1, False)],
)
def test_reply_says_whether_to_try_again(kind, code, again):
    for may_have_taken in (False, True):
        error = replying(kind, code)
        assert result(error, may_have_taken=may_have_taken) == (REPLYING[kind], again)


@pytest.mark.parametrize(
    ("codes", "again"), [((550, 550), False), ((450, 452), True), ((550, 450), True)]
)
def test_some_recipient_may_be_taken_next_time(codes, again):
    refused = {f"{code}{n}@example.org": (code, b"no") for n, code in enumerate(codes)}
    assert result(smtplib.SMTPRecipientsRefused(refused)) == ("MAIL_REFUSED", again)


@pytest.mark.parametrize(("error", "code"), OTHERS.items(), ids=repr)
def test_what_the_server_does_not_do_at_all_is_not_worth_another_try(error, code):
    assert result(error) == (code, False)


@pytest.mark.parametrize(("error", "again"), LOST, ids=repr)
def test_connection_is_worth_another_try_unless_the_mail_may_be_on_its_way(error, again):
    assert result(error) == ("CONNECTION_LOST", again)
    assert result(error, may_have_taken=True) == ("CONNECTION_LOST", False)
