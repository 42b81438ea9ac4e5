# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong before anything is sent: a workflow branches on ``task().result.code``."""

from __future__ import annotations

from mistral_lib import actions

__all__ = ["AddressBlocked", "HostUnknown", "Unreachable", "UntrustedServer"]


class AddressBlocked(actions.ActionException):
    """The site's policy forbids the address; ``details`` has ``host`` and ``addresses``."""

    error_code = "ADDRESS_BLOCKED"


class HostUnknown(actions.ActionException):
    """The name has no address, or, where that is retryable, no answer came.

    ``details`` has ``host``.
    """

    error_code = "HOST_UNKNOWN"
    retryable = True


class Unreachable(actions.ActionException):
    """No connection came about; not retryable where the two don't understand each other.

    ``details`` has ``host`` and ``port``.
    """

    error_code = "UNREACHABLE"
    retryable = True


class UntrustedServer(actions.ActionException):
    """The server can't prove that it is the one that was meant. Same ``details``."""

    error_code = "UNTRUSTED_SERVER"
