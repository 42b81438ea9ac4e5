# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What urllib3, http.client and the system raise of a connection in use."""

from __future__ import annotations

import http.client

from urllib3 import exceptions

from mistral_extra.actions.http import errors
from mistral_extra.actions.http.message import Outgoing
from mistral_extra.actions.network import connection

__all__ = ["FAILURES", "lost"]

#: All that can befall a connection in use.
FAILURES = (OSError, http.client.HTTPException, exceptions.HTTPError)

#: A connection that broke off or fell silent, which the same request need not meet again. The
#: others are answers that are not HTTP, or not what they announce.
_BROKEN_OFF = (
    http.client.IncompleteRead,
    http.client.RemoteDisconnected,
    exceptions.IncompleteRead,
    exceptions.ProtocolError,
    exceptions.TimeoutError,
)


def lost(error: Exception, outgoing: Outgoing) -> errors.ConnectionLost:
    """Return what to raise when a connection fails while a request is sent or answered.

    Whether the same request may be sent once more is not for this to decide: see
    :mod:`mistral_extra.actions.http.retrying`.
    """
    # urllib3's texts begin with objects; what the system said is in the cause. That of what can't
    # be unpacked has no name to speak of.
    wrapped = isinstance(error, exceptions.HTTPError) and not isinstance(
        error, exceptions.DecodeError
    )
    cause = (error.__cause__ if wrapped else None) or error
    return errors.ConnectionLost(
        f"The connection to {outgoing.shown} ended before the answer did: "
        f"{connection.reason(cause)}",
        retryable=_passes(cause),
        details={"url": outgoing.shown},
    )


def _passes(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return connection.passes(error)
    return isinstance(error, _BROKEN_OFF)
