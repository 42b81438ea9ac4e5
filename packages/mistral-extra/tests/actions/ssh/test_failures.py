# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Every error of asyncssh and of the system: its code, and whether to try again."""

import errno
import inspect

import asyncssh
import pytest
from asyncssh import constants

from mistral_extra.actions.ssh import failures

_CODES = {
    name: value for name, value in vars(constants).items() if name.startswith(("DISC_", "OPEN_"))
}

#: While connecting and logging in.
_LOGIN = {
    asyncssh.CompressionError: ("UNREACHABLE", False),
    asyncssh.ConnectionLost: ("UNREACHABLE", True),
    asyncssh.HostKeyNotVerifiable: ("UNTRUSTED_SERVER", False),
    asyncssh.IllegalUserName: ("AUTHENTICATION_FAILED", False),
    asyncssh.KeyExchangeFailed: ("UNREACHABLE", False),
    asyncssh.MACError: ("UNREACHABLE", True),
    asyncssh.PermissionDenied: ("AUTHENTICATION_FAILED", False),
    asyncssh.ProtocolError: ("UNREACHABLE", False),
    asyncssh.ProtocolNotSupported: ("UNREACHABLE", False),
    asyncssh.ServiceNotAvailable: ("UNREACHABLE", True),
}

#: By the number that a server may send with any text.
_DISCONNECTIONS = {
    "DISC_AUTH_CANCELLED_BY_USER": ("AUTHENTICATION_FAILED", False),
    "DISC_BY_APPLICATION": ("UNREACHABLE", True),
    "DISC_COMPRESSION_ERROR": ("UNREACHABLE", False),
    "DISC_CONNECTION_LOST": ("UNREACHABLE", True),
    "DISC_HOST_KEY_NOT_VERIFIABLE": ("UNREACHABLE", False),
    "DISC_HOST_KEY_NOT_VERIFYABLE": ("UNREACHABLE", False),
    "DISC_HOST_NOT_ALLOWED_TO_CONNECT": ("UNREACHABLE", False),
    "DISC_ILLEGAL_USER_NAME": ("AUTHENTICATION_FAILED", False),
    "DISC_KEY_EXCHANGE_FAILED": ("UNREACHABLE", False),
    "DISC_MAC_ERROR": ("UNREACHABLE", True),
    "DISC_NO_MORE_AUTH_METHODS_AVAILABLE": ("AUTHENTICATION_FAILED", False),
    "DISC_PROTOCOL_ERROR": ("UNREACHABLE", False),
    "DISC_PROTOCOL_VERSION_NOT_SUPPORTED": ("UNREACHABLE", False),
    "DISC_RESERVED": ("UNREACHABLE", False),
    "DISC_SERVICE_NOT_AVAILABLE": ("UNREACHABLE", True),
    "DISC_TOO_MANY_CONNECTIONS": ("UNREACHABLE", True),
}

_CHANNELS = {
    "OPEN_ADMINISTRATIVELY_PROHIBITED": False,
    "OPEN_CONNECT_FAILED": True,
    "OPEN_REQUEST_PTY_FAILED": False,
    "OPEN_REQUEST_SESSION_FAILED": False,
    "OPEN_REQUEST_X11_FORWARDING_FAILED": False,
    "OPEN_RESOURCE_SHORTAGE": True,
    "OPEN_UNKNOWN_CHANNEL_TYPE": False,
}

_SYSTEM = [
    (ConnectionRefusedError(errno.ECONNREFUSED, "x"), True),
    (ConnectionResetError(errno.ECONNRESET, "x"), True),
    (BrokenPipeError(errno.EPIPE, "x"), True),
    (TimeoutError(), True),
    (TimeoutError(errno.ETIMEDOUT, "x"), True),
    (OSError(errno.EHOSTUNREACH, "x"), True),
    (OSError(errno.ENETUNREACH, "x"), True),
    (OSError(errno.EMFILE, "x"), True),
    (OSError(errno.EAFNOSUPPORT, "x"), False),
    (PermissionError(errno.EPERM, "x"), False),
    (PermissionError(errno.EACCES, "x"), False),
]

_SFTP = {
    asyncssh.SFTPByteRangeLockConflict,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPDeletePending,
    asyncssh.SFTPLockConflict,
    asyncssh.SFTPNoConnection,
}


def _classes(base):
    found = {each for each in vars(asyncssh).values() if inspect.isclass(each)}
    return {each for each in found if issubclass(each, base) and each is not base}


def _made(kind):
    if kind is asyncssh.SFTPUnknownPrincipal:
        return kind("gone", unknown_names=())
    return kind("gone")


def _login(error):
    raised = failures.login(error, "node1", 22, "ann")
    assert raised.details is None or raised.details == {"host": "node1", "port": 22}
    return raised.error_code, raised.retryable


@pytest.mark.parametrize("kind", sorted(_classes(asyncssh.DisconnectError), key=str))
def test_every_disconnection_while_logging_in(kind):
    assert _login(kind("gone")) == _LOGIN[kind]


@pytest.mark.parametrize("name", sorted(name for name in _CODES if name.startswith("DISC_")))
def test_every_reason_that_a_server_may_send(name):
    assert _login(asyncssh.DisconnectError(_CODES[name], "gone")) == _DISCONNECTIONS[name]


def test_too_many_tries_as_openssh_says_it_are_a_refused_login():
    error = asyncssh.ProtocolError("Too many authentication failures")
    assert _login(error) == ("AUTHENTICATION_FAILED", False)


@pytest.mark.parametrize("name", sorted(name for name in _CODES if name.startswith("OPEN_")))
def test_every_reason_for_no_channel(name):
    error = asyncssh.ChannelOpenError(_CODES[name], "no")
    passes = _CHANNELS[name]
    # Through a jump host, and for a session: either way nothing has begun.
    assert _login(error) == ("UNREACHABLE", passes)
    for repeatable in (True, False):
        raised = failures.lost(error, repeatable=repeatable)
        assert (raised.error_code, raised.retryable) == ("UNREACHABLE", passes)


@pytest.mark.parametrize(("error", "passes"), _SYSTEM, ids=repr)
def test_errors_of_the_system(error, passes):
    assert _login(error) == ("UNREACHABLE", passes)
    raised = failures.lost(error, repeatable=True)
    assert (raised.error_code, raised.retryable) == ("CONNECTION_LOST", passes)


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), UnicodeDecodeError("a", b"", 0, 0, "")]
)
def test_what_no_server_should_be_able_to_cause_is_no_reason_to_try_again(error):
    assert _login(error) == ("UNREACHABLE", False)


@pytest.mark.parametrize("kind", sorted(_classes(asyncssh.DisconnectError), key=str))
def test_command_whose_connection_ends_is_not_to_be_run_again(kind):
    raised = failures.lost(kind("gone"), repeatable=False)
    assert (raised.error_code, raised.retryable) == ("CONNECTION_LOST", False)
    assert "whether the command was carried out is unknown" in str(raised)


@pytest.mark.parametrize("kind", sorted(_classes(asyncssh.SFTPError), key=str))
def test_every_error_of_sftp(kind):
    raised = failures.copying(_made(kind), "/etc/motd")
    assert (raised.error_code, raised.retryable) == ("COPY_FAILED", kind in _SFTP)


def test_words_of_a_hostile_server_are_cut_and_on_one_line():
    error = asyncssh.DisconnectError(11, "\x1b]0;x\x07\n" + "a" * 100_000)
    message = str(failures.login(error, "node1", 22, "ann"))
    assert len(message) < 400
    assert message.isprintable()
