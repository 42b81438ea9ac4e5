# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong on a host, and with all of them: a workflow branches on the code.

Beside these there are those of :mod:`mistral_extra.actions.network.errors`.
"""

from __future__ import annotations

from mistral_lib import actions

__all__ = ["AuthenticationFailed", "CommandFailed", "ConnectionLost", "CopyFailed", "HostsFailed"]


class AuthenticationFailed(actions.ActionException):
    """The host is there, and refuses the user."""

    error_code = "AUTHENTICATION_FAILED"


class CommandFailed(actions.ActionException):
    """The command ended with a code other than 0, or was killed."""

    error_code = "COMMAND_FAILED"


class ConnectionLost(actions.ActionException):
    """The connection ended too soon; where that is not retryable, the command may have run."""

    error_code = "CONNECTION_LOST"


class CopyFailed(actions.ActionException):
    """The host did not take the file."""

    error_code = "COPY_FAILED"


class HostsFailed(actions.ActionException):
    """At least one host failed; ``details`` has the results of all ``hosts``."""

    error_code = "HOSTS_FAILED"
