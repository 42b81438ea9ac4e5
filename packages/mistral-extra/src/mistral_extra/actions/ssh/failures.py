# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What asyncssh and the system raise, as the errors of these actions.

Trying again is advised where it can help and does no harm: not for a key that is not the known one,
nor for a login that is refused, which may lock the account, nor for a command that may have run.
"""

from __future__ import annotations

import asyncssh

from mistral_extra.actions.network import connection
from mistral_extra.actions.network.errors import Unreachable, UntrustedServer
from mistral_extra.actions.network.texts import one_line
from mistral_extra.actions.ssh import errors
from mistral_lib import actions

__all__ = ["copying", "login", "lost"]

#: Reasons of a disconnection (RFC 4253, 11.1) that may pass; the others are there to stay.
_PASSING_DISCONNECTIONS = frozenset(
    (
        asyncssh.DISC_BY_APPLICATION,
        asyncssh.DISC_CONNECTION_LOST,
        asyncssh.DISC_MAC_ERROR,
        asyncssh.DISC_SERVICE_NOT_AVAILABLE,
        asyncssh.DISC_TOO_MANY_CONNECTIONS,
    )
)

#: Reasons for refusing a login.
_REFUSED_LOGINS = frozenset(
    (
        asyncssh.DISC_AUTH_CANCELLED_BY_USER,
        asyncssh.DISC_ILLEGAL_USER_NAME,
        asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE,
    )
)

#: What OpenSSH says as a protocol error.
_TOO_MANY_TRIES = "Too many authentication failures"

#: Reasons for opening no channel (RFC 4254, 5.1) that may pass.
_PASSING_CHANNELS = frozenset((asyncssh.OPEN_CONNECT_FAILED, asyncssh.OPEN_RESOURCE_SHORTAGE))

#: A file or folder that somebody else is using, and a server that has lost its own.
_PASSING_FILES = (
    asyncssh.SFTPByteRangeLockConflict,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPDeletePending,
    asyncssh.SFTPLockConflict,
    asyncssh.SFTPNoConnection,
)


def login(error: Exception, host: str, port: int, username: str) -> actions.ActionException:
    """Return what to raise when no connection, or no login, came about."""
    at = f"{host}:{port}"
    details = {"host": host, "port": port}
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return UntrustedServer(
            f"The key of {at} is not among the known ones ({_reason(error)}): add it to "
            "'known_hosts', after checking that it is the host's. Where 'known_hosts' has another "
            "key of this host, the host was replaced, or somebody else answers for it",
            details=details,
        )
    code = error.code if isinstance(error, asyncssh.DisconnectError) else None
    if code in _REFUSED_LOGINS or _TOO_MANY_TRIES in str(error):
        return errors.AuthenticationFailed(
            f"{at} refuses {username}: check the login", details=details
        )
    return Unreachable(
        f"{at} can't be reached: {_reason(error)}", retryable=_passes(error), details=details
    )


def lost(error: Exception, *, repeatable: bool) -> actions.ActionException:
    """Return what to raise when a connection fails while it is used.

    :param repeatable: whether doing the work once more does no harm, whatever was done.
    """
    if isinstance(error, asyncssh.ChannelOpenError):
        # Nothing has begun.
        return Unreachable(f"the host opens no session: {_reason(error)}", retryable=_passes(error))
    return errors.ConnectionLost(
        f"the connection ended: {_reason(error)}"
        + ("" if repeatable else "; whether the command was carried out is unknown"),
        retryable=repeatable and _passes(error),
    )


def copying(error: asyncssh.SFTPError, target: str) -> errors.CopyFailed:
    """Return what to raise when a host does not take a file."""
    return errors.CopyFailed(
        f"{target} can't be written: {_reason(error)}", retryable=isinstance(error, _PASSING_FILES)
    )


def _passes(error: Exception) -> bool:
    if isinstance(error, asyncssh.DisconnectError):
        return error.code in _PASSING_DISCONNECTIONS
    if isinstance(error, asyncssh.ChannelOpenError):
        return error.code in _PASSING_CHANNELS
    if isinstance(error, asyncssh.SFTPError):
        return isinstance(error, _PASSING_FILES)
    return isinstance(error, OSError) and connection.passes(error)


def _reason(error: Exception) -> str:
    """Return what the peer or the system says, as one short line."""
    if isinstance(error, asyncssh.Error):
        return one_line(error.reason) or type(error).__name__
    return connection.reason(error)
