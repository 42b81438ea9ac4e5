# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a request: a workflow branches on ``task().result.code``.

Beside these there are those of :mod:`mistral_extra.actions.network.errors`. ``details`` has the
``url``, without its query: that may hold what is nobody's business.
"""

from __future__ import annotations

from mistral_lib import actions

__all__ = [
    "ConnectionLost",
    "ProxyRefused",
    "RedirectRefused",
    "ResponseTooLarge",
    "SchemeBlocked",
    "UnexpectedStatus",
]


class SchemeBlocked(actions.ActionException):
    """The site's policy forbids the URL's scheme."""

    error_code = "SCHEME_BLOCKED"


class ConnectionLost(actions.ActionException):
    """The connection ended before the response did: whether the server acted is unknown.

    So it is retryable only for a method that does no more when it is sent twice.
    """

    error_code = "CONNECTION_LOST"
    retryable = True


class ProxyRefused(actions.ActionException):
    """The site's proxy did not pass the request on; ``details`` has ``status``, its answer."""

    error_code = "PROXY_REFUSED"


class RedirectRefused(actions.ActionException):
    """A redirect leads where this request should not go by itself; ``details`` has ``location``."""

    error_code = "REDIRECT_REFUSED"


class ResponseTooLarge(actions.ActionException):
    """The body, or the headers, are longer than the limit; ``details`` has ``limit``, in bytes."""

    error_code = "RESPONSE_TOO_LARGE"


class UnexpectedStatus(actions.ActionException):
    """The server answered otherwise than expected; ``details`` is the response."""

    error_code = "UNEXPECTED_STATUS"
