# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a mail: a workflow branches on ``task().result.code``.

Beside these there are those of :mod:`mistral_extra.actions.network.errors`.
"""

from __future__ import annotations

from mistral_lib import actions

__all__ = ["AuthenticationFailed", "ConnectionLost", "MailRefused", "TlsNotOffered"]


class MailRefused(actions.ActionException):
    """The server takes no such mail; ``details`` has what it said, by address or for all."""

    error_code = "MAIL_REFUSED"


class AuthenticationFailed(actions.ActionException):
    """The server refuses the user, or takes no login at all."""

    error_code = "AUTHENTICATION_FAILED"


class TlsNotOffered(actions.ActionException):
    """The server does not offer STARTTLS, or somebody between took the offer out."""

    error_code = "TLS_NOT_OFFERED"


class ConnectionLost(actions.ActionException):
    """The connection ended too soon; where that is not retryable, the mail may have been taken."""

    error_code = "CONNECTION_LOST"
