# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""How Ansible's actions fail."""

from __future__ import annotations

import errno
import os

from mistral_lib import actions

__all__ = [
    "AnsibleFailed",
    "AnsibleNotAllowed",
    "HostUnreachable",
    "IsolationUnavailable",
    "NoCloudAccess",
    "StartFailed",
    "start_failed",
]


class AnsibleFailed(actions.ActionException):
    """Ansible ended with a code other than 0; ``details`` is the whole outcome."""

    error_code = "ANSIBLE_FAILED"


class HostUnreachable(AnsibleFailed):
    """Ansible could not talk to a host; likewise."""

    error_code = "HOST_UNREACHABLE"
    retryable = True


class NoCloudAccess(actions.ActionException):
    """The action's identity is not one that Ansible could use."""

    error_code = "NO_CLOUD_ACCESS"


class AnsibleNotAllowed(actions.ActionException):
    """The operator has not turned the Ansible actions on, here or for the project."""

    error_code = "ANSIBLE_NOT_ALLOWED"


class IsolationUnavailable(actions.ActionException):
    """The isolation that the operator demands can't be had on this machine."""

    error_code = "ISOLATION_UNAVAILABLE"


class StartFailed(actions.ActionException):
    """This machine could not start Ansible; retryable where it lacks what may come back."""

    error_code = "START_FAILED"


#: What a machine lacks for a while: processes, memory, descriptors, room for files.
_PASSING = frozenset(
    (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT)
)


def start_failed(error: OSError) -> StartFailed:
    """Return the error for what the system refused before Ansible ran."""
    # Its text has paths of this machine, which a workflow's author should not see.
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return StartFailed(
        f"Ansible could not be started on this machine: {reason}",
        retryable=error.errno in _PASSING,
    )
